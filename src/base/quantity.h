/* Text with units ↔ numbers: durations, sizes, shares, counts.
 *
 * The grammar of the configuration: a decimal number (with a fraction if the
 * unit allows one) directly followed by its unit.  A bare number other than 0
 * is refused, because "5" has been seconds in one tool and milliseconds in the
 * next.  Octal, hexadecimal and signed numbers and trailing junk are refused.
 * A fraction finer than the base unit is rounded, but never to 0, which often
 * means "off". */
#ifndef BASE_QUANTITY_H
#define BASE_QUANTITY_H

#include "base/buf.h"

#include <pgcensus/status.h>

enum quantity {
    QUANTITY_OK,
    QUANTITY_NOT_A_NUMBER, /* no digits, trailing junk, a sign, hexadecimal … */
    QUANTITY_NO_UNIT,
    QUANTITY_BAD_UNIT,
    QUANTITY_TOO_LARGE, /* does not fit, or is outside of the limits given */
};

/* us ms s m h d, e.g. "250ms", "1.5s"; "0" needs no unit. */
enum quantity quantity_duration(const char *text, nsec *ret_length);
/* B kB MB GB TB (1024 each, as in postgresql.conf), e.g. "64kB". */
enum quantity quantity_size(const char *text, int64_t *ret_bytes);
/* "20%" → 0.2; 0 to 100 %. */
enum quantity quantity_share(const char *text, double *ret_share);
/* "20%" → 20; 0 to 100 %. */
enum quantity quantity_percent(const char *text, double *ret_percent);
/* Decimal digits only, within min … max. */
enum quantity quantity_count(const char *text, int64_t min, int64_t max,
                             int64_t *ret_count);
/* A plain decimal number such as 2.0, for multipliers. */
enum quantity quantity_ratio(const char *text, double *ret_ratio);

/* The inverse, in the largest unit that leaves a whole number: "250ms", "30m", "16MB",
 * "20%".  Lengths and sizes must not be negative. */
void quantity_format_duration(nsec length, struct buf *buf);
void quantity_format_size(int64_t bytes, struct buf *buf);
void quantity_format_share(double share, struct buf *buf);
void quantity_format_percent(double percent, struct buf *buf);
/* Writes three digits for people, in the largest unit that is not larger than
 * the value: "12.3ms", "1.5GB".  Not for negative values. */
void quantity_round_duration(nsec length, struct buf *buf);
void quantity_round_size(int64_t bytes, struct buf *buf);
/* A finite number with that many decimals (at most 15), trailing zeros cut, a point in
 * every locale. */
void quantity_format_number(double value, int decimals, struct buf *buf);

#endif
