#include "cli/shared/inventory.h"

#include "base/text.h"
#include "cli/shared/verbose_notes.h"
#include "cli/term/messages.h"
#include "report/diagnostics.h"

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
        .warnings = common->warnings.items,
        .n_warnings = common->warnings.n,
        .criticals = common->criticals.items,
        .n_criticals = common->criticals.n,
        .timeout = common->timeout,
        .connect_timeout = common->connect_timeout,
    };
    return pgcensus_config_load(&source, ret_diagnostics, ret_error);
}

void inventory_tell(const struct common *common,
                    const struct pgcensus_diagnostics *diagnostics,
                    const struct pgcensus_error *error)
{
    AUTO(buf_fini) struct buf lines = BUF_INIT;
    report_diagnostics(diagnostics, common->verbose, &lines);
    say_lines(&lines);
    if (error && diagnostics->n_errors == 0)
        say("%s", error->message);
}

/* All that a plugin has is one line: the first mistake, and that there are others. */
static void name_first_mistake(const struct pgcensus_diagnostics *diagnostics,
                               struct pgcensus_error *error)
{
    size_t more = diagnostics->n_errors + diagnostics->omitted;
    for (size_t i = 0; i < diagnostics->n; i++) {
        const struct pgcensus_diagnostic *mistake = &diagnostics->items[i];
        if (mistake->severity != PGCENSUS_SEVERITY_ERROR)
            continue;
        AUTO(buf_fini) struct buf text = BUF_INIT;
        report_diagnostic_line(mistake, &text);
        more--;
        if (more > 0)
            buf_add_format(&text, " (and %zu more)", more);
        if (!text.broken)
            text_copy(error->message, sizeof error->message, text.bytes);
        return;
    }
}

static bool load(const struct common *common, struct inventory *inventory,
                 struct pgcensus_error *ret_error)
{
    AUTO(pgcensus_diagnostics_free) struct pgcensus_diagnostics diagnostics = {0};
    inventory->config = inventory_load(common, &diagnostics, ret_error);
    if (!common_is_plugin(common))
        inventory_tell(common, &diagnostics, inventory->config ? NULL : ret_error);
    else if (!inventory->config)
        name_first_mistake(&diagnostics, ret_error);
    return inventory->config != NULL;
}

static bool choose(const struct common *common, struct inventory *inventory,
                   struct pgcensus_error *ret_error)
{
    struct pgcensus_selection selection = {
        .nodes = common->nodes.items,
        .n_nodes = common->nodes.n,
        .groups = common->groups.items,
        .n_groups = common->groups.n,
        .labels = common->labels.items,
        .n_labels = common->labels.n,
    };
    if (!pgcensus_config_select(inventory->config, &selection, &inventory->selected,
                                ret_error)) {
        if (!common_is_plugin(common))
            say("%s", ret_error->message);
        return false;
    }
    for (size_t i = 0; i < pgcensus_config_size(inventory->config); i++)
        inventory->n_selected += inventory->selected[i];
    return true;
}

bool inventory_open(const struct common *common, struct inventory *ret_inventory,
                    struct pgcensus_error *ret_error)
{
    AUTO(inventory_fini) struct inventory inventory = {0};
    if (!load(common, &inventory, ret_error) || !choose(common, &inventory, ret_error))
        return false;
    *ret_inventory = inventory;
    inventory = (struct inventory){0};
    return true;
}

void inventory_fini(struct inventory *inventory)
{
    pgcensus_config_free(inventory->config);
    free(inventory->selected);
    *inventory = (struct inventory){0};
}
