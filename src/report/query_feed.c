/* Answers in formats of rows: those that were kept, and those that come.
 *
 * Millions of rows pass through query_feed_add(), so a cell is three stores there, and
 * what is the same in all of them is set once. */
#include "report/query.h"

#include "base/memory.h"
#include "report/query_cells.h"
#include "report/query_rows.h"

#include <stdint.h>
#include <string.h>

struct query_feed {
    struct writer *writer;
    struct column *columns; /* owned; those of the merge behind that of the node */
    struct cell *cells;     /* owned; of the row at hand */
    size_t n;
};

AUTO_DEFINE(struct query_feed *, query_feed_free)

/* Bytes of answers stay what they are where a program reads them. */
static struct column answer_column(const struct pgcensus_column *column)
{
    return (struct column){
        .name = column->name, .align = query_align(column->type), .verbatim = true};
}

static bool begin_feed(struct query_feed *feed, const struct writer_type *type,
                       const struct pgcensus_column *columns, size_t n,
                       const struct look *look, struct buf *out)
{
    feed->n = n;
    feed->columns = memory_array(n, sizeof *feed->columns);
    feed->cells = memory_array(n, sizeof *feed->cells);
    if (!feed->columns || !feed->cells) {
        out->broken = true;
        return false;
    }
    for (size_t i = 0; i < n; i++)
        feed->columns[i] = answer_column(&columns[i]);
    feed->writer = writer_begin(type, out, look, feed->columns, n);
    return feed->writer;
}

static void end_feed(struct query_feed *feed)
{
    writer_end(feed->writer);
    free(feed->columns);
    free(feed->cells);
}
AUTO_DEFINE_VALUE(struct query_feed, end_feed)

void query_rows_write(const struct query_document *document,
                      const struct query_view *view, struct buf *out)
{
    AUTO(query_rows_fini) struct query_rows rows = {0};
    AUTO(end_feed) struct query_feed feed = {0};
    if (!query_rows_init(&rows, document)) {
        out->broken = true;
        return;
    }
    if (!begin_feed(&feed, view->format->rows, rows.columns, rows.n_columns,
                    &view->look, out))
        return;
    while (!out->broken && query_rows_next(&rows)) {
        for (size_t i = 0; i < rows.n_columns; i++)
            feed.cells[i] = query_cell(&rows.cells[i]);
        writer_row(feed.writer, feed.cells);
    }
}

/* ---- rows as they come ---- */

struct query_feed *query_feed_new(const struct writer_type *type,
                                  const struct pgcensus_merge *merge,
                                  const struct look *look, struct buf *out)
{
    const struct pgcensus_column *merged;
    size_t n = pgcensus_merge_columns(merge, &merged);
    AUTO(query_feed_free) struct query_feed *feed = memory_new(struct query_feed);
    AUTO(free)
    struct pgcensus_column *columns = memory_array(n + 1, sizeof *columns);
    if (!feed || !columns)
        return NULL;
    columns[0] = (struct pgcensus_column){"node", PGCENSUS_TYPE_TEXT};
    if (n > 0)
        memcpy(columns + 1, merged, n * sizeof *merged);
    return begin_feed(feed, type, columns, n + 1, look, out) ? take_ptr(feed) : NULL;
}

void query_feed_free(struct query_feed *feed)
{
    if (!feed)
        return;
    end_feed(feed);
    free(feed);
}

void query_feed_add(struct query_feed *feed, const char *node,
                    const struct pgcensus_rows *rows, const size_t *map)
{
    static const struct pgcensus_cell none = {NULL, 0};
    struct cell *cells = feed->cells;
    cells[0] = cell_text(node);
    for (size_t row = 0; row < rows->n_rows; row++) {
        for (size_t i = 1; i < feed->n; i++) {
            size_t at = map[i - 1];
            const struct pgcensus_cell *cell =
                at == SIZE_MAX ? &none : pgcensus_rows_at(rows, row, at);
            cells[i].kind = cell->text ? CELL_TEXT : CELL_NULL;
            cells[i].text = cell->text;
            cells[i].len = cell->len;
        }
        writer_row(feed->writer, cells);
    }
}
