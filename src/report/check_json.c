/* The documents pgcensus.check/1: one for the whole round, or a line per node.
 *
 * A key is always there, null if we do not know: programs must be able to tell "no"
 * from "not known" without asking whether a key exists. */
#include "base/clock.h"
#include "report/check_facts.h"
#include "report/words.h"

enum { NODES_TO_GUESS_BY = 256 };

static void add_phases(struct json *json, const struct pgcensus_node_result *result)
{
    const struct pgcensus_latency *latency = &result->latency;

    if (!result->attempted) {
        json_key_null(json, "latency_ms");
        return;
    }
    json_key(json, "latency_ms");
    json_begin_object(json);
    json_key_milliseconds(json, "resolve", latency->resolve);
    json_key_milliseconds(json, "tcp", latency->tcp);
    json_key_milliseconds(json, "tls", latency->tls);
    json_key_milliseconds(json, "auth", latency->auth);
    json_key_milliseconds(json, "query", latency->query);
    json_key_milliseconds(json, "total", latency->total);
    json_key_milliseconds(json, "queued", latency->queued);
    json_end_object(json);
}

static void add_transport(struct json *json, const struct pgcensus_transport *transport)
{
    AUTO(buf_fini) struct buf expires = BUF_INIT;
    if (!transport->known) {
        json_key_null(json, "transport");
        return;
    }
    json_key(json, "transport");
    json_begin_object(json);
    json_key_string(json, "kind", transport->unix_socket ? "unix" : "tcp");
    json_key_text(json, "tls", transport->tls);
    json_key_text(json, "cipher", transport->cipher);
    json_key_string(json, "verified", transport->verified);
    if (transport->cert_expires_at)
        clock_format_wall(transport->cert_expires_at, &expires);
    json_key_text(json, "cert_expires_at", expires.bytes);
    json_end_object(json);
    json->buf->broken |= expires.broken;
}

static void add_state(struct json *json, const struct pgcensus_node_result *result)
{
    json_key_string(json, "status", pgcensus_status_name(result->status));
    json_key_string(json, "role", pgcensus_role_name(result->role));
    if (result->read_only < 0)
        json_key_null(json, "read_only");
    else
        json_key_bool(json, "read_only", result->read_only);
    json_key_text(json, "server_version", result->server_version);
    if (result->server_version_num)
        json_key_int(json, "server_version_num", result->server_version_num);
    else
        json_key_null(json, "server_version_num");
}

/* What went before, this round included. */
static void add_past(struct json *json, const struct pgcensus_past *past)
{
    AUTO(buf_fini) struct buf since = BUF_INIT;
    if (!past->known) {
        json_key_null(json, "past");
        return;
    }
    clock_format_wall(past->since, &since);
    json_key(json, "past");
    json_begin_object(json);
    json_key_string(json, "state", pgcensus_state_name(past->state));
    json_key_string(json, "since", since.bytes);
    json_key_int(json, "consecutive_failures", past->failures);
    json_key_int(json, "consecutive_successes", past->successes);
    json_key_int(json, "changes", past->changes);
    json_key_bool(json, "flapping", past->flapping);
    json_end_object(json);
    json->buf->broken |= since.broken;
}

static void add_node(struct json *json, const struct pgcensus_fleet *fleet,
                     const struct pgcensus_node_result *result)
{
    const struct pgcensus_identity *identity =
        pgcensus_fleet_node(fleet, result->index);
    json_begin_object(json);
    json_key_string(json, "node", identity->name);
    json_key_string(json, "group", identity->group);
    json_key_labels(json, identity);
    json_key_string(json, "host", identity->host);
    json_key_text(json, "hostaddr", result->hostaddr);
    json_key_int(json, "port", identity->port);
    json_key_string(json, "dbname", identity->dbname);
    json_key_string(json, "user", identity->user);
    add_state(json, result);
    add_transport(json, &result->transport);
    add_phases(json, result);
    json_key_int(json, "attempts", result->attempts);
    json_key_error(json, result->failed ? &result->failure : NULL);
    check_add_reasons(json, result->reasons, result->n_reasons);
    check_add_facts(json, fleet, result);
    add_past(json, &result->past);
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

static void add_start(struct json *json, const struct check_document *document)
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
        add_node(json, document->fleet, document->results[i]);
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
    add_start(&json, document);
    add_summary(&json, &document->summary);
    json_key(&json, "nodes");
    add_nodes(&json, document);
    check_add_groups(&json, document);
    json_end_object(&json);
    buf_add_char(out, '\n');
}

void check_json_line(const struct pgcensus_fleet *fleet,
                     const struct pgcensus_node_result *result, struct buf *out)
{
    struct json json;
    json_init(&json, out);
    add_node(&json, fleet, result);
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
    check_add_groups(&json, document);
    json_key_string(&json, "schema", "pgcensus.check/1");
    add_start(&json, document);
    json_end_object(&json);
    buf_add_char(out, '\n');
}
