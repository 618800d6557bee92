#include "query/order.h"

#include <string.h>

enum {
    TYPE_CHAR = 18,
    TYPE_NAME = 19,
    TYPE_BPCHAR = 1042,
    TYPE_VARCHAR = 1043,
    TYPE_DATE = 1082,
    TYPE_TIMESTAMP = 1114,
    TYPE_UUID = 2950,
    TYPE_LSN = 3220,
};

enum order order_of_type(unsigned type)
{
    switch (type) {
    case PGCENSUS_TYPE_TEXT:
    case TYPE_CHAR:
    case TYPE_NAME:
    case TYPE_BPCHAR:
    case TYPE_VARCHAR:
    case TYPE_UUID: /* the order of its bytes is that of its digits */
        return ORDER_BYTES;
    case PGCENSUS_TYPE_BOOL:
        return ORDER_BOOL;
    case TYPE_DATE:
        return ORDER_DATE;
    case TYPE_TIMESTAMP:
        return ORDER_TIMESTAMP;
    case TYPE_LSN:
        return ORDER_LSN;
    }
    return pgcensus_type_kind(type) == PGCENSUS_KIND_NUMBER ? ORDER_NUMBER : ORDER_NONE;
}

/* ---- one value ---- */

/* Digits and what stands between them, as in the pattern: 0 for a digit. */
static bool has_shape(const struct pgcensus_cell *cell, const char *pattern)
{
    for (size_t i = 0; pattern[i]; i++) {
        char c = i < cell->len ? cell->text[i] : '\0';
        if (pattern[i] == '0' ? c < '0' || c > '9' : c != pattern[i])
            return false;
    }
    return true;
}

static bool is_infinite(const struct pgcensus_cell *cell)
{
    return strcmp(cell->text, "infinity") == 0 || strcmp(cell->text, "-infinity") == 0;
}

/* In the form of ISO, which sorts as text: '-' of "-infinity" is below all digits, 'i'
 * above them, and a fraction has no zeros at its end.  Years before Christ and of five
 * digits do not, and neither does any other DateStyle. */
static bool is_date(const struct pgcensus_cell *cell)
{
    static const char pattern[] = "0000-00-00";
    return is_infinite(cell) ||
           (has_shape(cell, pattern) && cell->len == strlen(pattern));
}

static bool is_timestamp(const struct pgcensus_cell *cell)
{
    static const char pattern[] = "0000-00-00 00:00:00";
    size_t n = strlen(pattern);
    if (is_infinite(cell))
        return true;
    if (!has_shape(cell, pattern))
        return false;
    if (cell->len == n)
        return true;
    size_t digits = strspn(cell->text + n + 1, "0123456789");
    return cell->text[n] == '.' && digits > 0 && cell->len == n + 1 + digits;
}

/* Of up to 8 digits; their number, 0: there are none. */
static size_t read_half(const char *text, uint64_t *ret_value)
{
    size_t n = strspn(text, "0123456789ABCDEFabcdef");
    *ret_value = 0;
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        unsigned digit = (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
        *ret_value = *ret_value << 4 | digit;
    }
    return n <= 8 ? n : 0;
}

static bool read_lsn(const struct pgcensus_cell *cell, struct decimal *number)
{
    uint64_t high, low;
    size_t n = read_half(cell->text, &high);
    if (n == 0 || cell->text[n] != '/')
        return false;
    size_t more = read_half(cell->text + n + 1, &low);
    if (more == 0 || cell->len != n + 1 + more)
        return false;
    decimal_set(number, (decimal_word)(high << 32 | low), 0);
    return true;
}

bool order_read(enum order order, const struct pgcensus_cell *cell,
                struct decimal *number)
{
    switch (order) {
    case ORDER_NONE:
        return false;
    case ORDER_NUMBER:
        return decimal_read(number, cell->text, cell->len);
    case ORDER_LSN:
        return read_lsn(cell, number);
    case ORDER_BYTES:
    case ORDER_BOOL:
        return true;
    case ORDER_DATE:
        return is_date(cell);
    case ORDER_TIMESTAMP:
        return is_timestamp(cell);
    }
    return false;
}

int order_compare(enum order order, const struct pgcensus_cell *a,
                  const struct decimal *number_of_a, const struct pgcensus_cell *b,
                  const struct decimal *number_of_b)
{
    if (order == ORDER_NUMBER || order == ORDER_LSN)
        return decimal_compare(number_of_a, number_of_b);
    int first = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);
    return first ? first : (a->len > b->len) - (a->len < b->len);
}
