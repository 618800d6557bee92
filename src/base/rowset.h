/* Rows while they are collected: text, owned, in pieces that never move.
 *
 * What is handed out is the public struct in front; freeing that frees it all. */
#ifndef BASE_ROWSET_H
#define BASE_ROWSET_H

#include "base/auto.h"

#include <assert.h>
#include <pgcensus/rows.h>
#include <stdbool.h>
#include <string.h>

struct rowset_piece;

struct rowset {
    struct pgcensus_rows rows; /* first; its arrays are these: */
    struct pgcensus_column *columns;
    struct pgcensus_cell *cells;
    size_t cap;                 /* of cells */
    struct pgcensus_cell *last; /* the last row */

    struct rowset_piece *pieces; /* of text, the newest first */
    char *next;                  /* where the next text goes, in the newest */
    size_t room;                 /* left there */
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

/* ---- text: here, because rows are made of millions of cells ---- */

/* Room for so many more bytes; false: no memory. */
bool rowset_widen(struct rowset *rowset, size_t need);
/* A copy with a NUL behind it; NULL: no memory. */
static inline const char *rowset_keep(struct rowset *rowset, const char *text, size_t n)
{
    if (n >= rowset->room && !rowset_widen(rowset, n + 1))
        return NULL;
    char *kept = rowset->next;
    memcpy(kept, text, n);
    kept[n] = '\0';
    rowset->next += n + 1;
    rowset->room -= n + 1;
    rowset->bytes += n;
    return kept;
}

/* In the last row. */
static inline bool rowset_set(struct rowset *rowset, size_t column, const char *text,
                              size_t n)
{
    struct pgcensus_cell *cell = &rowset->last[column];
    assert(rowset->rows.n_rows > 0 && column < rowset->rows.n_columns && !cell->text);
    *cell = (struct pgcensus_cell){rowset_keep(rowset, text, n), n};
    return cell->text;
}
bool rowset_set_str(struct rowset *rowset, size_t column, const char *text);

/* Gives up the rows behind the first n, and their memory; how many bytes that was. */
size_t rowset_cut(struct rowset *rowset, size_t n_rows);

/* Another one of the same columns, without rows; NULL: no memory. */
struct rowset *rowset_like(const struct pgcensus_rows *rows);

/* Hands over; NULL stays NULL. */
static inline struct pgcensus_rows *rowset_rows(struct rowset *rowset)
{
    return rowset ? &rowset->rows : NULL;
}

#endif
