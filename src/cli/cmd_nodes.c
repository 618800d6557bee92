#include "cli/common.h"
#include "cli/inventory.h"
#include "cli/say.h"
#include "cli/verdict.h"

#include "base/error.h"
#include "base/memory.h"
#include "report/nodes.h"

static const struct option_group *const groups[] = {
    &common_source, &common_selection, &common_format,
    &common_output, &common_general,   NULL,
};

static const struct example examples[] = {
    {"pgcensus nodes", "all that can be asked"},
    {"pgcensus nodes -g orders -n '!*-old'",
     "what a check with these options would ask"},
    {"pgcensus nodes --csv -t", "for a script"},
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

static int run(const struct program *program, const void *arguments)
{
    const struct common *common = arguments;
    struct pgcensus_error error;
    AUTO(inventory_fini) struct inventory inventory = {0};
    if (!inventory_open(common, &inventory, &error))
        return common_refuse_told(common, &error);
    AUTO(free) const struct pgcensus_identity **nodes = NULL;
    if (!collect(&inventory, &nodes, &error))
        return common_refuse(common, &error);
    if (common->role != PGCENSUS_ROLE_UNKNOWN && !common->quiet)
        say("roles are known only to those who ask: --role leaves nobody out here");

    struct look look;
    common_look(common, &program->terminal, &look);
    AUTO(buf_fini) struct buf out = BUF_INIT;
    do
        report_nodes(nodes, inventory.n_selected, common_format_name(common), &look,
                     &out);
    while (common_look_again(common, &look, &out));
    return common_deliver(common, &out);
}

const struct command command_nodes = {
    .name = "nodes",
    .summary = "list the nodes that would be asked; connects to nobody",
    .purpose =
        "Lists the nodes of the configuration, or those that the options select, "
        "and connects to nobody. It selects as check does, so that a selection can "
        "be tried before it is used; options of check that are about asking, such "
        "as --timeout and --role, are accepted and change nothing.",
    .examples = examples,
    .n_examples = ARRAY_SIZE(examples),
    .options = {.groups = groups, .unlisted = &common_asking},
    .arguments_size = sizeof(struct common),
    .run = run,
};
