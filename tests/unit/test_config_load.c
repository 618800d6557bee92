#include "config_stage.h"

#include "base/clock.h"
#include "base/memory.h"
#include "pg/conninfo.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define NODE "nodes:\n  - name: a\n    host: x\n"

/* ---- what libcyaml and libyaml would let pass ---- */

static void refuses_junk_behind_a_number(void **state)
{
    assert_refused(NODE "    port: 5432x\n",
                   "4:11: error: port: \"5432x\" is not a port from 1 to 65535\n");
}

static void refuses_a_duration_for_an_integer(void **state)
{
    assert_refused(
        NODE "    pool: {max: 10s}\n",
        "4:17: error: pool.max: \"10s\" is not a whole number from 1 to 1000\n");
}

static void refuses_octal_and_hexadecimal(void **state)
{
    assert_refused(NODE "    port: 010\n    pool: {max: 0x10}\n",
                   "4:11: error: port: \"010\" is not a port from 1 to 65535\n"
                   "5:17: error: pool.max: \"0x10\" is not a whole number from 1 to "
                   "1000\n");
}

static void refuses_a_misspelt_boolean(void **state)
{
    assert_refused(NODE "    enabled: flase\n",
                   "4:14: error: enabled: \"flase\" is neither true nor false (did you "
                   "mean \"false\"?)\n");
}

static void refuses_the_booleans_of_yaml_1_1(void **state)
{
    assert_refused(NODE "    enabled: no\n",
                   "4:14: error: enabled: \"no\" is neither true nor false\n");
}

static void refuses_a_negative_count(void **state)
{
    assert_refused(
        NODE "    pool: {max: -1}\n",
        "4:17: error: pool.max: \"-1\" is not a whole number from 1 to 1000\n");
}

static void refuses_a_nul_in_a_text(void **state)
{
    assert_refused("nodes:\n  - name: \"a\\0b\"\n    host: x\n",
                   "2:11: error: name: holds a NUL character\n");
    static const char raw[] = "nodes:\n  - name: a\n    host: \0x\n";
    AUTO(loaded_fini)
    struct loaded loaded = stage_load_bytes(raw, sizeof raw - 1, NULL);
    assert_string_equal(stage_said(&loaded), "3:11: error: a NUL byte\n");
}

static void refuses_an_empty_file(void **state)
{
    static const char *const empty[] = {"",      "\n",  "# nothing\n",
                                        "---\n", "~\n", "--- # nothing\n...\n"};
    for (size_t i = 0; i < ARRAY_SIZE(empty); i++)
        assert_refused(empty[i], "error: the configuration is empty\n");
}

static void refuses_no_nodes(void **state)
{
    assert_refused("nodes: []\n", "1:8: error: nodes: is empty\n");
    assert_refused("nodes:\n", "1:7: error: nodes: has no value\n");
    assert_refused("version: 1\n",
                   "1:1: error: the configuration: missing key \"nodes\"\n");
}

static void refuses_a_second_document(void **state)
{
    assert_refused(NODE "---\n" NODE,
                   "4:1: error: a second document begins here; a configuration is "
                   "one\n");
}

static void refuses_merge_keys_and_aliases(void **state)
{
    assert_refused("defaults: &d {port: 5433}\n" NODE "    <<: *d\n",
                   "5:5: error: merge keys (\"<<\") are not supported; put what nodes "
                   "share under \"defaults:\" or into a group\n");
    assert_refused("defaults: {user: &u x}\n" NODE "    user: *u\n",
                   "5:11: error: user: YAML aliases are not supported; put what nodes "
                   "share under \"defaults:\" or into a group\n");
}

static void tags_of_yaml_are_refused(void **state)
{
    assert_refused(NODE "    port: !!int 5432\n",
                   "4:11: error: port: YAML tags are not supported\n");
}

static void refuses_odd_keys(void **state)
{
    assert_refused(NODE "    ? [a, b]\n    : 1\n",
                   "4:7: error: a key must be a plain word\n");
}

static void nulls_are_refused_by_name(void **state)
{
    static const char *const nulls[] = {"", "~", "null", "NULL"};
    for (size_t i = 0; i < ARRAY_SIZE(nulls); i++) {
        AUTO(free)
        char *text = memory_format(NODE "    user: %s\n", nulls[i]);
        AUTO(loaded_fini) struct loaded loaded = stage_load(text, NULL);
        assert_non_null(strstr(stage_said(&loaded), "user: has no value"));
    }
    assert_refused(NODE "    user: ''\n", "4:11: error: user: is empty\n");
    AUTO(loaded_fini) struct loaded loaded = assert_loads(NODE "    user: 'null'\n");
    assert_string_equal(pgcensus_config_node(loaded.config, 0)->user, "null");
}

static void refuses_another_version(void **state)
{
    assert_refused("version: 2\n" NODE, "1:10: error: version: this pgcensus reads "
                                        "version 1, not \"2\"\n");
    AUTO(loaded_fini) struct loaded loaded = assert_loads("version: 1\n" NODE);
    assert_int_equal(pgcensus_config_size(loaded.config), 1);
}

static void refuses_bad_utf8(void **state)
{
    assert_refused(NODE "    user: \xff\n", "4:11: error: this is not UTF-8\n");
    assert_refused("n\0o\0d\0e\0s\0", "1:1: error: the configuration: must be a "
                                      "mapping\n");
}

static void reads_bom_and_crlf(void **state)
{
    AUTO(loaded_fini)
    struct loaded loaded =
        assert_loads("\xef\xbb\xbfnodes:\r\n  - name: a\r\n    host: x\r\n");
    assert_string_equal(pgcensus_config_node(loaded.config, 0)->host, "x");
}

/* ---- what is ours to refuse ---- */

static void says_everything_in_one_go(void **state)
{
    assert_refused("defaults: {sslmode: requir}\n"
                   "groups:\n"
                   "  - name: orders\n"
                   "nodes:\n"
                   "  - name: pg-a\n"
                   "    host: 10.0.0.11\n"
                   "    prot: 5432\n"
                   "    group: order\n"
                   "  - name: pg-a\n"
                   "    host: a,b\n"
                   "    port: 5432\n"
                   "    port: 5433\n"
                   "    connect_timeout: 5\n"
                   "    pool: {min: 5, max: 2}\n"
                   "  - name: pg-b\n",
                   "1:21: error: sslmode: \"requir\" is not disable, prefer, require, "
                   "verify-ca or verify-full (did you mean \"require\"?)\n"
                   "7:5: error: unknown key \"prot\" (did you mean \"port\"?)\n"
                   "8:12: error: group: \"order\" is not in groups: (did you mean "
                   "\"orders\"?)\n"
                   "9:11: error: duplicate node \"pg-a\" (first given on line 5)\n"
                   "10:11: error: host: \"a,b\" names several hosts\n"
                   "12:5: error: duplicate key \"port\" (first given on line 11)\n"
                   "13:22: error: connect_timeout: 5 needs a unit: 5ms, 5s or 5m\n"
                   "14:17: error: pool.min: \"5\" is above pool.max \"2\" (line 14)\n"
                   "15:5: error: node \"pg-b\" has no host\n");
}

static void group_names_are_free_without_a_section(void **state)
{
    AUTO(loaded_fini) struct loaded loaded = assert_loads(NODE "    group: any\n");
    assert_string_equal(pgcensus_config_node(loaded.config, 0)->group, "any");
}

static void refuses_a_group_given_twice(void **state)
{
    assert_refused("groups:\n  - name: g\n  - name: g\n" NODE,
                   "3:11: error: duplicate group \"g\" (first given on line 2)\n");
}

static void refuses_keywords_that_mislead(void **state)
{
    assert_refused(
        NODE "    target_session_attrs: read-write\n",
        "4:5: error: \"target_session_attrs\" is no key of a node: roles are "
        "judged by expect_role\n");
}

/* require_auth came with libpq 16. */
static void refuses_what_libpq_does_not_know(void **state)
{
    static const char *const keywords[] = {"require_auth"};
    bool known;
    assert_true(pg_conninfo_knows(keywords, 1, &known));
    AUTO(loaded_fini)
    struct loaded loaded = stage_load(NODE "    require_auth: scram-sha-256\n", NULL);
    assert_int_equal(loaded.config != NULL, known);
    assert_string_equal(stage_said(&loaded),
                        known ? ""
                              : "4:19: error: require_auth: this libpq does not know "
                                "it, it came with version 16\n");
}

static void tells_where_a_key_belongs(void **state)
{
    AUTO(loaded_fini) struct loaded loaded = stage_load("port: 5433\n" NODE, NULL);
    assert_string_equal(stage_said(&loaded), "1:1: error: unknown key \"port\"\n");
    assert_string_equal(loaded.diagnostics.items[0].hint,
                        "put it under \"defaults:\" or into a node");
}

static void an_error_in_the_defaults_is_said_once(void **state)
{
    assert_refused("defaults: {check: {interval: 1s, fast_interval: 2s}}\n"
                   "nodes:\n  - {name: a, host: x}\n  - {name: b, host: x}\n",
                   "1:49: error: check.fast_interval: \"2s\" is above check.interval "
                   "\"1s\" (line 1)\n");
}

static void keeps_fifty_errors(void **state)
{
    AUTO(buf_fini) struct buf yaml = BUF_INIT;
    buf_add_str(&yaml, "nodes:\n");
    for (int i = 0; i < 70; i++)
        buf_add_format(&yaml, "  - {name: n%d, host: x, port: 0}\n", i);
    AUTO(loaded_fini) struct loaded loaded = stage_load(yaml.bytes, NULL);
    assert_int_equal(loaded.diagnostics.n, 50);
    assert_int_equal(loaded.diagnostics.n_errors, 50);
    assert_int_equal(loaded.diagnostics.omitted, 20);
    assert_non_null(strstr(loaded.error.message, "(the first of 70 errors)"));
}

static void warns_of_what_is_not_judged_yet(void **state)
{
    AUTO(loaded_fini)
    struct loaded loaded =
        stage_load("groups:\n  - {name: g, require: {primaries: 1}}\n" NODE
                   "    breaker: {threshold: 3}\n"
                   "    thresholds: {latency: {warn: 200ms, critical: 1s}}\n",
                   NULL);
    assert_string_equal(
        stage_said(&loaded),
        "6:26: note: breaker: is checked but not judged by this version\n");
    assert_non_null(loaded.config);
}

/* ---- secrets ---- */

static void shows_no_secret_in_source_lines(void **state)
{
    static const char *const texts[] = {
        NODE "    password: hunter2\n    prot: 1\n",
        NODE "    pasword: hunter2\n",
        NODE "    sslpasword: hunter2\n",
        NODE "    {password: hunter2, prot: 1}\n",
        "nodes:\n  - {name: a, password: hunter2, prot: 1}\n",
        "nodes:\n  - {name: a, \"password\" : hunter2, prot: 1}\n",
        NODE "    password: {x: hunter2}\n",
        NODE "    password:\n      - hunter2\n      - prot: hunter2\n",
        NODE "    password:\n      hunter2: x\n",
        NODE "    password: [hunter2,\n      hunter2]\n",
        NODE "    password: \"hunter2\n",
        NODE "    password: |\n      hunter2\n\t\n",
        NODE "    password: >\n      hunter2\n     hunter2\n",
        NODE "    ? password\n    : hunter2 : hunter2\n",
        NODE "    password: !!str hunter2\n",
        NODE "    password: *hunter2\n",
        NODE "    password: 'hunter2\n      hunter2: [\n",
        NODE "    password: \"hunter2\\0\"\n",
        NODE "    password: ${hunter2\n",
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        AUTO(loaded_fini) struct loaded loaded = stage_load(texts[i], NULL);
        assert_null(loaded.config);
        for (size_t j = 0; j < loaded.diagnostics.n; j++) {
            const struct pgcensus_diagnostic *item = &loaded.diagnostics.items[j];
            assert_null(strstr(item->message, "hunter2"));
            if (item->source_line && strstr(item->source_line, "hunter2"))
                fail_msg("%s\n-> %s", texts[i], item->source_line);
        }
        assert_null(strstr(loaded.error.message, "hunter2"));
    }
}

static struct loaded load_file(const char *path)
{
    struct loaded loaded = {.config = NULL};
    const struct pgcensus_config_source source = {.path = path};
    loaded.config = pgcensus_config_load(&source, &loaded.diagnostics, &loaded.error);
    return loaded;
}

static void refuses_a_password_that_others_can_read(void **state)
{
    static const struct {
        const char *line;
        unsigned mode;
        bool good;
    } stories[] = {
        {"password: hunter2", 0600, true},
        {"password: hunter2", 0644, false},
        {"password: hunter2", 0640, false},
        {"password: x${HOME}", 0644, false},
        {"password: ${NO_SUCH:-hunter2}", 0644, false},
        {"password: ${HOME}", 0644, true},
        {"sslpassword: hunter2", 0604, false},
        {"user: me", 0644, true},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++) {
        AUTO(free) char *yaml = memory_format(NODE "    %s\n", stories[i].line);
        AUTO(loaded_fini)
        struct loaded loaded =
            load_file(stage_write("nodes.yaml", yaml, stories[i].mode));
        assert_int_equal(loaded.config != NULL, stories[i].good);
        if (!stories[i].good)
            assert_non_null(strstr(stage_said(&loaded), "a password in a file that "
                                                        "others than its owner"));
    }
}

static void warns_of_a_file_that_everybody_writes(void **state)
{
    AUTO(loaded_fini)
    struct loaded loaded = load_file(stage_write("nodes.yaml", NODE, 0666));
    assert_non_null(loaded.config);
    assert_string_equal(stage_said(&loaded),
                        "warning: everybody can write to this file\n");
}

/* ---- files ---- */

static void refuses_what_is_no_file(void **state)
{
    unlink("fifo");
    assert_int_equal(mkfifo("fifo", 0600), 0);
    static const struct {
        const char *path, *message;
    } stories[] = {
        {"fifo", "is a named pipe, not a regular file"},
        {".", "is a directory"},
        {"/dev/zero", "is a device, not a regular file"},
        {"no-such-file", "cannot be opened: No such file or directory"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++) {
        AUTO(loaded_fini) struct loaded loaded = load_file(stories[i].path);
        assert_null(loaded.config);
        assert_int_equal(loaded.diagnostics.n_errors, 1);
        assert_string_equal(loaded.diagnostics.items[0].message, stories[i].message);
        assert_string_equal(loaded.diagnostics.items[0].file, stories[i].path);
        assert_non_null(strstr(loaded.error.message, stories[i].message));
    }
}

static void refuses_what_is_no_name_of_a_file(void **state)
{
    AUTO(loaded_fini) struct loaded empty = load_file("");
    assert_null(empty.config);
    assert_int_equal(empty.error.trouble, PGCENSUS_TROUBLE_USAGE);
    assert_string_equal(empty.error.message, "-C: the name of the file is empty");
    AUTO(loaded_fini) struct loaded input = load_file("-");
    assert_null(input.config);
    assert_string_equal(input.error.message,
                        "-C: standard input is not read: name a file");
}

static void refuses_a_huge_file(void **state)
{
    int fd = open("huge.yaml", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(ftruncate(fd, (16 << 20) + 1), 0);
    close(fd);
    AUTO(loaded_fini) struct loaded loaded = load_file("huge.yaml");
    assert_non_null(strstr(loaded.error.message, "is larger than 16 MB"));
}

static void searches_in_order(void **state)
{
    AUTO(loaded_fini) struct loaded none = load_file(NULL);
    if (access("/etc/pgcensus/config.yaml", F_OK) != 0) {
        assert_null(none.config);
        assert_non_null(strstr(none.error.message, "no configuration: "));
        assert_non_null(strstr(none.error.message, "/.config/pgcensus/config.yaml"));
    }

    assert_int_equal(mkdir("pgcensus", 0700), 0);
    setenv("XDG_CONFIG_HOME", getenv("HOME"), true);
    rename(stage_write("xdg", NODE, 0600), "pgcensus/config.yaml");
    AUTO(loaded_fini) struct loaded xdg = load_file(NULL);
    assert_non_null(strstr(pgcensus_config_path(xdg.config), "/pgcensus/config.yaml"));

    setenv("PGCENSUS_CONFIG", stage_write("named", NODE, 0600), true);
    AUTO(loaded_fini) struct loaded named = load_file(NULL);
    assert_string_equal(pgcensus_config_path(named.config), getenv("PGCENSUS_CONFIG"));

    /* The first found wins, also if it cannot be used. */
    setenv("PGCENSUS_CONFIG", "/no/such/file", true);
    AUTO(loaded_fini) struct loaded gone = load_file(NULL);
    assert_null(gone.config);

    unsetenv("PGCENSUS_CONFIG");
    unsetenv("XDG_CONFIG_HOME");
    unlink("pgcensus/config.yaml");
    rmdir("pgcensus");
}

static void paths_start_at_the_file(void **state)
{
    stage_write("ca.crt", "", 0600);
    AUTO(loaded_fini)
    struct loaded loaded = assert_loads(NODE "    sslmode: verify-ca\n"
                                             "    sslrootcert: ca.crt\n"
                                             "    sslcert: /dev/null\n");
    AUTO(free) char *path = memory_format("%s/ca.crt (node:5)", getenv("HOME"));
    assert_string_equal(stage_setting(&loaded, "a", "sslrootcert"), path);
    assert_string_equal(stage_setting(&loaded, "a", "sslcert"), "/dev/null (node:6)");
}

static void warns_of_files_that_are_not_there(void **state)
{
    AUTO(loaded_fini)
    struct loaded loaded = stage_load(NODE "    sslrootcert: /dev/null\n"
                                           "    sslcert: missing.crt\n"
                                           "    sslkey: \"/${STAGE_NONE:-none}\"\n"
                                           "    sslcrl: /dev/null\n",
                                      NULL);
    assert_non_null(loaded.config);
    AUTO(free)
    char *said = memory_format("5:14: warning: sslcert: there is no file "
                               "\"%s/missing.crt\"\n"
                               "6:13: warning: sslkey: there is no file "
                               "\"/${STAGE_NONE:-none}\"\n",
                               getenv("HOME"));
    assert_string_equal(stage_said(&loaded), said);
}

/* ---- hostile ones, each in less than 100 ms (a little more under sanitizers) ---- */

static void assert_refused_fast(const struct buf *text, const char *said)
{
    nsec start = clock_now();
    AUTO(loaded_fini)
    struct loaded loaded = stage_load_bytes(text->bytes, text->len, NULL);
    nsec elapsed = clock_now() - start;
    assert_null(loaded.config);
    assert_non_null(strstr(stage_said(&loaded), said));
    assert_true(elapsed < 500 * NSEC_PER_MSEC);
}

static void refuses_an_alias_bomb(void **state)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    buf_add_str(&text, "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 30; i++) {
        buf_add_format(&text, "a%d: &a%d [", i, i);
        for (int j = 0; j < 10; j++)
            buf_add_format(&text, "*a%d%s", i - 1, j < 9 ? "," : "]\n");
    }
    buf_add_str(&text, "nodes: *a29\n");
    assert_refused_fast(&text, "nodes: YAML aliases are not supported");
}

static void refuses_a_hundred_thousand_levels(void **state)
{
    AUTO(buf_fini) struct buf flow = BUF_INIT;
    buf_add_repeat(&flow, '[', 200000);
    assert_refused_fast(&flow, "nested deeper than 64 levels");

    AUTO(buf_fini) struct buf maps = BUF_INIT;
    for (int i = 0; i < 100000; i++)
        buf_add_str(&maps, "{a: ");
    assert_refused_fast(&maps, "nested deeper than 64 levels");

    AUTO(buf_fini) struct buf block = BUF_INIT;
    for (int i = 0; i < 100000; i++)
        buf_add_str(&block, "- ");
    assert_refused_fast(&block, "nested deeper than 64 levels");
}

static nsec time_of_keys(int n)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    for (int i = 0; i < n; i++)
        buf_add_format(&text, "k%d: {a: b}\n", i);
    nsec start = clock_now();
    AUTO(loaded_fini)
    struct loaded loaded = stage_load_bytes(text.bytes, text.len, NULL);
    assert_int_equal(loaded.diagnostics.n, 50);
    return clock_now() - start;
}

/* Five times as many take five times as long, not twenty-five times: on any machine,
 * under valgrind, too. */
static void refuses_endless_keys_in_proportion(void **state)
{
    nsec few = time_of_keys(10000), many = time_of_keys(50000);
    assert_true(many < 15 * few);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_junk_behind_a_number),
        cmocka_unit_test(refuses_a_duration_for_an_integer),
        cmocka_unit_test(refuses_octal_and_hexadecimal),
        cmocka_unit_test(refuses_a_misspelt_boolean),
        cmocka_unit_test(refuses_the_booleans_of_yaml_1_1),
        cmocka_unit_test(refuses_a_negative_count),
        cmocka_unit_test(refuses_a_nul_in_a_text),
        cmocka_unit_test(refuses_an_empty_file),
        cmocka_unit_test(refuses_no_nodes),
        cmocka_unit_test(refuses_a_second_document),
        cmocka_unit_test(refuses_merge_keys_and_aliases),
        cmocka_unit_test(tags_of_yaml_are_refused),
        cmocka_unit_test(refuses_odd_keys),
        cmocka_unit_test(nulls_are_refused_by_name),
        cmocka_unit_test(refuses_another_version),
        cmocka_unit_test(refuses_bad_utf8),
        cmocka_unit_test(reads_bom_and_crlf),
        cmocka_unit_test(says_everything_in_one_go),
        cmocka_unit_test(group_names_are_free_without_a_section),
        cmocka_unit_test(refuses_a_group_given_twice),
        cmocka_unit_test(refuses_keywords_that_mislead),
        cmocka_unit_test(refuses_what_libpq_does_not_know),
        cmocka_unit_test(tells_where_a_key_belongs),
        cmocka_unit_test(an_error_in_the_defaults_is_said_once),
        cmocka_unit_test(keeps_fifty_errors),
        cmocka_unit_test(warns_of_what_is_not_judged_yet),
        cmocka_unit_test(shows_no_secret_in_source_lines),
        cmocka_unit_test(refuses_a_password_that_others_can_read),
        cmocka_unit_test(warns_of_a_file_that_everybody_writes),
        cmocka_unit_test(refuses_what_is_no_file),
        cmocka_unit_test(refuses_what_is_no_name_of_a_file),
        cmocka_unit_test(refuses_a_huge_file),
        cmocka_unit_test(searches_in_order),
        cmocka_unit_test(paths_start_at_the_file),
        cmocka_unit_test(warns_of_files_that_are_not_there),
        cmocka_unit_test(refuses_an_alias_bomb),
        cmocka_unit_test(refuses_a_hundred_thousand_levels),
        cmocka_unit_test(refuses_endless_keys_in_proportion),
    };
    return cmocka_run_group_tests(tests, stage_set_up, stage_tear_down);
}
