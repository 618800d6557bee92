/* Tables for people.
 *
 * A column is as wide as its widest cell, so nothing can be written before the last row
 * is known: rows are collected in a grid, made safe on the way in, and the end hands
 * the grid to the layout that was asked for. */
#include "base/memory.h"
#include "base/text.h"
#include "output/grid.h"

#include <string.h>

struct table_writer {
    struct writer writer;
    struct grid grid;
};

/* Newlines are layout, not something to be made visible, where cells have lines. */
static size_t add_lines(struct buf *to, const char *text, size_t n)
{
    size_t widest = 0;
    for (;;) {
        const char *newline = n > 0 ? memchr(text, '\n', n) : NULL;
        size_t start = to->len, len = newline ? (size_t)(newline - text) : n;
        text_add_safe(to, text, len);
        size_t width = text_width(to->bytes + start, to->len - start);
        if (width > widest)
            widest = width;
        if (!newline)
            return widest;
        buf_add_char(to, '\n');
        text += len + 1;
        n -= len + 1;
    }
}

static void add_cell(struct table_writer *table, const char *text, size_t n,
                     size_t hang, enum tone tone)
{
    struct grid *grid = &table->grid;
    if (!memory_grow(&grid->cells, &grid->cap, grid->n_cells, sizeof *grid->cells)) {
        table->writer.out->broken = true;
        return;
    }
    size_t start = grid->text.len, width;
    if (grid->look->bordered && !grid->look->unaligned) {
        width = add_lines(&grid->text, text, n);
    } else {
        text_add_safe(&grid->text, text, n);
        width = text_width(grid->text.bytes + start, grid->text.len - start);
    }
    grid->cells[grid->n_cells++] = (struct grid_cell){
        .start = start,
        .len = grid->text.len - start,
        .width = width,
        .hang = hang,
        .tone = tone,
    };
}

static void table_begin(struct writer *writer)
{
    struct table_writer *table = (struct table_writer *)writer;
    const struct column *columns = writer->columns;
    size_t n = writer->n_columns;
    table->grid = (struct grid){writer->look, columns, n, BUF_INIT, NULL, 0, 0};
    for (size_t i = 0; i < n; i++)
        add_cell(table, columns[i].name, strlen(columns[i].name), 0, TONE_PLAIN);
}

static void table_row(struct writer *writer, const struct cell *cells)
{
    struct table_writer *table = (struct table_writer *)writer;
    const char *null = writer_null(writer);
    for (size_t i = 0; i < writer->n_columns; i++)
        if (cells[i].kind == CELL_NULL)
            add_cell(table, null, strlen(null), 0, cells[i].tone);
        else
            add_cell(table, cells[i].text, cells[i].len, cells[i].hang, cells[i].tone);
}

static void draw(const struct grid *grid, struct buf *out)
{
    const struct look *look = grid->look;
    if (look->unaligned)
        layout_unaligned(grid, out);
    else if (look->bordered && look->expanded)
        layout_bordered_expanded(grid, out);
    else if (look->bordered)
        layout_bordered(grid, out);
    else if (look->expanded)
        layout_expanded(grid, out);
    else
        layout_aligned(grid, out);
}

static void table_end(struct writer *writer)
{
    struct grid *grid = &((struct table_writer *)writer)->grid;
    writer->out->broken |= grid->text.broken;
    if (!writer->out->broken)
        draw(grid, writer->out);
    buf_fini(&grid->text);
    free(grid->cells);
}

const struct writer_type writer_table = {sizeof(struct table_writer), table_begin,
                                         table_row, table_end};
