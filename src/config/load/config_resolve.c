/* From layers to nodes: identities, labels, and the checks that need all layers at
 * once.
 *
 * An identity only borrows.  Its texts live in layers, its labels in the outermost
 * layer that has them all, so 10,000 nodes share what they inherit. */
#include "config/load/config_resolve.h"

#include "base/memory.h"
#include "config/model/config_options.h"
#include "config/model/passfile.h"
#include "config/model/rules.h"
#include "config/model/services.h"

#define ERROR PGCENSUS_SEVERITY_ERROR

/* ---- labels ---- */

/* Outer labels first; an inner label replaces the outer one of its key.  NULL: no
 * memory. */
static struct pgcensus_label *merge_labels(const struct pgcensus_label *outer,
                                           size_t n_outer, const struct layer *inner,
                                           size_t *ret_n)
{
    struct pgcensus_label *merged =
        memory_array(n_outer + inner->n_labels, sizeof *merged);
    size_t n = 0;
    for (size_t i = 0; merged && i < n_outer; i++) {
        const char *value = layer_label(inner, outer[i].key);
        merged[n++] =
            (struct pgcensus_label){outer[i].key, value ? value : outer[i].value};
    }
    const struct layer known = {.labels = (struct pgcensus_label *)outer,
                                .n_labels = n_outer};
    for (size_t i = 0; merged && i < inner->n_labels; i++)
        if (!layer_label(&known, inner->labels[i].key))
            merged[n++] = inner->labels[i];
    *ret_n = n;
    return merged;
}

static bool resolve_group_labels(struct pgcensus_config *config)
{
    const struct layer *defaults = &config->defaults;
    for (size_t i = 0; i < config->n_groups; i++) {
        struct config_group *group = &config->groups[i];
        group->labels = merge_labels(defaults->labels, defaults->n_labels,
                                     &group->layer, &group->n_labels);
        if (!group->labels)
            return false;
    }
    return true;
}

static bool resolve_labels(const struct pgcensus_config *config,
                           struct config_node *node)
{
    struct pgcensus_identity *identity = &node->identity;
    const struct layer *defaults = &config->defaults;

    identity->labels = node->group ? node->group->labels : defaults->labels;
    identity->n_labels = node->group ? node->group->n_labels : defaults->n_labels;
    if (node->layer.n_labels == 0)
        return true;
    node->labels = merge_labels(identity->labels, identity->n_labels, &node->layer,
                                &identity->n_labels);
    identity->labels = node->labels;
    return node->labels != NULL;
}

/* ---- what is missing ---- */

/* Whether an error was found inside the node: the setting that it lacks may stand there
 * misspelt, and then saying that it is missing is no news. */
static bool is_suspect(const struct pgcensus_config *config, size_t index,
                       const struct diagnostic_list *diagnostics)
{
    const struct config_node *node = &config->nodes[index];
    unsigned end = index + 1 < config->n_nodes ? config->nodes[index + 1].line : 0;
    if (end == 0)
        end = UINT32_MAX;
    for (size_t i = 0; i < diagnostics->kept.n; i++) {
        const struct pgcensus_diagnostic *known = &diagnostics->kept.items[i];
        bool inside =
            node->line ? !known->file && known->line >= node->line && known->line < end
                       : known->file && strncmp(known->file, "--url", 5) == 0;
        if (inside && known->severity == PGCENSUS_SEVERITY_ERROR)
            return true;
    }
    return false;
}

static void check_complete(const struct pgcensus_config *config, size_t index,
                           const struct view *view, struct diagnostic_list *diagnostics)
{
    const struct config_node *node = &config->nodes[index];
    const char *name = view_text(view, KEY_NAME), *message = NULL;

    if (rules_can_connect(view, &message)) {
        if (view->settings[KEY_USER])
            return;
        message = "has no user, and the system user has no name";
    }
    if (is_suspect(config, index, diagnostics))
        return;
    struct source_pos at = {.file = node->line ? NULL : "--url",
                            .line = node->line,
                            .column = node->column};
    diagnose(diagnostics, ERROR, at, NULL, "node %s %s", quoted(name ? name : "").text,
             message);
}

/* ---- all of it ---- */

/* Reads the service and the password file that the node names: a view is complete only
 * after that. */
static void read_named_files(struct pgcensus_config *config,
                             const struct config_node *node,
                             struct value_reader *reader)
{
    const struct layer *level;
    const struct config_setting *service = config_service(config, node, &level);
    struct view view;

    if (service)
        services_need(config->services, service->text, reader,
                      setting_pos(service, level));
    config_view(config, node, &view);
    const struct config_setting *passfile = view.settings[KEY_PASSFILE];
    if (passfile)
        passfiles_need(config->passfiles, passfile->text, reader->diagnostics,
                       setting_pos(passfile, view.layers[KEY_PASSFILE]));
}

void config_resolve(struct pgcensus_config *config, struct value_reader *reader)
{
    if (!resolve_group_labels(config)) {
        reader->diagnostics->no_memory = true;
        return;
    }
    for (size_t i = 0; i < config->n_nodes; i++) {
        struct config_node *node = &config->nodes[i];
        struct config_options options;
        struct view view;
        read_named_files(config, node, reader);
        config_view(config, node, &view);
        rules_check(&view, reader->diagnostics);
        check_complete(config, i, &view, reader->diagnostics);
        config_options_read(&view, &options);
        node->identity = options.node.identity;
        reader->diagnostics->no_memory |= !resolve_labels(config, node);
    }
}
