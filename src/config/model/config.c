/* What a configuration owns, and what holds for one of its nodes.
 *
 * Nothing is resolved in advance: a view is laid together from layers whenever somebody
 * asks, in a microsecond, so that 10,000 nodes cost what was written for them and not
 * 10,000 copies of what they inherit. */
#include "config/model/config.h"

#include "base/memory.h"
#include "config/model/passfile.h"
#include "config/model/rules.h"
#include "config/model/services.h"
#include "config/model/show.h"

struct pgcensus_config *inventory_new(void)
{
    AUTO(pgcensus_config_free)
    struct pgcensus_config *config = memory_new(struct pgcensus_config);
    if (!config)
        return NULL;
    config->builtin.origin = "built-in";
    config->builtin.builtin = true;
    config->environment.origin = "environment";
    config->defaults.origin = "defaults";
    config->set.origin = "--set";
    config->warning.origin = "--warning";
    config->critical.origin = "--critical";
    config->timeout.origin = "--timeout";
    config->connect_timeout.origin = "--connect-timeout";
    config->services = services_new();
    config->passfiles = passfiles_new();
    config->secrets = secrets_new();
    return config->services && config->passfiles && config->secrets ? take_ptr(config)
                                                                    : NULL;
}

static void free_node(struct node *node)
{
    layer_fini(&node->layer);
    free(node->labels);
}

void pgcensus_config_free(struct pgcensus_config *config)
{
    if (!config)
        return;
    for (size_t i = 0; i < config->n_nodes; i++)
        free_node(&config->nodes[i]);
    free(config->nodes);
    name_table_fini(&config->node_names);
    for (size_t i = 0; i < config->n_groups; i++) {
        layer_fini(&config->groups[i].layer);
        free(config->groups[i].labels);
    }
    free(config->groups);
    name_table_fini(&config->group_names);

    layer_fini(&config->builtin);
    layer_fini(&config->environment);
    layer_fini(&config->defaults);
    layer_fini(&config->set);
    layer_fini(&config->warning);
    layer_fini(&config->critical);
    layer_fini(&config->timeout);
    layer_fini(&config->connect_timeout);
    services_free(config->services);
    passfiles_free(config->passfiles);
    secrets_free(config->secrets);
    show_free(config->shown);
    free(config->directory);
    free(config->path);
    free(config);
}

const char *pgcensus_config_path(const struct pgcensus_config *config)
{
    return config->path;
}

size_t pgcensus_config_size(const struct pgcensus_config *config)
{
    return config->n_nodes;
}

const struct pgcensus_identity *
pgcensus_config_node(const struct pgcensus_config *config, size_t index)
{
    return &config->nodes[index].identity;
}

struct node *inventory_add_node(struct pgcensus_config *config)
{
    if (!memory_grow(&config->nodes, &config->cap_nodes, config->n_nodes,
                     sizeof *config->nodes))
        return NULL;
    return &config->nodes[config->n_nodes++];
}

/* ---- what holds in the end ---- */

enum { N_LEVELS = 8 };

static size_t list_levels(const struct pgcensus_config *config, const struct node *node,
                          const struct layer *levels[N_LEVELS])
{
    size_t n = 0;
    levels[n++] = &config->defaults;
    if (node->group)
        levels[n++] = &node->group->layer;
    levels[n++] = &node->layer;
    levels[n++] = &config->set;
    levels[n++] = &config->warning;
    levels[n++] = &config->critical;
    levels[n++] = &config->timeout;
    levels[n++] = &config->connect_timeout;
    return n;
}

const struct item *inventory_service(const struct pgcensus_config *config,
                                     const struct node *node,
                                     const struct layer **ret_level)
{
    const struct layer *levels[N_LEVELS];
    for (size_t i = list_levels(config, node, levels); i-- > 0;) {
        const struct item *item = layer_find(levels[i], KEY_SERVICE);
        if (item) {
            *ret_level = levels[i];
            return item;
        }
    }
    return NULL;
}

void inventory_view(const struct pgcensus_config *config, const struct node *node,
                    struct view *ret_view)
{
    const struct layer *levels[N_LEVELS], *service_level = NULL, *service = NULL;
    size_t n = list_levels(config, node, levels);
    const struct item *named = inventory_service(config, node, &service_level);

    if (named)
        service = services_find(config->services, named->text);
    *ret_view = config->base;
    for (size_t i = 0; i < n; i++) {
        if (service && levels[i] == service_level)
            view_lay(ret_view, service);
        view_lay(ret_view, levels[i]);
    }
    rules_settle(ret_view);
}

const char *inventory_password(const struct pgcensus_config *config,
                               const struct view *view, const char **ret_origin)
{
    const struct item *const *items = view->items;
    const char *host = view_text(view, KEY_HOST), *found = NULL;
    uint16_t port = (uint16_t)view_number(view, KEY_PORT);

    if (!host)
        host = view_text(view, KEY_HOSTADDR);
    *ret_origin = NULL;
    /* PGPASSWORD is the weakest setting, yet stronger than the user's password file. */
    if (items[KEY_PASSWORD] && view->layers[KEY_PASSWORD] != &config->environment)
        return items[KEY_PASSWORD]->text;
    if (items[KEY_PASSWORD_FILE])
        return items[KEY_PASSWORD_FILE]->value.secret;
    if (items[KEY_PASSFILE] && host)
        found = passfiles_find(config->passfiles, items[KEY_PASSFILE]->text, host, port,
                               view_text(view, KEY_DBNAME), view_text(view, KEY_USER));
    if (found) {
        *ret_origin = "passfile";
        return found;
    }
    const struct item *variable = layer_find(&config->environment, KEY_PASSWORD);
    if (variable) {
        *ret_origin = "environment";
        return variable->text;
    }
    if (host)
        found = passfiles_find(config->passfiles, NULL, host, port,
                               view_text(view, KEY_DBNAME), view_text(view, KEY_USER));
    if (found)
        *ret_origin = ".pgpass";
    return found;
}
