#include "config/model/config.h"

#include "base/memory.h"
#include "config/model/passfile.h"
#include "config/model/services.h"
#include "config/model/show.h"

struct pgcensus_config *config_new(void)
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

void pgcensus_config_free(struct pgcensus_config *config)
{
    if (!config)
        return;
    for (size_t i = 0; i < config->n_nodes; i++) {
        layer_fini(&config->nodes[i].layer);
        free(config->nodes[i].labels);
    }
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

struct config_node *config_add_node(struct pgcensus_config *config)
{
    if (!memory_grow(&config->nodes, &config->cap_nodes, config->n_nodes,
                     sizeof *config->nodes))
        return NULL;
    return &config->nodes[config->n_nodes++];
}
