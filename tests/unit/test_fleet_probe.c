/* One check of one node, on a fake network and a fake clock: facts, verdicts, retries.
 */
#include "fake_fleet.h"

#include "tests/test.h"

#include <string.h>

static const struct pgcensus_check_options plain = {.retries = -1, .stop_fd = -1};

static struct pgcensus_node_result check_host(const char *host,
                                              const struct pgcensus_check_options *how)
{
    static struct fake_harvest harvest;
    struct pgcensus_fleet *fleet = fake_fleet(&host, 1);
    fake_harvest_run(&harvest, fleet, how);
    pgcensus_fleet_free(fleet);
    return harvest.results[0];
}

static struct pgcensus_node_result
check_options(const struct node_options *options,
              const struct pgcensus_check_options *how)
{
    static struct fake_harvest harvest;
    struct pgcensus_fleet *fleet = fleet_new(NULL, NULL);
    assert_true(fleet_add(fleet, options, NULL));
    fake_harvest_run(&harvest, fleet, how);
    pgcensus_fleet_free(fleet);
    return harvest.results[0];
}

static int setup(void **state)
{
    fake_fleet_plan();
    return 0;
}

/* ---- facts and verdicts ---- */

static void a_primary_is_ok_with_its_facts(void **state)
{
    struct pgcensus_node_result got = check_host("ok", &plain);
    assert_int_equal(got.status, PGCENSUS_OK);
    assert_int_equal(got.role, PGCENSUS_PRIMARY);
    assert_int_equal(got.read_only, 0);
    assert_string_equal(got.server_version, "15.20");
    assert_int_equal(got.server_version_num, 150020);
    assert_string_equal(got.hostaddr, "192.0.2.1");
    assert_true(got.transport.known && got.attempted && !got.failed);
    assert_int_equal(got.attempts, 1);
    assert_int_equal(got.n_reasons, 0);
    assert_int_equal(got.latency.tcp + got.latency.auth, 10 * MSEC);
    assert_int_equal(got.latency.query, 2 * MSEC);
    assert_int_equal(got.latency.total, 12 * MSEC);
    assert_int_equal(got.latency.resolve, PGCENSUS_UNKNOWN_TIME);
}

/* It waited for a thread of ours, longer than its deadline could have borne. */
static void what_waits_for_us_is_not_late(void **state)
{
    struct pgcensus_node_result got = check_host("queued", &plain);
    assert_int_equal(got.status, PGCENSUS_OK);
    assert_int_equal(got.latency.queued, 4 * SEC);
    assert_int_equal(got.latency.total, 3 * SEC + 2 * MSEC);
}

static void what_never_began_says_nothing_of_the_node(void **state)
{
    struct pgcensus_node_result got = check_host("starved", &plain);
    assert_int_equal(got.status, PGCENSUS_UNKNOWN);
    assert_int_equal(got.failure.error_class, PGCENSUS_CLASS_LOCAL);
    assert_int_equal(got.failure.phase, PGCENSUS_PHASE_RESOLVE);
    assert_int_equal(got.latency.total, 0);
    assert_int_equal(got.latency.queued, 5 * SEC);
}

static void the_end_of_the_run_finds_it_waiting(void **state)
{
    struct pgcensus_check_options short_run = plain;
    short_run.deadline = 2 * SEC;
    struct pgcensus_node_result got = check_host("starved", &short_run);
    assert_int_equal(got.failure.error_class, PGCENSUS_CLASS_LOCAL);
    assert_non_null(strstr(got.failure.message, "the whole run may take 2s"));
    got = check_host("silent", &short_run);
    assert_int_equal(got.failure.error_class, PGCENSUS_CLASS_TIMEOUT);
}

static void a_standby_is_read_only(void **state)
{
    struct pgcensus_node_result got = check_host("standby", &plain);
    assert_int_equal(got.role, PGCENSUS_STANDBY);
    assert_int_equal(got.read_only, 1);
}

static void an_old_server_is_asked_for_its_role(void **state)
{
    struct pgcensus_node_result got = check_host("old", &plain);
    assert_int_equal(got.status, PGCENSUS_OK);
    assert_int_equal(got.role, PGCENSUS_PRIMARY);
    assert_int_equal(got.read_only, 0);
    assert_int_equal(got.latency.total, 12 * MSEC); /* not part of the answer */
}

static void a_pooler_is_not_believed_about_the_role(void **state)
{
    struct node_options options = fake_node("pool", "ok");
    options.identity.via_pooler = true;
    struct pgcensus_node_result got = check_options(&options, &plain);
    assert_int_equal(got.role, PGCENSUS_STANDBY); /* what the query said */
}

static void a_silly_role_is_unknown(void **state)
{
    struct pgcensus_node_result got = check_host("silly", &plain);
    assert_int_equal(got.status, PGCENSUS_OK);
    assert_int_equal(got.role, PGCENSUS_ROLE_UNKNOWN);
    assert_int_equal(got.read_only, -1);
}

static void the_wrong_role_is_what_was_configured(void **state)
{
    struct node_options options = fake_node("n", "standby");
    options.identity.expect_role = PGCENSUS_PRIMARY;
    struct pgcensus_node_result got = check_options(&options, &plain);
    assert_int_equal(got.status, PGCENSUS_WARN);
    assert_int_equal(got.n_reasons, 1);
    assert_string_equal(got.reasons[0].code, "role");
    assert_string_equal(got.reasons[0].message, "is standby, expected primary");
    assert_string_equal(got.reasons[0].value, "standby");
    assert_string_equal(got.reasons[0].limit, "primary");
    assert_false(got.failed);

    options.probe.role_status = PGCENSUS_DOWN;
    assert_int_equal(check_options(&options, &plain).status, PGCENSUS_DOWN);
    options.identity.expect_role = PGCENSUS_STANDBY;
    assert_int_equal(check_options(&options, &plain).status, PGCENSUS_OK);
}

static void an_expected_role_that_cannot_be_learnt_warns(void **state)
{
    struct node_options options = fake_node("n", "silly");
    options.identity.expect_role = PGCENSUS_PRIMARY;
    options.probe.role_status = PGCENSUS_DOWN;
    struct pgcensus_node_result got = check_options(&options, &plain);
    assert_int_equal(got.status, PGCENSUS_WARN);
    assert_string_equal(got.reasons[0].code, "role");
    assert_string_equal(got.reasons[0].value, "");
}

static void failures_are_down_with_class_and_phase(void **state)
{
    static const struct {
        const char *host;
        enum pgcensus_status status;
        enum pgcensus_class error_class;
        enum pgcensus_phase phase;
        nsec total;
    } cases[] = {
        {"refused", PGCENSUS_DOWN, PGCENSUS_CLASS_REFUSED, PGCENSUS_PHASE_CONNECT,
         10 * MSEC},
        {"auth", PGCENSUS_DOWN, PGCENSUS_CLASS_AUTH, PGCENSUS_PHASE_CONNECT, 10 * MSEC},
        {"silent", PGCENSUS_DOWN, PGCENSUS_CLASS_TIMEOUT, PGCENSUS_PHASE_AUTH, 5 * SEC},
        {"mute", PGCENSUS_DOWN, PGCENSUS_CLASS_TIMEOUT, PGCENSUS_PHASE_QUERY,
         SEC + 10 * MSEC},
        {"broken", PGCENSUS_DOWN, PGCENSUS_CLASS_LOST, PGCENSUS_PHASE_QUERY, 12 * MSEC},
        {"syntax", PGCENSUS_DOWN, PGCENSUS_CLASS_QUERY, PGCENSUS_PHASE_QUERY,
         12 * MSEC},
        {"full", PGCENSUS_UNKNOWN, PGCENSUS_CLASS_LOCAL, PGCENSUS_PHASE_CONNECT,
         10 * MSEC},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct pgcensus_node_result got = check_host(cases[i].host, &plain);
        assert_int_equal(got.status, cases[i].status);
        assert_true(got.failed && got.attempted);
        assert_int_equal(got.failure.error_class, cases[i].error_class);
        assert_int_equal(got.failure.phase, cases[i].phase);
        assert_int_equal(got.latency.total, cases[i].total);
        assert_int_equal(got.n_reasons, 1);
        assert_string_equal(got.reasons[0].code,
                            pgcensus_class_name(cases[i].error_class));
        assert_string_equal(got.reasons[0].message, got.failure.message);
        assert_string_equal(got.hostaddr, "192.0.2.1");
        assert_int_equal(got.role, PGCENSUS_ROLE_UNKNOWN);
    }
}

static void what_the_login_told_stays_known_when_the_question_fails(void **state)
{
    struct pgcensus_node_result got = check_host("mute", &plain);
    assert_int_equal(got.status, PGCENSUS_DOWN);
    assert_true(got.transport.known);
    assert_string_equal(got.server_version, "15.20");
    got = check_host("silent", &plain);
    assert_false(got.transport.known);
    assert_string_equal(got.server_version, "");
}

static void the_whole_check_has_a_deadline_too(void **state)
{
    struct node_options options = fake_node("n", "silent");
    options.probe.total = 2 * SEC;
    struct pgcensus_node_result got = check_options(&options, &plain);
    assert_int_equal(got.failure.error_class, PGCENSUS_CLASS_TIMEOUT);
    assert_int_equal(got.failure.phase, PGCENSUS_PHASE_AUTH);
    assert_int_equal(got.latency.total, 2 * SEC);
}

/* ---- retries ---- */

static void a_failure_is_retried_as_often_as_told(void **state)
{
    struct pgcensus_check_options thrice = {.retries = 3, .stop_fd = -1};
    struct pgcensus_node_result got = check_host("refused", &thrice);
    assert_int_equal(got.attempts, 4);
    assert_int_equal(fake_opened, 4);
    assert_int_equal(got.latency.total, 10 * MSEC); /* of the last attempt */
}

static unsigned refusals_left;

static struct fake_fate refuse_a_while(const struct pg_target *target)
{
    struct fake_fate fate = {.after = MSEC, .phase = PGCENSUS_PHASE_CONNECT};
    if (refusals_left > 0) {
        refusals_left--;
        fate.error_class = PGCENSUS_CLASS_REFUSED;
    }
    return fate;
}

static void a_retry_that_succeeds_leaves_no_failure(void **state)
{
    struct pgcensus_check_options thrice = {.retries = 3, .stop_fd = -1};
    fake_plan.open = refuse_a_while;
    refusals_left = 2;
    struct pgcensus_node_result got = check_host("ok", &thrice);
    assert_int_equal(got.status, PGCENSUS_OK);
    assert_int_equal(got.attempts, 3);
    assert_false(got.failed);
    assert_int_equal(got.n_reasons, 0);
}

static void a_wrong_password_is_never_retried(void **state)
{
    struct pgcensus_check_options thrice = {.retries = 3, .stop_fd = -1};
    assert_int_equal(check_host("auth", &thrice).attempts, 1);
    assert_int_equal(fake_opened, 1);
}

static void no_attempt_begins_behind_the_deadline(void **state)
{
    struct pgcensus_check_options options = {
        .retries = 10, .deadline = 250 * MSEC, .stop_fd = -1};
    nsec before = fake_now;
    struct pgcensus_node_result got = check_host("refused", &options);
    assert_int_equal(got.failure.error_class, PGCENSUS_CLASS_REFUSED);
    assert_int_equal(got.status, PGCENSUS_DOWN);
    assert_int_equal(got.attempts, 2); /* at 0 and 110 ms; the next would be at 320 */
    assert_int_equal(fake_now - before, 120 * MSEC);
}

static void the_round_can_switch_retries_off(void **state)
{
    struct pgcensus_check_options never = {.retries = 0, .stop_fd = -1};
    struct node_options options = fake_node("n", "refused");
    options.retry.max_retries = 2;
    assert_int_equal(check_options(&options, &plain).attempts, 3);
    assert_int_equal(check_options(&options, &never).attempts, 1);
}

static void all_attempts_together_keep_to_the_limit(void **state)
{
    struct node_options options = fake_node("n", "refused");
    options.retry.max_retries = 100;
    options.probe.limit = 250 * MSEC;
    nsec before = fake_now;
    struct pgcensus_node_result got = check_options(&options, &plain);
    assert_int_equal(got.attempts, 2); /* at 0 and 110 ms; the next would be at 320 */
    assert_int_equal(got.failure.error_class, PGCENSUS_CLASS_REFUSED);
    assert_int_equal(fake_now - before, 120 * MSEC);

    options.probe.limit = 115 * MSEC; /* in the middle of the second attempt */
    before = fake_now;
    got = check_options(&options, &plain);
    assert_int_equal(got.attempts, 2);
    assert_int_equal(fake_now - before, 115 * MSEC);
}

static void stopping_keeps_the_failure_that_is_known(void **state)
{
    static const char *const hosts[] = {"refused", "silent"};
    struct pgcensus_check_options options = {.retries = 3, .stop_fd = -1};
    const struct pgcensus_node_result *result;
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 2);
    struct pgcensus_check *check = pgcensus_check_start(fleet, &options, NULL);
    assert_int_equal(pgcensus_check_next(check, 50 * MSEC, &result),
                     PGCENSUS_TURN_TICK);
    pgcensus_check_stop(check, "interrupted");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pgcensus_check_next(check, SEC, &result), PGCENSUS_TURN_NODE);
        bool silent = result->index == 1;
        assert_int_equal(result->status, silent ? PGCENSUS_UNKNOWN : PGCENSUS_DOWN);
        assert_int_equal(result->failure.error_class,
                         silent ? PGCENSUS_CLASS_CANCELLED : PGCENSUS_CLASS_REFUSED);
        assert_int_equal(result->failure.phase,
                         silent ? PGCENSUS_PHASE_AUTH : PGCENSUS_PHASE_CONNECT);
    }
    pgcensus_check_free(check);
    pgcensus_fleet_free(fleet);
}

/* ---- the question ---- */

static void being_ready_again_is_no_answer(void **state)
{
    struct pgcensus_node_result got = check_host("empty", &plain);
    assert_int_equal(got.status, PGCENSUS_DOWN);
    assert_int_equal(got.failure.error_class, PGCENSUS_CLASS_PROTOCOL);
    assert_int_equal(got.failure.phase, PGCENSUS_PHASE_QUERY);
    assert_string_equal(got.failure.message, "no answer to the question");
}

/* How the only connection was asked, in the middle of the answer. */
static struct pg_conn asked(const struct node_options *options)
{
    const struct pgcensus_node_result *result;
    struct pgcensus_fleet *fleet = fleet_new(NULL, NULL);
    assert_true(fleet_add(fleet, options, NULL));
    struct pgcensus_check *check = pgcensus_check_start(fleet, &plain, NULL);
    pgcensus_check_next(check, 500 * MSEC, &result);
    struct pg_conn conn = *container_of(list_first(&fake_conns), struct pg_conn, node);
    pgcensus_check_free(check);
    pgcensus_fleet_free(fleet);
    return conn;
}

/* Opens and closes envelopes, and never answers a question. */
static struct fake_fate mute_about(const struct pg_target *target, const char *sql)
{
    bool asks = !strcmp(sql, "SELECT 1") || !strcmp(sql, "SELECT 2") ||
                !strcmp(sql, "SHOW VERSION");
    return (struct fake_fate){.after = asks ? NEVER : MSEC};
}

static void a_question_of_ones_own_is_one_statement(void **state)
{
    struct node_options options = fake_node("n", "ok");
    fake_plan.answer = mute_about;
    assert_false(asked(&options).extended);
    options.probe.query = "SELECT 2";
    struct pg_conn conn = asked(&options);
    assert_true(conn.extended);
    assert_int_equal(conn.transaction, PG_TRANSACTION_OPEN);
}

static void a_console_is_asked_without_a_transaction(void **state)
{
    struct node_options options = fake_node("n", "ok");
    fake_plan.answer = mute_about;
    options.identity.simple = true;
    options.probe.query = "SHOW VERSION";
    struct pg_conn conn = asked(&options);
    assert_false(conn.extended);
    assert_int_equal(conn.transaction, PG_TRANSACTION_NONE);

    struct pgcensus_fleet *fleet = fleet_new(NULL, NULL);
    struct pgcensus_error error;
    options.probe.query = "SHOW 'a\\''; DROP TABLE t; --'";
    assert_false(fleet_add(fleet, &options, &error));
    options.probe.query = "DROP TABLE t";
    assert_false(fleet_add(fleet, &options, &error));
    pgcensus_fleet_free(fleet);
}

static void a_timeout_speaks_of_the_budget(void **state)
{
    struct node_options options = fake_node("n", "mute");
    assert_int_equal(asked(&options).patience, SEC);
    options.probe.total = SEC;
    assert_int_equal(asked(&options).patience, SEC);
    options.probe.limit = 900 * MSEC;
    assert_int_equal(asked(&options).patience, 900 * MSEC);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        TEST(a_primary_is_ok_with_its_facts),
        TEST(what_waits_for_us_is_not_late),
        TEST(what_never_began_says_nothing_of_the_node),
        TEST(the_end_of_the_run_finds_it_waiting),
        TEST(a_standby_is_read_only),
        TEST(an_old_server_is_asked_for_its_role),
        TEST(a_pooler_is_not_believed_about_the_role),
        TEST(a_silly_role_is_unknown),
        TEST(the_wrong_role_is_what_was_configured),
        TEST(an_expected_role_that_cannot_be_learnt_warns),
        TEST(failures_are_down_with_class_and_phase),
        TEST(what_the_login_told_stays_known_when_the_question_fails),
        TEST(the_whole_check_has_a_deadline_too),
        TEST(a_failure_is_retried_as_often_as_told),
        TEST(a_retry_that_succeeds_leaves_no_failure),
        TEST(a_wrong_password_is_never_retried),
        TEST(no_attempt_begins_behind_the_deadline),
        TEST(the_round_can_switch_retries_off),
        TEST(all_attempts_together_keep_to_the_limit),
        TEST(stopping_keeps_the_failure_that_is_known),
        TEST(being_ready_again_is_no_answer),
        TEST(a_question_of_ones_own_is_one_statement),
        TEST(a_console_is_asked_without_a_transaction),
        TEST(a_timeout_speaks_of_the_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
