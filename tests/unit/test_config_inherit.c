/* Node > group > defaults > built-in, key by key, and what stands beside that row. */
#include "config_stage.h"

#include <string.h>

static void the_innermost_wins_key_by_key(void **state)
{
    AUTO(loaded_fini)
    struct loaded loaded =
        assert_loads("defaults:\n"
                     "  user: u\n"
                     "  port: 6000\n"
                     "  dbname: d\n"
                     "  pool: {min: 1, max: 2, idle_timeout: 3s}\n"
                     "groups:\n"
                     "  - name: g\n"
                     "    defaults:\n"
                     "      port: 7000\n"
                     "      dbname: e\n"
                     "      pool: {max: 20}\n"
                     "nodes:\n"
                     "  - {name: a, host: x}\n"
                     "  - {name: b, host: x, group: g}\n"
                     "  - {name: c, host: x, group: g, dbname: f, pool: {min: 10}}\n");
    static const struct {
        const char *node, *key, *setting;
    } stories[] = {
        {"a", "user", "u (defaults:2)"},
        {"a", "port", "6000 (defaults:3)"},
        {"a", "dbname", "d (defaults:4)"},
        {"a", "pool.max", "2 (defaults:5)"},
        {"a", "pool.max_lifetime", "30m (built-in)"},
        {"a", "group", "-"},
        {"b", "user", "u (defaults:2)"},
        {"b", "port", "7000 (group g:9)"},
        {"b", "dbname", "e (group g:10)"},
        {"b", "pool.min", "1 (defaults:5)"},
        {"b", "pool.max", "20 (group g:11)"},
        {"b", "group", "g (node:14)"},
        {"c", "port", "7000 (group g:9)"},
        {"c", "dbname", "f (node:15)"},
        {"c", "pool.min", "10 (node:15)"},
        {"c", "pool.max", "20 (group g:11)"},
        {"c", "pool.idle_timeout", "3s (defaults:5)"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++)
        assert_string_equal(stage_setting(&loaded, stories[i].node, stories[i].key),
                            stories[i].setting);
}

static void built_in_defaults(void **state)
{
    static const struct {
        const char *key, *value;
    } defaults[] = {
        {"port", "5432"},
        {"dbname", "postgres"},
        {"sslmode", "prefer"},
        {"connect_timeout", "5s"},
        {"query_timeout", "30s"},
        {"enabled", "true"},
        {"via", "direct"},
        {"protocol", "extended"},
        {"role_mismatch", "warn"},
        {"allow_write", "false"},
        {"limits.max_rows", "0"},
        {"limits.max_bytes", "0"},
        {"limits.max_row_bytes", "64MB"},
        {"pool.min", "1"},
        {"pool.max", "4"},
        {"pool.idle_timeout", "60s"},
        {"pool.max_lifetime", "30m"},
        {"pool.acquire_timeout", "5s"},
        {"check.interval", "5s"},
        {"check.fast_interval", "500ms"},
        {"check.timeout", "1s"},
        {"check.fall", "3"},
        {"check.rise", "1"},
        {"check.query", "SELECT 1"},
        {"retry.max_retries", "0"},
        {"retry.initial", "100ms"},
        {"retry.max", "5s"},
        {"retry.multiplier", "2.0"},
        {"reconnect.strategy", "exponential"},
        {"reconnect.initial", "1s"},
        {"reconnect.max", "30s"},
        {"reconnect.multiplier", "2.0"},
        {"reconnect.increment", "1s"},
        {"reconnect.jitter", "20%"},
        {"reconnect.max_attempts", "0"},
        {"breaker.threshold", "5"},
        {"breaker.timeout", "30s"},
        {"max_scram_iterations", "200000"},
    };
    AUTO(loaded_fini)
    struct loaded loaded = assert_loads("nodes:\n  - {name: a, host: x}\n");
    for (size_t i = 0; i < ARRAY_SIZE(defaults); i++) {
        char expected[64];
        snprintf(expected, sizeof expected, "%s (built-in)", defaults[i].value);
        assert_string_equal(stage_setting(&loaded, "a", defaults[i].key), expected);
    }
    assert_string_equal(stage_setting(&loaded, "a", "password"), "-");
    assert_string_equal(stage_setting(&loaded, "a", "sslmode_min"), "-");
}

static void the_environment_is_weakest(void **state)
{
    setenv("PGUSER", "env", true);
    setenv("PGAPPNAME", "app", true);
    setenv("PGSSLROOTCERT", "/dev/null", true);
    setenv("PGPASSWORD", "hunter2", true);
    setenv("PGHOST", "evil", true);
    setenv("PGPORT", "1", true);
    setenv("PGSSLCERT", "", true);
    AUTO(loaded_fini)
    struct loaded loaded = assert_loads("defaults: {application_name: mine}\n"
                                        "nodes:\n"
                                        "  - {name: a, host: x}\n"
                                        "  - {name: b, host: x, user: me}\n");
    unsetenv("PGUSER");
    unsetenv("PGAPPNAME");
    unsetenv("PGSSLROOTCERT");
    unsetenv("PGPASSWORD");
    unsetenv("PGHOST");
    unsetenv("PGPORT");
    unsetenv("PGSSLCERT");
    assert_string_equal(stage_setting(&loaded, "a", "user"), "env (environment)");
    assert_string_equal(stage_setting(&loaded, "b", "user"), "me (node:4)");
    assert_string_equal(stage_setting(&loaded, "a", "application_name"),
                        "mine (defaults:1)");
    assert_string_equal(stage_setting(&loaded, "a", "sslrootcert"),
                        "/dev/null (environment)");
    assert_string_equal(stage_setting(&loaded, "a", "sslcert"), "-");
    assert_string_equal(stage_setting(&loaded, "a", "password"), "*** (environment)");
    assert_string_equal(stage_setting(&loaded, "a", "port"), "5432 (built-in)");
}

static void labels_add_up(void **state)
{
    AUTO(loaded_fini)
    struct loaded loaded = assert_loads(
        "defaults: {labels: [env=prod, dc=fra]}\n"
        "groups: [{name: g, defaults: {labels: [tier=gold, dc=ber]}}]\n"
        "nodes:\n"
        "  - {name: a, host: x}\n"
        "  - {name: b, host: x, group: g}\n"
        "  - {name: c, host: x, group: g, labels: [dc=ams, \"note=a=b c\"]}\n"
        "  - {name: d, host: x, labels: []}\n");
    assert_string_equal(stage_setting(&loaded, "a", "labels"),
                        "env=prod, dc=fra (defaults:1)");
    assert_string_equal(stage_setting(&loaded, "b", "labels"),
                        "env=prod, dc=ber, tier=gold (group g:2)");
    assert_string_equal(stage_setting(&loaded, "c", "labels"),
                        "env=prod, dc=ams, tier=gold, note=a=b c (node:6)");
    assert_string_equal(stage_setting(&loaded, "d", "labels"),
                        "env=prod, dc=fra (defaults:1)");
}

static void refuses_bad_labels(void **state)
{
    assert_refused("nodes:\n"
                   "  - name: a\n"
                   "    host: x\n"
                   "    labels: [dc, =x, 'a b=c', dc=fra, dc=ber]\n"
                   "  - {name: b, host: x, labels: dc=fra}\n",
                   "4:14: error: labels: \"dc\" is not KEY=VALUE\n"
                   "4:18: error: labels: \"=x\" is not KEY=VALUE\n"
                   "4:22: error: labels: \"a b\" cannot be a name\n"
                   "4:39: error: labels: duplicate label \"dc\"\n"
                   "5:32: error: labels: must be a list\n");
}

static void built_in_values_follow_what_is_set(void **state)
{
    AUTO(loaded_fini)
    struct loaded loaded = assert_loads("nodes:\n"
                                        "  - name: a\n"
                                        "    host: x\n"
                                        "    check: {interval: 200ms}\n"
                                        "    reconnect: {initial: 1m}\n"
                                        "    sslmode_min: require\n"
                                        "    pool: {min: 9}\n");
    assert_string_equal(stage_setting(&loaded, "a", "check.fast_interval"),
                        "200ms (node:4)");
    assert_string_equal(stage_setting(&loaded, "a", "reconnect.max"), "1m (node:5)");
    assert_string_equal(stage_setting(&loaded, "a", "sslmode"), "require (node:6)");
    assert_string_equal(stage_setting(&loaded, "a", "pool.max"), "9 (node:7)");
}

static void checks_pairs_across_levels(void **state)
{
    assert_refused(
        "defaults: {sslmode: prefer, pool: {max: 3}}\n"
        "nodes:\n"
        "  - {name: a, host: x, sslmode_min: verify-ca}\n"
        "  - {name: b, host: x, pool: {min: 4}}\n"
        "  - {name: c, host: x, thresholds: {latency: {warn: 2s, critical: "
        "1s}}}\n",
        "3:37: error: sslmode_min: \"verify-ca\" is above sslmode \"prefer\" "
        "(line 1)\n"
        "4:36: error: pool.min: \"4\" is above pool.max \"3\" (line 1)\n"
        "5:53: error: thresholds.latency.warn: \"2s\" is above "
        "thresholds.latency.critical \"1s\" (line 5)\n");
}

static void verify_full_needs_a_name(void **state)
{
    assert_refused("nodes:\n  - {name: a, hostaddr: 10.0.0.1, sslmode: verify-full}\n",
                   "2:5: error: node \"a\" has a hostaddr but no host, whose name "
                   "verify-full would verify\n");
    AUTO(loaded_fini)
    struct loaded loaded =
        assert_loads("nodes:\n  - {name: a, hostaddr: 10.0.0.1, sslmode: verify-ca}\n");
    assert_string_equal(pgcensus_config_node(loaded.config, 0)->host, "10.0.0.1");
}

static void host_may_be_inherited(void **state)
{
    AUTO(loaded_fini)
    struct loaded loaded = assert_loads("defaults: {host: /tmp}\n"
                                        "nodes:\n"
                                        "  - {name: a, port: 6001}\n"
                                        "  - {name: b, port: 6002}\n");
    assert_string_equal(pgcensus_config_node(loaded.config, 1)->host, "/tmp");
    assert_int_equal(pgcensus_config_node(loaded.config, 1)->port, 6002);
}

static void a_node_has_its_identity(void **state)
{
    AUTO(loaded_fini)
    struct loaded loaded = assert_loads(
        "nodes:\n"
        "  - {name: a, group: g, host: h, port: 6000, dbname: d, user: u, enabled: "
        "false, via: pooler, expect_role: standby, labels: [k=v]}\n");
    const struct pgcensus_identity *node = pgcensus_config_node(loaded.config, 0);
    assert_string_equal(node->name, "a");
    assert_string_equal(node->group, "g");
    assert_string_equal(node->host, "h");
    assert_int_equal(node->port, 6000);
    assert_string_equal(node->dbname, "d");
    assert_string_equal(node->user, "u");
    assert_false(node->enabled);
    assert_true(node->via_pooler);
    assert_int_equal(node->expect_role, PGCENSUS_STANDBY);
    assert_int_equal(node->n_labels, 1);
    assert_string_equal(node->labels[0].key, "k");
    assert_string_equal(node->labels[0].value, "v");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_innermost_wins_key_by_key),
        cmocka_unit_test(built_in_defaults),
        cmocka_unit_test(the_environment_is_weakest),
        cmocka_unit_test(labels_add_up),
        cmocka_unit_test(refuses_bad_labels),
        cmocka_unit_test(built_in_values_follow_what_is_set),
        cmocka_unit_test(checks_pairs_across_levels),
        cmocka_unit_test(verify_full_needs_a_name),
        cmocka_unit_test(host_may_be_inherited),
        cmocka_unit_test(a_node_has_its_identity),
    };
    return cmocka_run_group_tests(tests, stage_set_up, stage_tear_down);
}
