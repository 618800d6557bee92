/* The layouts that psql draws for results: aligned with | and + between the columns,
 * and the same expanded.  Everybody can read them without learning.
 *
 *    node  | datname | numbackends
 *   -------+---------+-------------
 *    pg-a1 | app     |          42
 *
 * Byte for byte psql's, its trailing blanks included, for whatever psql itself prints
 * unchanged; what it does not escape, or escapes otherwise, is escaped as everywhere
 * here.  A cell is not wrapped however narrow the terminal is, but a newline in it is a
 * line break, and a + says that the line goes on.
 *
 * Invariant: a position is where the next line of a cell begins, or ENDED. */
#include "base/memory.h"
#include "output/grid.h"

#include <stdint.h>
#include <string.h>

#define ENDED SIZE_MAX

/* Takes the line at *position off a cell; returns its length and where it is. */
static size_t take_line(const struct grid *grid, const struct grid_cell *cell,
                        size_t *position, size_t *ret_from)
{
    size_t left = cell->len - *position;
    const char *text = grid->text.bytes + cell->start + *position;
    const char *newline = memchr(text, '\n', left);
    size_t len = newline ? (size_t)(newline - text) : left;

    *ret_from = *position;
    *position = newline ? *position + len + 1 : ENDED;
    return len;
}

static size_t width_of(const struct grid *grid, const struct grid_cell *cell,
                       size_t from, size_t len)
{
    return len == cell->len ? cell->width
                            : text_width(grid->text.bytes + cell->start + from, len);
}

/* ---- aligned ---- */

struct bordered_sheet {
    const struct grid *grid;
    size_t *widths, *positions;
};

static void add_column_name(const struct bordered_sheet *sheet, size_t column,
                            struct buf *out)
{
    const struct grid_cell *cell = grid_at(sheet->grid, 0, column);
    size_t *position = &sheet->positions[column], from, width = sheet->widths[column];
    if (*position == ENDED) {
        buf_add_repeat(out, ' ', width + 1);
        return;
    }
    size_t len = take_line(sheet->grid, cell, position, &from);
    size_t blanks = width - width_of(sheet->grid, cell, from, len);
    buf_add_repeat(out, ' ', blanks / 2);
    grid_add_piece(sheet->grid, cell, from, len, out);
    buf_add_repeat(out, ' ', blanks - blanks / 2);
    buf_add_char(out, *position == ENDED ? ' ' : '+');
}

/* The last column is not filled up unless its cell goes on. */
static void add_cell(const struct bordered_sheet *sheet, size_t row, size_t column,
                     struct buf *out)
{
    const struct grid *grid = sheet->grid;
    const struct grid_cell *cell = grid_at(grid, row, column);
    size_t *position = &sheet->positions[column], from, width = sheet->widths[column];
    bool last = column + 1 == grid->n_columns;

    if (*position == ENDED) {
        buf_add_repeat(out, ' ', last ? 0 : width + 1);
        return;
    }
    size_t len = take_line(grid, cell, position, &from);
    size_t blanks = width - width_of(grid, cell, from, len);
    bool right = grid->columns[column].align == ALIGN_RIGHT;
    buf_add_repeat(out, ' ', right ? blanks : 0);
    grid_add_piece(grid, cell, from, len, out);
    if (!right && (!last || *position != ENDED))
        buf_add_repeat(out, ' ', blanks);
    if (*position != ENDED)
        buf_add_char(out, '+');
    else if (!last)
        buf_add_char(out, ' ');
}

static void add_row(const struct bordered_sheet *sheet, size_t row, struct buf *out)
{
    size_t n = sheet->grid->n_columns;
    bool more = true;

    for (size_t i = 0; i < n; i++)
        sheet->positions[i] = 0;
    while (more) {
        more = false;
        for (size_t i = 0; i < n; i++) {
            buf_add_str(out, i > 0 ? "| " : " ");
            if (row == 0)
                add_column_name(sheet, i, out);
            else
                add_cell(sheet, row, i, out);
            more |= sheet->positions[i] != ENDED;
        }
        buf_add_char(out, '\n');
    }
}

static void add_line_below(const struct bordered_sheet *sheet, struct buf *out)
{
    for (size_t i = 0; i < sheet->grid->n_columns; i++) {
        if (i > 0)
            buf_add_char(out, '+');
        buf_add_repeat(out, '-', sheet->widths[i] + 2);
    }
    buf_add_char(out, '\n');
}

void layout_bordered(const struct grid *grid, struct buf *out)
{
    size_t n = grid->n_columns, first = grid->look->tuples_only ? 1 : 0;
    AUTO(free) size_t *widths = memory_array(n, sizeof *widths);
    AUTO(free) size_t *positions = memory_array(n, sizeof *positions);
    struct bordered_sheet sheet = {grid, widths, positions};

    if (!widths || !positions) {
        out->broken = true;
        return;
    }
    if (n == 0) {
        buf_add_str(out, first ? "" : "--\n");
        return;
    }
    /* Names count even if they are not shown: so psql does it. */
    for (size_t row = 0; row < grid_rows(grid); row++)
        for (size_t i = 0; i < n; i++)
            if (grid_at(grid, row, i)->width > widths[i])
                widths[i] = grid_at(grid, row, i)->width;
    for (size_t row = first; row < grid_rows(grid); row++) {
        add_row(&sheet, row, out);
        if (row == 0)
            add_line_below(&sheet, out);
    }
}

/* ---- expanded ---- */

struct bordered_record {
    const struct grid *grid;
    size_t name_width, value_width;
};

/* "-[ RECORD 1 ]-+------", not wider than the terminal. */
static void add_record_line(const struct bordered_record *record, size_t number,
                            struct buf *out)
{
    size_t start = out->len, total = record->name_width + 3 + record->value_width;
    unsigned room = record->grid->look->width;

    if (!record->grid->look->tuples_only)
        buf_add_format(out, "-[ RECORD %zu ]", number);
    if (room > 0 && total > room)
        total = room;
    for (size_t column = out->len - start; column < total; column++)
        buf_add_char(out, column == record->name_width + 1 ? '+' : '-');
    buf_add_char(out, '\n');
}

/* Name and value side by side, each of them over as many lines as it has. */
static void add_pair(const struct bordered_record *record, size_t row, size_t column,
                     struct buf *out)
{
    const struct grid *grid = record->grid;
    const struct grid_cell *name = grid_at(grid, 0, column);
    const struct grid_cell *value = grid_at(grid, row, column);
    size_t in_name = 0, in_value = 0, from;

    while (in_name != ENDED || in_value != ENDED) {
        size_t width = 0;
        if (in_name != ENDED) {
            size_t len = take_line(grid, name, &in_name, &from);
            width = width_of(grid, name, from, len);
            grid_add_piece(grid, name, from, len, out);
        }
        buf_add_repeat(out, ' ', record->name_width - width);
        buf_add_str(out, in_name == ENDED ? " |" : "+|");
        if (in_value != ENDED) {
            size_t len = take_line(grid, value, &in_value, &from);
            buf_add_char(out, ' ');
            grid_add_piece(grid, value, from, len, out);
            if (in_value != ENDED) {
                width = width_of(grid, value, from, len);
                buf_add_repeat(out, ' ', record->value_width - width);
                buf_add_char(out, '+');
            }
        }
        buf_add_char(out, '\n');
    }
}

void layout_bordered_expanded(const struct grid *grid, struct buf *out)
{
    size_t rows = grid_rows(grid);
    struct bordered_record record = {grid, grid_widest(grid, 0, rows ? 1 : 0),
                                     grid_widest(grid, 1, rows)};

    for (size_t row = 1; row < rows; row++) {
        if (row > 1 || !grid->look->tuples_only)
            add_record_line(&record, row, out);
        for (size_t i = 0; i < grid->n_columns; i++)
            add_pair(&record, row, i, out);
    }
}
