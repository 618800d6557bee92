/* The layouts that psql calls expanded (\x) and unaligned (\a), for wide rows and for
 * cut(1).  Both are drawn as psql draws them, so that nobody has to learn them. */
#include "output/grid.h"

static const char separator[] = " | ";

/* "-[ RECORD 1 ]-+------", as wide as the record but not wider than the terminal. */
static void add_rule(const struct grid *grid, size_t record, size_t name_width,
                     size_t value_width, struct buf *out)
{
    size_t start = out->len, total = name_width + sizeof separator - 1 + value_width;
    if (grid->look->width && total > grid->look->width)
        total = grid->look->width;
    buf_add_format(out, "-[ RECORD %zu ]", record);
    for (size_t column = out->len - start; column < total; column++)
        buf_add_char(out, column == name_width + 1 ? '+' : '-');
    buf_add_char(out, '\n');
}

static void add_record_value(const struct grid *grid, const struct grid_cell *cell,
                             size_t name_width, struct buf *out)
{
    size_t indent = name_width + sizeof separator - 1, room = 0;
    if (grid->look->width > indent)
        room = grid->look->width - indent;
    for (size_t done = 0; done < cell->len;) {
        size_t next, len = text_break(grid->text.bytes + cell->start + done,
                                      cell->len - done, room, &next);
        if (done > 0) {
            buf_add_char(out, '\n');
            buf_add_repeat(out, ' ', name_width);
            buf_add_str(out, separator);
        } else {
            buf_add_char(out, ' ');
        }
        grid_add_piece(grid, cell, done, len, out);
        done += next;
    }
    buf_add_char(out, '\n');
}

void layout_expanded(const struct grid *grid, struct buf *out)
{
    size_t rows = grid_rows(grid);
    size_t name_width = grid_widest(grid, 0, rows ? 1 : 0);
    size_t value_width = grid_widest(grid, 1, rows);

    for (size_t row = 1; row < rows; row++) {
        if (!grid->look->tuples_only)
            add_rule(grid, row, name_width, value_width, out);
        else if (row > 1)
            buf_add_char(out, '\n');
        for (size_t i = 0; i < grid->n_columns; i++) {
            const struct grid_cell *name = grid_at(grid, 0, i);
            grid_add_piece(grid, name, 0, name->len, out);
            buf_add_repeat(out, ' ', name_width - name->width);
            buf_add_str(out, " |");
            add_record_value(grid, grid_at(grid, row, i), name_width, out);
        }
    }
}

static void add_whole(const struct grid *grid, size_t row, size_t column,
                      struct buf *out)
{
    const struct grid_cell *cell = grid_at(grid, row, column);
    grid_add_piece(grid, cell, 0, cell->len, out);
}

static void add_record(const struct grid *grid, size_t row, struct buf *out)
{
    if (row > 1)
        buf_add_char(out, '\n');
    for (size_t i = 0; i < grid->n_columns; i++) {
        add_whole(grid, 0, i, out);
        buf_add_char(out, '|');
        add_whole(grid, row, i, out);
        buf_add_char(out, '\n');
    }
}

void layout_unaligned(const struct grid *grid, struct buf *out)
{
    const struct look *look = grid->look;
    for (size_t row = look->expanded || look->tuples_only ? 1 : 0;
         row < grid_rows(grid); row++) {
        if (look->expanded) {
            add_record(grid, row, out);
            continue;
        }
        for (size_t i = 0; i < grid->n_columns; i++) {
            if (i > 0)
                buf_add_char(out, '|');
            add_whole(grid, row, i, out);
        }
        buf_add_char(out, '\n');
    }
}
