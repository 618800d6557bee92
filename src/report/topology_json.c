/* The document pgcensus.topology/1, whole or as lines.
 *
 * A tree is said by naming each node's upstream, not by nesting: programs look nodes up
 * by name, and JSON readers have limits of depth that a cascade has not. */
#include "base/clock.h"
#include "base/memory.h"
#include "report/check_groups.h"
#include "report/topology_fields.h"
#include "report/words.h"

#include <string.h>

static const struct pgcensus_identity *
identity_of_result(const struct topology_document *document,
                   const struct pgcensus_node_result *result)
{
    return pgcensus_fleet_node(document->check->fleet, result->index);
}

static void write_node_keys(struct json *json, const struct topology_document *document,
                            const struct pgcensus_tree_node *node)
{
    const struct tree_line line = {.node = node};
    const struct tree_row row = {
        .check = {identity_of_result(document, node->result), node->result,
                  document->check->fleet},
        .line = &line,
    };
    field_write_keys(&tree_fields, &row, json);
}

static void write_unplaced_keys(struct json *json,
                                const struct topology_document *document,
                                const struct pgcensus_unplaced *unplaced)
{
    AUTO(buf_fini) struct buf message = BUF_INIT;
    const struct tree_line line = {.unplaced = unplaced};
    const struct pgcensus_identity *identity =
        identity_of_result(document, unplaced->result);
    tree_line_add_detail(&line, document->check->fleet, &message);
    json_key_string(json, "node", identity->name);
    json_key_string(json, "group", identity->group);
    json_key_string(json, "status", pgcensus_status_name(unplaced->result->status));
    json_key_string(json, "reason", unplaced->reason);
    json_key_text(json, "message", message.bytes);
    json->buf->broken |= message.broken;
}

/* Each name once, in the order of the nodes; nodes of a cluster are few. */
static void write_cluster_groups(struct json *json,
                                 const struct topology_document *document,
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
    write_cluster_groups(json, document, cluster);
    json_key(json, "nodes");
    json_begin_array(json);
    for (size_t i = 0; i < cluster->n; i++) {
        json_begin_object(json);
        write_node_keys(json, document, &cluster->nodes[i]);
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
        write_unplaced_keys(json, document, &topology->unplaced[i]);
        json_end_object(json);
    }
    json_end_array(json);
}

static void write_topology_start(struct json *json, const struct check_document *check)
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
                         const struct row_view *view, struct buf *out)
{
    struct json json;
    json_init(&json, out);
    json_begin_object(&json);
    write_topology_start(&json, document->check);
    json_key(&json, "clusters");
    json_begin_array(&json);
    for (size_t i = 0; i < document->topology->n_clusters; i++)
        add_cluster(&json, document, &document->topology->clusters[i]);
    json_end_array(&json);
    add_unplaced(&json, document);
    check_groups_write(&json, document->check);
    json_end_object(&json);
    buf_add_char(out, '\n');
}

static void write_line(const struct topology_document *document,
                       const struct pgcensus_cluster *cluster,
                       const struct pgcensus_tree_node *node,
                       const struct pgcensus_unplaced *unplaced, struct buf *out)
{
    struct json json;
    json_init(&json, out);
    json_begin_object(&json);
    json_key_identifier(&json, "cluster", cluster ? cluster->system_identifier : 0);
    if (node)
        write_node_keys(&json, document, node);
    else
        write_unplaced_keys(&json, document, unplaced);
    json_end_object(&json);
    buf_add_char(out, '\n');
}

/* A line per node, and at the end what is about all of them. */
void topology_json_write_lines(const struct topology_document *document,
                               const struct row_view *view, struct buf *out)
{
    const struct pgcensus_topology *topology = document->topology;
    struct json json;
    for (size_t i = 0; i < topology->n_clusters; i++)
        for (size_t j = 0; j < topology->clusters[i].n; j++)
            write_line(document, &topology->clusters[i],
                       &topology->clusters[i].nodes[j], NULL, out);
    for (size_t i = 0; i < topology->n_unplaced; i++)
        write_line(document, NULL, NULL, &topology->unplaced[i], out);
    json_init(&json, out);
    json_begin_object(&json);
    write_topology_start(&json, document->check);
    check_groups_write(&json, document->check);
    json_end_object(&json);
    buf_add_char(out, '\n');
}
