#include "cli/shared/inventory.h"

#include "base/text.h"
#include "cli/shared/verbose_notes.h"
#include "cli/term/messages.h"
#include "report/diagnostics.h"

#include <stdlib.h>

struct pgcensus_config *inventory_load(const struct node_request *request,
                                       struct pgcensus_diagnostics *ret_diagnostics,
                                       struct pgcensus_error *ret_error)
{
    const char *ignored;
    if (pgcensus_environment_prepare(&ignored) > 0 && request->output->verbose)
        notes_on_environment(ignored);

    const struct source_options *from = request->source;
    struct pgcensus_config_source source = {
        .path = from->config,
        .urls = from->urls.items,
        .n_urls = from->urls.n,
        .sets = from->sets.items,
        .n_sets = from->sets.n,
    };
    if (request->limits) {
        source.warnings = request->limits->warnings.items;
        source.n_warnings = request->limits->warnings.n;
        source.criticals = request->limits->criticals.items;
        source.n_criticals = request->limits->criticals.n;
    }
    if (request->time) {
        source.timeout = request->time->timeout;
        source.connect_timeout = request->time->connect_timeout;
    }
    return pgcensus_config_load(&source, ret_diagnostics, ret_error);
}

void inventory_tell(bool verbose, const struct pgcensus_diagnostics *diagnostics,
                    const struct pgcensus_error *error)
{
    AUTO(buf_fini) struct buf lines = BUF_INIT;
    report_diagnostics(diagnostics, verbose, &lines);
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

static bool load_config(const struct node_request *request, struct inventory *inventory,
                        struct pgcensus_error *ret_error)
{
    AUTO(pgcensus_diagnostics_free) struct pgcensus_diagnostics diagnostics = {0};
    inventory->config = inventory_load(request, &diagnostics, ret_error);
    if (!output_is_plugin(request->output))
        inventory_tell(request->output->verbose, &diagnostics,
                       inventory->config ? NULL : ret_error);
    else if (!inventory->config)
        name_first_mistake(&diagnostics, ret_error);
    return inventory->config != NULL;
}

static bool choose_nodes(const struct node_request *request,
                         struct inventory *inventory, struct pgcensus_error *ret_error)
{
    struct pgcensus_selection selection = {
        .nodes = request->selection->nodes.items,
        .n_nodes = request->selection->nodes.n,
        .groups = request->selection->groups.items,
        .n_groups = request->selection->groups.n,
        .labels = request->selection->labels.items,
        .n_labels = request->selection->labels.n,
    };
    if (!pgcensus_config_select(inventory->config, &selection, &inventory->selected,
                                ret_error)) {
        if (!output_is_plugin(request->output))
            say("%s", ret_error->message);
        return false;
    }
    for (size_t i = 0; i < pgcensus_config_size(inventory->config); i++)
        inventory->n_selected += inventory->selected[i];
    return true;
}

bool inventory_open(const struct node_request *request, struct inventory *ret_inventory,
                    struct pgcensus_error *ret_error)
{
    AUTO(inventory_fini) struct inventory inventory = {0};
    if (!load_config(request, &inventory, ret_error) ||
        !choose_nodes(request, &inventory, ret_error))
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
