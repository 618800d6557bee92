/* The fields of rows of trees.
 *
 * A node is one row, so that rows with a node can be counted; what is no node but takes
 * WAL from one is a row without a node, with its upstream and columns of its own.  It
 * stands in parentheses on a page, and has no mark: it was not judged. */
#include "report/topology_fields.h"

#include "base/memory.h"
#include "report/identity.h"
#include "report/words.h"

#include <inttypes.h>

static const struct tree_line *tree_line_of(const void *row)
{
    return ((const struct tree_row *)row)->line;
}

static const struct pgcensus_fleet *fleet_of(const void *row)
{
    return ((const struct tree_row *)row)->check.fleet;
}

/* Of a node in a tree; NULL for other rows. */
static const void *placed_of(const void *row)
{
    const struct tree_line *line = tree_line_of(row);
    return tree_line_result(line) ? line->node : NULL;
}

static const void *placed_facts_of(const void *row)
{
    return placed_of(row) ? check_facts_of(row) : NULL;
}

static const void *placed_lag_of(const void *row)
{
    return placed_of(row) ? check_lag_of(row) : NULL;
}

static const void *stranger_of(const void *row)
{
    return tree_line_of(row)->stranger;
}

static const void *cluster_of(const void *row)
{
    return tree_line_of(row)->cluster;
}

static bool get_name_of(const void *row, const struct pgcensus_node_result *result,
                        struct field_value *ret_value)
{
    return result &&
           value_string(ret_value,
                        pgcensus_fleet_node(fleet_of(row), result->index)->name);
}

/* ---- the tree ---- */

static bool is_last(const struct pgcensus_tree_node *node)
{
    const struct pgcensus_tree_node *upstream = node->upstream;
    return !node->next && upstream->n_strangers == 0 && upstream->n_hidden <= 0;
}

/* What stands in front of all that is below a node. */
static void add_trunk(const struct pgcensus_tree_node *node, bool unicode,
                      struct buf *text)
{
    if (!node->upstream)
        return;
    add_trunk(node->upstream, unicode, text);
    if (is_last(node))
        buf_add_str(text, "   ");
    else
        buf_add_str(text, unicode ? "│  " : "|  ");
}

static const struct pgcensus_tree_node *above(const struct tree_line *line)
{
    return tree_line_result(line) && line->node ? line->node->upstream : line->node;
}

static void add_branch(const struct tree_line *line, bool unicode, struct buf *text)
{
    if (!above(line))
        return;
    add_trunk(above(line), unicode, text);
    if (line->last)
        buf_add_str(text, unicode ? "└─ " : "`- ");
    else
        buf_add_str(text, unicode ? "├─ " : "|- ");
}

static void show_name(const void *row, const struct look *look,
                      struct field_value *ret_value)
{
    if (((const struct tree_row *)row)->is_drawn)
        add_branch(tree_line_of(row), look->unicode, &ret_value->made);
    ret_value->hang = ret_value->made.len;
    tree_line_add_name(tree_line_of(row), fleet_of(row), &ret_value->made);
}

/* Of what is no node: from which it takes WAL. */
static bool get_upstream(const void *row, struct field_value *ret_value)
{
    const struct pgcensus_tree_node *upstream = above(tree_line_of(row));
    return get_name_of(row, upstream ? upstream->result : NULL, ret_value);
}

static bool get_unplaced_upstream(const void *row, struct field_value *ret_value)
{
    const struct pgcensus_tree_node *node = placed_of(row);
    return get_name_of(row, node ? node->upstream_unplaced : NULL, ret_value);
}

static bool get_upstream_address(const void *row, struct field_value *ret_value)
{
    return placed_of(row) && check_get_upstream(row, ret_value);
}

static bool get_reason(const void *row, struct field_value *ret_value)
{
    const struct tree_line *line = tree_line_of(row);
    const struct pgcensus_tree_node *node = placed_of(row);
    if (line->unplaced)
        return value_string(ret_value, line->unplaced->reason);
    return node && value_string(ret_value, node->upstream_reason);
}

static bool get_same_server(const void *row, struct field_value *ret_value)
{
    const struct pgcensus_tree_node *node = placed_of(row);
    const struct pgcensus_tree_node *other = node ? node->same_server_as : NULL;
    return get_name_of(row, other ? other->result : NULL, ret_value);
}

/* ---- what else ---- */

/* Of what is no node in the server's word for it. */
static void show_state(const void *row, const struct look *look,
                       struct field_value *ret_value)
{
    const struct tree_row *tree_row = row;
    const struct tree_line *line = tree_row->line;
    const struct pgcensus_node_result *result = tree_line_result(line);
    if (result)
        buf_add_str(&ret_value->made, pgcensus_status_name(result->status));
    else if (line->stranger && !tree_row->is_narrow)
        buf_add_str(&ret_value->made, line->stranger->state);
}

static void show_timeline(const void *row, const struct look *look,
                          struct field_value *ret_value)
{
    const struct pgcensus_facts *facts = check_facts_of(row);
    if (facts && facts->timeline)
        buf_add_format(&ret_value->made, "%" PRIu32, facts->timeline);
}

static bool get_where(const void *row, struct field_value *ret_value)
{
    tree_line_add_where(tree_line_of(row), fleet_of(row), &ret_value->made);
    return ret_value->made.len > 0;
}

static void show_detail(const void *row, const struct look *look,
                        struct field_value *ret_value)
{
    tree_line_add_detail(tree_line_of(row), fleet_of(row), &ret_value->made);
}

/* Those that are hidden have a name only here. */
static bool get_message(const void *row, struct field_value *ret_value)
{
    const struct tree_line *line = tree_line_of(row);
    if (!tree_line_result(line) && !line->stranger) {
        tree_line_add_name(line, fleet_of(row), &ret_value->made);
        buf_add_char(&ret_value->made, ' ');
    }
    show_detail(row, NULL, ret_value);
    return ret_value->made.len > 0;
}

static void write_strangers(const void *row, struct json *json)
{
    const struct pgcensus_tree_node *node = placed_of(row);
    if (node->n_hidden < 0) {
        json_null(json);
        return;
    }
    json_begin_array(json);
    for (size_t i = 0; i < node->n_strangers; i++) {
        json_begin_object(json);
        json_key_text(json, "application", node->strangers[i]->application);
        json_key_text(json, "address", node->strangers[i]->address);
        json_key_text(json, "state", node->strangers[i]->state);
        json_end_object(json);
    }
    json_end_array(json);
}

static bool is_node(const void *row)
{
    return tree_line_result(tree_line_of(row));
}

#define PLACED(member_) .base = placed_of, MEMBER(struct pgcensus_tree_node, member_)
#define FACT(member_) .base = placed_facts_of, MEMBER(struct pgcensus_facts, member_)
#define LAG(member_) .base = placed_lag_of, MEMBER(struct pgcensus_lag, member_)
#define STRANGER(member_)                                                              \
    .base = stranger_of, MEMBER(struct pgcensus_sender, member_),                      \
    .unknown = UNKNOWN_IF_ZERO

static const struct field fields[] = {
    {FIELD(NULL, "mark", ""), .traits = FIELD_TONED | FIELD_SHAPE, .absent = "",
     .show = check_show_mark},
    {FIELD(NULL, "cluster", "CLUSTER"), .unit = UNIT_IDENTIFIER, .base = cluster_of,
     MEMBER(struct pgcensus_cluster, system_identifier)},
    {FIELD("node", NULL, "NODE"), .traits = FIELD_FLEXIBLE, .absent = "",
     .base = identity_of, MEMBER(struct pgcensus_identity, name), .show = show_name},
    {IDENTITY(group, "GROUP")},
    {FIELD(NULL, "host", "HOST"), .traits = FIELD_FLEXIBLE, .base = identity_of,
     MEMBER(struct pgcensus_identity, host)},
    {FIELD(NULL, "port", "PORT"), .unit = UNIT_COUNT, .base = identity_of,
     MEMBER(struct pgcensus_identity, port)},
    {FIELD("status", NULL, "STATE"), .traits = FIELD_TONED, .absent = "",
     .get = check_get_status, .show = show_state},
    {FIELD("role", NULL, "ROLE"), .absent = "?", .get = check_get_role},
    {FIELD("timeline", NULL, "TL"), .unit = UNIT_COUNT, FACT(timeline),
     .unknown = UNKNOWN_IF_ZERO, .show = show_timeline},
    {FIELD("upstream", NULL, "UPSTREAM"), .traits = FIELD_FLEXIBLE,
     .get = get_upstream},
    {FIELD("upstream_address", NULL, "UPSTREAM_ADDRESS"), .get = get_upstream_address},
    {FIELD("upstream_reason", "reason", "REASON"), .get = get_reason},
    {FIELD("upstream_unplaced", NULL, "UNPLACED_UPSTREAM"),
     .get = get_unplaced_upstream},
    {FIELD("receiver", NULL, "RECEIVER"), .get = check_get_receiver},
    {FIELD("receive_lag_bytes", NULL, "RECEIVE_LAG"), .unit = UNIT_BYTES, LAG(receive),
     .unknown = UNKNOWN_IF_NEGATIVE},
    {FIELD("replay_lag_bytes", NULL, "REPLAY_LAG"), .unit = UNIT_BYTES, LAG(replay),
     .unknown = UNKNOWN_IF_NEGATIVE},
    {FIELD("replay_lag_s", NULL, "LAG"), .unit = UNIT_SECONDS, LAG(time),
     .unknown = UNKNOWN_IF_NEGATIVE, .show = check_show_lag},
    {FIELD("lag_reason", NULL, "LAG_REASON"), LAG(reason)},
    {FIELD("same_server_as", NULL, "SAME_SERVER"), .get = get_same_server},
    {FIELD("strangers", NULL, NULL), .write = write_strangers},
    {FIELD("strangers_hidden", NULL, NULL), .unit = UNIT_COUNT, PLACED(n_hidden),
     .unknown = UNKNOWN_IF_NEGATIVE},

    {FIELD(NULL, "where", "ADDRESS"), .traits = FIELD_FLEXIBLE, .get = get_where},
    {FIELD(NULL, "application", "APPLICATION"), STRANGER(application)},
    {FIELD(NULL, "address", "CLIENT"), STRANGER(address)},
    {FIELD(NULL, "state", "SENDING"), STRANGER(state)},
    {FIELD(NULL, "message", "DETAIL"), .traits = FIELD_FLEXIBLE, .absent = "",
     .get = get_message, .show = show_detail},
};

static const char wide[] = "mark,node,role,state,tl,lag,address,detail";
static const char flat[] = "cluster,node,upstream,role,state,tl,lag,address,detail";

const struct field_table tree_fields = {
    .fields = fields,
    .n = ARRAY_SIZE(fields),
    .rows = "cluster,node,group,host,port,status,role,timeline,upstream,"
            "upstream_address,reason,receive_lag_bytes,replay_lag_bytes,replay_lag_s,"
            "same_server_as,application,address,state,message",
    .by_width = {{100, wide},
                 {60, "mark,node,role,state,tl,lag,address"},
                 {0, "mark,node,role,state,lag"}}, /* details below the table */
    .unlimited = wide,
    .expanded = flat,
    .unaligned = flat,
    .absent = "-",
    .tone = check_tone,
    .is_whole = is_node,
};

struct tree_row *tree_rows_new(const struct tree_line *lines, size_t n,
                               const struct pgcensus_fleet *fleet)
{
    struct tree_row *rows = memory_array(n, sizeof *rows);
    for (size_t i = 0; rows && i < n; i++) {
        const struct pgcensus_node_result *result = tree_line_result(&lines[i]);
        rows[i].check = (struct check_line){.result = result, .fleet = fleet};
        if (result)
            rows[i].check.identity = pgcensus_fleet_node(fleet, result->index);
        rows[i].line = &lines[i];
    }
    return rows;
}
