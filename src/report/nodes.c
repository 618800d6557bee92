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
                         const struct view *view, struct buf *out)
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
                      const struct view *view, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        struct json json;
        json_init(&json, out);
        add_node(&json, nodes[i]);
        buf_add_char(out, '\n');
    }
}

enum { COLUMNS = 8 };

/* Sets are chosen whole by the width of the terminal; without one, or for programs,
 * all columns are there. */
struct choice {
    struct column columns[COLUMNS];
    bool shown[COLUMNS];
    size_t n;
};

static struct choice choose_columns(const struct view *view)
{
    static const struct {
        struct column column;
        const char *for_programs;
        unsigned from_width;
    } all[COLUMNS] = {
        {{.name = "NODE", .flexible = true}, "node", 0},
        {{.name = "GROUP"}, "group", 60},
        {{.name = "LABELS", .flexible = true}, "labels", 100},
        {{.name = "HOST", .flexible = true}, "host", 0},
        {{.name = "PORT", .align = ALIGN_RIGHT}, "port", 0},
        {{.name = "DBNAME"}, "dbname", 60},
        {{.name = "USER"}, "user", 100},
        {{.name = "ENABLED"}, "enabled", 0},
    };
    const struct look *look = &view->look;
    struct choice choice = {.n = 0};
    bool for_people = view->format->kind == FORMAT_PAGE;
    for (size_t i = 0; i < COLUMNS; i++) {
        choice.shown[i] =
            !for_people || look->width == 0 || look->width >= all[i].from_width;
        if (!choice.shown[i])
            continue;
        struct column *column = &choice.columns[choice.n++];
        *column = all[i].column;
        if (!for_people)
            column->name = all[i].for_programs;
    }
    return choice;
}

static void add_row(struct writer *writer, const struct choice *choice,
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
    const struct cell all[COLUMNS] = {
        cell_text(node->name),   cell_text(node->group),
        cell_text(labels.bytes), cell_text(node->host),
        cell_number(port),       cell_text(node->dbname),
        cell_text(node->user),   enabled,
    };
    struct cell cells[COLUMNS];
    for (size_t i = 0, n = 0; i < COLUMNS; i++)
        if (choice->shown[i])
            cells[n++] = all[i];
    writer_row(writer, cells);
    out->broken |= labels.broken;
}

static void add_rows(const struct pgcensus_identity *const *nodes, size_t n,
                     const struct view *view, struct buf *out)
{
    struct choice choice = choose_columns(view);
    struct writer *writer =
        writer_begin(view->format->rows, out, &view->look, choice.columns, choice.n);
    for (size_t i = 0; i < n; i++)
        add_row(writer, &choice, nodes[i], out);
    writer_end(writer);
}

static void (*const writers[FORMAT_KINDS])(const struct pgcensus_identity *const *nodes,
                                           size_t n, const struct view *view,
                                           struct buf *out) = {
    [FORMAT_PAGE] = add_rows,
    [FORMAT_ROWS] = add_rows,
    [FORMAT_DOCUMENT] = add_document,
    [FORMAT_LINES] = add_lines,
};

bool report_nodes_writes(enum format_kind kind)
{
    return writers[kind];
}

void report_nodes(const struct pgcensus_identity *const *nodes, size_t n,
                  const struct view *view, struct buf *out)
{
    writers[view->format->kind](nodes, n, view, out);
}
