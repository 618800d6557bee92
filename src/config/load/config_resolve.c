/* From layers to nodes: identities, labels, and the checks that need all layers at
 * once.
 *
 * The invariant: an identity only borrows.  Its texts live in layers, its labels in
 * the outermost layer that has them all, so 10,000 nodes share what they inherit. */
#include "config/model/config.h"

#include "base/memory.h"
#include "config/model/passfile.h"
#include "config/model/rules.h"
#include "config/model/services.h"

#define ERROR PGCENSUS_SEVERITY_ERROR

/* ---- labels ---- */

/* Outer labels first, an inner one of the same key in their place.  NULL: no memory. */
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

static bool settle_group_labels(struct pgcensus_config *config)
{
    const struct layer *defaults = &config->defaults;
    for (size_t i = 0; i < config->n_groups; i++) {
        struct group *group = &config->groups[i];
        group->labels = merge_labels(defaults->labels, defaults->n_labels,
                                     &group->layer, &group->n_labels);
        if (!group->labels)
            return false;
    }
    return true;
}

static bool settle_labels(const struct pgcensus_config *config, struct node *node)
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

/* ---- identity ---- */

static enum pgcensus_role expected_role(const struct view *view)
{
    enum pgcensus_role role = PGCENSUS_ROLE_UNKNOWN;
    const char *name = view_text(view, KEY_EXPECT_ROLE);
    if (name)
        pgcensus_role_find(name, &role);
    return role;
}

static void settle_identity(struct node *node, const struct view *view)
{
    struct pgcensus_identity *identity = &node->identity;
    const char *host = view_text(view, KEY_HOST);

    identity->name = view_text(view, KEY_NAME);
    identity->group = view_text(view, KEY_GROUP);
    identity->hostaddr = view_text(view, KEY_HOSTADDR);
    identity->host = host ? host : identity->hostaddr;
    identity->port = (uint16_t)view_number(view, KEY_PORT);
    identity->dbname = view_text(view, KEY_DBNAME);
    identity->user = view_text(view, KEY_USER);
    identity->enabled = view_number(view, KEY_ENABLED);
    identity->via_pooler = view_number(view, KEY_VIA) >= 1;
    identity->simple = view_number(view, KEY_PROTOCOL) == 1;
    identity->allow_write = view_number(view, KEY_ALLOW_WRITE);
    identity->expect_role = expected_role(view);
    identity->expect_archive = view_number(view, KEY_EXPECT) == 1;
}

/* ---- what is missing ---- */

static struct place place_of_node(const struct node *node)
{
    return (struct place){.file = node->line ? NULL : "--url",
                          .line = node->line,
                          .column = node->column};
}

/* Whether an error was found inside the node, so that what it lacks may stand there
 * misspelt: then its absence is no news. */
static bool is_suspect(const struct pgcensus_config *config, size_t index,
                       const struct complaints *complaints)
{
    const struct node *node = &config->nodes[index];
    unsigned end = index + 1 < config->n_nodes ? config->nodes[index + 1].line : 0;
    if (end == 0)
        end = UINT32_MAX;
    for (size_t i = 0; i < complaints->kept.n; i++) {
        const struct pgcensus_diagnostic *known = &complaints->kept.items[i];
        bool inside =
            node->line ? !known->file && known->line >= node->line && known->line < end
                       : known->file && strncmp(known->file, "--url", 5) == 0;
        if (inside && known->severity == PGCENSUS_SEVERITY_ERROR)
            return true;
    }
    return false;
}

static void check_complete(const struct pgcensus_config *config, size_t index,
                           const struct view *view, struct complaints *complaints)
{
    const struct node *node = &config->nodes[index];
    const char *name = view_text(view, KEY_NAME), *message = NULL;

    if (rules_can_connect(view, &message)) {
        if (view->items[KEY_USER])
            return;
        message = "has no user, and the system user has no name";
    }
    if (!is_suspect(config, index, complaints))
        complain(complaints, ERROR, place_of_node(node), NULL, "node %s %s",
                 quoted(name ? name : "").text, message);
}

/* ---- all of it ---- */

/* What must be read from other files before a view is complete. */
static void need_files(struct pgcensus_config *config, const struct node *node,
                       struct taker *taker)
{
    const struct layer *level;
    const struct item *service = inventory_service(config, node, &level);
    struct view view;

    if (service)
        services_need(config->services, service->text, taker,
                      item_place(service, level));
    inventory_view(config, node, &view);
    const struct item *passfile = view.items[KEY_PASSFILE];
    if (passfile)
        passfiles_need(config->passfiles, passfile->text, taker->complaints,
                       item_place(passfile, view.layers[KEY_PASSFILE]));
}

void inventory_settle(struct pgcensus_config *config, struct taker *taker)
{
    if (!settle_group_labels(config)) {
        taker->complaints->no_memory = true;
        return;
    }
    for (size_t i = 0; i < config->n_nodes; i++) {
        struct node *node = &config->nodes[i];
        struct view view;
        need_files(config, node, taker);
        inventory_view(config, node, &view);
        rules_check(&view, taker->complaints);
        check_complete(config, i, &view, taker->complaints);
        settle_identity(node, &view);
        taker->complaints->no_memory |= !settle_labels(config, node);
    }
}
