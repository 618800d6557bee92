/* Where a password comes from, and how a password file is read. */
#include "config/model/config.h"
#include "config/model/passfile.h"
#include "pg/conninfo.h"

#include "config_stage.h"

#include <string.h>

/* ---- the file ---- */

static struct passfiles *read_passfile(const char *content, unsigned mode,
                                       const char *said)
{
    struct passfiles *passfiles = passfiles_new();
    struct diagnostic_list diagnostics = DIAGNOSTIC_LIST_INIT;
    const char *path = stage_write("passfile", content, mode);
    passfiles_need(passfiles, path, &diagnostics, (struct source_pos){.file = "test"});
    passfiles_need(passfiles, path, &diagnostics, (struct source_pos){.file = "test"});
    assert_int_equal(diagnostics.kept.n, said ? 1 : 0);
    if (said)
        assert_non_null(strstr(diagnostics.kept.items[0].message, said));
    diagnostic_list_fini(&diagnostics);
    return passfiles;
}

struct question {
    const char *host;
    uint16_t port;
    const char *dbname, *user, *password;
};

static void assert_answers(const char *content, const struct question *questions,
                           size_t n)
{
    struct passfiles *passfiles = read_passfile(content, 0600, NULL);
    char path[256];
    snprintf(path, sizeof path, "%s/passfile", getenv("HOME"));
    for (size_t i = 0; i < n; i++) {
        const struct question *q = &questions[i];
        const char *password =
            passfiles_find(passfiles, path, q->host, q->port, q->dbname, q->user);
        if (q->password)
            assert_string_equal(password ? password : "(none)", q->password);
        else
            assert_null(password);
    }
    passfiles_free(passfiles);
}

static void the_first_line_that_matches_wins(void **state)
{
    static const struct question questions[] = {
        {"db1", 5432, "app", "me", "one"},   {"db1", 5433, "app", "me", "two"},
        {"db1", 5432, "app", "you", "any"},  {"db2", 5432, "app", "me", "any"},
        {"db1", 5432, "other", "me", "any"},
    };
    assert_answers("# a comment:*:*:*:no\n"
                   "db1:5432:app:me:one\n"
                   "db1:*:app:me:two\n"
                   "\n"
                   "*:*:*:*:any\n"
                   "db2:5432:app:me:late\n",
                   questions, ARRAY_SIZE(questions));
}

static void marks_are_escaped_as_in_libpq(void **state)
{
    static const struct question questions[] = {
        {"::1", 5432, "a\\b", "c:d", "p:w\\x"},
        {"*", 5432, "d", "u", "star"},
        {"other", 5432, "d", "u", NULL},
        {"h", 1, "d", "u", "tail"},
    };
    assert_answers("\\:\\:1:5432:a\\\\b:c\\:d:p\\:w\\\\x\n"
                   "\\*:5432:d:u:star\r\n"
                   "h:1:d:u:tail:ignored",
                   questions, ARRAY_SIZE(questions));
}

static void sockets_are_called_localhost(void **state)
{
    static const struct question questions[] = {
        {"localhost", 5432, "d", "u", "local"},
        {"/var/run/postgresql", 5432, "d", "u", "local"},
        {"/tmp", 5432, "d", "u", "local"},
        {"/srv/socket", 5432, "d", "u", "elsewhere"},
        {"/srv/other", 5432, "d", "u", NULL},
    };
    assert_answers("localhost:*:*:*:local\n/srv/socket:*:*:*:elsewhere\n", questions,
                   ARRAY_SIZE(questions));
}

/* What Patroni writes: both lines. */
static void a_socket_directory_is_looked_for_as_written(void **state)
{
    static const struct question questions[] = {
        {"/tmp", 5432, "d", "u", "as written"},
        {"/tmp/", 5432, "d", "u", "with a slash"},
        {"localhost", 5432, "d", "u", "local"},
        {"/tmp", 5433, "d", "u", "local"},
    };
    assert_answers("localhost:*:*:*:local\n"
                   "/tmp:5432:*:*:as written\n"
                   "/tmp/:*:*:*:with a slash\n",
                   questions, ARRAY_SIZE(questions));
}

/* libpq looks for its own default directory as localhost, and only so; whatever it
 * finds, we find. */
static void libpqs_own_directory_is_localhost_first(void **state)
{
    char own[108], lines[512];
    pg_default_socket_directory(own, sizeof own);
    assert_int_equal(own[0], '/');
    const struct question questions[] = {
        {own, 5432, "d", "u", "local"},
        {own, 5433, "d", "u", "as written"},
        {own, 5434, "d", "u", "any"},
    };
    snprintf(lines, sizeof lines,
             "%s:5432:*:*:late\nlocalhost:5432:*:*:local\n%s:5433:*:*:as written\n"
             "*:5434:*:*:any\nlocalhost:5434:*:*:late\n",
             own, own);
    assert_answers(lines, questions, ARRAY_SIZE(questions));
}

static void a_byte_order_mark_belongs_to_no_name(void **state)
{
    static const struct question questions[] = {{"h", 5432, "d", "u", "pw"}};
    assert_answers("\xef\xbb\xbfh:5432:d:u:pw\r\n", questions, 1);
}

static void broken_lines_are_skipped(void **state)
{
    static const struct question questions[] = {
        {"a", 1, "d", "u", NULL},
        {"b", 1, "d", "u", "good"},
        {"c", 1, "d", "u", NULL},
    };
    assert_answers("a\na:1\na:1:d:u\na:1:d:u:\nb:1:d:u\nb:1:d:u:good\nc:1:d\\:u:x\n"
                   ":::\na:1:d:u:the first that matches has none\n",
                   questions, ARRAY_SIZE(questions));
}

static void files_of_others_are_ignored(void **state)
{
    static const unsigned modes[] = {0640, 0604, 0620, 0660, 0644};
    for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
        struct passfiles *passfiles =
            read_passfile("*:*:*:*:pw\n", modes[i], "others than its owner may use it");
        char path[256];
        snprintf(path, sizeof path, "%s/passfile", getenv("HOME"));
        assert_null(passfiles_find(passfiles, path, "h", 1, "d", "u"));
        passfiles_free(passfiles);
    }
}

/* ---- the order ---- */

static const char *password_of(const struct loaded *loaded, const char *name,
                               const char **ret_origin)
{
    struct view view;
    for (size_t i = 0; i < loaded->config->n_nodes; i++)
        if (strcmp(loaded->config->nodes[i].identity.name, name) == 0)
            config_view(loaded->config, &loaded->config->nodes[i], &view);
    return config_password(loaded->config, &view, ret_origin);
}

static void assert_password(const struct loaded *loaded, const char *node,
                            const char *password, const char *origin)
{
    const char *found_origin;
    const char *found = password_of(loaded, node, &found_origin);
    if (!password) {
        assert_null(found);
        return;
    }
    assert_string_equal(found ? found : "(none)", password);
    if (origin)
        assert_string_equal(found_origin, origin);
    else
        assert_null(found_origin);
}

static void sources_have_an_order(void **state)
{
    stage_write("own", "pgpass-host:*:*:*:from-pgpass\n", 0600);
    stage_write("named", "both:*:*:*:from-passfile\n", 0600);
    stage_write("pw", "from-file\n", 0600);
    setenv("PGPASSFILE", "own", true);
    AUTO(loaded_fini)
    struct loaded loaded =
        assert_loads("nodes:\n"
                     "  - {name: a, host: x, password: from-key, password_file: pw}\n"
                     "  - {name: b, host: x, password_file: pw, passfile: named}\n"
                     "  - {name: c, host: both, passfile: named}\n"
                     "  - {name: d, host: pgpass-host, passfile: named}\n"
                     "  - {name: e, host: pgpass-host}\n"
                     "  - {name: f, host: nobody}\n");
    assert_password(&loaded, "a", "from-key", NULL);
    assert_password(&loaded, "b", "from-file", NULL);
    assert_password(&loaded, "c", "from-passfile", "passfile");
    assert_password(&loaded, "d", "from-pgpass", ".pgpass");
    assert_password(&loaded, "e", "from-pgpass", ".pgpass");
    assert_password(&loaded, "f", NULL, NULL);
    assert_string_equal(stage_setting(&loaded, "a", "password"), "*** (node:2)");
    assert_string_equal(stage_setting(&loaded, "b", "password"), "-");
    assert_string_equal(stage_setting(&loaded, "e", "password"), "*** (.pgpass)");

    setenv("PGPASSWORD", "from-variable", true);
    AUTO(loaded_fini)
    struct loaded again =
        assert_loads("nodes:\n"
                     "  - {name: c, host: both, passfile: named}\n"
                     "  - {name: d, host: pgpass-host, passfile: named}\n"
                     "  - {name: e, host: pgpass-host}\n"
                     "  - {name: g, host: x, password: from-key}\n");
    unsetenv("PGPASSWORD");
    unsetenv("PGPASSFILE");
    assert_password(&again, "c", "from-passfile", "passfile");
    assert_password(&again, "d", "from-variable", "environment");
    assert_password(&again, "e", "from-variable", "environment");
    assert_password(&again, "g", "from-key", NULL);
}

/* A password_file of the node is nearer than a password of the defaults. */
static void the_innermost_source_wins(void **state)
{
    stage_write("pw", "from-file\n", 0600);
    AUTO(loaded_fini)
    struct loaded loaded = assert_loads("defaults: {password: outer}\n"
                                        "nodes:\n"
                                        "  - {name: a, host: x}\n"
                                        "  - {name: b, host: x, password_file: pw}\n");
    assert_password(&loaded, "a", "outer", NULL);
    assert_password(&loaded, "b", "from-file", NULL);
    assert_string_equal(stage_setting(&loaded, "b", "password"), "-");
}

static void complains_of_the_files(void **state)
{
    stage_write("open", "hunter2\n", 0644);
    AUTO(loaded_fini)
    struct loaded loaded = stage_load("nodes:\n"
                                      "  - {name: a, host: x, password_file: gone}\n"
                                      "  - {name: b, host: x, password_file: open}\n"
                                      "  - {name: c, host: x, passfile: open}\n"
                                      "  - {name: d, host: x, passfile: gone}\n",
                                      NULL);
    assert_null(loaded.config);
    const char *said = stage_said(&loaded);
    assert_non_null(strstr(said, "2:39: error: password_file: "));
    assert_non_null(strstr(said, "gone\" cannot be opened: No such file"));
    assert_non_null(strstr(said, "open\" can be read by others than its owner"));
    assert_non_null(strstr(said, "4:34: warning: password file "));
    assert_non_null(strstr(said, "is ignored, because others than its owner may use"));
    assert_non_null(strstr(said, "5:34: warning: password file "));
}

static void the_users_own_file_need_not_exist(void **state)
{
    AUTO(loaded_fini)
    struct loaded none = assert_loads("nodes:\n  - {name: a, host: x}\n");
    assert_password(&none, "a", NULL, NULL);
    stage_write(".pgpass", "*:*:*:*:pw\n", 0644);
    AUTO(loaded_fini)
    struct loaded open = stage_load("nodes:\n  - {name: a, host: x}\n", NULL);
    unlink(".pgpass");
    assert_non_null(open.config);
    assert_non_null(strstr(stage_said(&open), "warning: password file "));
    assert_password(&open, "a", NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_line_that_matches_wins),
        cmocka_unit_test(marks_are_escaped_as_in_libpq),
        cmocka_unit_test(sockets_are_called_localhost),
        cmocka_unit_test(a_socket_directory_is_looked_for_as_written),
        cmocka_unit_test(libpqs_own_directory_is_localhost_first),
        cmocka_unit_test(a_byte_order_mark_belongs_to_no_name),
        cmocka_unit_test(broken_lines_are_skipped),
        cmocka_unit_test(files_of_others_are_ignored),
        cmocka_unit_test(sources_have_an_order),
        cmocka_unit_test(the_innermost_source_wins),
        cmocka_unit_test(complains_of_the_files),
        cmocka_unit_test(the_users_own_file_need_not_exist),
    };
    return cmocka_run_group_tests(tests, stage_set_up, stage_tear_down);
}
