/* A table of rows of trees.
 *
 * Expanded, unaligned and sorted there is nothing to draw a tree with: the node that
 * another follows has a column there. */
#include "report/topology_fields.h"

enum { MIDDLE_WIDTH = 60 };

bool topology_is_drawn(const struct row_view *view)
{
    return !view->look.unaligned && !view->look.expanded && !view->sort;
}

void topology_table_print(const struct tree_line *lines, size_t n,
                          const struct pgcensus_fleet *fleet,
                          const struct row_view *view, struct buf *out)
{
    bool is_drawn = topology_is_drawn(view);
    bool is_narrow = view->look.width > 0 && view->look.width < MIDDLE_WIDTH;
    AUTO(free) struct tree_row *rows = tree_rows_new(lines, n, fleet);
    if (!rows) {
        out->broken = true;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        rows[i].is_drawn = is_drawn;
        rows[i].is_narrow = is_drawn && is_narrow;
    }
    field_write_rows(&(struct field_rows){&tree_fields, rows, sizeof *rows, n}, view,
                     out);
}

void topology_rows_write(const struct topology_document *document,
                         const struct row_view *view, struct buf *out)
{
    size_t n;
    AUTO(free) struct tree_line *lines = tree_lines_new(document->topology, &n);
    if (lines)
        topology_table_print(lines, n, document->check->fleet, view, out);
    out->broken |= !lines;
}
