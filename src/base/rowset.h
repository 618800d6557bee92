/* Rows while they are collected: text, owned, in pieces that never move.
 *
 * What is handed out is the public struct in front; freeing that frees it all. */
#ifndef BASE_ROWSET_H
#define BASE_ROWSET_H

#include "base/auto.h"

#include <pgcensus/rows.h>
#include <stdbool.h>

struct rowset_piece;

struct rowset {
    struct pgcensus_rows rows; /* first; its arrays are these: */
    struct pgcensus_column *columns;
    struct pgcensus_cell *cells;
    size_t cap; /* of cells */

    struct rowset_piece *pieces; /* of text, the newest first */
    size_t room;                 /* left in the newest */
    size_t bytes;                /* of all text and cells, for those who set limits */
};

struct rowset *rowset_new(void); /* NULL: no memory */
void rowset_free(struct rowset *rowset);
AUTO_DEFINE(struct rowset *, rowset_free)
AUTO_DEFINE(struct pgcensus_rows *, pgcensus_rows_free)

/* False: no memory.  Columns first, all of them, then rows; a new row is all NULL. */
bool rowset_begin(struct rowset *rowset, size_t n_columns);
bool rowset_name(struct rowset *rowset, size_t column, const char *name, unsigned type);
bool rowset_add_row(struct rowset *rowset);
/* In the last row. */
bool rowset_set(struct rowset *rowset, size_t column, const char *text, size_t n);
bool rowset_set_str(struct rowset *rowset, size_t column, const char *text);

/* Another one of the same columns, without rows; NULL: no memory. */
struct rowset *rowset_like(const struct pgcensus_rows *rows);

/* Hands over; NULL stays NULL. */
static inline struct pgcensus_rows *rowset_rows(struct rowset *rowset)
{
    return rowset ? &rowset->rows : NULL;
}

#endif
