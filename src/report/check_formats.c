#include "report/check.h"

static check_writer *const check_writers[FORMAT_KINDS] = {
    [FORMAT_PAGE] = check_page_write,     [FORMAT_ROWS] = check_rows_write,
    [FORMAT_DOCUMENT] = check_json_write, [FORMAT_LINES] = check_json_write_lines,
    [FORMAT_PLUGIN] = check_nagios_write, [FORMAT_METRICS] = check_prometheus_write,
};

bool report_check_writes(enum format_kind kind)
{
    return check_writers[kind];
}

void report_check(const struct check_document *document, const struct check_view *view,
                  struct buf *out)
{
    check_writers[view->rows.format->kind](document, view, out);
}
