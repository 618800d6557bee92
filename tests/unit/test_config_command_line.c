#include "config_stage.h"

#include "base/clock.h"
#include "config/keys.h"
#include "config/read/quote.h"

#include <string.h>

#define NODES "nodes:\n  - {name: a, host: x, port: 6000}\n  - {name: b, host: y}\n"

static struct loaded load_with(const char *yaml, const char *const *sets, size_t n_sets,
                               const char *const *urls, size_t n_urls)
{
    const struct pgcensus_config_source options = {
        .sets = sets, .n_sets = n_sets, .urls = urls, .n_urls = n_urls};
    if (yaml)
        return stage_load(yaml, &options);
    struct loaded loaded = {.config = NULL};
    loaded.config = pgcensus_config_load(&options, &loaded.diagnostics, &loaded.error);
    return loaded;
}

/* ---- --set ---- */

static void set_is_stronger_than_nodes(void **state)
{
    static const char *const sets[] = {"port=7000", "sslmode=disable", "pool.max=9",
                                       "port=7001", "user=$${x}=y"};
    AUTO(loaded_fini)
    struct loaded loaded = load_with(NODES, sets, ARRAY_SIZE(sets), NULL, 0);
    assert_string_equal(stage_said(&loaded), "");
    assert_string_equal(stage_setting(&loaded, "a", "port"), "7001 (--set)");
    assert_string_equal(stage_setting(&loaded, "b", "port"), "7001 (--set)");
    assert_string_equal(stage_setting(&loaded, "b", "sslmode"), "disable (--set)");
    assert_string_equal(stage_setting(&loaded, "b", "pool.max"), "9 (--set)");
    assert_string_equal(stage_setting(&loaded, "b", "user"), "$${x}=y (--set)");
    assert_int_equal(pgcensus_config_node(loaded.config, 0)->port, 7001);
}

static void bad_settings_are_refused(void **state)
{
    static const struct {
        const char *set, *said;
    } stories[] = {
        {"port", "--set port: error: it must be KEY=VALUE\n"},
        {"prot=1", "--set prot: error: unknown key (did you mean \"port\"?)\n"},
        {"port=x", "--set port: error: port: \"x\" is not a port from 1 to 65535\n"},
        {"port=", "--set port: error: is empty\n"},
        {"password=hunter2", "--set password: error: a secret on a command line can be "
                             "read by everybody\n"},
        {"sslpassword=hunter2", "--set sslpassword: error: a secret on a command line "
                                "can be read by everybody\n"},
        {"password:hunter2", "--set password: error: it must be KEY=VALUE\n"},
        {"name=c",
         "--set name: error: it says which node is which and cannot be set for "
         "all\n"},
        {"allow_write=true",
         "--set allow_write: error: only a configuration says which "
         "nodes may be written to\n"},
        {"labels=a=b", "--set labels: error: labels are given in a configuration "
                       "only\n"},
        {"host=postgres://u:hunter2@h",
         "--set host: error: host: \"postgres://u:...\" is a URL, not a host\n"},
        {"require.primaries=1",
         "--set require.primaries: error: it is a rule of a group, "
         "not a setting of nodes\n"},
        {"options=-c",
         "--set options: error: it is no key of a node: pgcensus sets what "
         "its checks need; use ALTER ROLE ... SET for the rest\n"},
        {"host=a,b", "--set host: error: host: \"a,b\" names several hosts\n"},
        {"\x1b=1", "--set : error: it must be KEY=VALUE\n"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++) {
        AUTO(loaded_fini)
        struct loaded loaded = load_with(NODES, &stories[i].set, 1, NULL, 0);
        assert_null(loaded.config);
        assert_string_equal(stage_said(&loaded), stories[i].said);
        assert_null(strstr(loaded.error.message, "hunter2"));
    }
}

static void set_can_break_a_rule(void **state)
{
    static const char *const sets[] = {"pool.min=9", "pool.max=3"};
    AUTO(loaded_fini) struct loaded loaded = load_with(NODES, sets, 2, NULL, 0);
    assert_string_equal(stage_said(&loaded),
                        "--set: error: pool.min: \"9\" is above pool.max \"3\"\n");
    AUTO(loaded_fini)
    struct loaded mixed =
        load_with("defaults: {pool: {min: 2, max: 3}}\n" NODES, sets, 1, NULL, 0);
    assert_string_equal(stage_said(&mixed), "--set: error: pool.min: \"9\" is above "
                                            "pool.max \"3\" (line 1)\n");
}

/* ---- --warning, --critical ---- */

static const char limited[] =
    "defaults: {thresholds: {latency: {warn: 1s, critical: 9s}}}\n"
    "nodes:\n"
    "  - {name: a, host: x, thresholds: {lag_bytes: {warn: 16MB}}}\n"
    "  - {name: b, host: y, thresholds: {latency: {warn: 2s}}}\n";

static void thresholds_are_stronger_than_all_else(void **state)
{
    static const char *const sets[] = {"thresholds.latency.warn=3s"};
    static const char *const warnings[] = {"latency=4s", "latency=5s",
                                           "connections=80%"};
    static const char *const criticals[] = {"uptime=10m:", "lag_bytes=1GB"};
    const struct pgcensus_config_source options = {
        .sets = sets,
        .n_sets = ARRAY_SIZE(sets),
        .warnings = warnings,
        .n_warnings = ARRAY_SIZE(warnings),
        .criticals = criticals,
        .n_criticals = ARRAY_SIZE(criticals),
    };
    static const char *const rows[][2] = {
        {"thresholds.latency.warn", "5s (--warning)"},
        {"thresholds.latency.critical", "9s (defaults:1)"},
        {"thresholds.connections.warn", "80% (--warning)"},
        {"thresholds.uptime.critical", "10m: (--critical)"},
        {"thresholds.lag_bytes.warn", "16MB (node:3)"},
        {"thresholds.lag_bytes.critical", "1GB (--critical)"},
        {"thresholds.uptime.warn", "-"},
    };
    AUTO(loaded_fini) struct loaded loaded = stage_load(limited, &options);
    assert_string_equal(stage_said(&loaded), "");
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        assert_string_equal(stage_setting(&loaded, "a", rows[i][0]), rows[i][1]);
    assert_string_equal(stage_setting(&loaded, "b", "thresholds.latency.warn"),
                        "5s (--warning)");
}

static struct loaded load_limited(const char *warning, const char *critical)
{
    const struct pgcensus_config_source options = {
        .warnings = &warning,
        .n_warnings = warning != NULL,
        .criticals = &critical,
        .n_criticals = critical != NULL,
    };
    return stage_load(limited, &options);
}

static void bad_thresholds_are_refused(void **state)
{
    static const struct {
        const char *warning, *critical, *said;
    } stories[] = {
        {"lag_bytes", NULL, "--warning lag_bytes: error: it must be METRIC=RANGE\n"},
        {NULL, "lag_bytes:16MB",
         "--critical lag_bytes: error: it must be METRIC=RANGE\n"},
        {"", NULL, "--warning : error: it must be METRIC=RANGE\n"},
        {"\x1b=1s", NULL, "--warning : error: it must be METRIC=RANGE\n"},
        {"lagbytes=1MB", NULL,
         "--warning lagbytes: error: unknown metric (did you mean \"lag_bytes\"?)\n"},
        {"port=1", NULL, "--warning port: error: unknown metric\n"},
        {"latency=", NULL, "--warning latency: error: is empty\n"},
        {NULL, "lag_bytes=16",
         "--critical lag_bytes: error: thresholds.lag_bytes.critical: 16 needs a unit: "
         "16kB, 16MB or 16GB\n"},
        {"latency=10s", NULL,
         "--warning: error: thresholds.latency.warn: \"10s\" is above "
         "thresholds.latency.critical \"9s\" (line 1)\n"},
        {NULL, "latency=500ms",
         "--critical: error: thresholds.latency.critical: \"500ms\" is below "
         "thresholds.latency.warn \"1s\" (line 1)\n"
         "--critical: error: thresholds.latency.critical: \"500ms\" is below "
         "thresholds.latency.warn \"2s\" (line 4)\n"},
        {"uptime=5m:", "uptime=10m:",
         "--critical: error: thresholds.uptime.critical: \"10m:\" is above "
         "thresholds.uptime.warn \"5m:\"\n"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++) {
        AUTO(loaded_fini)
        struct loaded loaded = load_limited(stories[i].warning, stories[i].critical);
        assert_string_equal(stage_said(&loaded), stories[i].said);
        assert_null(loaded.config);
    }
}

/* An END alone means the opposite of what is wanted; it may be what is meant. */
static void a_certificate_that_holds_too_long_is_warned_of(void **state)
{
    AUTO(loaded_fini)
    struct loaded loaded = load_limited("cert_expiry=30d", "cert_expiry=0:398d");
    assert_string_equal(stage_said(&loaded),
                        "--warning cert_expiry: warning: thresholds.cert_expiry.warn: "
                        "\"30d\" alerts if more is left\n");
    assert_non_null(loaded.config);
    AUTO(loaded_fini)
    struct loaded fine = load_limited("cert_expiry=30d:", "cert_expiry=7d:");
    assert_string_equal(stage_said(&fine), "");
}

/* ---- --url ---- */

static void urls_are_nodes_without_a_file(void **state)
{
    static const char *const urls[] = {
        "postgresql://me@db1:6000/app?sslmode=require&connect_timeout=7",
        "host=db2 dbname=app user=me keepalives=0 keepalives_idle=10",
    };
    AUTO(loaded_fini) struct loaded loaded = load_with(NULL, NULL, 0, urls, 2);
    assert_string_equal(stage_said(&loaded), "");
    assert_null(pgcensus_config_path(loaded.config));
    assert_int_equal(pgcensus_config_size(loaded.config), 2);
    assert_string_equal(stage_setting(&loaded, "db1", "port"), "6000 (--url)");
    assert_string_equal(stage_setting(&loaded, "db1", "user"), "me (--url)");
    assert_string_equal(stage_setting(&loaded, "db1", "dbname"), "app (--url)");
    assert_string_equal(stage_setting(&loaded, "db1", "sslmode"), "require (--url)");
    assert_string_equal(stage_setting(&loaded, "db1", "connect_timeout"), "7s (--url)");
    assert_string_equal(stage_setting(&loaded, "db2", "keepalives"), "false (--url)");
    assert_string_equal(stage_setting(&loaded, "db2", "keepalives_idle"),
                        "10s (--url)");
    assert_string_equal(stage_setting(&loaded, "db2", "pool.max"), "4 (built-in)");
}

static void urls_stand_beside_a_file(void **state)
{
    static const char *const urls[] = {"host=z"};
    AUTO(loaded_fini)
    struct loaded loaded = load_with("defaults: {dbname: d}\n" NODES, NULL, 0, urls, 1);
    assert_int_equal(pgcensus_config_size(loaded.config), 3);
    assert_string_equal(stage_setting(&loaded, "z", "dbname"), "d (defaults:1)");
}

static void assert_names(const char *yaml, const char *const *urls, size_t n,
                         const char *names)
{
    AUTO(loaded_fini) struct loaded loaded = load_with(yaml, NULL, 0, urls, n);
    char list[256] = "";
    assert_string_equal(stage_said(&loaded), "");
    for (size_t i = 0; i < pgcensus_config_size(loaded.config); i++)
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? " " : "",
                 pgcensus_config_node(loaded.config, i)->name);
    assert_string_equal(list, names);
}

static void urls_get_names(void **state)
{
    static const char *const urls[] = {
        "host=h",          "host=i port=1", "host=i port=2",    "host=j dbname=a",
        "host=j dbname=b", "host=::1",      "host=/tmp port=1", "host=10.0.0.1"};
    assert_names(NULL, urls, ARRAY_SIZE(urls),
                 "h i-1 i-2 j-5432-a j-5432-b 1 tmp 10.0.0.1");
    assert_names("nodes: [{name: h, host: x}]\n", urls, 1, "h h-5432");

    stage_write(".pg_service.conf", "[main]\nhost=h\n", 0600);
    static const char *const more[] = {
        "service=main",           "host=2001:db8::1 port=1", "host=2001:db8::1 port=2",
        "hostaddr=10.0.0.2",      "host=h dbname='a b'",     "host=h dbname=c",
        "host=same user=someone", "host=same user=other"};
    assert_names(NULL, more, ARRAY_SIZE(more),
                 "main 2001-db8--1-1 2001-db8--1-2 10.0.0.2 h-5432-a-b h-5432-c url-7 "
                 "url-8");
}

static void bad_urls_are_refused(void **state)
{
    static const struct {
        const char *url, *said;
    } stories[] = {
        {"postgresql://me:hunter2@db/app",
         "--url 1: error: a password on a command line can be read by everybody\n"},
        {"host=db password=hunter2",
         "--url 1: error: a password on a command line can be read by everybody\n"},
        {"host=db sslpassword=hunter2",
         "--url 1: error: a password on a command line can be read by everybody\n"},
        {"db", "--url 1: error: it is neither a URI nor a connection string\n"},
        {"postgresql://me:hun%zzter2@db",
         "--url 1: error: it is neither a URI nor a connection string\n"},
        {"host=db passwort=hunter2",
         "--url 1: error: unknown key \"passwort\" (did you mean \"password\"?)\n"},
        {"postgres://me@h/d?sslmod=hunter2",
         "--url 1: error: unknown key \"sslmod\" (did you mean \"sslmode\"?)\n"},
        {"host=db password='x' y hunter2=z",
         "--url 1: error: it is neither a URI nor a connection string\n"},
        {"dbname=app", "--url: error: node \"url-1\" has no host\n"},
        {"host=a,b", "--url 1: error: host: \"a,b\" names several hosts\n"},
        {"host=a options=-c", "--url 1: error: options is not supported: pgcensus sets "
                              "what its checks need; use ALTER ROLE ... SET for the "
                              "rest\n"},
        {"host=a target_session_attrs=any",
         "--url 1: error: target_session_attrs is not supported: roles are judged by "
         "expect_role\n"},
        {"host=a sslmode=allow",
         "--url 1: error: sslmode: \"allow\" is not supported, it logs in without TLS "
         "first\n"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++) {
        AUTO(loaded_fini)
        struct loaded loaded = load_with(NULL, NULL, 0, &stories[i].url, 1);
        assert_null(loaded.config);
        assert_string_equal(stage_said(&loaded), stories[i].said);
        assert_null(strstr(loaded.error.message, "hunter2"));
    }
}

/* libpq says "invalid URI query parameter" and which one, but only of the first, and
 * whether a secret is in it we must know ourselves. */
static void names_in_urls_that_libpq_does_not_know(void **state)
{
    static const struct {
        const char *url, *said;
    } stories[] = {
        {"postgresql://u@h/d?schema=public&connection_limit=5",
         "--url 1: error: unknown parameter \"schema\"\n"
         "--url 1: error: unknown parameter \"connection_limit\"\n"},
        {"postgres://u@h/d?pgbouncer=true",
         "--url 1: error: unknown parameter \"pgbouncer\"\n"},
        {"host=h schema=public", "--url 1: error: unknown key \"schema\"\n"},
        {"host=h hsot=i schema=x",
         "--url 1: error: unknown key \"hsot\" (did you mean \"host\"?)\n"
         "--url 1: error: unknown key \"schema\"\n"},
        /* libpq 17 knows some of these; what we say does not depend on it. */
        {"postgresql://u@h/d?min_protocol_version=3.0",
         "--url 1: error: min_protocol_version is not supported: pgcensus speaks "
         "protocol 3.0, as every server does\n"},
        {"host=h load_balance_hosts=random",
         "--url 1: error: load_balance_hosts is not supported: a node is one server; "
         "list nodes\n"},
        {"postgresql://u@h/d?servicefile=x",
         "--url 1: error: servicefile is not supported: $PGSERVICEFILE names the file "
         "of services, for all nodes\n"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++) {
        AUTO(loaded_fini)
        struct loaded loaded = load_with(NULL, NULL, 0, &stories[i].url, 1);
        assert_null(loaded.config);
        assert_string_equal(stage_said(&loaded), stories[i].said);
    }
}

/* The same reason wherever it stands. */
static void keys_of_newer_libpqs(void **state)
{
    static const char *const keys[] = {
        "sslnegotiation",       "sslkeylogfile",    "load_balance_hosts",
        "min_protocol_version", "scram_client_key", "scram_server_key",
        "max_protocol_version", "oauth_issuer",     "oauth_client_id",
        "oauth_client_secret",  "oauth_scope",      "oauth_ca_file",
        "servicefile"};
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        char yaml[128], set[64], url[64], service[64];
        snprintf(yaml, sizeof yaml, "nodes: [{name: a, host: h, %s: hunter2}]\n",
                 keys[i]);
        snprintf(set, sizeof set, "%s=hunter2", keys[i]);
        snprintf(url, sizeof url, "host=h %s=hunter2", keys[i]);
        snprintf(service, sizeof service, "[s]\nhost=h\n%s=hunter2\n", keys[i]);
        const char *sets[] = {set}, *urls[] = {url, "service=s"};
        const char *why = key_refused(keys[i]);
        assert_non_null(why);
        stage_write(".pg_service.conf", service, 0600);
        AUTO(loaded_fini) struct loaded in_file = load_with(yaml, NULL, 0, NULL, 0);
        AUTO(loaded_fini) struct loaded set_to = load_with(NODES, sets, 1, NULL, 0);
        AUTO(loaded_fini) struct loaded in_url = load_with(NULL, NULL, 0, urls, 1);
        AUTO(loaded_fini) struct loaded by_name = load_with(NULL, NULL, 0, urls + 1, 1);
        const struct loaded *all[] = {&in_file, &set_to, &in_url, &by_name};
        for (size_t j = 0; j < ARRAY_SIZE(all); j++) {
            bool secret = all[j] == &in_url && all[j]->diagnostics.n == 1 &&
                          strstr(stage_said(all[j]), "can be read by everybody");
            assert_true(secret || strstr(stage_said(all[j]), why));
            assert_null(strstr(stage_said(all[j]), "hunter2"));
            const char *line = all[j]->diagnostics.items[0].source_line;
            assert_true(!line || j > 0 ||
                        !quote_is_secret_key(keys[i], strlen(keys[i])) ||
                        !strstr(line, "hunter2"));
        }
        assert_non_null(by_name.config);
    }
}

/* A piece of a password is no name of a parameter. */
static void no_piece_of_a_secret_is_taken_for_a_name(void **state)
{
    static const char *const urls[] = {
        "postgresql://me:pa?hunter2=x@h/d",
        "postgresql://me:pa/ss?hunter2=x@h/d",
        "postgresql://me:pa/ss?a&hunter2=x@h/d&schema=y",
        "host=h password='hunter2=x",
        "host=h password=a hunter2=x",
        "host=h pw=a hunter2=x",
        "host=h sslpasswort=a hunter2=x",
        "me:hunter2=x@h",
        "https://me:hunter2=x@h/d",
        "https://me:a@h/d?hunter2=x",
        "jdbc:postgresql://h/d?user=me&hunter2=x",
        "hunter2=x",
        "host=h user=me:hunter2=x@i y",
    };
    for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
        AUTO(loaded_fini) struct loaded loaded = load_with(NULL, NULL, 0, &urls[i], 1);
        assert_null(loaded.config);
        assert_null(strstr(stage_said(&loaded), "hunter2"));
        assert_null(strstr(loaded.error.message, "hunter2"));
    }
}

static void urls_that_are_hosts(void **state)
{
    static const struct {
        const char *url, *hint;
    } stories[] = {
        {"db1", "write a host alone as host=HOST"},
        {"127.0.0.1:21500", "write a host and its port as \"host=HOST port=PORT\""},
        {"me:hunter2",
         "write postgresql://USER@HOST:PORT/DBNAME or \"host=HOST port=PORT\""},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++) {
        AUTO(loaded_fini)
        struct loaded loaded = load_with(NULL, NULL, 0, &stories[i].url, 1);
        assert_int_equal(loaded.diagnostics.n, 1);
        assert_string_equal(loaded.diagnostics.items[0].hint, stories[i].hint);
    }
}

/* ---- --timeout ---- */

static void timeouts_are_strongest(void **state)
{
    static const char *const sets[] = {"connect_timeout=9s", "check.timeout=9s"};
    struct pgcensus_config_source options = {
        .sets = sets, .n_sets = 2, .timeout = 1500 * NSEC_PER_MSEC};
    AUTO(loaded_fini) struct loaded loaded = stage_load(NODES, &options);
    assert_string_equal(stage_setting(&loaded, "a", "connect_timeout"),
                        "1500ms (--timeout)");
    assert_string_equal(stage_setting(&loaded, "a", "check.timeout"),
                        "1500ms (--timeout)");

    options.connect_timeout = 300 * NSEC_PER_MSEC;
    AUTO(loaded_fini) struct loaded both = stage_load(NODES, &options);
    assert_string_equal(stage_setting(&both, "a", "connect_timeout"),
                        "300ms (--connect-timeout)");
    assert_string_equal(stage_setting(&both, "a", "check.timeout"),
                        "1500ms (--timeout)");
}

/* Beyond what a server takes for statement_timeout each statement would fail. */
static void timeouts_that_no_server_takes(void **state)
{
    const nsec day = 86400 * NSEC_PER_SEC;
    struct pgcensus_config_source options = {.timeout = 25 * day,
                                             .connect_timeout = 366 * day};
    AUTO(loaded_fini) struct loaded loaded = stage_load(NODES, &options);
    assert_null(loaded.config);
    assert_string_equal(stage_said(&loaded),
                        "--timeout: error: connect_timeout: \"25d\" is out of range "
                        "(1ms to 24d)\n"
                        "--timeout: error: check.timeout: \"25d\" is out of range (1ms "
                        "to 24d)\n"
                        "--connect-timeout: error: connect_timeout: \"366d\" is out of "
                        "range (1ms to 24d)\n");
    options.timeout = options.connect_timeout = 24 * day;
    AUTO(loaded_fini) struct loaded fine = stage_load(NODES, &options);
    assert_non_null(fine.config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_is_stronger_than_nodes),
        cmocka_unit_test(bad_settings_are_refused),
        cmocka_unit_test(set_can_break_a_rule),
        cmocka_unit_test(thresholds_are_stronger_than_all_else),
        cmocka_unit_test(bad_thresholds_are_refused),
        cmocka_unit_test(a_certificate_that_holds_too_long_is_warned_of),
        cmocka_unit_test(urls_are_nodes_without_a_file),
        cmocka_unit_test(urls_stand_beside_a_file),
        cmocka_unit_test(urls_get_names),
        cmocka_unit_test(bad_urls_are_refused),
        cmocka_unit_test(names_in_urls_that_libpq_does_not_know),
        cmocka_unit_test(keys_of_newer_libpqs),
        cmocka_unit_test(no_piece_of_a_secret_is_taken_for_a_name),
        cmocka_unit_test(urls_that_are_hosts),
        cmocka_unit_test(timeouts_are_strongest),
        cmocka_unit_test(timeouts_that_no_server_takes),
    };
    return cmocka_run_group_tests(tests, stage_set_up, stage_tear_down);
}
