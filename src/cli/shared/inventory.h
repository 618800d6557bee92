/* From the command line to a list of nodes: the configuration, what it complains
 * about, and which of its nodes were asked for. */
#ifndef CLI_SHARED_INVENTORY_H
#define CLI_SHARED_INVENTORY_H

#include "cli/shared/check_options.h"
#include "cli/shared/output_options.h"

#include <pgcensus/pgcensus.h>

AUTO_DEFINE(struct pgcensus_config *, pgcensus_config_free)
AUTO_DEFINE_VALUE(struct pgcensus_diagnostics, pgcensus_diagnostics_free)

/* What a command line says of its nodes. */
struct node_request {
    const struct source_options *source;
    const struct selection_options *selection;
    const struct time_options *time;    /* they are settings of nodes, too; … */
    const struct limit_options *limits; /* … NULL: the command has none */
    const struct output_options *output;
};

struct inventory {
    struct pgcensus_config *config;
    bool *selected; /* one per node of the configuration */
    size_t n_selected;
};

/* Prepares the process (once, before any thread) and loads; nothing is printed.
 * NULL: error and diagnostics say why.  Diagnostics may be there on success, too. */
struct pgcensus_config *inventory_load(const struct node_request *request,
                                       struct pgcensus_diagnostics *ret_diagnostics,
                                       struct pgcensus_error *ret_error);

/* All that there is to say of a configuration, in GNU form to stderr.  error: why it
 * could not be loaded, NULL if it was; said only if the diagnostics do not. */
void inventory_tell(bool verbose, const struct pgcensus_diagnostics *diagnostics,
                    const struct pgcensus_error *error);

/* Loads and selects by -n, -g and -l.  What is wrong, if it fails and if not, is told
 * on stderr here; for a plugin, ret_error alone has it. */
bool inventory_open(const struct node_request *request, struct inventory *ret_inventory,
                    struct pgcensus_error *ret_error);
void inventory_fini(struct inventory *inventory);
AUTO_DEFINE_VALUE(struct inventory, inventory_fini)

#endif
