/* The aligned layout: no borders, two blanks between columns, names on top.
 *
 *      NODE     ROLE     STATE  LATENCY  DETAIL
 *   ✓  pg-ams1  primary  ok      1.8 ms
 *   ✗  pg-fra2  ?        down         -  connection refused
 *                                        (10.2.0.12:5432)
 *
 * If the terminal is too narrow, flexible columns give way, the widest first, down to
 * a minimum, and their text wraps.  What does not fit even then sticks out: a fixed
 * column is never cut, because half of a number is a wrong number.
 *
 * Invariant: no line ends in blanks, whatever the cells. */
#include "base/memory.h"
#include "output/grid.h"

enum { GUTTER = 2, NARROWEST = 8 };

static size_t sum_of(const size_t *widths, size_t n)
{
    size_t sum = n > 1 ? GUTTER * (n - 1) : 0;
    for (size_t i = 0; i < n; i++)
        sum += widths[i];
    return sum;
}

static void measure(const struct grid *grid, size_t *widths)
{
    size_t first = grid->look->tuples_only ? 1 : 0;
    for (size_t row = first; row < grid_rows(grid); row++)
        for (size_t i = 0; i < grid->n_columns; i++)
            if (grid_at(grid, row, i)->width > widths[i])
                widths[i] = grid_at(grid, row, i)->width;
}

/* Takes columns off the widest flexible one until all fit, or none can give more. */
static void squeeze(const struct grid *grid, size_t *widths)
{
    size_t room = grid->look->width;
    while (room && sum_of(widths, grid->n_columns) > room) {
        size_t widest = grid->n_columns;
        for (size_t i = 0; i < grid->n_columns; i++)
            if (grid->columns[i].flexible && widths[i] > NARROWEST &&
                (widest == grid->n_columns || widths[i] >= widths[widest]))
                widest = i;
        if (widest == grid->n_columns)
            return;
        widths[widest]--;
    }
}

/* A line of a cell: where it begins and how long it is, in bytes; what stands behind
 * it, in columns, if it hangs. */
struct piece {
    size_t from, len, next, indent;
};

/* What hangs wraps in the room that is left behind the beginning. */
static struct piece next_piece(const struct grid *grid, const struct grid_cell *cell,
                               size_t room, size_t done)
{
    const char *text = grid->text.bytes + cell->start;
    struct piece piece = {.from = done};
    size_t hang = text_width(text, cell->hang);
    size_t kept = done == 0 ? cell->hang : 0;
    if (room && hang)
        room = room > hang + NARROWEST ? room - hang : NARROWEST;
    piece.len = kept + text_break(text + done + kept, cell->len - done - kept, room,
                                  &piece.next);
    piece.next += kept;
    piece.indent = done > 0 ? hang : 0;
    return piece;
}

static void add_padded(const struct grid *grid, const struct grid_cell *cell,
                       enum align align, size_t column_width, const struct piece *piece,
                       struct buf *out)
{
    size_t width = piece->indent +
                   text_width(grid->text.bytes + cell->start + piece->from, piece->len);
    size_t padding = width < column_width ? column_width - width : 0;
    if (align == ALIGN_RIGHT)
        buf_add_repeat(out, ' ', padding);
    buf_add_repeat(out, ' ', piece->indent);
    grid_add_piece(grid, cell, piece->from, piece->len, out);
    if (align == ALIGN_LEFT)
        buf_add_repeat(out, ' ', padding);
}

/* Prints the next line of a row; false if that was the last one.  done says how much
 * of each cell has been printed. */
static bool add_line(const struct grid *grid, size_t row, const size_t *widths,
                     size_t *done, struct buf *out)
{
    size_t start = out->len;
    bool more = false;

    for (size_t i = 0; i < grid->n_columns; i++) {
        const struct grid_cell *cell = grid_at(grid, row, i);
        size_t room = grid->columns[i].flexible ? widths[i] : 0;
        struct piece piece = next_piece(grid, cell, room, done[i]);
        if (i > 0)
            buf_add_repeat(out, ' ', GUTTER);
        add_padded(grid, cell, grid->columns[i].align, widths[i], &piece, out);
        done[i] += piece.next;
        more |= done[i] < cell->len;
    }
    size_t end = out->len;
    while (end > start && out->bytes[end - 1] == ' ')
        end--;
    buf_cut(out, end);
    buf_add_char(out, '\n');
    return more;
}

void layout_aligned(const struct grid *grid, struct buf *out)
{
    size_t n = grid->n_columns;
    AUTO(free) size_t *widths = memory_array(n, sizeof *widths);
    AUTO(free) size_t *done = memory_array(n, sizeof *done);
    if (!widths || !done) {
        out->broken = true;
        return;
    }
    measure(grid, widths);
    squeeze(grid, widths);
    for (size_t row = grid->look->tuples_only ? 1 : 0; row < grid_rows(grid); row++) {
        for (size_t i = 0; i < n; i++)
            done[i] = 0;
        while (add_line(grid, row, widths, done, out))
            continue;
    }
}
