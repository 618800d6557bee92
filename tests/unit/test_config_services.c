#include "config_stage.h"

#include <string.h>

#define NODES(more) "nodes:\n  - {name: a, host: x, service: s" more "}\n"

static void stands_in_for_its_lines(void **state)
{
    stage_write(".pg_service.conf",
                "# a comment\n"
                "[other]\n"
                "host=wrong\n"
                "[s]\n"
                "host=h\n"
                "  port=6000  \n"
                "dbname=d\n"
                "user=u\n"
                "connect_timeout=7\n"
                "keepalives=0\n"
                "keepalives_idle=30\n"
                "tcp_user_timeout=1500\n"
                "sslmode=require\n"
                "password=hunter2\n"
                "\n"
                "[s]\n"
                "host=second\n",
                0600);
    AUTO(loaded_fini)
    struct loaded loaded = assert_loads("defaults: {dbname: outer, user: outer}\n"
                                        "nodes:\n"
                                        "  - {name: a, service: s, user: inner}\n");
    static const struct {
        const char *key, *setting;
    } stories[] = {
        {"service", "s (node:3)"},
        {"host", "h (service s)"},
        {"port", "6000 (service s)"},
        {"dbname", "d (service s)"},
        {"user", "inner (node:3)"},
        {"connect_timeout", "7s (service s)"},
        {"keepalives", "false (service s)"},
        {"keepalives_idle", "30s (service s)"},
        {"tcp_user_timeout", "1500ms (service s)"},
        {"sslmode", "require (service s)"},
        {"password", "*** (service s)"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++)
        assert_string_equal(stage_setting(&loaded, "a", stories[i].key),
                            stories[i].setting);
}

/* A service of the defaults is weaker than what defaults, groups and nodes say, and
 * gone where a node names another. */
static void only_the_innermost_service_counts(void **state)
{
    stage_write(".pg_service.conf", "[one]\nhost=h1\nport=6001\n[two]\nhost=h2\n",
                0600);
    AUTO(loaded_fini)
    struct loaded loaded = assert_loads("defaults: {service: one, user: u}\n"
                                        "nodes:\n"
                                        "  - {name: a}\n"
                                        "  - {name: b, service: two}\n"
                                        "  - {name: c, port: 7000}\n");
    assert_string_equal(stage_setting(&loaded, "a", "host"), "h1 (service one)");
    assert_string_equal(stage_setting(&loaded, "a", "port"), "6001 (service one)");
    assert_string_equal(stage_setting(&loaded, "b", "host"), "h2 (service two)");
    assert_string_equal(stage_setting(&loaded, "b", "port"), "5432 (built-in)");
    assert_string_equal(stage_setting(&loaded, "c", "port"), "7000 (node:5)");
    assert_string_equal(stage_setting(&loaded, "c", "host"), "h1 (service one)");
}

static void the_users_file_comes_before_the_systems(void **state)
{
    char path[256];
    snprintf(path, sizeof path, "%s", stage_write("mine", "[s]\nport=1\n", 0600));
    stage_write("pg_service.conf", "[s]\nport=2\n[t]\nport=3\n", 0600);
    setenv("PGSERVICEFILE", path, true);
    AUTO(loaded_fini)
    struct loaded loaded = assert_loads("nodes:\n"
                                        "  - {name: a, host: x, service: s}\n"
                                        "  - {name: b, host: x, service: t}\n");
    unsetenv("PGSERVICEFILE");
    unlink("pg_service.conf");
    assert_string_equal(stage_setting(&loaded, "a", "port"), "1 (service s)");
    assert_string_equal(stage_setting(&loaded, "b", "port"), "3 (service t)");
}

static void assert_said(const char *file, unsigned mode, const char *said)
{
    stage_write(".pg_service.conf", file, mode);
    AUTO(loaded_fini) struct loaded loaded = stage_load(NODES(""), NULL);
    assert_string_equal(stage_said(&loaded), said);
}

static void says_what_is_wrong_with_it(void **state)
{
    assert_said("[s]\nport=x\n", 0600,
                ".pg_service.conf: 2:1: error: port: \"x\" is not a port from 1 to "
                "65535\n");
    assert_said(
        "[s]\nldap://ldap.example.com/dc=x?y?one?z\n", 0600,
        ".pg_service.conf: 2:1: error: service \"s\" asks an LDAP server, which "
        "is not supported\n");
    assert_said(
        "[s]\nsslmode=allow\nhost\n", 0600,
        ".pg_service.conf: 2:1: error: sslmode: \"allow\" is not supported, it "
        "logs in without TLS first\n"
        ".pg_service.conf: 3:1: error: a line of a service must be KEY=VALUE\n");
    assert_said(
        "[s]\noptions=-c geqo=off\nservice=t\npool.max=3\n", 0600,
        ".pg_service.conf: 2:1: note: \"options\" of service \"s\" is "
        "ignored: pgcensus sets what its checks need; use ALTER ROLE ... SET for "
        "the rest\n"
        ".pg_service.conf: 3:1: warning: \"service\" of service \"s\" is "
        "ignored\n"
        ".pg_service.conf: 4:1: warning: \"pool.max\" of service \"s\" is "
        "ignored\n");
    assert_said("[s]\npassword=hunter2\n", 0644,
                ".pg_service.conf: 2:1: warning: a password in a file that others can "
                "read\n");
}

/* What libpq knows and we do not use: no word of it on the stderr of a healthy run,
 * whichever version of libpq brought it. */
static void keys_that_are_not_used_are_notes(void **state)
{
    static const char *const lines[] = {
        "options=-c geqo=off",
        "target_session_attrs=read-write",
        "load_balance_hosts=random",
        "sslnegotiation=direct",
        "sslkeylogfile=/tmp/keys",
        "min_protocol_version=3.0",
        "max_protocol_version=latest",
        "scram_client_key=hunter2",
        "scram_server_key=hunter2",
        "oauth_issuer=https://x",
        "oauth_client_id=x",
        "oauth_client_secret=hunter2",
        "oauth_scope=x",
        "oauth_ca_file=/x",
        "servicefile=/x",
        "replication=1",
        "client_encoding=LATIN1",
        "fallback_application_name=x",
        "sslcompression=0",
        "requiressl=1",
    };
    for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
        char text[128];
        snprintf(text, sizeof text, "[s]\nport=1\n%s\n", lines[i]);
        stage_write(".pg_service.conf", text, 0600);
        AUTO(loaded_fini) struct loaded loaded = stage_load(NODES(""), NULL);
        assert_non_null(loaded.config);
        assert_int_equal(loaded.diagnostics.n, 1);
        const struct pgcensus_diagnostic *note = &loaded.diagnostics.items[0];
        assert_int_equal(note->severity, PGCENSUS_SEVERITY_NOTE);
        assert_non_null(strstr(note->message, " is ignored: "));
        assert_null(strstr(note->message, "hunter2"));
    }
}

/* As editors of other systems write them. */
static void line_ends_and_marks_of_other_systems(void **state)
{
    stage_write(".pg_service.conf",
                "\xef\xbb\xbf[s]\r\nhost=h\r\nport=6000\r\n\r\n[t]\r\n", 0600);
    AUTO(loaded_fini)
    struct loaded loaded = assert_loads("nodes: [{name: a, service: s, user: u}]\n");
    assert_string_equal(stage_setting(&loaded, "a", "host"), "h (service s)");
    assert_string_equal(stage_setting(&loaded, "a", "port"), "6000 (service s)");
}

static void says_that_it_is_not_there(void **state)
{
    static const char *const files[] = {"", "[t]\nport=1\n", "[s\nport=1\n", "port=1\n",
                                        "x [s]\n"};
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        stage_write(".pg_service.conf", files[i], 0600);
        AUTO(loaded_fini) struct loaded loaded = stage_load(NODES(""), NULL);
        assert_null(loaded.config);
        assert_non_null(strstr(stage_said(&loaded),
                               "2:33: error: service \"s\" is not defined in "));
    }
    unlink(".pg_service.conf");
    AUTO(loaded_fini) struct loaded loaded = stage_load(NODES(""), NULL);
    assert_null(loaded.config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stands_in_for_its_lines),
        cmocka_unit_test(only_the_innermost_service_counts),
        cmocka_unit_test(the_users_file_comes_before_the_systems),
        cmocka_unit_test(says_what_is_wrong_with_it),
        cmocka_unit_test(keys_that_are_not_used_are_notes),
        cmocka_unit_test(line_ends_and_marks_of_other_systems),
        cmocka_unit_test(says_that_it_is_not_there),
    };
    return cmocka_run_group_tests(tests, stage_set_up, stage_tear_down);
}
