/* Tables for people.
 *
 * A column is as wide as its widest cell, so nothing can be written before the last row
 * is known: rows are collected in a grid, made safe on the way in, and end() hands the
 * grid to the layout that was asked for. */
#include "base/memory.h"
#include "base/text.h"
#include "output/grid.h"

#include <string.h>

struct writer {
    struct buf *out;
    struct grid grid;
};

static void free_writer(struct writer *writer)
{
    if (!writer)
        return;
    buf_fini(&writer->grid.text);
    free(writer->grid.cells);
    free(writer);
}
AUTO_DEFINE(struct writer *, free_writer)

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

static void add_cell(struct writer *writer, const char *text, size_t n, size_t hang,
                     enum tone tone)
{
    struct grid *grid = &writer->grid;
    if (!memory_grow(&grid->cells, &grid->cap, grid->n_cells, sizeof *grid->cells)) {
        writer->out->broken = true;
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

static struct writer *begin(struct buf *out, const struct look *look,
                            const struct column *columns, size_t n)
{
    AUTO(free_writer) struct writer *writer = memory_new(struct writer);
    if (!writer) {
        out->broken = true;
        return NULL;
    }
    writer->out = out;
    writer->grid = (struct grid){look, columns, n, BUF_INIT, NULL, 0, 0};
    for (size_t i = 0; i < n; i++)
        add_cell(writer, columns[i].name, strlen(columns[i].name), 0, TONE_PLAIN);
    return take_ptr(writer);
}

static void row(struct writer *writer, const struct cell *cells)
{
    if (!writer)
        return;
    const struct look *look = writer->grid.look;
    const char *null = look->null ? look->null : "";
    for (size_t i = 0; i < writer->grid.n_columns; i++)
        if (cells[i].kind == CELL_NULL)
            add_cell(writer, null, strlen(null), 0, cells[i].tone);
        else
            add_cell(writer, cells[i].text, cells[i].len, cells[i].hang, cells[i].tone);
}

static void end(struct writer *owned)
{
    AUTO(free_writer) struct writer *writer = owned;
    if (!writer)
        return;
    struct grid *grid = &writer->grid;
    writer->out->broken |= grid->text.broken;
    if (writer->out->broken)
        return;
    const struct look *look = grid->look;
    if (look->unaligned)
        layout_unaligned(grid, writer->out);
    else if (look->bordered && look->expanded)
        layout_bordered_expanded(grid, writer->out);
    else if (look->bordered)
        layout_bordered(grid, writer->out);
    else if (look->expanded)
        layout_expanded(grid, writer->out);
    else
        layout_aligned(grid, writer->out);
}

const struct format format_table = {"table", begin, row, end};

void grid_add_piece(const struct grid *grid, const struct grid_cell *cell, size_t from,
                    size_t len, struct buf *out)
{
    bool coloured = grid->look->colour && cell->tone != TONE_PLAIN && len > 0;
    if (coloured)
        buf_add_str(out, tone_begin(cell->tone, grid->look->many_colours));
    buf_add(out, grid->text.bytes + cell->start + from, len);
    if (coloured)
        buf_add_str(out, tone_end(cell->tone));
}
