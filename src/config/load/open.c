/* From a configuration to a fleet.
 *
 * config_options_read() fills the options row by row of the key table.  What is left
 * here takes several keys to know, or something besides them.  The fleet copies what it
 * is given, so everything that is made here lives for one call. */
#include "config/model/config.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "config/model/config_options.h"
#include "fleet/fleet.h"
#include "pg/environment.h"

#include <pgcensus/nodes.h>
#include <string.h>

enum { NUMBER_SIZE = 24 };

/* The keywords of one node, in memory that lives until the fleet has copied them. */
struct keyword_room {
    struct pg_keyword keywords[KEY_COUNT];
    char numbers[KEY_COUNT][NUMBER_SIZE];
};

/* The value in libpq's spelling: seconds or milliseconds without a unit, 1 and 0. */
static const char *libpq_text(const struct config_setting *setting,
                              const struct key_row *row, char number[NUMBER_SIZE])
{
    int64_t value = setting->value.number;
    if (row->kind != KIND_DURATION && row->kind != KIND_BOOLEAN)
        return setting->text;
    snprintf(number, NUMBER_SIZE, "%lld",
             (long long)(row->kind == KIND_DURATION ? value / row->unit : value));
    return number;
}

static void fill_keywords(const struct view *view, struct keyword_room *room,
                          struct pg_target *target)
{
    for (unsigned key = 0; key < KEY_COUNT; key++) {
        const struct key_row *row = key_row((enum key)key);
        const struct config_setting *setting = view->settings[key];
        if (row->keyword && setting)
            room->keywords[target->n_keywords++] = (struct pg_keyword){
                row->path, libpq_text(setting, row, room->numbers[key])};
    }
    target->keywords = room->keywords;
}

/* The options that take more than one key to know. */
static void fill_options(const struct pgcensus_config *config, const struct view *view,
                         struct keyword_room *room, struct config_options *options)
{
    struct node_options *node = &options->node;
    const char *origin;

    node->target.password = config_password(config, view, &origin);
    node->target.gss =
        view_number(view, KEY_GSSENCMODE) > 0 || view->settings[KEY_KRBSRVNAME];
    if (!view->settings[KEY_SSLMODE_MIN])
        node->target.sslmode_min = node->target.sslmode;
    fill_keywords(view, room, &node->target);

    if (config->total_timeout)
        node->probe.total = node->probe.limit = config->total_timeout;
    for (unsigned metric = 0; metric < PGCENSUS_METRICS; metric++)
        if (options->limits[metric].warn.set || options->limits[metric].critical.set)
            node->limits = options->limits;
}

static bool open_group(const struct config_group *group, struct pgcensus_fleet *fleet,
                       struct pgcensus_error *ret_error)
{
    struct config_options rules;
    config_options_read_rules(&group->layer, &rules);
    return fleet_add_group(fleet, group->name, &rules.require, ret_error);
}

/* Groups know all of their nodes, whichever are selected: rules are about all. */
static bool open_groups(const struct pgcensus_config *config,
                        struct pgcensus_fleet *fleet, struct pgcensus_error *ret_error)
{
    for (size_t i = 0; i < config->n_groups; i++)
        if (!open_group(&config->groups[i], fleet, ret_error))
            return false;
    for (size_t i = 0; i < config->n_nodes; i++) {
        const char *group = config->nodes[i].identity.group;
        if (!fleet_add_member(fleet, group, ret_error))
            return false;
    }
    return true;
}

enum occasion { OPENING, ADDING, RENEWING };

/* Kerberos needs variables of the environment, which cannot change once the fleet is
 * open: threads read them. */
static bool have_kerberos(const struct node_options *options, enum occasion occasion,
                          struct pgcensus_error *ret_error)
{
    if (!options->target.gss || pg_environment_has_kerberos())
        return true;
    if (occasion != OPENING)
        return error_set(ret_error, PGCENSUS_TROUBLE_CONFIG,
                         "%s: a node that asks for Kerberos cannot be the first one "
                         "in a fleet that is open already",
                         options->identity.name);
    pg_environment_allow_kerberos();
    return true;
}

static bool hand_over(const struct pgcensus_config *config,
                      const struct config_node *node, enum occasion occasion,
                      struct pgcensus_fleet *fleet, struct pgcensus_error *ret_error)
{
    struct view view;
    struct keyword_room room;
    struct config_options options;

    config_view(config, node, &view);
    config_options_read(&view, &options);
    options.node.identity = node->identity; /* with its labels */
    fill_options(config, &view, &room, &options);
    struct secrets *secrets = fleet_secrets(fleet);
    const char *password = options.node.target.password;
    const char *key_password = view_text(&view, KEY_SSLPASSWORD);
    if ((password && !secrets_add(secrets, password)) ||
        (key_password && !secrets_add(secrets, key_password)))
        return error_memory(ret_error);
    return have_kerberos(&options.node, occasion, ret_error) &&
           (occasion == RENEWING ? fleet_renew(fleet, &options.node, ret_error)
                                 : fleet_add(fleet, &options.node, ret_error));
}

struct pgcensus_fleet *pgcensus_config_open(const struct pgcensus_config *config,
                                            const bool *selected,
                                            struct pgcensus_error *ret_error)
{
    struct secrets *secrets = secrets_new();
    if (!secrets) {
        error_memory(ret_error);
        return NULL;
    }
    AUTO(pgcensus_fleet_free)
    struct pgcensus_fleet *fleet = fleet_new(secrets, ret_error);
    if (!fleet || !open_groups(config, fleet, ret_error))
        return NULL;
    for (size_t i = 0; i < config->n_nodes; i++)
        if ((!selected || selected[i]) &&
            !hand_over(config, &config->nodes[i], OPENING, fleet, ret_error))
            return NULL;
    return take_ptr(fleet);
}

/* The group of that node has the rules of this configuration from now on, and one
 * member more. */
static bool join_group(const struct pgcensus_config *config, const char *name,
                       struct pgcensus_fleet *fleet, struct pgcensus_error *ret_error)
{
    for (size_t i = 0; name && i < config->n_groups; i++)
        if (!strcmp(config->groups[i].name, name) &&
            !open_group(&config->groups[i], fleet, ret_error))
            return false;
    return fleet_add_member(fleet, name, ret_error);
}

bool pgcensus_fleet_add(struct pgcensus_fleet *fleet,
                        const struct pgcensus_config *config, size_t node,
                        struct pgcensus_handle *ret_handle,
                        struct pgcensus_error *ret_error)
{
    const struct config_node *added = &config->nodes[node];
    size_t index;
    if (!join_group(config, added->identity.group, fleet, ret_error))
        return false;
    if (!hand_over(config, added, ADDING, fleet, ret_error)) {
        fleet_drop_member(fleet, added->identity.group);
        return false;
    }
    return pgcensus_fleet_find(fleet, added->identity.name, &index) &&
           pgcensus_fleet_handle(fleet, index, ret_handle);
}

bool pgcensus_fleet_renew(struct pgcensus_fleet *fleet,
                          const struct pgcensus_config *config, size_t node,
                          struct pgcensus_error *ret_error)
{
    const struct config_node *renewed = &config->nodes[node];
    AUTO(free) char *before = NULL;
    size_t index;
    if (pgcensus_fleet_find(fleet, renewed->identity.name, &index)) {
        const char *group = pgcensus_fleet_node(fleet, index)->group;
        if (group && !(before = strdup(group)))
            return error_memory(ret_error);
    }
    if (!join_group(config, renewed->identity.group, fleet, ret_error))
        return false;
    bool done = hand_over(config, renewed, RENEWING, fleet, ret_error);
    fleet_drop_member(fleet, done ? before : renewed->identity.group);
    return done;
}
