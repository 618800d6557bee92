/* Rows as text, owned, bounded. */
#ifndef PG_ROWSET_H
#define PG_ROWSET_H

#include "base/auto.h"

#include <stdbool.h>
#include <stddef.h>

struct rowset {
    size_t n_columns, n_rows;
    char **names;    /* n_columns */
    unsigned *types; /* n_columns, type OIDs */
    char **cells;    /* n_rows * n_columns, row-major, NULL for SQL NULL */
    size_t cap;      /* of cells, in rows */
    size_t bytes;    /* of all text kept */
    char command[64];
};

struct rowset *rowset_new(void);
void rowset_free(struct rowset *rowset);
AUTO_DEFINE(struct rowset *, rowset_free)

/* False: no memory.  Columns first, all of them, then rows; a new row is all NULL. */
bool rowset_begin(struct rowset *rowset, size_t n_columns);
bool rowset_name(struct rowset *rowset, size_t column, const char *name, unsigned type);
bool rowset_add_row(struct rowset *rowset);
/* In the last row. */
bool rowset_set(struct rowset *rowset, size_t column, const char *text, size_t n);

#endif
