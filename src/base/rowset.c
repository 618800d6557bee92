#include "base/rowset.h"

#include "base/memory.h"

#include <assert.h>
#include <string.h>

/* The first piece is small, because most answers are one number; the others are as
 * large as all before them, up to a limit that keeps the rest of the last one cheap. */
enum { SMALLEST = 256, LARGEST = 64 * 1024 };

struct rowset_piece {
    struct rowset_piece *next;
    size_t size;
    char text[];
};

struct rowset *rowset_new(void)
{
    return memory_new(struct rowset);
}

void rowset_free(struct rowset *rowset)
{
    if (!rowset)
        return;
    for (struct rowset_piece *piece; (piece = rowset->pieces);) {
        rowset->pieces = piece->next;
        free(piece);
    }
    free(rowset->columns);
    free(rowset->cells);
    free(rowset);
}

void pgcensus_rows_free(struct pgcensus_rows *rows)
{
    if (rows)
        rowset_free(container_of(rows, struct rowset, rows));
}

bool rowset_widen(struct rowset *rowset, size_t need)
{
    size_t size = rowset->pieces ? 2 * rowset->pieces->size : SMALLEST;
    if (size > LARGEST)
        size = LARGEST;
    if (size < need)
        size = need;
    struct rowset_piece *piece = malloc(sizeof *piece + size);
    if (!piece)
        return false;
    memory_will_fill(piece, sizeof *piece + size);
    piece->next = rowset->pieces;
    piece->size = size;
    rowset->pieces = piece;
    rowset->next = piece->text;
    rowset->room = size;
    return true;
}

bool rowset_begin(struct rowset *rowset, size_t n_columns)
{
    assert(!rowset->columns);
    rowset->columns = memory_array(n_columns, sizeof *rowset->columns);
    if (!rowset->columns)
        return false;
    rowset->rows.columns = rowset->columns;
    rowset->rows.n_columns = n_columns;
    return true;
}

bool rowset_name(struct rowset *rowset, size_t column, const char *name, unsigned type)
{
    assert(column < rowset->rows.n_columns && !rowset->columns[column].name);
    const char *kept = rowset_keep(rowset, name, strlen(name));
    rowset->columns[column] = (struct pgcensus_column){kept, type};
    return kept;
}

bool rowset_add_row(struct rowset *rowset)
{
    size_t n = rowset->rows.n_columns, end = (rowset->rows.n_rows + 1) * n;
    /* SELECT without a list gives rows of no columns; they count, but have no cells. */
    if (n > 0 &&
        !memory_grow(&rowset->cells, &rowset->cap, end - 1, sizeof *rowset->cells))
        return false;
    rowset->rows.cells = rowset->cells;
    rowset->last = n > 0 ? &rowset->cells[end - n] : NULL;
    rowset->rows.n_rows++;
    rowset->bytes += n * sizeof *rowset->cells;
    return true;
}

bool rowset_set_str(struct rowset *rowset, size_t column, const char *text)
{
    return !text || rowset_set(rowset, column, text, strlen(text));
}

struct rowset *rowset_like(const struct pgcensus_rows *rows)
{
    AUTO(rowset_free) struct rowset *rowset = rowset_new();
    if (!rowset || !rowset_begin(rowset, rows->n_columns))
        return NULL;
    for (size_t i = 0; i < rows->n_columns; i++)
        if (!rowset_name(rowset, i, rows->columns[i].name, rows->columns[i].type))
            return NULL;
    return take_ptr(rowset);
}
