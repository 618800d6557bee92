/* From settings to the options of a fleet, which is a fake here. */
#include "fleet/fleet.h"

#include "base/clock.h"
#include "config_stage.h"

#include <pgcensus/nodes.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 4 };

struct pgcensus_fleet {
    struct secrets *secrets;
    size_t n;
    struct node_options options[MOST];
    struct pg_target *targets[MOST];
    struct pgcensus_limits limits[MOST][PGCENSUS_METRICS];
    struct buf groups; /* what was said of them: "+a 1 -1 2" for rules, "a" for nodes */
};

struct pgcensus_fleet *fleet_new(struct secrets *secrets,
                                 struct pgcensus_error *ret_error)
{
    struct pgcensus_fleet *fleet = calloc(1, sizeof *fleet);
    assert_non_null(fleet);
    fleet->secrets = secrets;
    fleet->groups = BUF_INIT;
    return fleet;
}

bool fleet_add(struct pgcensus_fleet *fleet, const struct node_options *options,
               struct pgcensus_error *ret_error)
{
    assert_true(fleet->n < MOST);
    fleet->options[fleet->n] = *options;
    fleet->targets[fleet->n] = pg_target_copy(&options->target);
    if (options->limits)
        memcpy(fleet->limits[fleet->n], options->limits, sizeof *fleet->limits);
    fleet->n++;
    return true;
}

bool fleet_add_group(struct pgcensus_fleet *fleet, const char *name,
                     const struct pgcensus_require *require,
                     struct pgcensus_error *ret_error)
{
    buf_add_format(&fleet->groups, "+%s %d %d %d\n", name, require->primaries,
                   require->standbys, require->min_healthy);
    return true;
}

bool fleet_add_member(struct pgcensus_fleet *fleet, const char *group,
                      struct pgcensus_error *ret_error)
{
    buf_add_format(&fleet->groups, "%s\n", group ? group : "(none)");
    return true;
}

static size_t find(const struct pgcensus_fleet *fleet, const char *name)
{
    for (size_t i = 0; i < fleet->n; i++)
        if (!strcmp(fleet->options[i].identity.name, name))
            return i;
    return SIZE_MAX;
}

bool fleet_renew(struct pgcensus_fleet *fleet, const struct node_options *options,
                 struct pgcensus_error *ret_error)
{
    size_t at = find(fleet, options->identity.name);
    if (at == SIZE_MAX)
        return false;
    pg_target_free(fleet->targets[at]);
    fleet->options[at] = *options;
    fleet->targets[at] = pg_target_copy(&options->target);
    return true;
}

void fleet_drop_member(struct pgcensus_fleet *fleet, const char *group)
{
    buf_add_format(&fleet->groups, "-%s\n", group ? group : "(none)");
}

struct secrets *fleet_secrets(struct pgcensus_fleet *fleet)
{
    return fleet->secrets;
}

bool pgcensus_fleet_find(const struct pgcensus_fleet *fleet, const char *name,
                         size_t *ret_index)
{
    *ret_index = find(fleet, name);
    return *ret_index != SIZE_MAX;
}

const struct pgcensus_identity *pgcensus_fleet_node(const struct pgcensus_fleet *fleet,
                                                    size_t index)
{
    return &fleet->options[index].identity;
}

bool pgcensus_fleet_handle(const struct pgcensus_fleet *fleet, size_t index,
                           struct pgcensus_handle *ret_handle)
{
    *ret_handle = (struct pgcensus_handle){(uint32_t)index, 7};
    return true;
}

void pgcensus_fleet_free(struct pgcensus_fleet *fleet)
{
    if (!fleet)
        return;
    for (size_t i = 0; i < fleet->n; i++)
        pg_target_free(fleet->targets[i]);
    buf_fini(&fleet->groups);
    secrets_free(fleet->secrets);
    free(fleet);
}

static const char *keyword(const struct pg_target *target, const char *name)
{
    for (size_t i = 0; i < target->n_keywords; i++)
        if (strcmp(target->keywords[i].keyword, name) == 0)
            return target->keywords[i].value;
    return NULL;
}

static void defaults_become_options(void **state)
{
    AUTO(loaded_fini)
    struct loaded loaded = assert_loads("nodes:\n  - {name: a, host: h, user: u}\n");
    AUTO(pgcensus_fleet_free)
    struct pgcensus_fleet *fleet = pgcensus_config_open(loaded.config, NULL, NULL);
    assert_non_null(fleet);
    const struct node_options *options = &fleet->options[0];
    const struct pg_target *target = fleet->targets[0];

    assert_string_equal(options->identity.name, "a");
    assert_string_equal(target->host, "h");
    assert_null(target->hostaddr);
    assert_int_equal(target->port, 5432);
    assert_string_equal(target->dbname, "postgres");
    assert_string_equal(target->user, "u");
    assert_null(target->password);
    assert_int_equal(target->sslmode, PG_SSL_PREFER);
    assert_int_equal(target->sslmode_min, PG_SSL_PREFER);
    assert_false(target->via_pooler);
    assert_false(target->gss);
    assert_int_equal(target->max_scram_iterations, PG_MAX_SCRAM_ITERATIONS);
    assert_int_equal(target->n_keywords, 0);

    assert_int_equal(options->probe.total, 5 * NSEC_PER_SEC);
    assert_int_equal(options->probe.limit, 0);
    assert_int_equal(options->probe.timeout, NSEC_PER_SEC);
    assert_string_equal(options->probe.query, "SELECT 1");
    assert_int_equal(options->probe.role_status, PGCENSUS_WARN);

    assert_int_equal(options->pool.min, 1);
    assert_int_equal(options->pool.max, 4);
    assert_int_equal(options->pool.idle_timeout, 60 * NSEC_PER_SEC);
    assert_int_equal(options->pool.max_lifetime, 1800 * NSEC_PER_SEC);
    assert_int_equal(options->pool.acquire_timeout, 5 * NSEC_PER_SEC);
    assert_int_equal(options->pool.connect_timeout, 5 * NSEC_PER_SEC);

    assert_false(options->identity.allow_write);
    assert_int_equal(options->statement.timeout, 30 * NSEC_PER_SEC);
    assert_int_equal(options->statement.max_rows, 0);
    assert_int_equal(options->statement.max_bytes, 0);
    assert_int_equal(options->statement.max_row_bytes, 64 << 20);

    assert_int_equal(options->health.fall, 3);
    assert_int_equal(options->health.rise, 1);
    assert_int_equal(options->health.max_attempts, 0);
    assert_int_equal(options->schedule.interval, 5 * NSEC_PER_SEC);
    assert_int_equal(options->schedule.fast_interval, 500 * NSEC_PER_MSEC);

    assert_int_equal(options->reconnect.strategy, BACKOFF_EXPONENTIAL);
    assert_int_equal(options->reconnect.initial, NSEC_PER_SEC);
    assert_int_equal(options->reconnect.max, 30 * NSEC_PER_SEC);
    assert_int_equal(options->reconnect.increment, NSEC_PER_SEC);
    assert_float_equal(options->reconnect.multiplier, 2, 0);
    assert_float_equal(options->reconnect.jitter, 0.2, 1e-12);
    assert_int_equal(options->reconnect.max_attempts, 0);

    assert_int_equal(options->retry.max_retries, 0);
    assert_int_equal(options->retry.initial, 100 * NSEC_PER_MSEC);
    assert_int_equal(options->retry.max, 5 * NSEC_PER_SEC);
    assert_float_equal(options->retry.multiplier, 2, 0);
}

static const char every_key[] =
    "nodes:\n"
    "  - name: a\n"
    "    group: g\n"
    "    host: h\n"
    "    hostaddr: 10.0.0.1\n"
    "    port: 6000\n"
    "    dbname: d\n"
    "    user: u\n"
    "    password: hunter2\n"
    "    enabled: false\n"
    "    via: pooler\n"
    "    expect_role: primary\n"
    "    role_mismatch: critical\n"
    "    allow_write: true\n"
    "    limits: {max_rows: 7, max_bytes: 8kB, max_row_bytes: 2kB}\n"
    "    connect_timeout: 7s\n"
    "    query_timeout: 8s\n"
    "    sslmode: verify-ca\n"
    "    sslmode_min: require\n"
    "    sslrootcert: /proc\n"
    "    sslcert: /etc\n"
    "    sslkey: /usr\n"
    "    sslpassword: hunter3\n"
    "    sslcrl: /tmp\n"
    "    sslcrldir: /dev\n"
    "    sslsni: false\n"
    "    ssl_min_protocol_version: TLSv1.2\n"
    "    ssl_max_protocol_version: TLSv1.3\n"
    "    channel_binding: require\n"
    "    requirepeer: postgres\n"
    "    max_scram_iterations: 5000\n"
    "    gssencmode: prefer\n"
    "    krbsrvname: k\n"
    "    application_name: app\n"
    "    keepalives: true\n"
    "    keepalives_idle: 1m\n"
    "    keepalives_interval: 5s\n"
    "    keepalives_count: 3\n"
    "    tcp_user_timeout: 10s\n"
    "    pool: {min: 2, max: 3, idle_timeout: 4s, max_lifetime: 5m, "
    "acquire_timeout: 6s}\n"
    "    check: {interval: 9s, fast_interval: 1s, timeout: 2s, fall: 4, rise: 5, "
    "query: SELECT 2}\n"
    "    retry: {max_retries: 1, initial: 2s, max: 3s, multiplier: 1.5}\n"
    "    reconnect: {strategy: linear, initial: 2s, max: 9s, multiplier: 3, "
    "increment: 4s, jitter: 10%, max_attempts: 6}\n";

static void assert_target(const struct pg_target *target)
{
    assert_string_equal(target->hostaddr, "10.0.0.1");
    assert_int_equal(target->port, 6000);
    assert_string_equal(target->password, "hunter2");
    assert_int_equal(target->sslmode, PG_SSL_VERIFY_CA);
    assert_int_equal(target->sslmode_min, PG_SSL_REQUIRE);
    assert_true(target->via_pooler);
    assert_true(target->gss);
    assert_int_equal(target->max_scram_iterations, 5000);

    static const char *const keywords[][2] = {
        {"sslrootcert", "/proc"},
        {"sslcert", "/etc"},
        {"sslkey", "/usr"},
        {"sslpassword", "hunter3"},
        {"sslcrl", "/tmp"},
        {"sslcrldir", "/dev"},
        {"sslsni", "0"},
        {"ssl_min_protocol_version", "TLSv1.2"},
        {"ssl_max_protocol_version", "TLSv1.3"},
        {"channel_binding", "require"},
        {"requirepeer", "postgres"},
        {"gssencmode", "prefer"},
        {"krbsrvname", "k"},
        {"application_name", "app"},
        {"keepalives", "1"},
        {"keepalives_idle", "60"},
        {"keepalives_interval", "5"},
        {"keepalives_count", "3"},
        {"tcp_user_timeout", "10000"},
    };
    assert_int_equal(target->n_keywords, ARRAY_SIZE(keywords));
    for (size_t i = 0; i < ARRAY_SIZE(keywords); i++)
        assert_string_equal(keyword(target, keywords[i][0]), keywords[i][1]);
}

static void every_key_becomes_an_option(void **state)
{
    AUTO(loaded_fini)
    struct loaded loaded = assert_loads(every_key);
    AUTO(pgcensus_fleet_free)
    struct pgcensus_fleet *fleet = pgcensus_config_open(loaded.config, NULL, NULL);
    const struct node_options *options = &fleet->options[0];

    assert_string_equal(options->identity.group, "g");
    assert_false(options->identity.enabled);
    assert_true(options->identity.via_pooler);
    assert_int_equal(options->identity.expect_role, PGCENSUS_PRIMARY);
    assert_target(fleet->targets[0]);
    assert_int_equal(options->probe.total, 7 * NSEC_PER_SEC);
    assert_int_equal(options->probe.timeout, 2 * NSEC_PER_SEC);
    assert_string_equal(options->probe.query, "SELECT 2");
    assert_int_equal(options->probe.role_status, PGCENSUS_DOWN);
    assert_true(options->identity.allow_write);
    assert_int_equal(options->statement.timeout, 8 * NSEC_PER_SEC);
    assert_int_equal(options->statement.max_rows, 7);
    assert_int_equal(options->statement.max_bytes, 8 << 10);
    assert_int_equal(options->statement.max_row_bytes, 2 << 10);
    assert_int_equal(options->pool.min, 2);
    assert_int_equal(options->pool.max, 3);
    assert_int_equal(options->pool.idle_timeout, 4 * NSEC_PER_SEC);
    assert_int_equal(options->pool.max_lifetime, 300 * NSEC_PER_SEC);
    assert_int_equal(options->pool.acquire_timeout, 6 * NSEC_PER_SEC);
    assert_int_equal(options->pool.connect_timeout, 7 * NSEC_PER_SEC);
    assert_int_equal(options->schedule.interval, 9 * NSEC_PER_SEC);
    assert_int_equal(options->schedule.fast_interval, NSEC_PER_SEC);
    assert_int_equal(options->health.fall, 4);
    assert_int_equal(options->health.rise, 5);
    assert_int_equal(options->health.max_attempts, 6);
    assert_int_equal(options->retry.max_retries, 1);
    assert_int_equal(options->retry.initial, 2 * NSEC_PER_SEC);
    assert_int_equal(options->retry.max, 3 * NSEC_PER_SEC);
    assert_float_equal(options->retry.multiplier, 1.5, 0);
    assert_int_equal(options->reconnect.strategy, BACKOFF_LINEAR);
    assert_int_equal(options->reconnect.initial, 2 * NSEC_PER_SEC);
    assert_int_equal(options->reconnect.max, 9 * NSEC_PER_SEC);
    assert_int_equal(options->reconnect.increment, 4 * NSEC_PER_SEC);
    assert_float_equal(options->reconnect.multiplier, 3, 0);
    assert_float_equal(options->reconnect.jitter, 0.1, 1e-12);
    assert_int_equal(options->reconnect.max_attempts, 6);
}

static void limits_reach_their_nodes(void **state)
{
    AUTO(loaded_fini)
    struct loaded loaded =
        assert_loads("groups:\n"
                     "  - name: g\n"
                     "    thresholds: {lag_bytes: {warn: 1MB}}\n"
                     "    defaults: {thresholds: {connections: {critical: 90%}}}\n"
                     "nodes:\n"
                     "  - {name: a, host: h}\n"
                     "  - {name: b, host: h, group: g, thresholds: {uptime: {critical: "
                     "\"10m:\"}}}\n");
    AUTO(pgcensus_fleet_free)
    struct pgcensus_fleet *fleet = pgcensus_config_open(loaded.config, NULL, NULL);
    const struct pgcensus_limits *limits = fleet->limits[1];

    assert_null(fleet->options[0].limits);
    assert_non_null(fleet->options[1].limits);
    for (unsigned i = 0; i < PGCENSUS_METRICS; i++) {
        assert_int_equal(limits[i].warn.set, i == PGCENSUS_METRIC_LAG_BYTES);
        assert_int_equal(limits[i].critical.set, i == PGCENSUS_METRIC_CONNECTIONS ||
                                                     i == PGCENSUS_METRIC_UPTIME);
    }
    assert_true(limits[PGCENSUS_METRIC_LAG_BYTES].warn.end == 1 << 20);
    assert_true(limits[PGCENSUS_METRIC_CONNECTIONS].critical.end == 90);
    assert_true(limits[PGCENSUS_METRIC_UPTIME].critical.start == 600e9);
}

/* A rule of a group is about all of its nodes, so all are counted. */
static void groups_are_handed_over_whole(void **state)
{
    AUTO(loaded_fini)
    struct loaded loaded =
        assert_loads("groups:\n"
                     "  - {name: g, require: {primaries: 1, min_healthy: 2}}\n"
                     "  - {name: empty}\n"
                     "nodes:\n"
                     "  - {name: a, host: h, group: g}\n"
                     "  - {name: b, host: h, group: g, enabled: false}\n"
                     "  - {name: c, host: h}\n");
    const bool selected[] = {true, false, false};
    AUTO(pgcensus_fleet_free)
    struct pgcensus_fleet *fleet = pgcensus_config_open(loaded.config, selected, NULL);
    assert_int_equal(fleet->n, 1);
    assert_string_equal(fleet->groups.bytes,
                        "+g 1 -1 2\n+empty -1 -1 -1\ng\ng\n(none)\n");

    AUTO(loaded_fini)
    struct loaded free_names = assert_loads("nodes: [{name: a, host: h, group: g}]\n");
    AUTO(pgcensus_fleet_free)
    struct pgcensus_fleet *second = pgcensus_config_open(free_names.config, NULL, NULL);
    assert_string_equal(second->groups.bytes, "g\n");
}

static void timeouts_of_options_are_stronger(void **state)
{
    struct pgcensus_config_source source = {.timeout = 2 * NSEC_PER_SEC};
    AUTO(loaded_fini)
    struct loaded loaded = stage_load("nodes: [{name: a, host: h}]\n", &source);
    AUTO(pgcensus_fleet_free)
    struct pgcensus_fleet *fleet = pgcensus_config_open(loaded.config, NULL, NULL);
    assert_int_equal(fleet->options[0].probe.total, 2 * NSEC_PER_SEC);
    assert_int_equal(fleet->options[0].probe.timeout, 2 * NSEC_PER_SEC);
    assert_int_equal(fleet->options[0].pool.connect_timeout, 2 * NSEC_PER_SEC);
    assert_int_equal(fleet->options[0].probe.limit, 2 * NSEC_PER_SEC);

    source.connect_timeout = NSEC_PER_SEC;
    AUTO(loaded_fini)
    struct loaded both = stage_load("nodes: [{name: a, host: h}]\n", &source);
    AUTO(pgcensus_fleet_free)
    struct pgcensus_fleet *second = pgcensus_config_open(both.config, NULL, NULL);
    assert_int_equal(second->options[0].probe.total, 2 * NSEC_PER_SEC);
    assert_int_equal(second->options[0].pool.connect_timeout, NSEC_PER_SEC);
}

static void opens_what_is_selected_and_knows_its_secrets(void **state)
{
    stage_write("pw", "file-secret\n", 0600);
    AUTO(loaded_fini)
    struct loaded loaded = assert_loads("defaults: {password: shared-secret}\n"
                                        "nodes:\n"
                                        "  - {name: a, host: h}\n"
                                        "  - {name: b, host: h, enabled: false}\n"
                                        "  - {name: c, host: h, password_file: pw}\n"
                                        "  - {name: d, host: h, password: unused}\n");
    const bool selected[] = {true, true, true, false};
    AUTO(pgcensus_fleet_free)
    struct pgcensus_fleet *fleet = pgcensus_config_open(loaded.config, selected, NULL);
    assert_int_equal(fleet->n, 3);
    assert_string_equal(fleet->options[2].identity.name, "c");
    assert_string_equal(fleet->targets[1]->password, "shared-secret");
    assert_string_equal(fleet->targets[2]->password, "file-secret");
    assert_int_equal(secrets_count(fleet->secrets), 2);
    char text[] = "file-secret and shared-secret";
    secrets_redact_array(fleet->secrets, text, sizeof text);
    assert_string_equal(text, "*** and ***");
}

static void nodes_come_with_a_later_configuration(void **state)
{
    AUTO(loaded_fini)
    struct loaded first = assert_loads("groups: [{name: g, require: {standbys: 1}}]\n"
                                       "nodes:\n"
                                       "  - {name: a, host: h, user: u, group: g}\n");
    AUTO(loaded_fini)
    struct loaded later = assert_loads(
        "groups: [{name: g, require: {standbys: 2}}, {name: k}]\n"
        "nodes:\n"
        "  - {name: a, host: moved, user: u, group: k, password: hunter2}\n"
        "  - {name: b, host: new, user: u, group: g}\n");
    AUTO(pgcensus_fleet_free)
    struct pgcensus_fleet *fleet = pgcensus_config_open(first.config, NULL, NULL);
    struct pgcensus_handle handle;
    buf_clear(&fleet->groups);

    assert_true(pgcensus_fleet_add(fleet, later.config, 1, &handle, NULL));
    assert_int_equal(handle.index, 1);
    assert_string_equal(fleet->targets[1]->host, "new");
    assert_string_equal(fleet->groups.bytes, "+g -1 2 -1\ng\n");
    buf_clear(&fleet->groups);
    assert_true(pgcensus_fleet_renew(fleet, later.config, 0, NULL));
    assert_string_equal(fleet->targets[0]->host, "moved");
    assert_string_equal(fleet->groups.bytes, "+k -1 -1 -1\nk\n-g\n");
    char text[] = "hunter2";
    secrets_redact_array(fleet->secrets, text, sizeof text);
    assert_string_equal(text, "***");

    AUTO(loaded_fini)
    struct loaded other =
        assert_loads("groups: [{name: k}]\n"
                     "nodes: [{name: z, host: h, user: u, group: k}]\n");
    buf_clear(&fleet->groups); /* one that cannot be renewed leaves no group behind */
    assert_false(pgcensus_fleet_renew(fleet, other.config, 0, NULL));
    assert_string_equal(fleet->groups.bytes, "+k -1 -1 -1\nk\n-k\n");
}

static void kerberos_does_not_come_later(void **state)
{
    AUTO(loaded_fini)
    struct loaded loaded =
        assert_loads("nodes:\n"
                     "  - {name: a, host: h, user: u}\n"
                     "  - {name: b, host: h, user: u, gssencmode: prefer}\n");
    const char *ignored;
    struct pgcensus_error error;
    struct pgcensus_handle handle;
    setenv("KRB5CCNAME", "FILE:/tmp/mine", true);
    pgcensus_environment_prepare(&ignored);
    AUTO(pgcensus_fleet_free)
    struct pgcensus_fleet *fleet =
        pgcensus_config_open(loaded.config, (const bool[]){true, false}, NULL);
    assert_false(pgcensus_fleet_add(fleet, loaded.config, 1, &handle, &error));
    assert_non_null(strstr(error.message, "Kerberos"));
    assert_int_equal(fleet->n, 1);

    AUTO(pgcensus_fleet_free)
    struct pgcensus_fleet *other = pgcensus_config_open(loaded.config, NULL, NULL);
    assert_non_null(other);
    assert_string_equal(getenv("KRB5CCNAME"), "FILE:/tmp/mine");
    assert_true(pgcensus_fleet_add(fleet, loaded.config, 1, &handle, &error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_become_options),
        cmocka_unit_test(every_key_becomes_an_option),
        cmocka_unit_test(limits_reach_their_nodes),
        cmocka_unit_test(groups_are_handed_over_whole),
        cmocka_unit_test(timeouts_of_options_are_stronger),
        cmocka_unit_test(opens_what_is_selected_and_knows_its_secrets),
        cmocka_unit_test(nodes_come_with_a_later_configuration),
        cmocka_unit_test(kerberos_does_not_come_later),
    };
    return cmocka_run_group_tests(tests, stage_set_up, stage_tear_down);
}
