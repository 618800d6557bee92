/* Effective settings and where each came from, for `config show`. */
#include "base/json.h"
#include "report/nodes.h"

#include <string.h>

static void add_node(struct json *json, const struct settings_of_node *node)
{
    json_begin_object(json);
    json_key_string(json, "node", node->node);
    json_key(json, "settings");
    json_begin_array(json);
    for (size_t i = 0; i < node->n; i++) {
        const struct pgcensus_setting *setting = &node->settings[i];
        json_begin_object(json);
        json_key_string(json, "key", setting->key);
        json_key_string(json, "value", setting->value);
        json_key_string(json, "origin", setting->origin);
        if (setting->line)
            json_key_int(json, "line", setting->line);
        else
            json_key_null(json, "line");
        json_end_object(json);
    }
    json_end_array(json);
    json_end_object(json);
}

static void add_document(const struct settings_of_node *nodes, size_t n,
                         const struct view *view, struct buf *out)
{
    struct json json;
    json_init(&json, out);
    json_begin_object(&json);
    json_key_string(&json, "schema", "pgcensus.config/1");
    json_key(&json, "nodes");
    json_begin_array(&json);
    for (size_t i = 0; i < n; i++)
        add_node(&json, &nodes[i]);
    json_end_array(&json);
    json_end_object(&json);
    buf_add_char(out, '\n');
}

static void add_lines(const struct settings_of_node *nodes, size_t n,
                      const struct view *view, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        struct json json;
        json_init(&json, out);
        add_node(&json, &nodes[i]);
        buf_add_char(out, '\n');
    }
}

/* "defaults (line 4)" */
static void add_table(const struct settings_of_node *nodes, size_t n,
                      const struct view *view, struct buf *out)
{
    static const struct column columns[] = {
        {.name = "NODE", .flexible = true},
        {.name = "KEY"},
        {.name = "VALUE", .flexible = true},
        {.name = "ORIGIN", .flexible = true},
    };
    size_t first = n > 1 ? 0 : 1; /* one node needs no column for its name */
    struct writer *writer = writer_begin(&writer_table, out, &view->look,
                                         columns + first, ARRAY_SIZE(columns) - first);
    AUTO(buf_fini) struct buf origin = BUF_INIT;

    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < nodes[i].n; j++) {
            const struct pgcensus_setting *setting = &nodes[i].settings[j];
            buf_clear(&origin);
            buf_add_str(&origin, setting->origin);
            if (setting->line)
                buf_add_format(&origin, " (line %u)", setting->line);
            const struct cell cells[] = {
                cell_text(nodes[i].node), cell_text(setting->key),
                cell_text(setting->value), cell_text(origin.bytes)};
            writer_row(writer, cells + first);
        }
    writer_end(writer);
    out->broken |= origin.broken;
}

static void add_rows(const struct settings_of_node *nodes, size_t n,
                     const struct view *view, struct buf *out)
{
    static const struct column columns[] = {{.name = "node"},
                                            {.name = "key"},
                                            {.name = "value"},
                                            {.name = "origin"},
                                            {.name = "line", .align = ALIGN_RIGHT}};
    struct writer *writer = writer_begin(view->format->rows, out, &view->look, columns,
                                         ARRAY_SIZE(columns));

    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < nodes[i].n; j++) {
            const struct pgcensus_setting *setting = &nodes[i].settings[j];
            char line[16];
            snprintf(line, sizeof line, "%u", setting->line);
            const struct cell cells[] = {
                cell_text(nodes[i].node), cell_text(setting->key),
                cell_text(setting->value), cell_text(setting->origin),
                cell_number(setting->line ? line : NULL)};
            writer_row(writer, cells);
        }
    writer_end(writer);
}

static void (*const writers[FORMAT_KINDS])(const struct settings_of_node *nodes,
                                           size_t n, const struct view *view,
                                           struct buf *out) = {
    [FORMAT_PAGE] = add_table,
    [FORMAT_ROWS] = add_rows,
    [FORMAT_DOCUMENT] = add_document,
    [FORMAT_LINES] = add_lines,
};

bool report_settings_writes(enum format_kind kind)
{
    return writers[kind];
}

void report_settings(const struct settings_of_node *nodes, size_t n,
                     const struct view *view, struct buf *out)
{
    writers[view->format->kind](nodes, n, view, out);
}
