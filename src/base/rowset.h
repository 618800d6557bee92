/* Collects rows.  It owns their text, in pieces that never move.
 *
 * rowset_rows() hands out the public struct at its front; freeing that frees all. */
#ifndef BASE_ROWSET_H
#define BASE_ROWSET_H

#include "base/auto.h"

#include <assert.h>
#include <pgcensus/rows.h>
#include <stdbool.h>
#include <string.h>

struct rowset_piece;

struct rowset {
    struct pgcensus_rows rows; /* first; points to these arrays: */
    struct pgcensus_column *columns;
    struct pgcensus_cell *cells;
    size_t cap;                 /* of cells */
    struct pgcensus_cell *last; /* the last row */

    struct rowset_piece *pieces; /* of text, the newest first */
    char *next;                  /* end of the text in the newest piece */
    size_t room;                 /* bytes left there */
    size_t bytes;                /* of all text and cells, to compare with limits */
};

struct rowset *rowset_new(void); /* NULL: no memory */
void rowset_free(struct rowset *rowset);
AUTO_DEFINE(struct rowset *, rowset_free)
AUTO_DEFINE(struct pgcensus_rows *, pgcensus_rows_free)

/* False: no memory.  Columns first, all of them, then rows; a new row is all NULL. */
bool rowset_begin(struct rowset *rowset, size_t n_columns);
bool rowset_name(struct rowset *rowset, size_t column, const char *name, unsigned type);
bool rowset_add_row(struct rowset *rowset);

/* ---- text: inline, because rows are made of millions of cells ---- */

/* Makes room for `need` more bytes; false: no memory. */
bool rowset_widen(struct rowset *rowset, size_t need);
/* Keeps a copy with a NUL behind it; NULL: no memory. */
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

/* Sets a cell of the last row. */
static inline bool rowset_set(struct rowset *rowset, size_t column, const char *text,
                              size_t n)
{
    struct pgcensus_cell *cell = &rowset->last[column];
    assert(rowset->rows.n_rows > 0 && column < rowset->rows.n_columns && !cell->text);
    *cell = (struct pgcensus_cell){rowset_keep(rowset, text, n), n};
    return cell->text;
}
bool rowset_set_str(struct rowset *rowset, size_t column, const char *text);

/* Frees the rows behind the first n_rows; returns the number of bytes. */
size_t rowset_cut(struct rowset *rowset, size_t n_rows);

/* A new rowset with the same columns and no rows; NULL: no memory. */
struct rowset *rowset_like(const struct pgcensus_rows *rows);

/* Hands over the rows; NULL gives NULL. */
static inline struct pgcensus_rows *rowset_rows(struct rowset *rowset)
{
    return rowset ? &rowset->rows : NULL;
}

#endif
