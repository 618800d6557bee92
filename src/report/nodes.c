/* The inventory as a page. */
#include "report/nodes.h"

#include "base/json.h"
#include "report/words.h"

#include <string.h>

static void add_node(struct json *json, const struct pgcensus_identity *node)
{
    json_begin_object(json);
    json_key_string(json, "node", node->name);
    json_key_string(json, "group", node->group);
    json_key_labels(json, node);
    json_key_string(json, "host", node->host);
    json_key_int(json, "port", node->port);
    json_key_string(json, "dbname", node->dbname);
    json_key_string(json, "user", node->user);
    json_key_bool(json, "enabled", node->enabled);
    json_end_object(json);
}

static void add_document(const struct pgcensus_identity *const *nodes, size_t n,
                         struct buf *out)
{
    struct json json;
    json_init(&json, out);
    json_begin_object(&json);
    json_key_string(&json, "schema", "pgcensus.nodes/1");
    json_key(&json, "nodes");
    json_begin_array(&json);
    for (size_t i = 0; i < n; i++)
        add_node(&json, nodes[i]);
    json_end_array(&json);
    json_end_object(&json);
    buf_add_char(out, '\n');
}

static void add_lines(const struct pgcensus_identity *const *nodes, size_t n,
                      struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        struct json json;
        json_init(&json, out);
        add_node(&json, nodes[i]);
        buf_add_char(out, '\n');
    }
}

static void add_row(const struct format *format, struct writer *writer,
                    const struct pgcensus_identity *node, struct buf *out)
{
    AUTO(buf_fini) struct buf labels = BUF_INIT;
    char port[8];

    snprintf(port, sizeof port, "%u", node->port);
    for (size_t i = 0; i < node->n_labels; i++)
        buf_add_format(&labels, "%s%s=%s", i ? " " : "", node->labels[i].key,
                       node->labels[i].value);
    struct cell enabled = cell_text(node->enabled ? "true" : "false");
    enabled.kind = CELL_BOOL;
    const struct cell cells[] = {
        cell_text(node->name),   cell_text(node->group),
        cell_text(labels.bytes), cell_text(node->host),
        cell_number(port),       cell_text(node->dbname),
        cell_text(node->user),   enabled,
    };
    format->row(writer, cells);
    out->broken |= labels.broken;
}

static void add_rows(const struct pgcensus_identity *const *nodes, size_t n,
                     const struct format *format, const struct look *look,
                     struct buf *out)
{
    static const struct column for_people[] = {
        {.name = "NODE", .flexible = true},
        {.name = "GROUP"},
        {.name = "LABELS", .flexible = true},
        {.name = "HOST", .flexible = true},
        {.name = "PORT", .align = ALIGN_RIGHT},
        {.name = "DBNAME"},
        {.name = "USER"},
        {.name = "ENABLED"},
    };
    static const struct column for_programs[] = {
        {.name = "node"}, {.name = "group"},  {.name = "labels"}, {.name = "host"},
        {.name = "port"}, {.name = "dbname"}, {.name = "user"},   {.name = "enabled"},
    };
    _Static_assert(ARRAY_SIZE(for_people) == ARRAY_SIZE(for_programs), "same columns");

    const struct column *columns = format == &format_table ? for_people : for_programs;
    struct writer *writer = format->begin(out, look, columns, ARRAY_SIZE(for_people));
    for (size_t i = 0; i < n; i++)
        add_row(format, writer, nodes[i], out);
    format->end(writer);
}

void report_nodes(const struct pgcensus_identity *const *nodes, size_t n,
                  const char *format_name, const struct look *look, struct buf *out)
{
    const struct format *format = format_find(format_name);
    if (format)
        add_rows(nodes, n, format, look, out);
    else if (strcmp(format_name, "ndjson") == 0)
        add_lines(nodes, n, out);
    else
        add_document(nodes, n, out);
}
