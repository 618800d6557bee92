#include "pg/rowset.h"

#include "base/memory.h"

#include <assert.h>
#include <string.h>

struct rowset *rowset_new(void)
{
    return memory_new(struct rowset);
}

void rowset_free(struct rowset *rowset)
{
    if (!rowset)
        return;
    for (size_t i = 0; i < rowset->n_columns; i++)
        free(rowset->names[i]);
    for (size_t i = 0; i < rowset->n_rows * rowset->n_columns; i++)
        free(rowset->cells[i]);
    free(rowset->names);
    free(rowset->types);
    free(rowset->cells);
    free(rowset);
}

bool rowset_begin(struct rowset *rowset, size_t n_columns)
{
    assert(!rowset->names);
    AUTO(free) char **names = memory_array(n_columns, sizeof *names);
    AUTO(free) unsigned *types = memory_array(n_columns, sizeof *types);
    if (!names || !types)
        return false;
    rowset->names = take_ptr(names);
    rowset->types = take_ptr(types);
    rowset->n_columns = n_columns;
    return true;
}

bool rowset_name(struct rowset *rowset, size_t column, const char *name, unsigned type)
{
    assert(column < rowset->n_columns && !rowset->names[column]);
    rowset->names[column] = strdup(name);
    if (!rowset->names[column])
        return false;
    rowset->types[column] = type;
    rowset->bytes += strlen(name);
    return true;
}

bool rowset_add_row(struct rowset *rowset)
{
    /* SELECT without a list gives rows of no columns; they count, but have no cells. */
    if (rowset->n_columns > 0 &&
        !memory_grow(&rowset->cells, &rowset->cap, rowset->n_rows,
                     rowset->n_columns * sizeof *rowset->cells))
        return false;
    rowset->n_rows++;
    return true;
}

bool rowset_set(struct rowset *rowset, size_t column, const char *text, size_t n)
{
    assert(rowset->n_rows > 0 && column < rowset->n_columns);
    char **cell = &rowset->cells[(rowset->n_rows - 1) * rowset->n_columns + column];
    assert(!*cell);
    *cell = memory_array(n + 1, 1);
    if (!*cell)
        return false;
    memcpy(*cell, text, n);
    rowset->bytes += n;
    return true;
}
