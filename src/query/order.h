/* Which of two values is the larger, told from their text alone.
 *
 * Only for types whose text says it: a collation, an interval or an array has an order
 * that only a server knows. */
#ifndef QUERY_ORDER_H
#define QUERY_ORDER_H

#include "base/decimal.h"

#include <pgcensus/rows.h>

enum order {
    ORDER_NONE,      /* cannot be told here */
    ORDER_NUMBER,    /* integers, numeric, floats: exact */
    ORDER_LSN,       /* two halves in hexadecimal */
    ORDER_BYTES,     /* text, and what is written like it */
    ORDER_BOOL,      /* f, t */
    ORDER_DATE,      /* 2026-10-01, and the infinities */
    ORDER_TIMESTAMP, /* 2026-10-01 14:32:08.114, and the infinities */
};

/* Values of the same order can be compared with each other. */
enum order order_of_type(unsigned type);

/* number is that of the value, where it has one.  False: the value is none of those
 * that can be compared. */
bool order_read(enum order order, const struct pgcensus_cell *cell,
                struct decimal *number);
/* < 0, 0, > 0; of two values that were read. */
int order_compare(enum order order, const struct pgcensus_cell *a,
                  const struct decimal *number_of_a, const struct pgcensus_cell *b,
                  const struct decimal *number_of_b);

#endif
