/* The inventory. */
#include "report/nodes.h"

#include "base/memory.h"
#include "report/identity.h"

static const struct field fields[] = {
    {FIELD("node", NULL, "NODE"), .traits = FIELD_FLEXIBLE, .base = identity_of,
     MEMBER(struct pgcensus_identity, name)},
    {IDENTITY(group, "GROUP")},
    {FIELD("labels", NULL, "LABELS"), .traits = FIELD_FLEXIBLE,
     .get = identity_get_labels, .write = identity_write_labels},
    {IDENTITY(host, "HOST"), .traits = FIELD_FLEXIBLE},
    {IDENTITY(port, "PORT"), .unit = UNIT_COUNT},
    {IDENTITY(dbname, "DBNAME")},
    {IDENTITY(user, "USER")},
    {IDENTITY(enabled, "ENABLED"), .unit = UNIT_FLAG},
};

static const char all_columns[] = "node,group,labels,host,port,dbname,user,enabled";

const struct field_table node_fields = {
    .fields = fields,
    .n = ARRAY_SIZE(fields),
    .rows = all_columns,
    .by_width = {{100, all_columns},
                 {60, "node,group,host,port,dbname,enabled"},
                 {0, "node,host,port,enabled"}},
    .unlimited = all_columns,
};

static void write_document(const struct field_rows *nodes, const struct row_view *view,
                           struct buf *out)
{
    struct json json;
    json_init(&json, out);
    json_begin_object(&json);
    json_key_string(&json, "schema", "pgcensus.nodes/1");
    json_key(&json, "nodes");
    field_write_array(nodes, &json);
    json_end_object(&json);
    buf_add_char(out, '\n');
}

static void (*const nodes_writers[FORMAT_KINDS])(const struct field_rows *nodes,
                                                 const struct row_view *view,
                                                 struct buf *out) = {
    [FORMAT_PAGE] = field_write_rows,
    [FORMAT_ROWS] = field_write_rows,
    [FORMAT_DOCUMENT] = write_document,
    [FORMAT_LINES] = field_write_lines,
};

bool report_nodes_writes(enum format_kind kind)
{
    return nodes_writers[kind];
}

void report_nodes(const struct pgcensus_identity *const *nodes, size_t n,
                  const struct row_view *view, struct buf *out)
{
    AUTO(free) struct identity_row *rows = memory_array(n, sizeof *rows);
    if (!rows) {
        out->broken = true;
        return;
    }
    for (size_t i = 0; i < n; i++)
        rows[i].identity = nodes[i];
    nodes_writers[view->format->kind](
        &(const struct field_rows){&node_fields, rows, sizeof *rows, n}, view, out);
}
