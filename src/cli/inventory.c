#include "cli/inventory.h"

#include "cli/notes.h"
#include "cli/say.h"
#include "report/nodes.h"

#include <stdlib.h>

struct pgcensus_config *inventory_load(const struct common *common,
                                       struct pgcensus_diagnostics *ret_diagnostics,
                                       struct pgcensus_error *ret_error)
{
    const char *ignored;
    if (pgcensus_environment_prepare(&ignored) > 0 && common->verbose)
        notes_on_environment(ignored);

    struct pgcensus_config_source source = {
        .path = common->config,
        .urls = common->urls.items,
        .n_urls = common->urls.n,
        .sets = common->sets.items,
        .n_sets = common->sets.n,
        .timeout = common->timeout,
        .connect_timeout = common->connect_timeout,
    };
    return pgcensus_config_load(&source, ret_diagnostics, ret_error);
}

void inventory_print_diagnostics(const struct common *common,
                                 const struct pgcensus_diagnostics *diagnostics)
{
    AUTO(buf_fini) struct buf lines = BUF_INIT;
    report_diagnostics(diagnostics, common->verbose, &lines);
    say_lines(&lines);
}

bool inventory_open(const struct common *common, struct inventory *ret_inventory,
                    struct pgcensus_error *ret_error)
{
    AUTO(pgcensus_diagnostics_free) struct pgcensus_diagnostics diagnostics = {0};
    AUTO(pgcensus_config_free)
    struct pgcensus_config *config = inventory_load(common, &diagnostics, ret_error);
    inventory_print_diagnostics(common, &diagnostics);
    if (!config)
        return false;

    struct pgcensus_selection selection = {
        .nodes = common->nodes.items,
        .n_nodes = common->nodes.n,
        .groups = common->groups.items,
        .n_groups = common->groups.n,
        .labels = common->labels.items,
        .n_labels = common->labels.n,
    };
    bool *selected;
    if (!pgcensus_config_select(config, &selection, &selected, ret_error))
        return false;

    size_t n_selected = 0;
    for (size_t i = 0; i < pgcensus_config_size(config); i++)
        n_selected += selected[i];
    *ret_inventory = (struct inventory){take_ptr(config), selected, n_selected};
    return true;
}

void inventory_fini(struct inventory *inventory)
{
    pgcensus_config_free(inventory->config);
    free(inventory->selected);
    *inventory = (struct inventory){0};
}
