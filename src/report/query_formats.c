#include "report/query.h"

static query_writer *const query_writers[FORMAT_KINDS] = {
    [FORMAT_PAGE] = query_table_write,
    [FORMAT_ROWS] = query_rows_write,
    [FORMAT_DOCUMENT] = query_json_write,
    [FORMAT_LINES] = query_json_end,
};

bool report_query_writes(enum format_kind kind)
{
    return query_writers[kind];
}

void report_query(const struct query_document *document, const struct query_view *view,
                  struct buf *out)
{
    query_writers[view->format->kind](document, view, out);
}
