/* A configuration from inside: its layers, groups and nodes. */
#ifndef CONFIG_MODEL_CONFIG_H
#define CONFIG_MODEL_CONFIG_H

#include "base/name_table.h"
#include "config/model/value_reader.h"

struct passfiles;
struct services;
struct shown;

struct config_group {
    const char *name; /* inside its layer; NULL: its name was wrong */
    struct layer layer;
    struct pgcensus_label *labels; /* its own and the defaults'; borrows all texts */
    size_t n_labels;
};

struct config_node {
    struct pgcensus_identity identity;
    struct layer layer;
    const struct config_group *group; /* NULL: none of the file's */
    unsigned line, column;            /* 0: not in the file */
    struct pgcensus_label *labels;    /* merged, if it has its own; borrows all texts */
};

struct pgcensus_config {
    char *path;      /* NULL: all nodes came from --url */
    char *directory; /* of path */

    /* From weak to strong; groups and nodes come between defaults and set. */
    struct layer builtin, environment, defaults, set, warning, critical, timeout,
        connect_timeout;
    struct view base; /* builtin and environment */

    struct config_group *groups;
    size_t n_groups;
    bool has_groups; /* there is a groups: section, so names must be in it */
    struct name_table group_names;

    struct config_node *nodes;
    size_t n_nodes, cap_nodes;
    struct name_table node_names;

    struct services *services;
    struct passfiles *passfiles;
    struct secrets *secrets; /* of variables; the values of other keys may show them */
    nsec total_timeout;      /* --timeout; 0: not given */

    struct shown *shown; /* what `config show` asked for; made lazily */
};

/* The settings of a node in the end. */
void config_view(const struct pgcensus_config *config, const struct config_node *node,
                 struct view *ret_view);

/* The strongest `service`, and the level at which it stands; NULL: none. */
const struct config_setting *config_service(const struct pgcensus_config *config,
                                            const struct config_node *node,
                                            const struct layer **ret_level);

/* The password of a node; NULL: none.  *ret_origin: where it comes from, if not from
 * the setting of the view, else NULL. */
const char *config_password(const struct pgcensus_config *config,
                            const struct view *view, const char **ret_origin);

struct pgcensus_config *config_new(void); /* NULL: no memory */
AUTO_DEFINE(struct pgcensus_config *, pgcensus_config_free)

/* Adds a node without settings; NULL: no memory.  Nodes move: keep no pointers while
 * adding. */
struct config_node *config_add_node(struct pgcensus_config *config);

#endif
