/* The document pgcensus.query/1.
 *
 * Rows are written one by one from where they are kept; they are what can be large
 * here. A key is always there, null if we do not know.  What was folded or compared has
 * a table like any other answer, and one more key that says who is who. */
#include "base/clock.h"
#include "base/memory.h"
#include "report/query_cells.h"
#include "report/query_columns.h"
#include "report/query_rows.h"
#include "report/words.h"

#include <stdint.h>

static void write_query_start(struct json *json, const struct query_document *document)
{
    AUTO(buf_fini) struct buf started = BUF_INIT;
    clock_format_wall(document->started_wall, &started);
    json_key_string(json, "schema", "pgcensus.query/1");
    json_key_string(json, "pgcensus_version", PGCENSUS_VERSION);
    json_key_string(json, "started_at", started.bytes);
    json_key_milliseconds(json, "elapsed_ms", document->elapsed);
    json_key_milliseconds(json, "lost_ms", document->lost);
    json_key_string(json, "status", document->status);
    json_key_int(json, "exit_code", document->exit_code);
    json->buf->broken |= started.broken;
}

static void add_summary(struct json *json, const struct query_summary *summary)
{
    json_key(json, "summary");
    json_begin_object(json);
    json_key_int(json, "nodes", summary->nodes);
    json_key_int(json, "ok", summary->ok);
    json_key_int(json, "failed", summary->failed);
    json_key_int(json, "partial", summary->partial);
    json_key_int(json, "skipped", summary->skipped);
    json_key_int(json, "disabled", summary->disabled);
    json_key_int(json, "rows", (int64_t)summary->rows);
    json_key_bool(json, "truncated", summary->truncated);
    json_key_bool(json, "columns_differ", summary->columns_differ);
    json_end_object(json);
}

/* ---- nodes ---- */

static void add_latency(struct json *json, const struct pgcensus_query_result *result)
{
    json_key(json, "latency_ms");
    if (!result->attempted) {
        json_null(json);
        return;
    }
    json_begin_object(json);
    json_key_milliseconds(json, "connect", result->connect);
    json_key_milliseconds(json, "query", result->query);
    json_key_milliseconds(json, "total", result->total);
    json_end_object(json);
}

static void add_notices(struct json *json, const struct pgcensus_notices *notices)
{
    json_key(json, "notices");
    json_begin_array(json);
    for (size_t i = 0; i < notices->n; i++) {
        json_begin_object(json);
        json_key_string(json, "severity", notices->items[i].severity);
        json_key_text(json, "sqlstate", notices->items[i].sqlstate);
        json_key_string(json, "message", notices->items[i].message);
        json_end_object(json);
    }
    json_end_array(json);
    json_key_int(json, "notices_omitted",
                 (int64_t)(notices->omitted_warnings + notices->omitted_others));
}

static void write_query_node(struct json *json, const struct pgcensus_fleet *fleet,
                             const struct pgcensus_query_result *result)
{
    json_begin_object(json);
    json_key_string(json, "node", pgcensus_fleet_node(fleet, result->index)->name);
    json_key_string(json, "status", pgcensus_query_status_name(result->status));
    json_key_int(json, "rows", (int64_t)result->n_rows);
    json_key_bool(json, "truncated", result->truncated);
    add_latency(json, result);
    json_key_text(json, "command", result->command);
    json_key_error(json, result->failed ? &result->failure : NULL);
    add_notices(json, &result->notices);
    json_end_object(json);
}

static void add_nodes(struct json *json, const struct query_document *document)
{
    json_key(json, "nodes");
    json_begin_array(json);
    for (size_t i = 0; i < document->n; i++)
        write_query_node(json, document->fleet, document->results[i]);
    json_end_array(json);
}

/* ---- rows ---- */

static void write_columns(struct json *json, const struct query_rows *rows)
{
    json_key(json, "columns");
    json_begin_array(json);
    for (size_t i = 0; i < rows->n_columns; i++) {
        const struct pgcensus_column *column = &rows->columns[i];
        json_begin_object(json);
        json_key_string(json, "name", column->name);
        json_key_string(json, "type", pgcensus_type_name(column->type));
        if (column->type)
            json_key_int(json, "oid", column->type);
        else
            json_key_null(json, "oid");
        json_end_object(json);
    }
    json_end_array(json);
}

/* keys: for objects; NULL: arrays. */
static void add_row(struct buf *out, const struct query_rows *rows, char *const *keys,
                    bool strings)
{
    buf_add_char(out, keys ? '{' : '[');
    for (size_t i = 0; i < rows->n_columns; i++) {
        if (i > 0)
            buf_add_char(out, ',');
        if (keys)
            buf_add_str(out, keys[i]);
        query_add_value(rows->types[i], &rows->cells[i], strings, out);
    }
    buf_add_char(out, keys ? '}' : ']');
}

static void add_rows(struct json *json, struct query_rows *rows,
                     const struct query_view *view)
{
    struct buf *out = json->buf;
    char **keys = view->objects ? query_keys(rows->columns, rows->n_columns) : NULL;
    out->broken |= view->objects && !keys;
    json_key(json, "rows");
    json_begin_array(json);
    for (bool first = true; !out->broken && query_rows_next(rows); first = false) {
        if (!first)
            buf_add_char(out, ',');
        add_row(out, rows, keys, view->strings);
    }
    json_end_array(json);
    query_keys_free(keys, rows->n_columns);
}

/* ---- who is who ---- */

static void add_members(struct json *json, const struct query_document *document,
                        const size_t *members, size_t n, size_t n_rows)
{
    json_begin_object(json);
    json_key(json, "nodes");
    json_begin_array(json);
    for (size_t i = 0; i < n; i++)
        json_string(json, document->replies[members[i]].node);
    json_end_array(json);
    json_key_int(json, "rows", (int64_t)n_rows);
    json_end_object(json);
}

static void add_side(struct json *json, const char *key,
                     const struct pgcensus_rows *reference,
                     const struct pgcensus_rows *own, bool lacking)
{
    json_key(json, key);
    json_begin_array(json);
    for (struct query_columns at = {reference, own}; query_columns_next(&at);)
        if ((lacking ? at.own_column : at.column) == SIZE_MAX)
            json_string(json, at.name);
    json_end_array(json);
}

static void add_type(struct json *json, const char *key, unsigned type)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    query_add_type(type, &text);
    json_key_string(json, key, text.bytes);
    json->buf->broken |= text.broken;
}

static void add_types(struct json *json, const struct pgcensus_rows *reference,
                      const struct pgcensus_rows *own)
{
    json_key(json, "types");
    json_begin_array(json);
    for (struct query_columns at = {reference, own}; query_columns_next(&at);) {
        if (at.column == SIZE_MAX || at.own_column == SIZE_MAX)
            continue;
        json_begin_object(json);
        json_key_string(json, "column", at.name);
        add_type(json, "reference", reference->columns[at.column].type);
        add_type(json, "node", own->columns[at.own_column].type);
        json_end_object(json);
    }
    json_end_array(json);
}

static void add_shape(struct json *json, const struct pgcensus_rows *reference,
                      const struct pgcensus_rows *own)
{
    json_begin_object(json);
    add_side(json, "lacks", reference, own, /* lacking= */ true);
    add_side(json, "has", reference, own, /* lacking= */ false);
    add_types(json, reference, own);
    json_key_bool(json, "reordered", query_columns_reordered(reference, own));
    json_end_object(json);
}

static void add_differing(struct json *json, const struct query_document *document,
                          const struct pgcensus_diff_node *node)
{
    const struct pgcensus_reply *reply = &document->replies[node->index];
    json_begin_object(json);
    json_key_string(json, "node", reply->node);
    json_key_int(json, "rows", (int64_t)node->n_rows);
    json_key_bool(json, "columns_differ", node->columns_differ);
    json_key(json, "columns");
    if (node->columns_differ)
        add_shape(json, document->diff->rows, reply->rows);
    else
        json_null(json);
    json_end_object(json);
}

static void add_all_differing(struct json *json, const struct query_document *document)
{
    json_key(json, "differing");
    json_begin_array(json);
    for (size_t i = 0; i < document->diff->n_nodes; i++)
        add_differing(json, document, &document->diff->nodes[i]);
    json_end_array(json);
}

static void write_fold_groups(struct json *json, const struct query_document *document)
{
    const struct pgcensus_fold *fold = document->fold;
    const struct pgcensus_diff *diff = document->diff;
    if (diff) {
        json_key(json, "reference");
        add_members(json, document, diff->reference, diff->n_reference,
                    diff->rows ? diff->rows->n_rows : 0);
        add_all_differing(json, document);
    }
    if (!fold)
        return;
    json_key(json, "groups");
    json_begin_array(json);
    for (size_t i = 0; i < fold->n_groups; i++)
        add_members(json, document, fold->groups[i].members, fold->groups[i].n_members,
                    fold->groups[i].rows->n_rows);
    json_end_array(json);
}

void query_json_write(const struct query_document *document,
                      const struct query_view *view, struct buf *out)
{
    AUTO(query_rows_fini) struct query_rows rows = {0};
    if (!query_rows_init(&rows, document)) {
        out->broken = true;
        return;
    }
    struct json json;
    json_init(&json, out);
    json_begin_object(&json);
    write_query_start(&json, document);
    add_summary(&json, &document->summary);
    write_columns(&json, &rows);
    add_rows(&json, &rows, view);
    add_nodes(&json, document);
    write_fold_groups(&json, document);
    json_end_object(&json);
    buf_add_char(out, '\n');
}

/* ---- NDJSON, but for its rows ---- */

void query_lines_add_failure(const struct pgcensus_fleet *fleet,
                             const struct pgcensus_query_result *result,
                             struct buf *out)
{
    struct json json;
    json_init(&json, out);
    json_begin_object(&json);
    json_key_string(&json, "node", pgcensus_fleet_node(fleet, result->index)->name);
    json_key_error(&json, result->failed ? &result->failure : NULL);
    json_end_object(&json);
    buf_add_char(out, '\n');
}

void query_json_end(const struct query_document *document,
                    const struct query_view *view, struct buf *out)
{
    struct json json;
    json_init(&json, out);
    json_begin_object(&json);
    add_summary(&json, &document->summary);
    write_query_start(&json, document);
    add_nodes(&json, document);
    json_end_object(&json);
    buf_add_char(out, '\n');
}
