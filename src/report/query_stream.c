/* Rows that are written while they come.
 *
 * Millions of them are written here, so what is the same in every row of a node, its
 * name and the keys, is made once, and cells go straight into the buffer. */
#include "base/memory.h"
#include "base/text.h"
#include "output/csv.h"
#include "report/query_cells.h"

#include <stdint.h>
#include <string.h>

struct query_lines {
    struct buf start; /* {"node":"pg-a","row":{ */
    char **keys;
    size_t n_columns;
    bool strings;
};

AUTO_DEFINE(struct query_lines *, query_lines_free)

struct query_lines *query_lines_new(const char *node, const struct pgcensus_rows *shape,
                                    const struct query_view *view)
{
    AUTO(query_lines_free) struct query_lines *lines = memory_new(struct query_lines);
    if (!lines)
        return NULL;
    lines->start = BUF_INIT;
    lines->n_columns = shape->n_columns;
    lines->strings = view->strings;
    lines->keys = query_keys(shape->columns, shape->n_columns);
    buf_add_str(&lines->start, "{\"node\":");
    json_add_quoted(&lines->start, node, strlen(node));
    buf_add_str(&lines->start, ",\"row\":{");
    return lines->keys && !lines->start.broken ? take_ptr(lines) : NULL;
}

void query_lines_free(struct query_lines *lines)
{
    if (!lines)
        return;
    query_keys_free(lines->keys, lines->n_columns);
    buf_fini(&lines->start);
    free(lines);
}

void query_lines_add(struct query_lines *lines, const struct pgcensus_rows *rows,
                     struct buf *out)
{
    for (size_t row = 0; row < rows->n_rows; row++) {
        buf_add(out, lines->start.bytes, lines->start.len);
        for (size_t i = 0; i < rows->n_columns; i++) {
            if (i > 0)
                buf_add_char(out, ',');
            buf_add_str(out, lines->keys[i]);
            query_add_value(rows->columns[i].type, pgcensus_rows_at(rows, row, i),
                            lines->strings, out);
        }
        buf_add_str(out, "}}\n");
    }
}

/* ---- CSV ---- */

void report_query_csv_header(const struct pgcensus_merge *merge,
                             const struct look *look, struct buf *out)
{
    const struct pgcensus_column *columns;
    size_t n = pgcensus_merge_columns(merge, &columns);
    if (look->tuples_only)
        return;
    buf_add_str(out, "node");
    for (size_t i = 0; i < n; i++) {
        buf_add_char(out, ',');
        csv_add_field(out, columns[i].name, strlen(columns[i].name));
    }
    buf_add_char(out, '\n');
}

void report_query_csv_rows(const char *node, const struct pgcensus_rows *rows,
                           const size_t *map, size_t n_columns, const struct look *look,
                           struct buf *out)
{
    size_t node_length = strlen(node), null_length = strlen(look->null);
    for (size_t row = 0; row < rows->n_rows; row++) {
        buf_add(out, node, node_length);
        for (size_t i = 0; i < n_columns; i++) {
            const struct pgcensus_cell *cell =
                map[i] == SIZE_MAX ? NULL : pgcensus_rows_at(rows, row, map[i]);
            buf_add_char(out, ',');
            if (cell && cell->text)
                csv_add_field(out, cell->text, cell->len);
            else
                csv_add_field(out, look->null, null_length);
        }
        buf_add_char(out, '\n');
    }
}
