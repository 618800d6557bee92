/* Numbers with units.
 *
 * A number is read as an exact decimal fraction, digits / 10^decimals, and
 * multiplied in 128 bits, so "0.1s" is exactly 100,000,000 ns.  Only the last
 * step of shares and ratios is floating point; their digits are limited to what
 * a double holds exactly, which makes parsing the inverse of formatting.
 *
 * strtod() and strtoll() are not used: they accept signs, blanks, hexadecimal, "nan",
 * octal, and a decimal point that depends on the locale. */
#include "base/quantity.h"

#include "base/clock.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { EXACT_DIGITS = 18, DOUBLE_DIGITS = 15 };

struct quantity_unit {
    const char *name;
    int64_t factor;
};

/* From small to large: formatting walks them backwards. */
static const struct quantity_unit durations[] = {
    {"us", NSEC_PER_USEC},    {"ms", NSEC_PER_MSEC},      {"s", NSEC_PER_SEC},
    {"m", 60 * NSEC_PER_SEC}, {"h", 3600 * NSEC_PER_SEC}, {"d", 86400 * NSEC_PER_SEC},
};

static const struct quantity_unit sizes[] = {
    {"B", 1},
    {"kB", INT64_C(1) << 10},
    {"MB", INT64_C(1) << 20},
    {"GB", INT64_C(1) << 30},
    {"TB", INT64_C(1) << 40},
};

struct scaled_number {
    int64_t digits;
    int n_digits; /* significant ones */
    int decimals; /* of them behind the point */
    const char *unit;
};

static bool is_ascii_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int64_t power_of_10(int exponent)
{
    int64_t power = 1;
    while (exponent-- > 0)
        power *= 10;
    return power;
}

static bool take_digit(struct scaled_number *decimal, char digit)
{
    if (decimal->n_digits > 0 || digit != '0')
        decimal->n_digits++;
    if (decimal->n_digits > EXACT_DIGITS)
        return false;
    decimal->digits = decimal->digits * 10 + (digit - '0');
    return true;
}

static enum quantity read_decimal(const char *text, struct scaled_number *ret_decimal)
{
    struct scaled_number decimal = {0};
    const char *at = text;

    if (!is_ascii_digit(*at) || (at[0] == '0' && is_ascii_digit(at[1])))
        return QUANTITY_NOT_A_NUMBER;
    for (; is_ascii_digit(*at); at++)
        if (!take_digit(&decimal, *at))
            return QUANTITY_TOO_LARGE;
    if (*at == '.') {
        if (!is_ascii_digit(*++at))
            return QUANTITY_NOT_A_NUMBER;
        for (; is_ascii_digit(*at); at++, decimal.decimals++)
            if (!take_digit(&decimal, *at) || decimal.decimals == EXACT_DIGITS)
                return QUANTITY_TOO_LARGE;
    }
    decimal.unit = at;
    *ret_decimal = decimal;
    return QUANTITY_OK;
}

static enum quantity scale(const struct scaled_number *decimal, int64_t factor,
                           int64_t *ret_value)
{
    if (decimal->decimals > 0 && factor == 1)
        return QUANTITY_NOT_A_NUMBER;
    __extension__ typedef __int128 wide;
    int64_t divisor = power_of_10(decimal->decimals);
    wide product = (wide)decimal->digits * factor;
    wide value = (product + divisor / 2) / divisor;
    if (value > INT64_MAX)
        return QUANTITY_TOO_LARGE;
    *ret_value = value == 0 && product > 0 ? 1 : (int64_t)value;
    return QUANTITY_OK;
}

static enum quantity read_with_unit(const char *text, const struct quantity_unit *units,
                                    size_t n, int64_t *ret_value)
{
    struct scaled_number decimal;
    enum quantity verdict = read_decimal(text, &decimal);
    if (verdict != QUANTITY_OK)
        return verdict;
    if (*decimal.unit == '\0') {
        if (decimal.digits != 0)
            return QUANTITY_NO_UNIT;
        *ret_value = 0;
        return QUANTITY_OK;
    }
    for (size_t i = 0; i < n; i++)
        if (strcmp(decimal.unit, units[i].name) == 0)
            return scale(&decimal, units[i].factor, ret_value);
    return QUANTITY_BAD_UNIT;
}

enum quantity quantity_duration(const char *text, nsec *ret_length)
{
    return read_with_unit(text, durations, ARRAY_SIZE(durations), ret_length);
}

enum quantity quantity_size(const char *text, int64_t *ret_bytes)
{
    return read_with_unit(text, sizes, ARRAY_SIZE(sizes), ret_bytes);
}

static bool fits_double(const struct scaled_number *decimal)
{
    return decimal->n_digits <= DOUBLE_DIGITS && decimal->decimals <= DOUBLE_DIGITS;
}

static double to_double(const struct scaled_number *decimal, int64_t divisor)
{
    return (double)decimal->digits /
           ((double)power_of_10(decimal->decimals) * (double)divisor);
}

/* Reads a percentage and divides it: by 100 for a share. */
static enum quantity read_percent(const char *text, int64_t divisor, double *ret_value)
{
    struct scaled_number decimal;
    enum quantity verdict = read_decimal(text, &decimal);
    if (verdict != QUANTITY_OK)
        return verdict;
    if (*decimal.unit == '\0' && decimal.digits != 0)
        return QUANTITY_NO_UNIT;
    if (*decimal.unit != '\0' && strcmp(decimal.unit, "%") != 0)
        return QUANTITY_BAD_UNIT;
    if (to_double(&decimal, 100) > 1 || !fits_double(&decimal))
        return QUANTITY_TOO_LARGE;
    *ret_value = to_double(&decimal, divisor);
    return QUANTITY_OK;
}

enum quantity quantity_share(const char *text, double *ret_share)
{
    return read_percent(text, 100, ret_share);
}

enum quantity quantity_percent(const char *text, double *ret_percent)
{
    return read_percent(text, 1, ret_percent);
}

enum quantity quantity_count(const char *text, int64_t min, int64_t max,
                             int64_t *ret_count)
{
    struct scaled_number decimal;
    enum quantity verdict = read_decimal(text, &decimal);
    if (verdict != QUANTITY_OK)
        return verdict;
    if (*decimal.unit != '\0' || decimal.decimals > 0)
        return QUANTITY_NOT_A_NUMBER;
    if (decimal.digits < min || decimal.digits > max)
        return QUANTITY_TOO_LARGE;
    *ret_count = decimal.digits;
    return QUANTITY_OK;
}

enum quantity quantity_ratio(const char *text, double *ret_ratio)
{
    struct scaled_number decimal;
    enum quantity verdict = read_decimal(text, &decimal);
    if (verdict != QUANTITY_OK)
        return verdict;
    if (*decimal.unit != '\0')
        return QUANTITY_NOT_A_NUMBER;
    if (!fits_double(&decimal))
        return QUANTITY_TOO_LARGE;
    *ret_ratio = to_double(&decimal, 1);
    return QUANTITY_OK;
}

/* Writes the value in the largest unit that divides it, else as a fraction of
 * the smallest. */
static void format_with_unit(int64_t value, const struct quantity_unit *units, size_t n,
                             struct buf *buf)
{
    assert(value >= 0);
    if (value == 0) {
        buf_add_char(buf, '0');
        return;
    }
    size_t i = n - 1;
    while (i > 0 && value % units[i].factor != 0)
        i--;
    buf_add_format(buf, "%lld", (long long)(value / units[i].factor));
    int64_t rest = value % units[i].factor;
    if (rest) {
        assert(units[i].factor == 1000);
        int decimals = 3;
        for (; rest % 10 == 0; rest /= 10)
            decimals--;
        buf_add_format(buf, ".%0*lld", decimals, (long long)rest);
    }
    buf_add_str(buf, units[i].name);
}

void quantity_format_duration(nsec length, struct buf *buf)
{
    format_with_unit(length, durations, ARRAY_SIZE(durations), buf);
}

void quantity_format_size(int64_t bytes, struct buf *buf)
{
    format_with_unit(bytes, sizes, ARRAY_SIZE(sizes), buf);
}

static void format_percent(double value, int64_t scale, struct buf *buf)
{
    assert(value >= 0 && value * (double)scale <= 100);
    int decimals = 0;
    int64_t digits, divisor;
    /* The fewest decimals that read back as the same double. */
    for (;; decimals++) {
        divisor = power_of_10(decimals);
        digits = (int64_t)(value * (double)scale * (double)divisor + 0.5);
        if (decimals == DOUBLE_DIGITS ||
            (double)digits / ((double)scale * (double)divisor) == value)
            break;
    }
    buf_add_format(buf, "%lld", (long long)(digits / divisor));
    if (decimals)
        buf_add_format(buf, ".%0*lld", decimals, (long long)(digits % divisor));
    buf_add_char(buf, '%');
}

void quantity_format_share(double share, struct buf *buf)
{
    format_percent(share, 100, buf);
}

void quantity_format_percent(double percent, struct buf *buf)
{
    format_percent(percent, 1, buf);
}

/* Printed from integers, because %f writes a comma in half of the world's locales. */
void quantity_format_number(double value, int decimals, struct buf *buf)
{
    assert(isfinite(value) && decimals >= 0 && decimals <= DOUBLE_DIGITS);
    int64_t one = power_of_10(decimals);

    double magnitude = fabs(value) * (double)one + 0.5;
    if (magnitude >= 9e15) { /* no digits behind the point are left in a double */
        buf_add_format(buf, "%.0f", value);
        return;
    }
    int64_t scaled = (int64_t)magnitude;
    if (value < 0 && scaled)
        buf_add_char(buf, '-');
    buf_add_format(buf, "%lld", (long long)(scaled / one));
    int64_t rest = scaled % one;
    if (rest == 0)
        return;
    for (; rest % 10 == 0; rest /= 10)
        decimals--;
    buf_add_format(buf, ".%0*lld", decimals, (long long)rest);
}

/* Rounds to three digits, but keeps all digits in front of the point. */
static double round_to_three(double value, int *ret_decimals)
{
    int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    double one = (double)power_of_10(decimals);
    *ret_decimals = decimals;
    return (double)(int64_t)(value * one + 0.5) / one;
}

static void round_with_unit(int64_t value, const struct quantity_unit *units, size_t n,
                            struct buf *buf)
{
    assert(value >= 0);
    size_t i = n - 1;
    int decimals;
    while (i > 0 && value < units[i].factor)
        i--;
    double rounded = round_to_three((double)value / (double)units[i].factor, &decimals);
    /* 999.9ms are 1s. */
    if (i + 1 < n && rounded * (double)units[i].factor >= (double)units[i + 1].factor) {
        i++;
        rounded = 1;
    }
    quantity_format_number(rounded, decimals, buf);
    if (value > 0)
        buf_add_str(buf, units[i].name);
}

void quantity_round_duration(nsec length, struct buf *buf)
{
    round_with_unit(length, durations, ARRAY_SIZE(durations), buf);
}

void quantity_round_size(int64_t bytes, struct buf *buf)
{
    round_with_unit(bytes, sizes, ARRAY_SIZE(sizes), buf);
}
