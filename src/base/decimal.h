/* Exact decimal numbers of any length, to add up columns of type numeric.
 *
 * NaN and the infinities follow PostgreSQL: NaN is equal to itself and above all else,
 * and Infinity + -Infinity is NaN. */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include "base/buf.h"

#include <stdint.h>

/* 128 bits. */
__extension__ typedef __int128 decimal_word;
__extension__ typedef unsigned __int128 decimal_bits;

enum decimal_kind { DECIMAL_FINITE, DECIMAL_NAN, DECIMAL_INFINITE };

struct decimal {
    enum decimal_kind kind;
    bool negative;     /* false for zero */
    struct buf digits; /* '0' to '9', the highest first; empty: 0 */
    size_t scale;      /* the number of digits behind the point */
};

#define DECIMAL_ZERO ((struct decimal){.digits = BUF_INIT})

void decimal_fini(struct decimal *decimal);
AUTO_DEFINE_VALUE(struct decimal, decimal_fini)

/* Reads PostgreSQL's text of an integer, a numeric or a float.  False: it is
 * none, or larger than any numeric.  If memory runs out, here or below,
 * digits.broken is set. */
bool decimal_read(struct decimal *decimal, const char *text, size_t n);
/* value / 10^scale */
void decimal_set(struct decimal *decimal, decimal_word value, size_t scale);

void decimal_add(struct decimal *to, const struct decimal *other);
/* < 0, 0, > 0 */
int decimal_compare(const struct decimal *a, const struct decimal *b);
/* Divides by a positive number, with at least 16 significant digits, rounded
 * half away from 0. */
void decimal_divide(struct decimal *decimal, uint64_t by);
/* Divides as PostgreSQL's avg() does a sum of that scale: at least 16
 * significant digits, and at least `scale` digits behind the point. */
void decimal_average(struct decimal *decimal, uint64_t by, size_t scale);

/* Writes it without an exponent and without trailing zeros behind the point. */
void decimal_format(const struct decimal *decimal, struct buf *buf);
/* Writes it with zeros up to that many digits behind the point. */
void decimal_format_scaled(const struct decimal *decimal, size_t scale,
                           struct buf *buf);

#endif
