#include "report/topology.h"

static topology_writer *const topology_writers[FORMAT_KINDS] = {
    [FORMAT_PAGE] = topology_page_write,
    [FORMAT_ROWS] = topology_rows_write,
    [FORMAT_DOCUMENT] = topology_json_write,
    [FORMAT_LINES] = topology_json_write_lines,
};

bool report_topology_writes(enum format_kind kind)
{
    return topology_writers[kind];
}

void report_topology(const struct topology_document *document,
                     const struct row_view *view, struct buf *out)
{
    topology_writers[view->format->kind](document, view, out);
}
