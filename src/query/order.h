/* Which of two values is the larger, told from their text alone, as PostgreSQL tells
 * it.
 *
 * Only for types whose text says it: a collation, an enum or an array has an order that
 * only a server knows, and time of day with a zone has none that people would expect.
 * Text is what PostgreSQL prints with DateStyle ISO, IntervalStyle postgres or
 * postgres_verbose, lc_monetary C and bytea_output hex; any TimeZone will do.  Anything
 * else is refused, never guessed. */
#ifndef QUERY_ORDER_H
#define QUERY_ORDER_H

#include "base/decimal.h"

#include <pgcensus/rows.h>

enum order {
    ORDER_NONE,      /* cannot be told here */
    ORDER_NUMBER,    /* integers, numeric, floats, xid8: exact */
    ORDER_LSN,       /* two halves in hexadecimal */
    ORDER_BYTES,     /* text, and what is written like it */
    ORDER_PADDED,    /* char(n): blanks at the end do not count */
    ORDER_BINARY,    /* bytea */
    ORDER_BOOL,      /* f, t */
    ORDER_DATE,      /* 2026-10-01, 0044-03-15 BC, and the infinities */
    ORDER_TIMESTAMP, /* 2026-10-01 14:32:08.114, and so on */
    ORDER_INSTANT,   /* 2026-10-01 14:32:08.114+02: by the moment that it is */
    ORDER_TIME,      /* 14:32:08.114 */
    ORDER_INTERVAL,  /* 1 mon 02:00:00: months of 30 days, days of 24 hours */
    ORDER_MONEY,     /* -$1,234.56 */
    ORDER_NETWORK,   /* inet, cidr */
};

/* What a value is compared by. */
struct order_key {
    struct decimal number;     /* NUMBER */
    decimal_word word;         /* LSN, and all that have a length or a moment: in us */
    unsigned char network[34]; /* NETWORK: family, network, bits, address */
};
#define ORDER_KEY_INIT ((struct order_key){.number = DECIMAL_ZERO})

void order_key_fini(struct order_key *key);
AUTO_DEFINE_VALUE(struct order_key, order_key_fini)

/* Values of the same order can be compared with each other. */
enum order order_of_type(unsigned type);

/* False: the value is none of those that can be compared. */
bool order_read(enum order order, const struct pgcensus_cell *cell,
                struct order_key *key);
/* The same for what people write: a date may be a timestamp, 14:32 a time, and an
 * interval may have weeks, hours, minutes and seconds. */
bool order_read_loosely(enum order order, const struct pgcensus_cell *cell,
                        struct order_key *key);
/* As nearly all moments are: of a year of four digits, and in UTC if that matters.  Two
 * such compare as their bytes do, and are equal only if those are. */
bool order_is_usual(enum order order, const struct pgcensus_cell *cell);
/* < 0, 0, > 0; of two values that were read. */
int order_compare(enum order order, const struct pgcensus_cell *a,
                  const struct order_key *key_of_a, const struct pgcensus_cell *b,
                  const struct order_key *key_of_b);

/* By what a user makes a column of that type comparable, to be put behind "cast it: ";
 * what: its name. */
void order_add_cast(unsigned type, const char *what, struct buf *text);

#endif
