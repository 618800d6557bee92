/* Rows as lines of JSON, while they come.
 *
 * Millions of them are written here, so what is the same in every row of a node, its
 * name and the keys, is made once, and cells go straight into the buffer. */
#include "base/memory.h"
#include "base/text.h"
#include "report/query_cells.h"

#include <string.h>

struct query_lines {
    struct buf start; /* {"node":"pg-a","row":{ */
    struct buf keys;  /* "a":,"b": with the comma in front */
    size_t *ends;     /* of each, in keys */
    size_t n_columns;
    bool strings;
};

AUTO_DEFINE(struct query_lines *, query_lines_free)

static bool add_keys(struct query_lines *lines, const struct pgcensus_rows *shape)
{
    char **keys = query_keys(shape->columns, shape->n_columns);
    for (size_t i = 0; keys && i < shape->n_columns; i++) {
        buf_add_str(&lines->keys, i > 0 ? "," : "");
        buf_add_str(&lines->keys, keys[i]);
        lines->ends[i] = lines->keys.len;
    }
    query_keys_free(keys, shape->n_columns);
    return keys;
}

struct query_lines *query_lines_new(const char *node, const struct pgcensus_rows *shape,
                                    const struct query_view *view)
{
    AUTO(query_lines_free) struct query_lines *lines = memory_new(struct query_lines);
    if (!lines)
        return NULL;
    *lines = (struct query_lines){.start = BUF_INIT,
                                  .keys = BUF_INIT,
                                  .n_columns = shape->n_columns,
                                  .strings = view->strings};
    lines->ends = memory_array(shape->n_columns, sizeof *lines->ends);
    if (!lines->ends || !add_keys(lines, shape))
        return NULL;
    buf_add_str(&lines->start, "{\"node\":");
    json_add_quoted(&lines->start, node, strlen(node));
    buf_add_str(&lines->start, ",\"row\":{");
    return lines->start.broken || lines->keys.broken ? NULL : take_ptr(lines);
}

void query_lines_free(struct query_lines *lines)
{
    if (!lines)
        return;
    buf_fini(&lines->start);
    buf_fini(&lines->keys);
    free(lines->ends);
    free(lines);
}

void query_lines_add(const struct query_lines *lines, const struct pgcensus_rows *rows,
                     struct buf *out)
{
    for (size_t row = 0; row < rows->n_rows; row++) {
        buf_add(out, lines->start.bytes, lines->start.len);
        for (size_t i = 0, done = 0; i < rows->n_columns; done = lines->ends[i++]) {
            buf_add(out, lines->keys.bytes + done, lines->ends[i] - done);
            query_add_value(rows->columns[i].type, pgcensus_rows_at(rows, row, i),
                            lines->strings, out);
        }
        buf_add(out, "}}\n", 3);
    }
}
