/* From a configuration to a fleet.
 *
 * Options are filled by config_options_read(), row by row of the key table.  What is
 * left here takes several keys, or something besides them, to know.  The fleet copies
 * what it is given, so everything that is made here lives for one call. */
#include "config/model/config.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "config/model/config_options.h"
#include "fleet/fleet.h"
#include "pg/environment.h"

enum { NUMBER_SIZE = 24 };

/* What node_options point into while they are handed over. */
struct keyword_room {
    struct pg_keyword keywords[KEY_COUNT];
    char numbers[KEY_COUNT][NUMBER_SIZE];
};

/* In libpq's own spelling. */
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

/* The options that more than one key decides. */
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

static bool add_secrets(struct secrets *secrets, const struct pg_target *target,
                        const struct view *view)
{
    const char *key_password = view_text(view, KEY_SSLPASSWORD);
    return (!target->password || secrets_add(secrets, target->password)) &&
           (!key_password || secrets_add(secrets, key_password));
}

/* All of them, whoever is selected: a rule of a group is about all of its nodes. */
static bool open_groups(const struct pgcensus_config *config,
                        struct pgcensus_fleet *fleet, struct pgcensus_error *ret_error)
{
    for (size_t i = 0; i < config->n_groups; i++) {
        const struct config_group *group = &config->groups[i];
        struct config_options rules;
        config_options_read_rules(&group->layer, &rules);
        if (!fleet_add_group(fleet, group->name, &rules.require, ret_error))
            return false;
    }
    for (size_t i = 0; i < config->n_nodes; i++) {
        const char *group = config->nodes[i].identity.group;
        if (!fleet_add_member(fleet, group, ret_error))
            return false;
    }
    return true;
}

static bool open_node(const struct pgcensus_config *config,
                      const struct config_node *node, struct secrets *secrets,
                      struct pgcensus_fleet *fleet, struct pgcensus_error *ret_error)
{
    struct view view;
    struct keyword_room room;
    struct config_options options;

    config_view(config, node, &view);
    config_options_read(&view, &options);
    options.node.identity = node->identity; /* with its labels */
    fill_options(config, &view, &room, &options);
    if (!add_secrets(secrets, &options.node.target, &view))
        return error_memory(ret_error);
    if (options.node.target.gss)
        pg_environment_allow_kerberos();
    return fleet_add(fleet, &options.node, ret_error);
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
            !open_node(config, &config->nodes[i], secrets, fleet, ret_error))
            return NULL;
    return take_ptr(fleet);
}
