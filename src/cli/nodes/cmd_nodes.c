/* pgcensus nodes: arguments, options, run.
 *
 * There are two commands in here: the list only reads the configuration, --topology
 * (nodes_topology.c) asks the nodes.  Both understand a command line of check. */
#include "cli/nodes/nodes_topology.h"
#include "cli/parse/option_types.h"
#include "cli/shared/refuse.h"
#include "cli/term/messages.h"

#include "base/error.h"
#include "base/memory.h"
#include "report/nodes.h"
#include "report/topology.h"

static const struct option topology_rows[] = {
    {OPTION(NULL, "topology", NULL, option_flag, struct topology_options, wanted),
     .help = "ask the nodes, and draw who follows whom",
     .detail =
         "Connects to the nodes as *pgcensus check* does, and exits as it does. A node "
         "stands below another only if it says that it follows that address; who takes "
         "WAL from a node and is none is shown in parentheses."},
};

static const struct option_group topology_options = {"Who follows whom", topology_rows,
                                                     ARRAY_SIZE(topology_rows)};

static bool writes(enum format_kind kind)
{
    return report_nodes_writes(kind) && report_topology_writes(kind);
}

static const struct option format_rows[] = {
    OUTPUT_FORMAT(writes, "The documents are described in *pgcensus-json*(7)."),
};
static const struct option_group format_options = {"Output", format_rows,
                                                   ARRAY_SIZE(format_rows)};

#define PART(group, type, member)                                                      \
    OPTION_PART(group, struct type, struct nodes_arguments, member)

static const struct option_part parts[] = {
    PART(source_options, source_options, source),
    PART(selection_options, selection_options, selection),
    PART(topology_options, topology_options, topology),
    PART(time_options, time_options, check.time),
    PART(limit_options, limit_options, check.limits),
    PART(verdict_options, verdict_options, check.verdict),
    PART(format_options, output_options, output),
    PART(column_options, column_options, columns),
    PART(output_options, output_options, output),
    PART(general_options, general_options, general),
    {NULL, 0},
};

static const struct option_part parts_of_check[] = {
    PART(facts_options, facts_options, check.facts),
    PART(result_options, result_options, check.results),
    PART(history_options, history_options, check.history),
    {NULL, 0},
};
static const struct option_table only_of_check = {.parts = parts_of_check,
                                                  .unlisted = &foreign_table};

static const struct example examples[] = {
    {"pgcensus nodes", "all that can be asked"},
    {"pgcensus nodes -g orders -n '!*-old'",
     "what a check with these options would ask"},
    {"pgcensus nodes --csv -t", "for a script"},
    {"pgcensus nodes --topology -g orders", "a primary, its standbys, and theirs"},
};

static bool list_selected(const struct inventory *inventory,
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

static int print_list(const struct process *process,
                      const struct nodes_arguments *arguments,
                      const struct node_request *request)
{
    const struct output_options *output = &arguments->output;
    struct pgcensus_error error;
    AUTO(inventory_fini) struct inventory inventory = {0};
    if (!output_columns_make_sense(output, &arguments->columns, &node_fields, &error))
        return refuse_usage(output, command_nodes.name, &error);
    if (!inventory_open(request, &inventory, &error))
        return refuse_told(output, &error);
    AUTO(free) const struct pgcensus_identity **nodes = NULL;
    if (!list_selected(&inventory, &nodes, &error))
        return refuse_run(output, &error);
    if (arguments->check.results.role != PGCENSUS_ROLE_UNKNOWN && !output->quiet)
        say("roles are known only when nodes are asked: --role leaves none out here");

    struct row_view view;
    output_view(output, &arguments->columns, &process->terminal, &view);
    AUTO(buf_fini) struct buf out = BUF_INIT;
    do
        report_nodes(nodes, inventory.n_selected, &view, &out);
    while (output_look_again(output, &view.look, &out));
    return deliver_or_refuse(output, &out);
}

static int run_nodes(const struct process *process, const void *any)
{
    const struct nodes_arguments *arguments = any;
    const struct node_request request = {
        .source = &arguments->source,
        .selection = &arguments->selection,
        .time = &arguments->check.time,
        .limits = &arguments->check.limits,
        .output = &arguments->output,
    };
    return arguments->topology.wanted ? nodes_topology_run(process, arguments, &request)
                                      : print_list(process, arguments, &request);
}

const struct command command_nodes = {
    .name = "nodes",
    .summary = "list the nodes that would be asked, or draw who follows whom",
    .purpose =
        "Lists the nodes of the configuration, or those that the options select, "
        "and connects to none of them. It selects as check does, so that a selection "
        "can "
        "be tried before it is used; options that are about asking, such as "
        "--timeout, change nothing then. With --topology it connects to the nodes, "
        "as check does, and draws the trees of replication: each primary, its "
        "standbys, theirs, and who else takes WAL.",
    .examples = examples,
    .n_examples = ARRAY_SIZE(examples),
    .exit_status =
        "0 if it was done, 3 if that was not possible; with --topology as of "
        "check",
    .options = {.parts = parts, .unlisted = &only_of_check},
    .arguments_size = sizeof(struct nodes_arguments),
    .source_at = offsetof(struct nodes_arguments, source),
    .output_at = offsetof(struct nodes_arguments, output),
    .run = run_nodes,
};
