/* School arithmetic on strings of digits.
 *
 * Invariant: digits has no leading zeros, except that it always has at least
 * `scale` digits, so "0.05" is "05" with a scale of 2.
 *
 * It is not fast and need not be: query/tally.c adds up millions of short
 * numbers in a machine word and calls this once. */
#include "base/decimal.h"

#include <string.h>

/* The limits of numeric. */
enum { MOST_BEFORE = 131072, MOST_BEHIND = 16383, ENOUGH_DIGITS = 16 };

void decimal_fini(struct decimal *decimal)
{
    buf_fini(&decimal->digits);
}

static size_t before_point(const struct decimal *decimal)
{
    return decimal->digits.len - decimal->scale;
}

static void trim(struct decimal *decimal)
{
    struct buf *digits = &decimal->digits;
    size_t zeros = 0;
    while (digits->len - zeros > decimal->scale && digits->bytes[zeros] == '0')
        zeros++;
    if (zeros > 0) {
        memmove(digits->bytes, digits->bytes + zeros, digits->len - zeros);
        buf_cut(digits, digits->len - zeros);
    }
    if (strspn(digits->bytes, "0") == digits->len)
        decimal->negative = false;
}

/* ---- reading ---- */

static bool read_word(struct decimal *decimal, const char *text, size_t n)
{
    static const struct {
        const char *word;
        enum decimal_kind kind;
        bool negative;
    } words[] = {
        {"NaN", DECIMAL_NAN, false},
        {"Infinity", DECIMAL_INFINITE, false},
        {"-Infinity", DECIMAL_INFINITE, true},
    };
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (strlen(words[i].word) != n || memcmp(words[i].word, text, n) != 0)
            continue;
        decimal->kind = words[i].kind;
        decimal->negative = words[i].negative;
        return true;
    }
    return false;
}

/* Appends the digits from *at on; returns their number. */
static size_t read_digits(struct decimal *decimal, const char *text, size_t n,
                          size_t *at)
{
    size_t start = *at;
    while (*at < n && text[*at] >= '0' && text[*at] <= '9')
        (*at)++;
    buf_add(&decimal->digits, text + start, *at - start);
    return *at - start;
}

static bool read_exponent(const char *text, size_t n, size_t *at, long *ret_exponent)
{
    bool negative = *at < n && text[*at] == '-';
    long exponent = 0;
    *at += *at < n && (text[*at] == '-' || text[*at] == '+');
    size_t start = *at;
    for (; *at < n && text[*at] >= '0' && text[*at] <= '9'; (*at)++)
        if (exponent < MOST_BEFORE * 2)
            exponent = exponent * 10 + (text[*at] - '0');
    *ret_exponent = negative ? -exponent : exponent;
    return *at > start;
}

/* Moves the point to the right by that many places. */
static bool shift(struct decimal *decimal, long exponent)
{
    long scale = (long)decimal->scale - exponent;
    if (scale > MOST_BEHIND || scale < -MOST_BEFORE)
        return false;
    if (scale < 0)
        buf_add_repeat(&decimal->digits, '0', (size_t)-scale);
    decimal->scale = scale > 0 ? (size_t)scale : 0;
    size_t missing =
        decimal->scale > decimal->digits.len ? decimal->scale - decimal->digits.len : 0;
    if (missing == 0)
        return true;
    size_t had = decimal->digits.len;
    buf_add_repeat(&decimal->digits, '0', missing);
    if (decimal->digits.broken)
        return true;
    memmove(decimal->digits.bytes + missing, decimal->digits.bytes, had);
    memset(decimal->digits.bytes, '0', missing);
    return true;
}

bool decimal_read(struct decimal *decimal, const char *text, size_t n)
{
    size_t at = 0, before, behind = 0;
    long exponent = 0;
    buf_clear(&decimal->digits);
    decimal->kind = DECIMAL_FINITE;
    decimal->negative = false;
    decimal->scale = 0;
    if (read_word(decimal, text, n))
        return true;
    decimal->negative = n > 0 && text[0] == '-';
    at += n > 0 && (text[0] == '-' || text[0] == '+');
    before = read_digits(decimal, text, n, &at);
    if (at < n && text[at] == '.') {
        at++;
        behind = read_digits(decimal, text, n, &at);
    }
    if (before + behind == 0 || before > MOST_BEFORE || behind > MOST_BEHIND)
        return false;
    decimal->scale = behind;
    if (at < n && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        if (!read_exponent(text, n, &at, &exponent))
            return false;
    }
    if (at != n || !shift(decimal, exponent))
        return false;
    trim(decimal);
    return decimal->digits.broken || before_point(decimal) <= MOST_BEFORE;
}

void decimal_set(struct decimal *decimal, decimal_word value, size_t scale)
{
    char text[48];
    size_t at = sizeof text;
    decimal_bits rest = value < 0 ? -(decimal_bits)value : (decimal_bits)value;
    for (; rest > 0 || sizeof text - at < scale; rest /= 10)
        text[--at] = (char)('0' + (int)(rest % 10));
    buf_clear(&decimal->digits);
    buf_add(&decimal->digits, text + at, sizeof text - at);
    decimal->kind = DECIMAL_FINITE;
    decimal->negative = value < 0;
    decimal->scale = scale;
    trim(decimal);
}

/* ---- adding ---- */

/* The digit at 10^place, also where none is written. */
static int digit_at(const struct decimal *decimal, long place)
{
    long at = (long)before_point(decimal) - 1 - place;
    if (at < 0 || at >= (long)decimal->digits.len)
        return 0;
    return decimal->digits.bytes[at] - '0';
}

static int compare_magnitudes(const struct decimal *a, const struct decimal *b)
{
    size_t before_a = before_point(a), before_b = before_point(b);
    size_t scale = a->scale > b->scale ? a->scale : b->scale;
    if (before_a != before_b)
        return before_a > before_b ? 1 : -1;
    for (long place = (long)before_a - 1; place >= -(long)scale; place--) {
        int order = digit_at(a, place) - digit_at(b, place);
        if (order)
            return order;
    }
    return 0;
}

/* Writes larger ± smaller into result, magnitudes only. */
static void combine(const struct decimal *larger, const struct decimal *smaller,
                    bool subtract, struct decimal *result)
{
    size_t scale = larger->scale > smaller->scale ? larger->scale : smaller->scale;
    size_t before = before_point(larger) > before_point(smaller)
                        ? before_point(larger)
                        : before_point(smaller);
    size_t n = before + 1 + scale;
    int carry = 0;
    buf_add_repeat(&result->digits, '0', n);
    if (result->digits.broken)
        return;
    result->scale = scale;
    for (size_t i = n; i > 0; i--) {
        long place = (long)(before + 1) - (long)i;
        int digit = digit_at(larger, place) + carry;
        digit += subtract ? -digit_at(smaller, place) : digit_at(smaller, place);
        carry = digit < 0 ? -1 : digit / 10;
        result->digits.bytes[i - 1] = (char)('0' + (digit + 10) % 10);
    }
}

static void add_special(struct decimal *to, const struct decimal *other)
{
    bool clash = to->kind == DECIMAL_INFINITE && other->kind == DECIMAL_INFINITE &&
                 to->negative != other->negative;
    if (to->kind == DECIMAL_NAN || other->kind == DECIMAL_NAN || clash) {
        to->kind = DECIMAL_NAN;
        to->negative = false;
    } else if (other->kind == DECIMAL_INFINITE) {
        to->kind = DECIMAL_INFINITE;
        to->negative = other->negative;
    }
}

void decimal_add(struct decimal *to, const struct decimal *other)
{
    if (to->kind != DECIMAL_FINITE || other->kind != DECIMAL_FINITE) {
        add_special(to, other);
        return;
    }
    if (to->digits.broken || other->digits.broken) {
        to->digits.broken = true;
        return;
    }
    struct decimal result = DECIMAL_ZERO;
    bool swap = compare_magnitudes(to, other) < 0;
    const struct decimal *larger = swap ? other : to, *smaller = swap ? to : other;
    combine(larger, smaller, to->negative != other->negative, &result);
    result.negative = larger->negative;
    if (!result.digits.broken)
        trim(&result);
    decimal_fini(to);
    *to = result;
}

/* The order of the kinds: -Infinity -1, finite numbers 0, Infinity 1, NaN 2. */
static int decimal_rank(const struct decimal *decimal)
{
    switch (decimal->kind) {
    case DECIMAL_FINITE:
        return 0;
    case DECIMAL_NAN:
        return 2;
    case DECIMAL_INFINITE:
        return decimal->negative ? -1 : 1;
    }
    return 0;
}

int decimal_compare(const struct decimal *a, const struct decimal *b)
{
    int rank = decimal_rank(a) - decimal_rank(b);
    if (rank || a->kind != DECIMAL_FINITE)
        return rank;
    if (a->negative != b->negative)
        return a->negative ? -1 : 1;
    int order = compare_magnitudes(a, b);
    return a->negative ? -order : order;
}

/* ---- dividing ---- */

/* Adds one at the last digit. */
static void round_up(struct decimal *decimal)
{
    struct decimal one = DECIMAL_ZERO;
    bool negative = decimal->negative;
    decimal_set(&one, 1, 0);
    decimal->negative = false;
    size_t scale = decimal->scale;
    decimal->scale = 0; /* the last digit is worth one now */
    decimal_add(decimal, &one);
    decimal->scale = 0;
    decimal_fini(&one);
    shift(decimal, -(long)scale);
    decimal->negative = negative;
}

void decimal_divide(struct decimal *decimal, uint64_t by)
{
    if (decimal->kind != DECIMAL_FINITE || decimal->digits.broken)
        return;
    struct decimal result = DECIMAL_ZERO;
    decimal_bits rest = 0;
    size_t n = decimal->digits.len, counted = 0;
    for (size_t i = 0; i < n || (rest > 0 && counted < ENOUGH_DIGITS); i++) {
        rest = rest * 10 + (i < n ? (unsigned)(decimal->digits.bytes[i] - '0') : 0u);
        char digit = (char)('0' + (int)(rest / by));
        counted += counted > 0 || digit != '0';
        buf_add_char(&result.digits, digit);
        result.scale = decimal->scale + (i < n ? 0 : i + 1 - n);
        rest %= by;
        if (i + 1 >= n && result.scale >= MOST_BEHIND)
            break;
    }
    result.scale = n ? result.scale : 0;
    result.negative = decimal->negative;
    if (!result.digits.broken && rest * 2 >= by && rest > 0)
        round_up(&result);
    if (!result.digits.broken)
        trim(&result);
    decimal_fini(decimal);
    *decimal = result;
}

/* PostgreSQL's numeric has digits of base 10000.  Finds the first one that is
 * not 0, and its weight. */
static void find_first_group(const struct decimal *decimal, long *ret_weight,
                             int *ret_group)
{
    enum { GROUP = 4 };
    size_t zeros = strspn(decimal->digits.bytes, "0");
    *ret_weight = 0;
    *ret_group = 0;
    if (zeros == decimal->digits.len)
        return;
    long place = (long)before_point(decimal) - 1 - (long)zeros;
    *ret_weight = place >= 0 ? place / GROUP : -((GROUP - 1 - place) / GROUP);
    for (long i = GROUP - 1; i >= 0; i--)
        *ret_group = *ret_group * 10 + digit_at(decimal, *ret_weight * GROUP + i);
}

/* The number of digits behind the point, as in select_div_scale() of
 * PostgreSQL's numeric.c. */
static size_t scale_of_quotient(const struct decimal *decimal, uint64_t by,
                                size_t scale)
{
    enum { GROUP = 4, MOST = 1000 };
    AUTO(decimal_fini) struct decimal divisor = DECIMAL_ZERO;
    long weight, weight_of_divisor;
    int group, group_of_divisor;
    decimal_set(&divisor, (decimal_word)by, 0);
    find_first_group(decimal, &weight, &group);
    find_first_group(&divisor, &weight_of_divisor, &group_of_divisor);
    weight -= weight_of_divisor + (group <= group_of_divisor);
    long wanted = ENOUGH_DIGITS - weight * GROUP;
    wanted = wanted > (long)scale ? wanted : (long)scale;
    return wanted < 0 ? 0 : wanted > MOST ? MOST : (size_t)wanted;
}

void decimal_average(struct decimal *decimal, uint64_t by, size_t scale)
{
    if (decimal->kind != DECIMAL_FINITE || decimal->digits.broken)
        return;
    struct decimal result = DECIMAL_ZERO;
    decimal_bits rest = 0;
    long last = -(long)scale_of_quotient(decimal, by, scale);
    for (long place = (long)before_point(decimal) - 1; place >= last; place--) {
        rest = rest * 10 + (unsigned)digit_at(decimal, place);
        buf_add_char(&result.digits, (char)('0' + (int)(rest / by)));
        rest %= by;
    }
    result.scale = (size_t)-last;
    result.negative = decimal->negative;
    if (!result.digits.broken && rest * 2 >= by)
        round_up(&result);
    if (!result.digits.broken)
        trim(&result);
    decimal_fini(decimal);
    *decimal = result;
}

void decimal_format_scaled(const struct decimal *decimal, size_t scale, struct buf *buf)
{
    size_t start = buf->len;
    decimal_format(decimal, buf);
    if (decimal->kind != DECIMAL_FINITE || buf->broken)
        return;
    const char *point = memchr(buf->bytes + start, '.', buf->len - start);
    size_t behind = point ? (size_t)(buf->bytes + buf->len - point - 1) : 0;
    if (!point && scale > 0)
        buf_add_char(buf, '.');
    if (scale > behind)
        buf_add_repeat(buf, '0', scale - behind);
}

void decimal_format(const struct decimal *decimal, struct buf *buf)
{
    const char *digits = decimal->digits.bytes;
    size_t before = before_point(decimal), behind = decimal->scale;
    buf->broken |= decimal->digits.broken;
    if (decimal->kind == DECIMAL_NAN) {
        buf_add_str(buf, "NaN");
        return;
    }
    if (decimal->negative)
        buf_add_char(buf, '-');
    if (decimal->kind == DECIMAL_INFINITE) {
        buf_add_str(buf, "Infinity");
        return;
    }
    while (behind > 0 && digits[before + behind - 1] == '0')
        behind--;
    buf_add(buf, before ? digits : "0", before ? before : 1);
    if (behind > 0) {
        buf_add_char(buf, '.');
        buf_add(buf, digits + before, behind);
    }
}
