/* Decimals that a double holds: those of up to 15 digits.  Pure. */
#ifndef QUERY_REDUCE_SHORT_H
#define QUERY_REDUCE_SHORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REDUCE_SHORT_DIGITS = 15 };

/* A number in its usual form, [-]12[.50], without zeros that say nothing. */
struct reduce_plain {
    bool negative, point, zeros_behind;
    uint64_t digits; /* if there are few of them */
    size_t n_digits, before, scale;
    size_t zeros; /* behind those digits, before the point */
    size_t small; /* right behind the point, if there is only 0 before it */
};

/* False: it is no such number.  More digits than are kept show in n_digits. */
bool reduce_read_plain(const char *text, size_t n, struct reduce_plain *plain);
/* Of a short one; text is the same. */
double reduce_make_short(const struct reduce_plain *plain, const char *text);
/* Printing the double gives the text again. */
bool reduce_prints_itself(const struct reduce_plain *plain, bool zeros);

/* All of that for nearly all numbers; false: look closer.  zeros: those at the end do
 * not matter. */
bool reduce_read_quickly(const char *text, size_t n, bool zeros, double *ret_real);
/* The decimal whose double this is, with few digits behind the point; false: it has too
 * many. */
bool reduce_read_double(double real, int64_t *ret_digits, size_t *ret_scale);
/* An integer of so few digits that nothing overflows, which nearly all are; false: look
 * closer. */
bool reduce_read_integer(const char *text, size_t n, long long *ret_integer);

#endif
