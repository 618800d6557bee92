/* The page of --diff: what the reference is, and for each node that differs from it a
 * table of what differs.  Where only one column is compared its name goes without
 * saying.  The last line is the verdict. */
#include "report/query_columns.h"
#include "report/query_made.h"
#include "report/query_page.h"
#include "report/query_rows.h"

#include "base/memory.h"
#include "base/text.h"

#include <stdint.h>
#include <string.h>

static const struct pgcensus_cell no_row = {"(no row)", 8}, a_row = {"(a row)", 7};

struct diff_sheet {
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

static struct pgcensus_cell cell_at(const struct pgcensus_rows *rows, size_t row,
                                    size_t column)
{
    if (column == SIZE_MAX)
        return (struct pgcensus_cell){NULL, 0};
    return *pgcensus_rows_at(rows, row, column);
}

static size_t fill_key(struct diff_sheet *sheet,
                       const struct pgcensus_difference *difference)
{
    const struct pgcensus_diff *diff = sheet->diff;
    bool extra = difference->kind == PGCENSUS_EXTRA;
    for (size_t i = 0; i < diff->n_key; i++)
        sheet->cells[i] =
            extra ? cell_at(sheet->own, difference->row,
                            query_same_column(diff->rows, diff->key[i], sheet->own))
                  : cell_at(diff->rows, difference->reference_row, diff->key[i]);
    return diff->n_key;
}

/* The key, the name of the column if that is needed, the two values. */
static void fill(struct diff_sheet *sheet, const struct pgcensus_difference *difference)
{
    const struct pgcensus_rows *reference = sheet->diff->rows, *own = sheet->own;
    size_t at = fill_key(sheet, difference);
    size_t theirs = sheet->only, ours = SIZE_MAX;
    if (difference->kind == PGCENSUS_DIFFERENT) {
        theirs = difference->reference_column;
        ours = difference->column;
    } else if (theirs != SIZE_MAX) {
        ours = query_same_column(reference, theirs, own);
    }
    const char *name = theirs != SIZE_MAX ? reference->columns[theirs].name
                       : ours != SIZE_MAX ? own->columns[ours].name
                                          : "";
    if (sheet->only == SIZE_MAX)
        sheet->cells[at++] = (struct pgcensus_cell){name, strlen(name)};

    bool is_whole = theirs == SIZE_MAX && ours == SIZE_MAX;
    struct pgcensus_cell there = no_row, here = no_row;
    if (difference->kind != PGCENSUS_EXTRA)
        there =
            is_whole ? a_row : cell_at(reference, difference->reference_row, theirs);
    if (difference->kind != PGCENSUS_MISSING)
        here = is_whole ? a_row : cell_at(own, difference->row, ours);
    sheet->cells[at++] = there;
    sheet->cells[at] = here;
}

static void name_columns(struct diff_sheet *sheet, const char *node)
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
    struct diff_sheet sheet = {.diff = document->diff, .own = reply->rows};
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
    struct query_view visible = *view;
    if (!visible.look.null || !*visible.look.null)
        visible.look.null = "(null)"; /* NULL and '' must not look equal here */
    page_table_begin(&table, &visible, columns, sheet.n, out);
    for (size_t i = 0; i < node->n; i++) {
        fill(&sheet, &node->items[i]);
        page_table_row(&table, cells, NULL);
    }
    page_table_end(&table);
}

static void add_column(const struct query_columns *at, struct buf *out)
{
    bool lacks = at->own_column == SIZE_MAX, has = at->column == SIZE_MAX;
    buf_add_str(out, lacks ? "lacks \"" : has ? "has \"" : "\"");
    text_add_safe_str(out, at->name);
    buf_add_char(out, '"');
    if (lacks || has)
        return;
    buf_add_str(out, " is ");
    query_add_type(at->own->columns[at->own_column].type, out);
    buf_add_str(out, ", reference ");
    query_add_type(at->reference->columns[at->column].type, out);
}

/* "columns differ (lacks "a"; "b" is int8, reference int4; in another order)" */
static void add_columns(const struct query_document *document,
                        const struct pgcensus_diff_node *node, struct buf *out)
{
    const struct pgcensus_rows *reference = document->diff->rows;
    const struct pgcensus_rows *own = document->replies[node->index].rows;
    const char *separator = "";
    buf_add_str(out, "columns differ (");
    for (struct query_columns at = {reference, own}; query_columns_next(&at);) {
        buf_add_str(out, separator);
        add_column(&at, out);
        separator = "; ";
    }
    if (query_columns_reordered(reference, own))
        buf_add_format(out, "%sin another order", separator);
    buf_add_char(out, ')');
}

static void add_diff_node(const struct query_document *document,
                          const struct pgcensus_diff_node *node,
                          const struct query_view *view, struct buf *out)
{
    buf_add_str(out, "--- ");
    text_add_safe_str(out, document->replies[node->index].node);
    buf_add_str(out, ": ");
    if (node->columns_differ) {
        add_columns(document, node, out);
        buf_add_str(out, node->n_rows ? ", " : "\n");
    }
    if (node->n_rows) {
        page_add_count(out, node->n_rows, "row differs", "rows differ");
        buf_add_char(out, '\n');
        add_table(document, node, view, out);
    } else if (!node->columns_differ) {
        buf_add_str(out, "rows are in another order\n");
    }
    buf_add_char(out, '\n');
}

static void add_reference(const struct query_document *document, struct buf *out)
{
    const struct pgcensus_diff *diff = document->diff;
    buf_add_str(out, "reference: ");
    page_add_count(out, diff->n_reference, "node", "nodes");
    buf_add_str(out, ": ");
    query_add_names(document, diff->reference, diff->n_reference, out);
    buf_add_str(out, "  (");
    page_add_count(out, diff->rows->n_rows, "row", "rows");
    buf_add_str(out, ")\n\n");
}

/* "2 of 3 nodes differ, 1 failed" */
static void add_verdict(const struct query_document *document, struct buf *out)
{
    const struct pgcensus_diff *diff = document->diff;
    if (!diff->rows)
        buf_add_str(out, "no answer");
    else if (diff->n_nodes > 0)
        buf_add_format(out, "%zu of %zu nodes %s", diff->n_nodes,
                       diff->n_reference + diff->n_nodes,
                       diff->n_nodes == 1 ? "differs" : "differ");
    else
        page_add_count(out, diff->n_reference, "node answered", "nodes agree");
    page_add_missing(document, out);
    buf_add_char(out, '\n');
}

void query_diff_page(const struct query_document *document,
                     const struct query_view *view, struct buf *out)
{
    const struct pgcensus_diff *diff = document->diff;
    size_t before;
    if (diff->rows)
        add_reference(document, out);
    for (size_t i = 0; i < diff->n_nodes; i++)
        add_diff_node(document, &diff->nodes[i], view, out);
    before = out->len;
    page_add_failures(document, /* headings= */ false, out);
    if (view->look.tuples_only)
        return;
    if (out->len > before)
        buf_add_char(out, '\n');
    add_verdict(document, out);
}
