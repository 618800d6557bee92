/* Decimal numbers of any length, exact: what a column of type numeric is added up in.
 *
 * NaN and the infinities follow PostgreSQL: NaN is equal to itself and above all else,
 * and Infinity + -Infinity is NaN. */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include "base/buf.h"

#include <stdint.h>

/* Of 128 bits. */
__extension__ typedef __int128 decimal_word;
__extension__ typedef unsigned __int128 decimal_bits;

enum decimal_kind { DECIMAL_FINITE, DECIMAL_NAN, DECIMAL_INFINITE };

struct decimal {
    enum decimal_kind kind;
    bool negative;     /* never of zero */
    struct buf digits; /* '0' to '9', the highest first; empty: 0 */
    size_t scale;      /* so many of them are behind the point */
};

#define DECIMAL_ZERO ((struct decimal){.digits = BUF_INIT})

void decimal_fini(struct decimal *decimal);
AUTO_DEFINE_VALUE(struct decimal, decimal_fini)

/* PostgreSQL's text of an integer, a numeric or a float.  False: it is none, or larger
 * than any numeric.  Memory that ran out shows in digits.broken, here and below. */
bool decimal_read(struct decimal *decimal, const char *text, size_t n);
/* value / 10^scale */
void decimal_set(struct decimal *decimal, decimal_word value, size_t scale);

void decimal_add(struct decimal *to, const struct decimal *other);
/* < 0, 0, > 0 */
int decimal_compare(const struct decimal *a, const struct decimal *b);
/* By a positive number; at least 16 digits that count, rounded half away from 0. */
void decimal_divide(struct decimal *decimal, uint64_t by);
/* The same as PostgreSQL's avg() of a sum with that many digits behind the point: at
 * least 16 that count, and not fewer behind the point than the sum has. */
void decimal_average(struct decimal *decimal, uint64_t by, size_t scale);

/* Without an exponent, without zeros that say nothing behind the point. */
void decimal_format(const struct decimal *decimal, struct buf *buf);
/* With zeros up to that many digits behind the point. */
void decimal_format_scaled(const struct decimal *decimal, size_t scale,
                           struct buf *buf);

#endif
