/* The trees as rows.
 *
 * A node is one row, so that rows with a node can be counted; a stranger is a row
 * without one, with its upstream and the last columns. */
#include "base/clock.h"
#include "base/memory.h"
#include "base/quantity.h"
#include "report/topology.h"
#include "report/words.h"

#include <inttypes.h>

enum field {
    CLUSTER,
    NODE,
    GROUP,
    HOST,
    PORT,
    STATUS,
    ROLE,
    TIMELINE,
    UPSTREAM,
    UPSTREAM_ADDRESS,
    REASON,
    RECEIVE_LAG,
    REPLAY_LAG,
    LAG_SECONDS,
    SAME_SERVER,
    APPLICATION,
    ADDRESS,
    STATE,
    MESSAGE,
    FIELDS,
};

static const struct column columns[FIELDS] = {
    [CLUSTER] = {.name = "cluster"},
    [NODE] = {.name = "node"},
    [GROUP] = {.name = "group"},
    [HOST] = {.name = "host"},
    [PORT] = {.name = "port", .align = ALIGN_RIGHT},
    [STATUS] = {.name = "status"},
    [ROLE] = {.name = "role"},
    [TIMELINE] = {.name = "timeline", .align = ALIGN_RIGHT},
    [UPSTREAM] = {.name = "upstream"},
    [UPSTREAM_ADDRESS] = {.name = "upstream_address"},
    [REASON] = {.name = "reason"},
    [RECEIVE_LAG] = {.name = "receive_lag_bytes", .align = ALIGN_RIGHT},
    [REPLAY_LAG] = {.name = "replay_lag_bytes", .align = ALIGN_RIGHT},
    [LAG_SECONDS] = {.name = "replay_lag_s", .align = ALIGN_RIGHT},
    [SAME_SERVER] = {.name = "same_server_as"},
    [APPLICATION] = {.name = "application"},
    [ADDRESS] = {.name = "address"},
    [STATE] = {.name = "state"},
    [MESSAGE] = {.name = "message"},
};

/* A row while it is filled; texts that nobody else keeps are kept here. */
struct tree_row {
    const struct pgcensus_fleet *fleet;
    struct cell cells[FIELDS];
    char cluster[24], port[8], timeline[16], receive[24], replay[24];
    struct buf seconds, address, message;
};

static void fini_row(struct tree_row *row)
{
    buf_fini(&row->seconds);
    buf_fini(&row->address);
    buf_fini(&row->message);
}
AUTO_DEFINE_VALUE(struct tree_row, fini_row)

static const char *name_of(const struct tree_row *row,
                           const struct pgcensus_tree_node *node)
{
    return node ? pgcensus_fleet_node(row->fleet, node->result->index)->name : NULL;
}

static const char *or_null(const char *text)
{
    return *text ? text : NULL;
}

static void fill_lag(struct tree_row *row, const struct pgcensus_lag *lag)
{
    if (lag->receive >= 0)
        snprintf(row->receive, sizeof row->receive, "%" PRId64, lag->receive);
    if (lag->replay >= 0)
        snprintf(row->replay, sizeof row->replay, "%" PRId64, lag->replay);
    if (lag->time != PGCENSUS_UNKNOWN_TIME)
        quantity_format_number((double)lag->time / NSEC_PER_SEC, 6, &row->seconds);
    row->cells[RECEIVE_LAG] = cell_number(or_null(row->receive));
    row->cells[REPLAY_LAG] = cell_number(or_null(row->replay));
    row->cells[LAG_SECONDS] = cell_number(or_null(row->seconds.bytes));
}

static void fill_tree(struct tree_row *row, const struct pgcensus_tree_node *node)
{
    const struct pgcensus_facts *facts = node->result->facts;
    if (facts->timeline)
        snprintf(row->timeline, sizeof row->timeline, "%" PRIu32, facts->timeline);
    add_upstream(&row->address, facts);
    row->cells[TIMELINE] = cell_number(or_null(row->timeline));
    row->cells[UPSTREAM] = cell_text(name_of(row, node->upstream));
    row->cells[UPSTREAM_ADDRESS] = cell_text(or_null(row->address.bytes));
    row->cells[REASON] = cell_text(node->upstream_reason);
    row->cells[SAME_SERVER] = cell_text(name_of(row, node->same_server_as));
    if (node->result->role == PGCENSUS_STANDBY)
        fill_lag(row, &node->result->lag);
}

static void fill_node(struct tree_row *row, const struct tree_line *line,
                      const struct pgcensus_node_result *result)
{
    const struct pgcensus_identity *identity =
        pgcensus_fleet_node(row->fleet, result->index);
    snprintf(row->port, sizeof row->port, "%u", identity->port);
    row->cells[NODE] = cell_text(identity->name);
    row->cells[GROUP] = cell_text(identity->group);
    row->cells[HOST] = cell_text(identity->host);
    row->cells[PORT] = cell_number(row->port);
    row->cells[STATUS] = cell_text(pgcensus_status_name(result->status));
    row->cells[ROLE] = cell_text(pgcensus_role_name(result->role));
    tree_line_add_detail(line, row->fleet, &row->message);
    if (line->node)
        fill_tree(row, line->node);
    else
        row->cells[REASON] = cell_text(line->unplaced->reason);
}

static void fill_stranger(struct tree_row *row, const struct tree_line *line)
{
    row->cells[UPSTREAM] = cell_text(name_of(row, line->node));
    if (!line->stranger) {
        tree_line_add_name(line, row->fleet, &row->message);
        buf_add_char(&row->message, ' ');
        tree_line_add_detail(line, row->fleet, &row->message);
        return;
    }
    row->cells[APPLICATION] = cell_text(or_null(line->stranger->application));
    row->cells[ADDRESS] = cell_text(or_null(line->stranger->address));
    row->cells[STATE] = cell_text(or_null(line->stranger->state));
}

static void add_row(struct writer *writer, const struct pgcensus_fleet *fleet,
                    const struct tree_line *line, struct buf *out)
{
    const struct pgcensus_node_result *result = tree_line_result(line);
    AUTO(fini_row)
    struct tree_row row = {
        .fleet = fleet, .seconds = BUF_INIT, .address = BUF_INIT, .message = BUF_INIT};
    if (line->cluster) {
        snprintf(row.cluster, sizeof row.cluster, "%" PRIu64,
                 line->cluster->system_identifier);
        row.cells[CLUSTER] = cell_text(row.cluster);
    }
    if (result)
        fill_node(&row, line, result);
    else
        fill_stranger(&row, line);
    row.cells[MESSAGE] = cell_text(or_null(row.message.bytes));
    writer_row(writer, row.cells);
    out->broken |= row.seconds.broken | row.address.broken | row.message.broken;
}

void topology_rows_write(const struct topology_document *document,
                         const struct view *view, struct buf *out)
{
    size_t n;
    AUTO(free) struct tree_line *lines = tree_lines_new(document->topology, &n);
    if (!lines) {
        out->broken = true;
        return;
    }
    struct writer *writer =
        writer_begin(view->format->rows, out, &view->look, columns, FIELDS);
    for (size_t i = 0; i < n; i++)
        add_row(writer, document->check->fleet, &lines[i], out);
    writer_end(writer);
}
