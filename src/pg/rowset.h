/* Rows as text, owned, bounded. */
#ifndef PG_ROWSET_H
#define PG_ROWSET_H

#include "base/auto.h"

#include <stdbool.h>
#include <stddef.h>

struct rowset {
    size_t n_columns, n_rows;
    char **names; /* n_columns */
    unsigned *types; /* n_columns, type OIDs */
    char **cells; /* n_rows * n_columns, row-major, NULL for SQL NULL */
    size_t cap;   /* of cells, in rows */
    size_t bytes; /* of all text kept */
    char command[64];
};

struct rowset *rowset_new(void);
void rowset_free(struct rowset *rowset);
AUTO_DEFINE(struct rowset *, rowset_free)

#endif
