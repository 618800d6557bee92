/* The layout that psql calls aligned, drawn as psql draws it, so that nobody has to
 * learn it:
 *
 *     node  | datname | numbackends
 *    -------+---------+-------------
 *     pg-a  | app     |          42
 *     pg-b  | a name +|           7
 *           | of two  |
 *
 * Nothing is wrapped or cut: what is wider than the terminal is for -x or a pager.  The
 * surprise is psql's as well: the last column has no blanks behind it, the header has.
 */
#include "base/memory.h"
#include "output/grid.h"

#include <string.h>

static void add_header(const struct grid *grid, const size_t *widths, struct buf *out)
{
    for (size_t i = 0; i < grid->n_columns; i++) {
        const struct grid_cell *name = grid_at(grid, 0, i);
        size_t left = (widths[i] - name->width) / 2;
        buf_add_repeat(out, ' ', 1 + left);
        grid_add_piece(grid, name, 0, name->len, out);
        buf_add_repeat(out, ' ', widths[i] - name->width - left + 1);
        buf_add_char(out, i + 1 < grid->n_columns ? '|' : '\n');
    }
    for (size_t i = 0; i < grid->n_columns; i++) {
        buf_add_repeat(out, '-', widths[i] + 2);
        buf_add_char(out, i + 1 < grid->n_columns ? '+' : '\n');
    }
}

/* One line of a cell, `left` of which is not printed yet; behind it the mark that there
 * are more lines. */
static void add_line(const struct grid *grid, size_t row, size_t column, size_t width,
                     size_t *done, struct buf *out)
{
    const struct grid_cell *cell = grid_at(grid, row, column);
    bool is_last = column + 1 == grid->n_columns;
    const char *text = grid->text.bytes + cell->start + *done;
    size_t left = cell->len - *done;
    const char *newline = left ? memchr(text, '\n', left) : NULL;
    size_t len = newline ? (size_t)(newline - text) : left;
    size_t padding = width - text_width(text, len);

    buf_add_char(out, ' ');
    if (grid->columns[column].align == ALIGN_RIGHT)
        buf_add_repeat(out, ' ', padding);
    grid_add_piece(grid, cell, *done, len, out);
    if (grid->columns[column].align == ALIGN_LEFT && (!is_last || newline))
        buf_add_repeat(out, ' ', padding);
    if (newline)
        buf_add_char(out, '+');
    else if (!is_last)
        buf_add_char(out, ' ');
    *done += len + (newline != NULL);
}

static void add_row(const struct grid *grid, size_t row, const size_t *widths,
                    size_t *done, struct buf *out)
{
    bool more = true;
    memset(done, 0, grid->n_columns * sizeof *done);
    while (more) {
        more = false;
        for (size_t i = 0; i < grid->n_columns; i++) {
            if (i > 0)
                buf_add_char(out, '|');
            add_line(grid, row, i, widths[i], &done[i], out);
            more |= done[i] < grid_at(grid, row, i)->len;
        }
        buf_add_char(out, '\n');
    }
}

void layout_bordered(const struct grid *grid, struct buf *out)
{
    size_t n = grid->n_columns;
    AUTO(free) size_t *widths = memory_array(n, sizeof *widths);
    AUTO(free) size_t *done = memory_array(n, sizeof *done);
    if (!widths || !done) {
        out->broken = true;
        return;
    }
    for (size_t row = 0; row < grid_rows(grid);
         row++) /* -t leaves room for names, too */
        for (size_t i = 0; i < n; i++)
            if (grid_at(grid, row, i)->width > widths[i])
                widths[i] = grid_at(grid, row, i)->width;
    if (!grid->look->tuples_only)
        add_header(grid, widths, out);
    for (size_t row = 1; row < grid_rows(grid); row++)
        add_row(grid, row, widths, done, out);
}
