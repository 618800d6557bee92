#include "pg/failure.h"
#include "pg/sqlstate.h"
#include "tests/test.h"

#include <errno.h>
#include <string.h>

static void policy_of_sqlstates(void **state)
{
    static const struct {
        const char *sqlstate;
        enum pgcensus_class at_login, later;
        bool retryable;
    } rows[] = {
        {"57P03", PGCENSUS_CLASS_NOT_READY, PGCENSUS_CLASS_NOT_READY, true},
        {"53300", PGCENSUS_CLASS_SATURATED, PGCENSUS_CLASS_SATURATED, true},
        {"28P01", PGCENSUS_CLASS_AUTH, PGCENSUS_CLASS_QUERY, false},
        {"28000", PGCENSUS_CLASS_AUTH, PGCENSUS_CLASS_QUERY, false},
        {"3D000", PGCENSUS_CLASS_CONFIG, PGCENSUS_CLASS_QUERY, false},
        {"55000", PGCENSUS_CLASS_CONFIG, PGCENSUS_CLASS_QUERY, false},
        {"42704", PGCENSUS_CLASS_CONFIG, PGCENSUS_CLASS_QUERY, false},
        {"42501", PGCENSUS_CLASS_CONFIG, PGCENSUS_CLASS_QUERY, false},
        {"57P01", PGCENSUS_CLASS_LOST, PGCENSUS_CLASS_LOST, true},
        {"57P02", PGCENSUS_CLASS_LOST, PGCENSUS_CLASS_LOST, true},
        {"57P05", PGCENSUS_CLASS_LOST, PGCENSUS_CLASS_LOST, true},
        {"08006", PGCENSUS_CLASS_LOST, PGCENSUS_CLASS_LOST, true},
        {"57014", PGCENSUS_CLASS_TIMEOUT, PGCENSUS_CLASS_TIMEOUT, false},
        {"25006", PGCENSUS_CLASS_AUTH, PGCENSUS_CLASS_QUERY, false},
        {"40001", PGCENSUS_CLASS_LOST, PGCENSUS_CLASS_QUERY, true},
        {"40P01", PGCENSUS_CLASS_LOST, PGCENSUS_CLASS_QUERY, true},
        {"42P01", PGCENSUS_CLASS_CONFIG, PGCENSUS_CLASS_QUERY, false},
        {"22012", PGCENSUS_CLASS_CONFIG, PGCENSUS_CLASS_QUERY, false},
        {"53200", PGCENSUS_CLASS_SATURATED, PGCENSUS_CLASS_QUERY, true},
        /* raised by a trigger on login, from 17 on */
        {"P0001", PGCENSUS_CLASS_AUTH, PGCENSUS_CLASS_QUERY, false},
        {"ZZ999", PGCENSUS_CLASS_AUTH, PGCENSUS_CLASS_QUERY, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *sqlstate = rows[i].sqlstate;
        assert_int_equal(pg_sqlstate_class(sqlstate, true), rows[i].at_login);
        assert_int_equal(pg_sqlstate_class(sqlstate, false), rows[i].later);
        assert_int_equal(pg_sqlstate_retryable(sqlstate), rows[i].retryable);
    }
}

static void policy_of_errnos(void **state)
{
    assert_int_equal(pg_errno_class(ECONNREFUSED), PGCENSUS_CLASS_REFUSED);
    assert_int_equal(pg_errno_class(EHOSTUNREACH), PGCENSUS_CLASS_UNREACHABLE);
    assert_int_equal(pg_errno_class(ENETUNREACH), PGCENSUS_CLASS_UNREACHABLE);
    assert_int_equal(pg_errno_class(EACCES), PGCENSUS_CLASS_UNREACHABLE);
    assert_int_equal(pg_errno_class(ETIMEDOUT), PGCENSUS_CLASS_TIMEOUT);
    assert_int_equal(pg_errno_class(ECONNRESET), PGCENSUS_CLASS_LOST);
    assert_int_equal(pg_errno_class(EMFILE), PGCENSUS_CLASS_LOCAL);
    assert_int_equal(pg_errno_class(ENOMEM), PGCENSUS_CLASS_LOCAL);
    /* ::1 in a container without IPv6: where the node is, we cannot get */
    assert_int_equal(pg_errno_class(EADDRNOTAVAIL), PGCENSUS_CLASS_UNREACHABLE);
    assert_int_equal(pg_errno_class(EAFNOSUPPORT), PGCENSUS_CLASS_UNREACHABLE);
    /* a unix socket that nobody accepts from any more */
    assert_int_equal(pg_errno_class(EAGAIN), PGCENSUS_CLASS_SATURATED);
}

static void words_of_pgbouncer(void **state)
{
    assert_int_equal(
        pg_pooler_class("FATAL: no more connections allowed (max_client_conn)"),
        PGCENSUS_CLASS_SATURATED);
    assert_int_equal(pg_pooler_class("FATAL: no such database: nope"),
                     PGCENSUS_CLASS_CONFIG);
    assert_int_equal(pg_pooler_class("FATAL: unsupported startup parameter: options"),
                     PGCENSUS_CLASS_CONFIG);
    assert_int_equal(pg_pooler_class("FATAL: password authentication failed"),
                     PGCENSUS_CLASS_AUTH);
    assert_int_equal(pg_pooler_class("FATAL: something new"), PGCENSUS_CLASS_LOST);
}

static void assert_words(struct pg_words words, const char *expected)
{
    assert_int_equal(words.n, strlen(expected));
    if (words.n > 0)
        assert_memory_equal(words.text, expected, words.n);
}

static void assert_told(const char *text, const char *sqlstate, const char *severity,
                        const char *message, const char *detail, const char *hint)
{
    struct pg_told told;
    assert_int_equal(pg_told_parse(text, &told), *sqlstate != '\0');
    assert_string_equal(told.sqlstate, sqlstate);
    assert_words(told.severity, severity);
    assert_words(told.message, message);
    assert_words(told.detail, detail);
    assert_words(told.hint, hint);
    assert_int_equal(told.position, 0);
}

/* message: with its severity */
static void assert_parsed(const char *text, const char *sqlstate, const char *message)
{
    const char *colon = *sqlstate ? strchr(message, ':') : NULL;
    char severity[64] = "";
    if (colon)
        snprintf(severity, sizeof severity, "%.*s", (int)(colon - message), message);
    assert_told(text, sqlstate, severity, colon ? colon + 2 : message, "", "");
}

static void reads_verbose_texts(void **state)
{
    assert_parsed("connection to server at \"127.0.0.1\", port 5432 failed: "
                  "FATAL:  28P01: password authentication failed for user \"x\"\n"
                  "LOCATION:  auth_failed, auth.c:338\n",
                  "28P01", "FATAL: password authentication failed for user \"x\"");
    assert_parsed("connection to server on socket \"/tmp/.s.PGSQL.5432\" failed: "
                  "FATAL:  3D000: database \"nope\" does not exist\n",
                  "3D000", "FATAL: database \"nope\" does not exist");
    /* a server that speaks German to a libpq that speaks French */
    assert_parsed("la connexion au serveur a échoué : "
                  "FATAL:  57P03: das Datenbanksystem startet gerade\n",
                  "57P03", "FATAL: das Datenbanksystem startet gerade");
    assert_parsed("致命错误:  53300: 太多的连接\n", "53300", "致命错误: 太多的连接");
}

static void first_fatal_wins(void **state)
{
    assert_parsed("x failed: FATAL:  28P01: first\nx failed: FATAL:  57P03: second\n",
                  "28P01", "FATAL: first");
}

static void reads_libpqs_own_texts(void **state)
{
    assert_parsed("connection to server at \"localhost\" (::1), port 1 failed: "
                  "Connection refused\n\tIs the server running on that host?\n",
                  "", "Connection refused");
    assert_parsed("connection to server at \"h\", port 1 failed: "
                  "SSL error: certificate verify failed\n",
                  "", "certificate verify failed");
    assert_parsed("SSL SYSCALL error: EOF detected\n", "",
                  "the server closed the connection");
    assert_parsed("invalid sslmode value: \"x\"\n", "", "invalid sslmode value: \"x\"");
    assert_parsed("", "", "");
    /* nearly, but not */
    assert_parsed("FATAL:  28p01: lower case\n", "", "FATAL:  28p01: lower case");
    assert_parsed("FATAL:  28P0", "", "FATAL:  28P0");
    assert_parsed(":  ", "", ":  ");
}

static void all_of_a_login_that_was_refused(void **state)
{
    assert_told("connection to server at \"h\" (192.0.2.1), port 5432 failed: "
                "FATAL:  57P03: the database system is not accepting connections\n"
                "DETAIL:  Hot standby mode is disabled.\n"
                "LOCATION:  ProcessStartupPacket, postmaster.c:2411\n",
                "57P03", "FATAL", "the database system is not accepting connections",
                "Hot standby mode is disabled.", "");
    assert_told("x failed: FATAL:  P0001: not allowed\nreason: until 18:00, ask us\n"
                "DETAIL:  one\ntwo\nHINT:  wait\nand see\nCONTEXT:  function f()\n"
                "LOCATION:  exec_stmt_raise, pl_exec.c:3893\n",
                "P0001", "FATAL", "not allowed\nreason: until 18:00, ask us",
                "one\ntwo", "wait\nand see");
    /* the French translation of pg_hba's refusal has a line end in its middle */
    assert_told("x failed: FATAL:  28000: rejet de la connexion pour l'hôte « ::1 », "
                "utilisateur « u », base\nde données « d »\n"
                "LOCATION:  ClientAuthentication, auth.c:477\n",
                "28000", "FATAL",
                "rejet de la connexion pour l'hôte « ::1 », utilisateur « u », base\n"
                "de données « d »",
                "", "");
}

/* The labels are translated with libpq; then DETAIL stays in the message, and where in
 * the server's source it was said does not. */
static void parts_that_libpq_translates(void **state)
{
    assert_told("x : FATAL:  57P03: le système n'accepte pas de connexions\n"
                "DÉTAIL : Le mode Hot Standby est désactivé.\n"
                "EMPLACEMENT : ProcessStartupPacket, postmaster.c:2411\n",
                "57P03", "FATAL",
                "le système n'accepte pas de connexions\n"
                "DÉTAIL : Le mode Hot Standby est désactivé.",
                "", "");
}

/* Whatever a server writes into its texts: it is the server's, under the first code. */
static void no_text_changes_what_was_refused(void **state)
{
    assert_told("x failed: FATAL:  28P01: no\nFATAL:  57P03: starting up\n"
                "HINT:  retry\n",
                "28P01", "FATAL", "no", "", "");
    assert_told("x failed: FATAL:  28P01: \n\nLOCATION:  a\nHINT:  b\n", "28P01",
                "FATAL", "\n", "", "");
    assert_told("x failed: FATAL:  28P01: DETAIL:  first line\nHINT:  h\nDETAIL:  d\n",
                "28P01", "FATAL", "DETAIL:  first line", "d", "h");
    assert_told("x failed: FATAL:  28P01: ", "28P01", "FATAL", "", "", "");
    assert_told("x failed: FATAL:  28P01: a\n", "28P01", "FATAL", "a", "", "");
}

/* ---- three texts in one array ---- */

static struct pg_told long_words(const char *message, const char *detail,
                                 const char *hint)
{
    return (struct pg_told){
        .sqlstate = "42703",
        .severity = pg_words_of("ERROR"),
        .message = pg_words_of(message),
        .detail = pg_words_of(detail),
        .hint = pg_words_of(hint),
        .position = 7,
    };
}

static struct pgcensus_failure tell(struct pg_told told, const struct secrets *secrets)
{
    struct pgcensus_failure failure;
    pg_failure_tell(&failure, PGCENSUS_CLASS_QUERY, PGCENSUS_PHASE_QUERY, secrets,
                    &told);
    return failure;
}

static void tells_detail_and_hint(void **state)
{
    struct pgcensus_failure failure =
        tell(long_words("no column", "two\nlines \033[31m", "cast it"), NULL);
    struct pgcensus_failure copy = failure;
    assert_string_equal(copy.message, "ERROR: no column");
    assert_string_equal(pgcensus_failure_detail(&copy), "two lines \\x1b[31m");
    assert_string_equal(pgcensus_failure_hint(&copy), "cast it");
    assert_int_equal(copy.position, 7);
    assert_string_equal(copy.sqlstate, "42703");

    failure = tell(long_words("no column", NULL, NULL), NULL);
    assert_null(pgcensus_failure_detail(&failure));
    assert_null(pgcensus_failure_hint(&failure));
    failure = tell(long_words("no column", NULL, "cast it"), NULL);
    assert_null(pgcensus_failure_detail(&failure));
    assert_string_equal(pgcensus_failure_hint(&failure), "cast it");
}

static bool ends_cut(const char *text)
{
    static const char cut[] = "…";
    size_t n = strlen(text);
    return n >= 3 && strcmp(text + n - 3, cut) == 0;
}

static void long_texts_share_the_room(void **state)
{
    char longest[4000], medium[301];
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    memset(medium, 'y', sizeof medium);
    medium[sizeof medium - 1] = '\0';

    /* who needs little is never cut because of another */
    struct pgcensus_failure failure = tell(long_words("short", longest, "hint"), NULL);
    assert_string_equal(failure.message, "ERROR: short");
    assert_string_equal(pgcensus_failure_hint(&failure), "hint");
    assert_true(ends_cut(pgcensus_failure_detail(&failure)));
    assert_true(strlen(pgcensus_failure_detail(&failure)) > 700);

    failure = tell(long_words(longest, "detail", "hint"), NULL);
    assert_true(ends_cut(failure.message));
    assert_string_equal(pgcensus_failure_detail(&failure), "detail");
    assert_string_equal(pgcensus_failure_hint(&failure), "hint");

    failure = tell(long_words(medium, medium, "hint"), NULL);
    assert_string_equal(pgcensus_failure_detail(&failure), medium);

    failure = tell(long_words(longest, longest, longest), NULL);
    assert_true(ends_cut(failure.message));
    assert_true(ends_cut(pgcensus_failure_detail(&failure)));
    assert_true(ends_cut(pgcensus_failure_hint(&failure)));
    assert_true(strlen(pgcensus_failure_hint(&failure)) > 150);

    pg_failure_append(&failure, "; and more");
    assert_non_null(strstr(failure.message, "…; and more"));
    assert_true(ends_cut(pgcensus_failure_hint(&failure)));
}

static void another_message_keeps_the_rest(void **state)
{
    struct pgcensus_failure failure = tell(long_words("bind", "lost", "hint"), NULL);
    pg_failure_reword(&failure, "the statement has $1");
    assert_string_equal(failure.message, "the statement has $1");
    assert_string_equal(pgcensus_failure_detail(&failure), "ERROR: bind");
    assert_string_equal(pgcensus_failure_hint(&failure), "hint");
    pg_failure_append(&failure, "; really");
    assert_string_equal(failure.message, "the statement has $1; really");
    assert_string_equal(pgcensus_failure_detail(&failure), "ERROR: bind");
}

static void everything_is_set_at_once(void **state)
{
    struct pgcensus_failure failure;
    pg_failure_set(&failure, PGCENSUS_CLASS_NOT_READY, PGCENSUS_PHASE_AUTH, "57P03",
                   NULL, "FATAL: %s", "starting up");
    assert_int_equal(failure.error_class, PGCENSUS_CLASS_NOT_READY);
    assert_int_equal(failure.phase, PGCENSUS_PHASE_AUTH);
    assert_string_equal(failure.sqlstate, "57P03");
    assert_string_equal(failure.message, "FATAL: starting up");
    assert_true(failure.retryable);

    pg_failure_set(&failure, PGCENSUS_CLASS_REFUSED, PGCENSUS_PHASE_CONNECT, NULL, NULL,
                   "connection refused");
    assert_string_equal(failure.sqlstate, "");
    assert_true(failure.retryable);
}

static void retries_only_what_can_be_cured(void **state)
{
    static const struct {
        enum pgcensus_class error_class;
        const char *sqlstate;
        bool retryable;
    } rows[] = {
        {PGCENSUS_CLASS_AUTH, "", false},
        {PGCENSUS_CLASS_AUTH, "28P01", false},
        {PGCENSUS_CLASS_CONFIG, "08P01", false},
        {PGCENSUS_CLASS_LOST, "57P01", true},
        {PGCENSUS_CLASS_QUERY, "40001", true},
        {PGCENSUS_CLASS_QUERY, "42P01", false},
        {PGCENSUS_CLASS_QUERY, "08P01", false},
        {PGCENSUS_CLASS_SATURATED, "08P01", true},
        {PGCENSUS_CLASS_QUERY, "", false},
        {PGCENSUS_CLASS_TIMEOUT, "", true},
        {PGCENSUS_CLASS_TIMEOUT, "57014", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pgcensus_failure failure;
        pg_failure_set(&failure, rows[i].error_class, PGCENSUS_PHASE_AUTH,
                       rows[i].sqlstate, NULL, "x");
        assert_int_equal(failure.retryable, rows[i].retryable);
    }
}

static void makes_texts_safe(void **state)
{
    struct pgcensus_failure failure;
    pg_failure_set(&failure, PGCENSUS_CLASS_PROTOCOL, PGCENSUS_PHASE_AUTH, "\33[31",
                   NULL, "two \n\t lines \033[31m and \xff\n");
    assert_string_equal(failure.message, "two lines \\x1b[31m and \\xff");
    assert_string_equal(failure.sqlstate, "");
}

static void it_keeps_our_secrets(void **state)
{
    AUTO(secrets_free) struct secrets *secrets = secrets_new();
    assert_true(secrets_add(secrets, "hunter2\nsecret"));
    struct pgcensus_failure failure;
    pg_failure_set(&failure, PGCENSUS_CLASS_CONFIG, PGCENSUS_PHASE_CONNECT, NULL,
                   secrets, "missing \"=\" after \"%s\"", "hunter2\nsecret");
    assert_string_equal(failure.message, "missing \"=\" after \"***\"");

    failure = tell(long_words("m", "with hunter2\nsecret", "hunter2\nsecret"), secrets);
    assert_string_equal(pgcensus_failure_detail(&failure), "with ***");
    assert_string_equal(pgcensus_failure_hint(&failure), "***");

    /* the cut at the end must not leave half of one */
    char filler[760];
    memset(filler, 'x', sizeof filler);
    filler[sizeof filler - 1] = '\0';
    pg_failure_set(&failure, PGCENSUS_CLASS_CONFIG, PGCENSUS_PHASE_CONNECT, NULL,
                   secrets, "%s hunter2\nsecret", filler);
    assert_null(strstr(failure.message, "hunter2"));
}

static void classes_of_libpqs_words(void **state)
{
    enum pgcensus_phase auth = PGCENSUS_PHASE_AUTH, tls = PGCENSUS_PHASE_TLS;
    assert_int_equal(pg_text_class("server closed the connection unexpectedly", auth),
                     PGCENSUS_CLASS_LOST);
    assert_int_equal(pg_text_class("Connection reset by peer", tls),
                     PGCENSUS_CLASS_LOST);
    assert_int_equal(pg_text_class("SSL connection has been closed unexpectedly", tls),
                     PGCENSUS_CLASS_LOST);
    assert_int_equal(pg_text_class("SSL error: unexpected eof while reading", tls),
                     PGCENSUS_CLASS_LOST);
    assert_int_equal(pg_text_class("certificate verify failed", tls),
                     PGCENSUS_CLASS_TLS);
    assert_int_equal(pg_text_class("something new", tls), PGCENSUS_CLASS_TLS);
    assert_int_equal(pg_text_class("something new", auth), PGCENSUS_CLASS_PROTOCOL);
    assert_int_equal(
        pg_text_class("invalid port number: \"x\"", PGCENSUS_PHASE_CONNECT),
        PGCENSUS_CLASS_CONFIG);
    assert_int_equal(pg_text_class("No route to host", PGCENSUS_PHASE_CONNECT),
                     PGCENSUS_CLASS_UNREACHABLE);
    assert_int_equal(pg_text_class("could not create socket: Too many open files",
                                   PGCENSUS_PHASE_CONNECT),
                     PGCENSUS_CLASS_LOCAL);
    assert_int_equal(
        pg_text_class("could not load private key file \"/x\": bad decrypt", tls),
        PGCENSUS_CLASS_TLS);
    assert_int_equal(pg_text_class("invalid connection option \"require_auth\"",
                                   PGCENSUS_PHASE_CONNECT),
                     PGCENSUS_CLASS_CONFIG);
    assert_int_equal(
        pg_text_class("server requires OAuth authentication, but oauth_issuer and "
                      "oauth_client_id are not both set",
                      auth),
        PGCENSUS_CLASS_AUTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policy_of_sqlstates),
        cmocka_unit_test(policy_of_errnos),
        cmocka_unit_test(words_of_pgbouncer),
        cmocka_unit_test(reads_verbose_texts),
        cmocka_unit_test(first_fatal_wins),
        cmocka_unit_test(reads_libpqs_own_texts),
        cmocka_unit_test(all_of_a_login_that_was_refused),
        cmocka_unit_test(parts_that_libpq_translates),
        cmocka_unit_test(no_text_changes_what_was_refused),
        cmocka_unit_test(tells_detail_and_hint),
        cmocka_unit_test(long_texts_share_the_room),
        cmocka_unit_test(another_message_keeps_the_rest),
        cmocka_unit_test(everything_is_set_at_once),
        cmocka_unit_test(retries_only_what_can_be_cured),
        cmocka_unit_test(makes_texts_safe),
        cmocka_unit_test(it_keeps_our_secrets),
        cmocka_unit_test(classes_of_libpqs_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
