/* The documents pgcensus.check/1: one for the whole round, or a line per node. */
#include "base/clock.h"
#include "report/check_fields.h"
#include "report/check_groups.h"
#include "report/words.h"

enum { NODES_TO_GUESS_BY = 256 };

static void write_check_node(struct json *json, const struct pgcensus_fleet *fleet,
                             const struct pgcensus_node_result *result)
{
    const struct check_line line = {
        .identity = pgcensus_fleet_node(fleet, result->index),
        .result = result,
        .fleet = fleet,
    };
    json_begin_object(json);
    field_write_keys(&check_fields, &line, json);
    json_end_object(json);
}

static void add_summary(struct json *json, const struct check_summary *summary)
{
    json_key(json, "summary");
    json_begin_object(json);
    json_key_int(json, "nodes", summary->nodes);
    json_key_int(json, "ok", summary->ok);
    json_key_int(json, "warn", summary->warn);
    json_key_int(json, "down", summary->down);
    json_key_int(json, "unknown", summary->unknown);
    json_key_int(json, "disabled", summary->disabled);
    json_end_object(json);
}

static void write_check_start(struct json *json, const struct check_document *document)
{
    AUTO(buf_fini) struct buf started = BUF_INIT;
    clock_format_wall(document->started_wall, &started);
    json_key_string(json, "pgcensus_version", PGCENSUS_VERSION);
    json_key_string(json, "started_at", started.bytes);
    json_key_milliseconds(json, "elapsed_ms", document->elapsed);
    json_key_milliseconds(json, "lost_ms", document->lost);
    json_key_string(json, "config", document->config_path);
    json_key_string(json, "status", pgcensus_status_name(document->status));
    json_key_int(json, "exit_code", document->exit_code);
    json->buf->broken |= started.broken;
}

/* A buffer that doubles is copied when it is largest, and has both at once beside all
 * results.  So the first nodes tell how much room the others will need: memory that is
 * reserved and not written costs nothing. */
static void add_nodes(struct json *json, const struct check_document *document)
{
    size_t begin = json->buf->len, n = document->n_results;
    json_begin_array(json);
    for (size_t i = 0; i < n; i++) {
        if (i == NODES_TO_GUESS_BY)
            buf_reserve(json->buf, (json->buf->len - begin) / i * (n - i));
        write_check_node(json, document->fleet, document->results[i]);
    }
    json_end_array(json);
}

void check_json_write(const struct check_document *document,
                      const struct check_view *view, struct buf *out)
{
    struct json json;
    json_init(&json, out);
    json_begin_object(&json);
    json_key_string(&json, "schema", "pgcensus.check/1");
    write_check_start(&json, document);
    add_summary(&json, &document->summary);
    json_key(&json, "nodes");
    add_nodes(&json, document);
    check_groups_write(&json, document);
    json_end_object(&json);
    buf_add_char(out, '\n');
}

void check_json_line(const struct pgcensus_fleet *fleet,
                     const struct pgcensus_node_result *result, struct buf *out)
{
    struct json json;
    json_init(&json, out);
    write_check_node(&json, fleet, result);
    buf_add_char(out, '\n');
}

/* What is about all of them stands in the last line. */
void check_json_write_lines(const struct check_document *document,
                            const struct check_view *view, struct buf *out)
{
    struct json json;
    for (size_t i = 0; !view->streamed && i < document->n_results; i++)
        check_json_line(document->fleet, document->results[i], out);
    json_init(&json, out);
    json_begin_object(&json);
    add_summary(&json, &document->summary);
    check_groups_write(&json, document);
    json_key_string(&json, "schema", "pgcensus.check/1");
    write_check_start(&json, document);
    json_end_object(&json);
    buf_add_char(out, '\n');
}
