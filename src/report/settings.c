/* Effective settings and where each came from, for `config show`.
 *
 * A row is a setting of a node.  Documents hold them by node; there a row follows the
 * one before it, in an object that knows how many are its own. */
#include "report/settings.h"
#include "base/memory.h"

#include <string.h>

struct setting_line {
    const char *node;
    const struct pgcensus_setting *setting;
};

static const void *setting_of(const void *row)
{
    return ((const struct setting_line *)row)->setting;
}

/* "defaults (line 4)" */
static void show_origin(const void *row, const struct look *look,
                        struct field_value *ret_value)
{
    const struct pgcensus_setting *setting = setting_of(row);
    buf_add_str(&ret_value->made, setting->origin);
    if (setting->line)
        buf_add_format(&ret_value->made, " (line %u)", setting->line);
}

#define SETTING(member_) .base = setting_of, MEMBER(struct pgcensus_setting, member_)

static const struct field fields[] = {
    {FIELD(NULL, "node", "NODE"), .traits = FIELD_FLEXIBLE,
     MEMBER(struct setting_line, node)},
    {FIELD("key", NULL, "KEY"), SETTING(key)},
    {FIELD("value", NULL, "VALUE"), SETTING(value), .traits = FIELD_FLEXIBLE},
    {FIELD("origin", NULL, "ORIGIN"), SETTING(origin), .traits = FIELD_FLEXIBLE,
     .show = show_origin},
    {FIELD("line", NULL, "LINE"), SETTING(line), .unit = UNIT_COUNT,
     .unknown = UNKNOWN_IF_ZERO},
};

const struct field_table setting_fields = {
    .fields = fields,
    .n = ARRAY_SIZE(fields),
    .rows = "node,key,value,origin,line",
    .by_width = {{0, "node,key,value,origin"}},
    .unlimited = "node,key,value,origin",
};

/* One node needs no column for its name. */
static void write_page(const struct settings_of_node *nodes, size_t n,
                       const struct field_rows *rows, const struct row_view *view,
                       struct buf *out)
{
    struct row_view of_one = *view;
    if (n == 1 && !view->columns)
        of_one.columns = "key,value,origin";
    field_write_rows(rows, &of_one, out);
}

static void write_rows(const struct settings_of_node *nodes, size_t n,
                       const struct field_rows *rows, const struct row_view *view,
                       struct buf *out)
{
    field_write_rows(rows, view, out);
}

/* The settings of a node are in its object, and its rows follow one another. */
static size_t write_node(const struct settings_of_node *node,
                         const struct field_rows *rows, size_t at, struct json *json)
{
    const struct setting_line *all = rows->rows;
    const struct field_rows own = {rows->table, all + at, rows->size, node->n};
    json_begin_object(json);
    json_key_string(json, "node", node->node);
    json_key(json, "settings");
    field_write_array(&own, json);
    json_end_object(json);
    return at + node->n;
}

static void write_document(const struct settings_of_node *nodes, size_t n,
                           const struct field_rows *rows, const struct row_view *view,
                           struct buf *out)
{
    struct json json;
    json_init(&json, out);
    json_begin_object(&json);
    json_key_string(&json, "schema", "pgcensus.config/1");
    json_key(&json, "nodes");
    json_begin_array(&json);
    for (size_t i = 0, at = 0; i < n; i++)
        at = write_node(&nodes[i], rows, at, &json);
    json_end_array(&json);
    json_end_object(&json);
    buf_add_char(out, '\n');
}

static void write_lines(const struct settings_of_node *nodes, size_t n,
                        const struct field_rows *rows, const struct row_view *view,
                        struct buf *out)
{
    for (size_t i = 0, at = 0; i < n; i++) {
        struct json json;
        json_init(&json, out);
        at = write_node(&nodes[i], rows, at, &json);
        buf_add_char(out, '\n');
    }
}

static void (*const settings_writers[FORMAT_KINDS])(
    const struct settings_of_node *nodes, size_t n, const struct field_rows *rows,
    const struct row_view *view, struct buf *out) = {
    [FORMAT_PAGE] = write_page,
    [FORMAT_ROWS] = write_rows,
    [FORMAT_DOCUMENT] = write_document,
    [FORMAT_LINES] = write_lines,
};

bool report_settings_writes(enum format_kind kind)
{
    return settings_writers[kind];
}

void report_settings(const struct settings_of_node *nodes, size_t n,
                     const struct row_view *view, struct buf *out)
{
    size_t n_rows = 0;
    for (size_t i = 0; i < n; i++)
        n_rows += nodes[i].n;
    AUTO(free) struct setting_line *list = memory_array(n_rows, sizeof *list);
    if (!list) {
        out->broken = true;
        return;
    }
    n_rows = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < nodes[i].n; j++)
            list[n_rows++] =
                (struct setting_line){nodes[i].node, &nodes[i].settings[j]};
    const struct field_rows rows = {&setting_fields, list, sizeof *list, n_rows};
    settings_writers[view->format->kind](nodes, n, &rows, view, out);
}
