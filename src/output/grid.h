/* What table.c collects and the layouts draw: rows of text that is safe to show. */
#ifndef OUTPUT_GRID_H
#define OUTPUT_GRID_H

#include "output/format.h"

struct grid_cell {
    size_t start, len; /* in text; bordered layouts find newlines in it */
    size_t width;      /* display columns, of its widest line */
    size_t hang;       /* bytes, see struct cell */
    enum tone tone;
};

struct grid {
    const struct look *look;
    const struct column *columns;
    size_t n_columns;
    struct buf text;
    struct grid_cell *cells; /* the names of the columns, then row by row */
    size_t n_cells, cap;
};

static inline size_t grid_rows(const struct grid *grid)
{
    return grid->n_columns ? grid->n_cells / grid->n_columns : 0;
}

/* Row 0 holds the names of the columns. */
static inline const struct grid_cell *grid_at(const struct grid *grid, size_t row,
                                              size_t column)
{
    return &grid->cells[row * grid->n_columns + column];
}

/* The width of the widest cell in the rows from first_row to before end_row. */
size_t grid_widest(const struct grid *grid, size_t first_row, size_t end_row);

/* A piece of a cell's text, coloured if that is wanted. */
void grid_add_piece(const struct grid *grid, const struct grid_cell *cell, size_t from,
                    size_t len, struct buf *out);

void layout_aligned(const struct grid *grid, struct buf *out);
void layout_bordered(const struct grid *grid, struct buf *out);
void layout_bordered_expanded(const struct grid *grid, struct buf *out);
void layout_expanded(const struct grid *grid, struct buf *out);
void layout_unaligned(const struct grid *grid, struct buf *out);

#endif
