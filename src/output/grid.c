#include "output/grid.h"

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

size_t grid_widest(const struct grid *grid, size_t first_row, size_t end_row)
{
    size_t width = 0;
    for (size_t row = first_row; row < end_row; row++)
        for (size_t i = 0; i < grid->n_columns; i++)
            if (grid_at(grid, row, i)->width > width)
                width = grid_at(grid, row, i)->width;
    return width;
}
