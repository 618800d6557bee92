/* Cells point into pieces of text that never move and are filled one after the
 * other, row by row.  So rows at the end can be freed: their text is all that
 * lies behind the last text that stays.
 *
 * Invariant: cells beyond the last row are all NULL, so a new row needs no clearing. */
#include "base/rowset.h"

#include "base/memory.h"

#include <assert.h>
#include <string.h>

/* The first piece is small, because most answers are one number; the others are
 * as large as all before them, up to a limit, so that an unused rest is small. */
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
    /* SELECT without a list gives rows without columns; they count, but have no
     * cells. */
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

static const char *behind_header(const struct pgcensus_cell *cell)
{
    return cell->text + cell->len + 1;
}

/* The end of the text of the first n_rows; texts lie in the order of their cells. */
static const char *end_of_text(const struct rowset *rowset, size_t n_rows)
{
    for (size_t i = n_rows * rowset->rows.n_columns; i-- > 0;)
        if (rowset->cells[i].text)
            return behind_header(&rowset->cells[i]);
    if (rowset->rows.n_columns == 0)
        return NULL;
    const char *name = rowset->columns[rowset->rows.n_columns - 1].name;
    return name + strlen(name) + 1;
}

static bool has_room_for(const struct rowset_piece *piece, const char *end)
{
    return end > piece->text && end <= piece->text + piece->size;
}

static void free_behind(struct rowset *rowset, const char *end)
{
    while (rowset->pieces && !(end && has_room_for(rowset->pieces, end))) {
        struct rowset_piece *piece = rowset->pieces;
        rowset->pieces = piece->next;
        free(piece);
    }
    rowset->next = NULL;
    rowset->room = 0;
    if (!rowset->pieces)
        return;
    rowset->next = rowset->pieces->text + (end - rowset->pieces->text);
    rowset->room = rowset->pieces->size - (size_t)(end - rowset->pieces->text);
}

static void shrink_cells(struct rowset *rowset, size_t n)
{
    enum { FEW = 1024 };
    if (n < FEW || n > rowset->cap / 4)
        return;
    struct pgcensus_cell *cells = reallocarray(rowset->cells, n, sizeof *rowset->cells);
    if (!cells)
        return;
    rowset->rows.cells = rowset->cells = cells;
    rowset->cap = n;
}

size_t rowset_cut(struct rowset *rowset, size_t n_rows)
{
    size_t n = rowset->rows.n_columns, bytes = rowset->bytes;
    if (n_rows >= rowset->rows.n_rows)
        return 0;
    for (size_t i = n_rows * n; i < rowset->rows.n_rows * n; i++) {
        rowset->bytes -= sizeof *rowset->cells + rowset->cells[i].len;
        rowset->cells[i] = (struct pgcensus_cell){0}; /* as a new row finds them */
    }
    free_behind(rowset, end_of_text(rowset, n_rows));
    rowset->rows.n_rows = n_rows;
    shrink_cells(rowset, n_rows * n);
    rowset->last = n > 0 && n_rows > 0 ? &rowset->cells[(n_rows - 1) * n] : NULL;
    return bytes - rowset->bytes;
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
