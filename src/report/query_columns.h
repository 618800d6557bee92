/* How the columns of two answers differ. */
#ifndef REPORT_QUERY_COLUMNS_H
#define REPORT_QUERY_COLUMNS_H

#include "base/buf.h"

#include <pgcensus/rows.h>
#include <stddef.h>

/* Each column that only one of the two has, or that has another type in either: those
 * of the reference in its order, then those that only the other one has.
 *   for (struct query_columns at = {reference, own}; query_columns_next(&at);) */
struct query_columns {
    const struct pgcensus_rows *reference, *own;
    size_t next;
    size_t column, own_column; /* found; SIZE_MAX: it has none */
    const char *name;
};

bool query_columns_next(struct query_columns *at);

/* Those that both have stand in another order. */
bool query_columns_reordered(const struct pgcensus_rows *reference,
                             const struct pgcensus_rows *own);

/* The column that is merged with that one; SIZE_MAX: there is none. */
size_t query_same_column(const struct pgcensus_rows *from, size_t column,
                         const struct pgcensus_rows *to);

/* "int8", "oid 16400" */
void query_add_type(unsigned type, struct buf *out);

#endif
