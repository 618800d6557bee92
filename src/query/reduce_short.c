/* Decimals that a double holds.
 *
 * Up to 15 digits make an integer that a double has, and so has 10^22; their quotient
 * is rounded once, which gives the double that is nearest.
 *
 * The surprise: what a double prints as is the shortest text of it, so zeros at the end
 * are lost, and that has to be known beforehand. */
#include "query/reduce_short.h"

#include <math.h>
#include <stdlib.h>

enum { EXACT_POWERS = 22 };
/* %g writes what is smaller with an exponent. */
enum { PLAIN_ZEROS = 3 };

bool reduce_read_plain(const char *text, size_t n, struct reduce_plain *plain)
{
    *plain = (struct reduce_plain){.negative = n > 0 && text[0] == '-'};
    size_t zeros = 0, behind = 0, written = 0;
    for (size_t i = plain->negative; i < n; i++) {
        if (text[i] == '.' && !plain->point) {
            plain->point = true;
            plain->zeros = zeros;
            continue;
        }
        unsigned digit = (unsigned char)text[i] - '0';
        if (digit > 9)
            return false;
        written++;
        behind += plain->point;
        if (digit == 0) {
            zeros += plain->n_digits > 0;
            plain->small += plain->point && plain->n_digits == 0;
            continue;
        }
        for (size_t j = 0; j <= zeros && plain->n_digits <= REDUCE_SHORT_DIGITS; j++) {
            plain->digits = plain->digits * 10 + (j == zeros ? digit : 0);
            plain->n_digits++;
        }
        zeros = 0;
        plain->scale = behind;
    }
    plain->before = written - behind;
    plain->zeros_behind = behind > plain->scale;
    if (plain->scale == 0)
        plain->zeros = plain->point ? plain->zeros : zeros;
    else
        plain->zeros = 0;
    return written > 0;
}

static double power_of_ten(size_t n)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    return powers[n];
}

/* Both parts are exact, so the result is rounded once. */
double reduce_make_short(const struct reduce_plain *plain, const char *text)
{
    if (plain->scale > EXACT_POWERS || plain->zeros > EXACT_POWERS)
        return strtod(text, NULL);
    double real = (double)plain->digits;
    real = plain->scale ? real / power_of_ten(plain->scale)
                        : real * power_of_ten(plain->zeros);
    return plain->negative ? -real : real;
}

bool reduce_read_quickly(const char *text, size_t n, bool zeros, double *ret_real)
{
    size_t at = n > 0 && text[0] == '-', start = at, point = n;
    int64_t digits = 0;
    if (n == start || n - start > REDUCE_SHORT_DIGITS || (text[n - 1] == '0' && !zeros))
        return false;
    for (; at < n; at++) {
        unsigned digit = (unsigned char)text[at] - '0';
        if (digit <= 9)
            digits = digits * 10 + digit;
        else if (text[at] == '.' && point == n && at > start)
            point = at;
        else
            return false;
    }
    if (point == n || point == n - 1 || text[start] == '0')
        return false;
    double real = (double)digits / power_of_ten(n - 1 - point);
    *ret_real = start ? -real : real;
    return true;
}

bool reduce_prints_itself(const struct reduce_plain *plain, bool zeros)
{
    return (zeros || (!plain->zeros_behind && !(plain->point && plain->scale == 0))) &&
           plain->before <= REDUCE_SHORT_DIGITS && plain->small <= PLAIN_ZEROS;
}

bool reduce_read_double(double real, int64_t *ret_digits, size_t *ret_scale)
{
    for (size_t scale = 0; scale <= REDUCE_SHORT_DIGITS; scale++) {
        double digits = nearbyint(real * power_of_ten(scale));
        if (!(fabs(digits) < 1e15))
            return false;
        if (digits / power_of_ten(scale) != real)
            continue;
        *ret_digits = (int64_t)digits;
        *ret_scale = scale;
        return true;
    }
    return false;
}

bool reduce_read_integer(const char *text, size_t n, long long *ret_integer)
{
    enum { SURE_DIGITS = 18 };
    size_t start = n > 1 && text[0] == '-';
    long long number = 0;
    if (n == 0 || n > SURE_DIGITS)
        return false;
    for (size_t i = start; i < n; i++) {
        unsigned digit = (unsigned char)text[i] - '0';
        if (digit > 9)
            return false;
        number = number * 10 + digit;
    }
    *ret_integer = start ? -number : number;
    return true;
}
