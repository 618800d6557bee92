/* From settings to a fleet.
 *
 * This is the one place that knows which key fills which option of the lower rooms;
 * none of them knows what a key is.  The fleet copies what it is given, so everything
 * that is made here lives for one call. */
#include "config/model/config.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "fleet/fleet.h"
#include "pg/environment.h"

enum { NUMBER_SIZE = 24 };

/* What node_options point into while they are handed over. */
struct parts {
    struct pg_keyword keywords[KEY_COUNT];
    char numbers[KEY_COUNT][NUMBER_SIZE];
    struct pgcensus_limits limits[PGCENSUS_METRICS];
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

static void fill_keywords(const struct view *view, struct parts *parts,
                          struct pg_target *target)
{
    for (unsigned key = 0; key < KEY_COUNT; key++) {
        const struct key_row *row = key_row((enum key)key);
        const struct config_setting *setting = view->settings[key];
        if (row->keyword && setting)
            parts->keywords[target->n_keywords++] = (struct pg_keyword){
                row->path, libpq_text(setting, row, parts->numbers[key])};
    }
    target->keywords = parts->keywords;
}

static void fill_target(const struct pgcensus_config *config,
                        const struct config_node *node, const struct view *view,
                        struct parts *parts, struct pg_target *target)
{
    const struct pgcensus_identity *identity = &node->identity;
    const char *origin;

    *target = (struct pg_target){
        .host = identity->host,
        .hostaddr = view_text(view, KEY_HOSTADDR),
        .port = identity->port,
        .dbname = identity->dbname,
        .user = identity->user,
        .password = config_password(config, view, &origin),
        .sslmode = (enum pg_sslmode)view_number(view, KEY_SSLMODE),
        .via_pooler = identity->via_pooler,
        .gss = view_number(view, KEY_GSSENCMODE) > 0 || view->settings[KEY_KRBSRVNAME],
        .max_scram_iterations = (unsigned)view_number(view, KEY_MAX_SCRAM_ITERATIONS),
    };
    target->sslmode_min = view->settings[KEY_SSLMODE_MIN]
                              ? (enum pg_sslmode)view_number(view, KEY_SSLMODE_MIN)
                              : target->sslmode;
    fill_keywords(view, parts, target);
}

static void fill_probe(const struct pgcensus_config *config, const struct view *view,
                       struct probe_options *probe)
{
    nsec connect = view_number(view, KEY_CONNECT_TIMEOUT);
    *probe = (struct probe_options){
        .total = config->total_timeout ? config->total_timeout : connect,
        .limit = config->total_timeout,
        .timeout = view_number(view, KEY_CHECK_TIMEOUT),
        .query = view_text(view, KEY_CHECK_QUERY),
        .role_status =
            view_number(view, KEY_ROLE_MISMATCH) == 0 ? PGCENSUS_WARN : PGCENSUS_DOWN,
    };
}

static struct pgcensus_range range_of(const struct view *view, enum key key)
{
    const struct config_setting *setting = view->settings[key];
    return setting ? setting->value.range : (struct pgcensus_range){.set = false};
}

static void fill_limits(const struct view *view, struct parts *parts,
                        struct node_options *options)
{
    for (unsigned i = 0; i < PGCENSUS_METRICS; i++) {
        enum pgcensus_metric metric = (enum pgcensus_metric)i;
        struct pgcensus_limits *limits = &parts->limits[i];
        limits->warn = range_of(view, key_threshold(metric, false));
        limits->critical = range_of(view, key_threshold(metric, true));
        if (limits->warn.set || limits->critical.set)
            options->limits = parts->limits;
    }
}

static void fill_options(const struct pgcensus_config *config,
                         const struct config_node *node, const struct view *view,
                         struct parts *parts, struct node_options *options)
{
    *options = (struct node_options){.identity = node->identity};
    fill_target(config, node, view, parts, &options->target);
    fill_probe(config, view, &options->probe);
    fill_limits(view, parts, options);
    options->pool = (struct pool_options){
        .min = (unsigned)view_number(view, KEY_POOL_MIN),
        .max = (unsigned)view_number(view, KEY_POOL_MAX),
        .idle_timeout = view_number(view, KEY_POOL_IDLE_TIMEOUT),
        .max_lifetime = view_number(view, KEY_POOL_MAX_LIFETIME),
        .acquire_timeout = view_number(view, KEY_POOL_ACQUIRE_TIMEOUT),
        .connect_timeout = view_number(view, KEY_CONNECT_TIMEOUT),
    };
    options->statement = (struct statement_options){
        .timeout = view_number(view, KEY_QUERY_TIMEOUT),
        .max_rows = (size_t)view_number(view, KEY_LIMITS_MAX_ROWS),
        .max_bytes = (size_t)view_number(view, KEY_LIMITS_MAX_BYTES),
        .max_row_bytes = (size_t)view_number(view, KEY_LIMITS_MAX_ROW_BYTES),
    };
    options->health = (struct health_options){
        .fall = (unsigned)view_number(view, KEY_CHECK_FALL),
        .rise = (unsigned)view_number(view, KEY_CHECK_RISE),
        .max_attempts = (unsigned)view_number(view, KEY_RECONNECT_MAX_ATTEMPTS),
    };
    options->schedule = (struct schedule_options){
        .interval = view_number(view, KEY_CHECK_INTERVAL),
        .fast_interval = view_number(view, KEY_CHECK_FAST_INTERVAL),
    };
    options->reconnect = (struct backoff_options){
        .strategy = (enum backoff_strategy)view_number(view, KEY_RECONNECT_STRATEGY),
        .initial = view_number(view, KEY_RECONNECT_INITIAL),
        .max = view_number(view, KEY_RECONNECT_MAX),
        .increment = view_number(view, KEY_RECONNECT_INCREMENT),
        .multiplier = view_ratio(view, KEY_RECONNECT_MULTIPLIER),
        .jitter = view_ratio(view, KEY_RECONNECT_JITTER),
        .max_attempts = (unsigned)view_number(view, KEY_RECONNECT_MAX_ATTEMPTS),
    };
    options->retry = (struct retry_options){
        .max_retries = (unsigned)view_number(view, KEY_RETRY_MAX_RETRIES),
        .initial = view_number(view, KEY_RETRY_INITIAL),
        .max = view_number(view, KEY_RETRY_MAX),
        .multiplier = view_ratio(view, KEY_RETRY_MULTIPLIER),
    };
}

static bool add_secrets(struct secrets *secrets, const struct pg_target *target,
                        const struct view *view)
{
    const char *key_password = view_text(view, KEY_SSLPASSWORD);
    return (!target->password || secrets_add(secrets, target->password)) &&
           (!key_password || secrets_add(secrets, key_password));
}

/* -1 if there is no such rule. */
static int rule_of(const struct config_group *group, enum key key)
{
    const struct config_setting *setting = layer_find(&group->layer, key);
    return setting ? (int)setting->value.number : -1;
}

/* All of them, whoever is selected: a rule of a group is about all of its nodes. */
static bool open_groups(const struct pgcensus_config *config,
                        struct pgcensus_fleet *fleet, struct pgcensus_error *ret_error)
{
    for (size_t i = 0; i < config->n_groups; i++) {
        const struct config_group *group = &config->groups[i];
        struct pgcensus_require require = {
            .primaries = rule_of(group, KEY_REQUIRE_PRIMARIES),
            .standbys = rule_of(group, KEY_REQUIRE_STANDBYS),
            .min_healthy = rule_of(group, KEY_REQUIRE_MIN_HEALTHY),
        };
        if (!fleet_add_group(fleet, group->name, &require, ret_error))
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
    struct parts parts;
    struct node_options options;

    config_view(config, node, &view);
    fill_options(config, node, &view, &parts, &options);
    if (!add_secrets(secrets, &options.target, &view))
        return error_memory(ret_error);
    if (options.target.gss)
        pg_environment_allow_kerberos();
    return fleet_add(fleet, &options, ret_error);
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
