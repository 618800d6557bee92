/* The page of --fold: each answer once, under the names of all who gave it, the most
 * common one first and those who failed last.  The last line is the verdict. */
#include "report/query_page.h"
#include "report/query_rows.h"

#include "base/memory.h"

static void add_group_heading(const struct query_document *document,
                              const struct pgcensus_fold_group *group, struct buf *out)
{
    buf_add_str(out, "--- ");
    page_add_count(out, group->n_members, "node", "nodes");
    buf_add_str(out, ": ");
    query_add_names(document, group->members, group->n_members, out);
    buf_add_char(out, '\n');
}

static void add_answer(const struct pgcensus_fold_group *group,
                       const struct query_view *view, struct buf *out)
{
    const struct pgcensus_rows *rows = group->rows;
    struct page_table table;
    if (rows->n_columns > 0) {
        page_table_begin(&table, view, rows->columns, rows->n_columns, out);
        for (size_t row = 0; row < rows->n_rows; row++)
            page_table_row(&table, &rows->cells[row * rows->n_columns], NULL);
        page_table_end(&table);
    }
    if (view->look.tuples_only)
        return;
    buf_add_char(out, '(');
    page_add_count(out, rows->n_rows, "row", "rows");
    buf_add_str(out, ")\n");
}

/* "2 different answers: 3 nodes agree, 1 differs, 1 failed" */
static void add_verdict(const struct query_document *document, struct buf *out)
{
    const struct pgcensus_fold *fold = document->fold;
    size_t agree = fold->n_groups ? fold->groups[0].n_members : 0, differ = 0;
    for (size_t i = 1; i < fold->n_groups; i++)
        differ += fold->groups[i].n_members;
    if (fold->n_groups > 1) {
        buf_add_format(out, "%zu different answers: ", fold->n_groups);
        page_add_count(out, agree, "node agrees", "nodes agree");
        buf_add_str(out, ", ");
        page_add_count(out, differ, "differs", "differ");
    } else if (fold->n_groups == 1) {
        buf_add_str(out, "1 answer: ");
        page_add_count(out, agree, "node", "nodes agree");
    } else {
        buf_add_str(out, "no answer");
    }
    page_add_missing(document, out);
    buf_add_char(out, '\n');
}

void query_fold_page(const struct query_document *document,
                     const struct query_view *view, struct buf *out)
{
    for (size_t i = 0; i < document->fold->n_groups; i++) {
        add_group_heading(document, &document->fold->groups[i], out);
        add_answer(&document->fold->groups[i], view, out);
        buf_add_char(out, '\n');
    }
    page_add_failures(document, /* headings= */ true, out);
    if (!view->look.tuples_only)
        add_verdict(document, out);
}
