/* The document pgcensus.topology/1, whole or as lines.
 *
 * A tree is said by naming each node's upstream, not by nesting: programs look nodes up
 * by name, and JSON readers have limits of depth that a cascade has not. */
#include "base/clock.h"
#include "base/memory.h"
#include "report/check_facts.h"
#include "report/topology.h"
#include "report/words.h"

#include <string.h>

static const struct pgcensus_identity *
identity_of(const struct topology_document *document,
            const struct pgcensus_node_result *result)
{
    return pgcensus_fleet_node(document->check->fleet, result->index);
}

static void key_node(struct json *json, const char *key,
                     const struct topology_document *document,
                     const struct pgcensus_tree_node *node)
{
    json_key_string(json, key, node ? identity_of(document, node->result)->name : NULL);
}

/* Null if nobody asked for them. */
static void add_strangers(struct json *json, const struct pgcensus_tree_node *node)
{
    if (node->n_hidden < 0) {
        json_key_null(json, "strangers");
        json_key_null(json, "strangers_hidden");
        return;
    }
    json_key(json, "strangers");
    json_begin_array(json);
    for (size_t i = 0; i < node->n_strangers; i++) {
        json_begin_object(json);
        json_key_text(json, "application", node->strangers[i]->application);
        json_key_text(json, "address", node->strangers[i]->address);
        json_key_text(json, "state", node->strangers[i]->state);
        json_end_object(json);
    }
    json_end_array(json);
    json_key_int(json, "strangers_hidden", node->n_hidden);
}

static void add_node_keys(struct json *json, const struct topology_document *document,
                          const struct pgcensus_tree_node *node)
{
    const struct pgcensus_node_result *result = node->result;
    const struct pgcensus_facts *facts = result->facts;
    const struct pgcensus_lag *lag = &result->lag;
    bool is_standby = result->role == PGCENSUS_STANDBY;
    json_key_string(json, "node", identity_of(document, result)->name);
    json_key_string(json, "group", identity_of(document, result)->group);
    json_key_string(json, "status", pgcensus_status_name(result->status));
    json_key_string(json, "role", pgcensus_role_name(result->role));
    json_key_known_int(json, "timeline", facts->timeline, facts->timeline > 0);
    key_node(json, "upstream", document, node->upstream);
    check_add_upstream(json, "upstream_address", facts);
    json_key_string(json, "upstream_reason", node->upstream_reason);
    json_key_string(json, "upstream_unplaced",
                    node->upstream_unplaced
                        ? identity_of(document, node->upstream_unplaced)->name
                        : NULL);
    if (is_standby)
        check_add_receiver(json, facts);
    else
        json_key_null(json, "receiver");
    json_key_known_int(json, "receive_lag_bytes", lag->receive,
                       is_standby && lag->receive >= 0);
    json_key_known_int(json, "replay_lag_bytes", lag->replay,
                       is_standby && lag->replay >= 0);
    json_key_seconds(json, "replay_lag_s",
                     is_standby ? lag->time : PGCENSUS_UNKNOWN_TIME);
    json_key_string(json, "lag_reason", is_standby ? lag->reason : NULL);
    key_node(json, "same_server_as", document, node->same_server_as);
    add_strangers(json, node);
}

static void add_unplaced_keys(struct json *json,
                              const struct topology_document *document,
                              const struct pgcensus_unplaced *unplaced)
{
    AUTO(buf_fini) struct buf message = BUF_INIT;
    const struct tree_line line = {.unplaced = unplaced};
    tree_line_add_detail(&line, document->check->fleet, &message);
    json_key_string(json, "node", identity_of(document, unplaced->result)->name);
    json_key_string(json, "group", identity_of(document, unplaced->result)->group);
    json_key_string(json, "status", pgcensus_status_name(unplaced->result->status));
    json_key_string(json, "reason", unplaced->reason);
    json_key_text(json, "message", message.bytes);
    json->buf->broken |= message.broken;
}

/* Each name once, in the order of the nodes; nodes of a cluster are few. */
static void add_groups(struct json *json, const struct topology_document *document,
                       const struct pgcensus_cluster *cluster)
{
    size_t n;
    AUTO(free) const char **names = topology_groups(document, cluster, &n);
    json_key(json, "groups");
    json_begin_array(json);
    for (size_t i = 0; names && i < n; i++)
        json_string(json, names[i]);
    json_end_array(json);
    json->buf->broken |= !names;
}

static void add_cluster(struct json *json, const struct topology_document *document,
                        const struct pgcensus_cluster *cluster)
{
    json_begin_object(json);
    json_key_identifier(json, "system_identifier", cluster->system_identifier);
    add_groups(json, document, cluster);
    json_key(json, "nodes");
    json_begin_array(json);
    for (size_t i = 0; i < cluster->n; i++) {
        json_begin_object(json);
        add_node_keys(json, document, &cluster->nodes[i]);
        json_end_object(json);
    }
    json_end_array(json);
    json_end_object(json);
}

static void add_unplaced(struct json *json, const struct topology_document *document)
{
    const struct pgcensus_topology *topology = document->topology;
    json_key(json, "unplaced");
    json_begin_array(json);
    for (size_t i = 0; i < topology->n_unplaced; i++) {
        json_begin_object(json);
        add_unplaced_keys(json, document, &topology->unplaced[i]);
        json_end_object(json);
    }
    json_end_array(json);
}

static void add_start(struct json *json, const struct check_document *check)
{
    AUTO(buf_fini) struct buf started = BUF_INIT;
    clock_format_wall(check->started_wall, &started);
    json_key_string(json, "schema", "pgcensus.topology/1");
    json_key_string(json, "pgcensus_version", PGCENSUS_VERSION);
    json_key_string(json, "started_at", started.bytes);
    json_key_milliseconds(json, "elapsed_ms", check->elapsed);
    json_key_milliseconds(json, "lost_ms", check->lost);
    json_key_int(json, "exit_code", check->exit_code);
    json->buf->broken |= started.broken;
}

void topology_json_write(const struct topology_document *document,
                         const struct view *view, struct buf *out)
{
    struct json json;
    json_init(&json, out);
    json_begin_object(&json);
    add_start(&json, document->check);
    json_key(&json, "clusters");
    json_begin_array(&json);
    for (size_t i = 0; i < document->topology->n_clusters; i++)
        add_cluster(&json, document, &document->topology->clusters[i]);
    json_end_array(&json);
    add_unplaced(&json, document);
    check_add_groups(&json, document->check);
    json_end_object(&json);
    buf_add_char(out, '\n');
}

static void add_line(const struct topology_document *document,
                     const struct pgcensus_cluster *cluster,
                     const struct pgcensus_tree_node *node,
                     const struct pgcensus_unplaced *unplaced, struct buf *out)
{
    struct json json;
    json_init(&json, out);
    json_begin_object(&json);
    json_key_identifier(&json, "cluster", cluster ? cluster->system_identifier : 0);
    if (node)
        add_node_keys(&json, document, node);
    else
        add_unplaced_keys(&json, document, unplaced);
    json_end_object(&json);
    buf_add_char(out, '\n');
}

/* A line per node, and at the end what is about all of them. */
void topology_json_write_lines(const struct topology_document *document,
                               const struct view *view, struct buf *out)
{
    const struct pgcensus_topology *topology = document->topology;
    struct json json;
    for (size_t i = 0; i < topology->n_clusters; i++)
        for (size_t j = 0; j < topology->clusters[i].n; j++)
            add_line(document, &topology->clusters[i], &topology->clusters[i].nodes[j],
                     NULL, out);
    for (size_t i = 0; i < topology->n_unplaced; i++)
        add_line(document, NULL, NULL, &topology->unplaced[i], out);
    json_init(&json, out);
    json_begin_object(&json);
    add_start(&json, document->check);
    check_add_groups(&json, document->check);
    json_end_object(&json);
    buf_add_char(out, '\n');
}
