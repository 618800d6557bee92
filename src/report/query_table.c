/* Answers for people: psql's tables, with a footer that says how many nodes they are
 * from.  A statement that gives no rows at all, nor columns, is answered by its command
 * tags: UPDATE 3.  Rows without columns are rows all the same, and have a node. */
#include "report/query_page.h"
#include "report/query_rows.h"
#include "report/words.h"

#include "base/memory.h"

#include <string.h>

/* ---- the footer ---- */

/* A limit of the whole run; those of single nodes stand in a configuration. */
static bool strikes(const struct query_document *document, enum pgcensus_subject limit)
{
    for (size_t i = 0; i < document->n; i++) {
        const struct pgcensus_failure *failure = &document->results[i]->failure;
        if (document->results[i]->failed &&
            failure->error_class == PGCENSUS_CLASS_LIMIT && failure->subject == limit)
            return true;
    }
    return false;
}

static void add_advice(const struct query_document *document, struct buf *out)
{
    bool rows = document->cut || strikes(document, PGCENSUS_SUBJECT_MAX_ROWS);
    bool bytes = strikes(document, PGCENSUS_SUBJECT_MAX_BYTES);
    buf_add_str(out, "Some rows were cut off");
    if (rows && bytes)
        buf_add_str(out, "; --max-rows 0 and --max-bytes 0 lift the limits");
    else if (rows || bytes)
        buf_add_format(out, "; %s 0 lifts the limit",
                       rows ? "--max-rows" : "--max-bytes");
    buf_add_str(out, ".\n");
}

/* "3 of 5 nodes, 1 in part, 0.03 s)" */
static void end_footer(const struct query_document *document, struct buf *out)
{
    const struct query_summary *summary = &document->summary;
    buf_add_format(out, "%u of ", summary->ok);
    page_add_count(out, summary->nodes, "node", "nodes");
    if (summary->partial > 0)
        buf_add_format(out, ", %u in part%s", summary->partial,
                       document->reduced ? " and left out" : "");
    buf_add_str(out, ", ");
    add_seconds(out, document->elapsed);
    buf_add_str(out, ")\n");
    if (summary->truncated)
        add_advice(document, out);
}

static size_t count_rows_used(const struct query_document *document)
{
    size_t n = 0;
    for (size_t i = 0; i < document->n; i++)
        if (document->results[i]->status == PGCENSUS_QUERY_OK)
            n += document->results[i]->n_rows;
    return n;
}

/* "(4 rows from 4 of 5 nodes, 0.03 s)" */
static void add_footer(const struct query_document *document, size_t n_rows,
                       struct buf *out)
{
    buf_add_char(out, '(');
    page_add_count(out, n_rows, "row", "rows");
    buf_add_str(out, " from ");
    if (document->reduced) {
        page_add_count(out, count_rows_used(document), "row", "rows");
        buf_add_str(out, ", ");
    }
    end_footer(document, out);
}

/* ---- statements without rows ---- */

static bool has_rows(const struct query_document *document)
{
    const struct pgcensus_column *columns;
    if (document->reduced)
        return document->reduced->n_columns > 0;
    return document->summary.rows > 0 ||
           pgcensus_merge_columns(document->merge, &columns) > 0;
}

/* Nothing but the footer if nobody has come so far. */
static void add_command_tags(const struct query_document *document,
                             const struct query_view *view, struct buf *out)
{
    static const struct pgcensus_column columns[] = {{"node", PGCENSUS_TYPE_TEXT},
                                                     {"command", PGCENSUS_TYPE_TEXT}};
    struct page_table table = {0};
    size_t n = 0;
    for (size_t i = 0; i < document->n; i++) {
        const char *command = document->results[i]->command;
        const char *node = document->replies[i].node;
        if (!*command)
            continue;
        const struct pgcensus_cell cells[] = {{node, strlen(node)},
                                              {command, strlen(command)}};
        if (n++ == 0)
            page_table_begin(&table, view, columns, ARRAY_SIZE(columns), out);
        page_table_row(&table, cells, NULL);
    }
    if (n > 0)
        page_table_end(&table);
    if (view->look.tuples_only)
        return;
    buf_add_char(out, '(');
    end_footer(document, out);
}

/* ---- rows ---- */

static void add_rows(const struct query_document *document,
                     const struct query_view *view, struct buf *out)
{
    AUTO(query_rows_fini) struct query_rows rows = {0};
    struct page_table table;
    size_t n = 0;
    if (!query_rows_init(&rows, document)) {
        out->broken = true;
        return;
    }
    page_table_begin(&table, view, rows.columns, rows.n_columns, out);
    for (; query_rows_next(&rows); n++)
        page_table_row(&table, rows.cells, rows.changed);
    page_table_end(&table);
    if (!view->look.tuples_only)
        add_footer(document, n, out);
}

void query_table_write(const struct query_document *document,
                       const struct query_view *view, struct buf *out)
{
    if (document->fold)
        query_fold_page(document, view, out);
    else if (document->diff)
        query_diff_page(document, view, out);
    else if (has_rows(document))
        add_rows(document, view, out);
    else
        add_command_tags(document, view, out);
}
