/* pgcensus nodes: arguments, options, run.
 *
 * There are two commands in here: one that reads, and one that asks (--topology, see
 * nodes_topology.c).  A command line of check is understood by both; what asking needs
 * matters to the second alone. */
#include "cli/exit_status.h"
#include "cli/nodes/nodes_topology.h"
#include "cli/shared/common.h"
#include "cli/shared/inventory.h"
#include "cli/term/messages.h"

#include "base/error.h"
#include "base/memory.h"
#include "report/nodes.h"
#include "report/topology.h"

struct nodes_arguments {
    struct common common;
    bool topology;
};

static const struct option topology_options[] = {
    {OPTION(NULL, "topology", NULL, option_flag, struct nodes_arguments, topology),
     .help = "ask the nodes, and draw who follows whom",
     .detail =
         "Connects to the nodes as *pgcensus check* does, and exits as it does. A node "
         "stands below another only if it says that it follows that address; who takes "
         "WAL from a node and is none is shown in parentheses."},
};

static const struct option_group topology_group = {"Who follows whom", topology_options,
                                                   ARRAY_SIZE(topology_options)};

static bool writes(enum format_kind kind)
{
    return report_nodes_writes(kind) && report_topology_writes(kind);
}

static const struct option format_options[] = {
    COMMON_FORMAT(writes, "The documents are described in *pgcensus-json*(7)."),
};
static const struct option_group format_group = {"Output", format_options,
                                                 ARRAY_SIZE(format_options)};

static const struct option_group *const groups[] = {
    &common_source,
    &common_selection,
    &topology_group,
    &common_time,
    &common_limits,
    &common_verdict,
    &format_group,
    &common_columns,
    &common_output,
    &common_general,
    NULL,
};

static const struct option_group *const groups_of_check[] = {
    &common_facts, &common_results, &common_past, NULL};
static const struct option_table only_of_check = {.groups = groups_of_check,
                                                  .unlisted = &common_foreign};

static const struct example examples[] = {
    {"pgcensus nodes", "all that can be asked"},
    {"pgcensus nodes -g orders -n '!*-old'",
     "what a check with these options would ask"},
    {"pgcensus nodes --csv -t", "for a script"},
    {"pgcensus nodes --topology -g orders", "a primary, its standbys, and theirs"},
};

static bool collect(const struct inventory *inventory,
                    const struct pgcensus_identity ***ret_nodes,
                    struct pgcensus_error *ret_error)
{
    const struct pgcensus_identity **nodes =
        memory_array(inventory->n_selected, sizeof *nodes);
    if (!nodes)
        return error_memory(ret_error);
    size_t n = 0;
    for (size_t i = 0; i < pgcensus_config_size(inventory->config); i++) {
        if (inventory->selected[i])
            nodes[n++] = pgcensus_config_node(inventory->config, i);
    }
    *ret_nodes = nodes;
    return true;
}

static int list(const struct program *program, const struct common *common)
{
    struct pgcensus_error error;
    AUTO(inventory_fini) struct inventory inventory = {0};
    if (!common_columns_make_sense(common, &node_fields, &error))
        return common_refuse_usage(common, command_nodes.name, &error);
    if (!inventory_open(common, &inventory, &error))
        return common_refuse_told(common, &error);
    AUTO(free) const struct pgcensus_identity **nodes = NULL;
    if (!collect(&inventory, &nodes, &error))
        return common_refuse(common, &error);
    if (common->role != PGCENSUS_ROLE_UNKNOWN && !common->quiet)
        say("roles are known only to those who ask: --role leaves nobody out here");

    struct row_view view;
    common_view(common, &program->terminal, &view);
    AUTO(buf_fini) struct buf out = BUF_INIT;
    do
        report_nodes(nodes, inventory.n_selected, &view, &out);
    while (common_look_again(common, &view.look, &out));
    return common_deliver(common, &out);
}

static int run(const struct program *program, const void *any)
{
    const struct nodes_arguments *arguments = any;
    return arguments->topology
               ? topology_run(program, &arguments->common, command_nodes.name)
               : list(program, &arguments->common);
}

const struct command command_nodes = {
    .name = "nodes",
    .summary = "list the nodes that would be asked, or draw who follows whom",
    .purpose =
        "Lists the nodes of the configuration, or those that the options select, "
        "and connects to nobody. It selects as check does, so that a selection can "
        "be tried before it is used; options that are about asking, such as "
        "--timeout, change nothing then. With --topology it connects to the nodes, "
        "as check does, and draws the trees of replication: each primary, its "
        "standbys, theirs, and who else takes WAL.",
    .examples = examples,
    .n_examples = ARRAY_SIZE(examples),
    .exit_status =
        "0 if it was done, 3 if that was not possible; with --topology as of "
        "check",
    .options = {.groups = groups, .unlisted = &only_of_check},
    .arguments_size = sizeof(struct nodes_arguments),
    .run = run,
};
