/* The order of values, by type.
 *
 * Each type is read into what it is compared by, and two of those are compared; what is
 * ordered as it is written is not read at all.
 *
 * The surprise: the key of a network begins with the network without its host, so that
 * comparing bytes gives PostgreSQL's order: networks, then how large they are, then
 * addresses. */
#include "query/order.h"

#include "query/order_time.h"

#include <arpa/inet.h>
#include <string.h>

enum {
    TYPE_CHAR = 18,
    TYPE_NAME = 19,
    TYPE_JSON = 114,
    TYPE_XML = 142,
    TYPE_CIDR = 650,
    TYPE_UNKNOWN = 705,
    TYPE_MACADDR8 = 774,
    TYPE_MONEY = 790,
    TYPE_MACADDR = 829,
    TYPE_INET = 869,
    TYPE_BPCHAR = 1042,
    TYPE_VARCHAR = 1043,
    TYPE_DATE = 1082,
    TYPE_TIME = 1083,
    TYPE_TIMESTAMP = 1114,
    TYPE_TIMESTAMPTZ = 1184,
    TYPE_INTERVAL = 1186,
    TYPE_TIMETZ = 1266,
    TYPE_BIT = 1560,
    TYPE_VARBIT = 1562,
    TYPE_UUID = 2950,
    TYPE_LSN = 3220,
    TYPE_XID8 = 5069,
};

void order_key_fini(struct order_key *key)
{
    decimal_fini(&key->number);
}

enum order order_of_type(unsigned type)
{
    switch (type) {
    case PGCENSUS_TYPE_TEXT:
    case TYPE_CHAR:
    case TYPE_NAME:
    case TYPE_VARCHAR:
    case TYPE_UNKNOWN:
    case TYPE_UUID: /* the order of its bytes is that of its digits; so with these: */
    case TYPE_MACADDR:
    case TYPE_MACADDR8:
    case TYPE_BIT: /* what another one begins with is less */
    case TYPE_VARBIT:
        return ORDER_BYTES;
    case TYPE_BPCHAR:
        return ORDER_PADDED;
    case PGCENSUS_TYPE_BYTEA:
        return ORDER_BINARY;
    case PGCENSUS_TYPE_BOOL:
        return ORDER_BOOL;
    case TYPE_DATE:
        return ORDER_DATE;
    case TYPE_TIMESTAMP:
        return ORDER_TIMESTAMP;
    case TYPE_TIMESTAMPTZ:
        return ORDER_INSTANT;
    case TYPE_TIME:
        return ORDER_TIME;
    case TYPE_INTERVAL:
        return ORDER_INTERVAL;
    case TYPE_MONEY:
        return ORDER_MONEY;
    case TYPE_INET:
    case TYPE_CIDR:
        return ORDER_NETWORK;
    case TYPE_LSN:
        return ORDER_LSN;
    case TYPE_XID8:
        return ORDER_NUMBER;
    }
    return pgcensus_type_kind(type) == PGCENSUS_KIND_NUMBER ? ORDER_NUMBER : ORDER_NONE;
}

/* ---- one value ---- */

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

static bool read_lsn(const struct pgcensus_cell *cell, decimal_word *ret_word)
{
    uint64_t high, low;
    size_t n = read_half(cell->text, &high);
    if (n == 0 || cell->text[n] != '/')
        return false;
    size_t more = read_half(cell->text + n + 1, &low);
    if (more == 0 || cell->len != n + 1 + more)
        return false;
    *ret_word = (decimal_word)(high << 32 | low);
    return true;
}

/* As lc_monetary C prints it, with or without the dollar and the commas. */
static bool read_money(const struct pgcensus_cell *cell, decimal_word *ret_word)
{
    enum { DIGITS = 20, BEHIND = 2 };
    const char *at = cell->text, *end = at + cell->len;
    bool negative = at < end && *at == '-';
    size_t digits = 0;
    decimal_word value = 0;
    at += negative;
    at += at < end && *at == '$';
    const char *point = memchr(at, '.', (size_t)(end - at));
    if (!point || end - point != BEHIND + 1)
        return false;
    for (; at < end; at++) {
        if (at == point || (*at == ',' && digits > 0 && at < point))
            continue;
        if (*at < '0' || *at > '9' || ++digits > DIGITS)
            return false;
        value = value * 10 + (*at - '0');
    }
    *ret_word = negative ? -value : value;
    return digits > BEHIND;
}

static bool read_binary(const struct pgcensus_cell *cell)
{
    return cell->len >= 2 && memcmp(cell->text, "\\x", 2) == 0 &&
           2 + strspn(cell->text + 2, "0123456789abcdef") == cell->len;
}

/* "32", ""; at most `most`. */
static bool read_bits(const char *text, unsigned most, unsigned *ret_bits)
{
    size_t n = strlen(text);
    *ret_bits = most;
    if (n == 0)
        return true;
    if (n > 4 || text[0] != '/' || n < 2 || 1 + strspn(text + 1, "0123456789") != n)
        return false;
    *ret_bits = 0;
    for (size_t i = 1; i < n; i++)
        *ret_bits = *ret_bits * 10 + (unsigned)(text[i] - '0');
    return *ret_bits <= most;
}

/* Networks are in order before how large they are, and that before the address. */
static bool read_network(const struct pgcensus_cell *cell, unsigned char *key)
{
    enum { MOST = 16, BITS_AT = 1 + MOST };
    char address[INET6_ADDRSTRLEN];
    unsigned char bytes[MOST] = {0};
    size_t n = strcspn(cell->text, "/");
    bool six = memchr(cell->text, ':', n);
    unsigned bits;
    if (n >= sizeof address || strlen(cell->text) != cell->len ||
        !read_bits(cell->text + n, six ? 128 : 32, &bits))
        return false;
    memcpy(address, cell->text, n);
    address[n] = '\0';
    if (inet_pton(six ? AF_INET6 : AF_INET, address, bytes) != 1)
        return false;
    memset(key, 0, 2 * MOST + 2);
    key[0] = six;
    key[BITS_AT] = (unsigned char)bits;
    for (unsigned i = 0; i < MOST; i++) {
        unsigned kept = bits > i * 8 ? bits - i * 8 : 0;
        key[1 + i] = bytes[i] & (kept >= 8 ? 0xff : (unsigned char)(0xff00 >> kept));
    }
    memcpy(key + BITS_AT + 1, bytes, MOST);
    return true;
}

static bool read_ordered(enum order order, const struct pgcensus_cell *cell, bool loose,
                         struct order_key *key)
{
    const char *text = cell->text;
    size_t n = cell->len;
    switch (order) {
    case ORDER_NONE:
        return false;
    case ORDER_NUMBER:
        return decimal_read(&key->number, text, n);
    case ORDER_LSN:
        return read_lsn(cell, &key->word);
    case ORDER_BYTES:
    case ORDER_PADDED:
    case ORDER_BOOL:
        return true;
    case ORDER_BINARY:
        return read_binary(cell);
    case ORDER_DATE:
        return order_read_moment(text, n, (struct order_form){loose, false, false},
                                 &key->word);
    case ORDER_TIMESTAMP:
        return order_read_moment(text, n, (struct order_form){loose, true, false},
                                 &key->word);
    case ORDER_INSTANT:
        return order_read_moment(text, n, (struct order_form){loose, true, true},
                                 &key->word);
    case ORDER_TIME:
        return order_read_time(text, n, loose, &key->word);
    case ORDER_INTERVAL:
        return order_read_interval(text, n, loose, &key->word);
    case ORDER_MONEY:
        return read_money(cell, &key->word);
    case ORDER_NETWORK:
        return read_network(cell, key->network);
    }
    return false;
}

bool order_read(enum order order, const struct pgcensus_cell *cell,
                struct order_key *key)
{
    return read_ordered(order, cell, /* loose= */ false, key);
}

bool order_read_loosely(enum order order, const struct pgcensus_cell *cell,
                        struct order_key *key)
{
    return read_ordered(order, cell, /* loose= */ true, key);
}

bool order_is_usual(enum order order, const struct pgcensus_cell *cell)
{
    static const char utc[] = "+00";
    size_t least = strlen("2026-10-01"), n = cell->len;
    if (order == ORDER_DATE)
        return n == least && cell->text[4] == '-';
    if (order != ORDER_TIMESTAMP && order != ORDER_INSTANT)
        return false;
    least = strlen("2026-10-01 14:32:08");
    if (order == ORDER_INSTANT)
        n -= n > least && memcmp(cell->text + n - 3, utc, 3) == 0 ? 3 : n;
    return n >= least && cell->text[4] == '-' && cell->text[13] == ':' &&
           cell->text[16] == ':' && cell->text[n - 1] <= '9';
}

/* ---- two values ---- */

static size_t without_blanks(const struct pgcensus_cell *cell)
{
    size_t n = cell->len;
    while (n > 0 && cell->text[n - 1] == ' ')
        n--;
    return n;
}

static int compare_octets(const char *a, size_t n_a, const char *b, size_t n_b)
{
    int first = memcmp(a, b, n_a < n_b ? n_a : n_b);
    return first ? first : (n_a > n_b) - (n_a < n_b);
}

int order_compare(enum order order, const struct pgcensus_cell *a,
                  const struct order_key *key_of_a, const struct pgcensus_cell *b,
                  const struct order_key *key_of_b)
{
    switch (order) {
    case ORDER_NUMBER:
        return decimal_compare(&key_of_a->number, &key_of_b->number);
    case ORDER_LSN:
    case ORDER_DATE:
    case ORDER_TIMESTAMP:
    case ORDER_INSTANT:
    case ORDER_TIME:
    case ORDER_INTERVAL:
    case ORDER_MONEY:
        return (key_of_a->word > key_of_b->word) - (key_of_a->word < key_of_b->word);
    case ORDER_NETWORK:
        return memcmp(key_of_a->network, key_of_b->network, sizeof key_of_a->network);
    case ORDER_PADDED:
        return compare_octets(a->text, without_blanks(a), b->text, without_blanks(b));
    case ORDER_NONE:
    case ORDER_BYTES:
    case ORDER_BINARY:
    case ORDER_BOOL:
        break;
    }
    return compare_octets(a->text, a->len, b->text, b->len);
}

/* ---- what to do instead ---- */

void order_add_cast(unsigned type, const char *what, struct buf *text)
{
    switch (type) {
    case TYPE_DATE:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ:
    case TYPE_TIME:
    case TYPE_INTERVAL:
        buf_add_format(text, "extract(epoch from %s)", what);
        return;
    case TYPE_TIMETZ:
        buf_add_format(text, "%s::time", what);
        return;
    case TYPE_MONEY:
        buf_add_format(text, "%s::numeric", what);
        return;
    case TYPE_LSN:
        buf_add_format(text, "%s - '0/0'", what);
        return;
    case PGCENSUS_TYPE_BYTEA:
        buf_add_format(text, "encode(%s, 'hex')", what);
        return;
    }
    buf_add_format(text, "%s::text", what);
}
