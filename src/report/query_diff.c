/* The page of --diff: what the reference is, and for each node that differs from it a
 * table of what differs.  Where only one column is compared its name goes without
 * saying. */
#include "report/query_page.h"
#include "report/query_rows.h"

#include "base/memory.h"

#include <stdint.h>
#include <string.h>

static const struct pgcensus_cell no_row = {"(no row)", 8}, a_row = {"(a row)", 7};

struct sheet {
    const struct pgcensus_diff *diff;
    const struct pgcensus_rows *own; /* of the node */
    struct pgcensus_column *columns;
    struct pgcensus_cell *cells;
    size_t n;
    size_t only; /* the one column that is compared; SIZE_MAX: there are several */
};

static bool is_key(const struct pgcensus_diff *diff, size_t column)
{
    for (size_t i = 0; i < diff->n_key; i++)
        if (diff->key[i] == column)
            return true;
    return false;
}

static size_t find_only(const struct pgcensus_diff *diff)
{
    size_t only = SIZE_MAX;
    for (size_t i = 0; i < diff->rows->n_columns; i++) {
        if (is_key(diff, i))
            continue;
        if (only != SIZE_MAX)
            return SIZE_MAX;
        only = i;
    }
    return only;
}

static size_t same_column(const struct pgcensus_rows *rows, const char *name)
{
    for (size_t i = 0; i < rows->n_columns; i++)
        if (strcmp(rows->columns[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

static struct pgcensus_cell cell_at(const struct pgcensus_rows *rows, size_t row,
                                    size_t column)
{
    if (column == SIZE_MAX)
        return (struct pgcensus_cell){NULL, 0};
    return *pgcensus_rows_at(rows, row, column);
}

/* The key, the name of the column if that is needed, the two values. */
static void fill(struct sheet *sheet, const struct pgcensus_difference *difference)
{
    const struct pgcensus_diff *diff = sheet->diff;
    const struct pgcensus_rows *reference = diff->rows, *own = sheet->own;
    bool extra = difference->kind == PGCENSUS_EXTRA;
    size_t at = 0, compared = sheet->only;
    for (size_t i = 0; i < diff->n_key; i++) {
        const char *name = reference->columns[diff->key[i]].name;
        sheet->cells[at++] =
            extra ? cell_at(own, difference->row, same_column(own, name))
                  : cell_at(reference, difference->reference_row, diff->key[i]);
    }
    if (difference->kind == PGCENSUS_DIFFERENT)
        compared = difference->reference_column;
    const char *name = compared == SIZE_MAX ? NULL : reference->columns[compared].name;
    if (sheet->only == SIZE_MAX)
        sheet->cells[at++] = (struct pgcensus_cell){name, name ? strlen(name) : 0};

    struct pgcensus_cell there = a_row, here = a_row;
    if (name && difference->reference_row != SIZE_MAX)
        there = cell_at(reference, difference->reference_row, compared);
    if (name && difference->row != SIZE_MAX)
        here = cell_at(own, difference->row, same_column(own, name));
    sheet->cells[at++] = extra ? no_row : there;
    sheet->cells[at] = difference->kind == PGCENSUS_MISSING ? no_row : here;
}

static void name_columns(struct sheet *sheet, const char *node)
{
    const struct pgcensus_diff *diff = sheet->diff;
    size_t at = 0;
    for (size_t i = 0; i < diff->n_key; i++)
        sheet->columns[at++] = diff->rows->columns[diff->key[i]];
    if (sheet->only == SIZE_MAX)
        sheet->columns[at++] = (struct pgcensus_column){"column", PGCENSUS_TYPE_TEXT};
    sheet->columns[at++] = (struct pgcensus_column){"reference", PGCENSUS_TYPE_TEXT};
    sheet->columns[at] = (struct pgcensus_column){node, PGCENSUS_TYPE_TEXT};
}

static void add_table(const struct query_document *document,
                      const struct pgcensus_diff_node *node,
                      const struct query_view *view, struct buf *out)
{
    const struct pgcensus_reply *reply = &document->replies[node->index];
    struct sheet sheet = {.diff = document->diff, .own = reply->rows};
    sheet.only = find_only(sheet.diff);
    sheet.n = sheet.diff->n_key + (sheet.only == SIZE_MAX) + 2;
    AUTO(free)
    struct pgcensus_column *columns = memory_array(sheet.n, sizeof *columns);
    AUTO(free) struct pgcensus_cell *cells = memory_array(sheet.n, sizeof *cells);
    if (!columns || !cells) {
        out->broken = true;
        return;
    }
    sheet.columns = columns;
    sheet.cells = cells;
    name_columns(&sheet, reply->node);
    struct page_table table;
    page_table_begin(&table, view, columns, sheet.n, out);
    for (size_t i = 0; i < node->n; i++) {
        fill(&sheet, &node->items[i]);
        page_table_row(&table, cells, NULL);
    }
    page_table_end(&table);
}

static void add_node(const struct query_document *document,
                     const struct pgcensus_diff_node *node,
                     const struct query_view *view, struct buf *out)
{
    buf_add_format(out, "--- %s: ", document->replies[node->index].node);
    if (node->columns_differ)
        buf_add_str(out, node->n_rows ? "columns differ, " : "columns differ\n");
    if (node->n_rows) {
        page_add_count(out, node->n_rows, "row differs", "rows differ");
        buf_add_char(out, '\n');
        add_table(document, node, view, out);
    } else if (!node->columns_differ) {
        buf_add_str(out, "rows are in another order\n");
    }
    buf_add_char(out, '\n');
}

void query_diff_page(const struct query_document *document,
                     const struct query_view *view, struct buf *out)
{
    const struct pgcensus_diff *diff = document->diff;
    buf_add_str(out, "reference: ");
    page_add_count(out, diff->n_reference, "node", "nodes");
    buf_add_str(out, ": ");
    query_add_names(document, diff->reference, diff->n_reference, out);
    buf_add_str(out, "  (");
    page_add_count(out, diff->rows->n_rows, "row", "rows");
    buf_add_str(out, ")\n\n");
    for (size_t i = 0; i < diff->n_nodes; i++)
        add_node(document, &diff->nodes[i], view, out);
    if (diff->n_nodes == 0)
        buf_add_str(out, "no differences\n");
    page_add_failures(document, NULL, out);
}
