/* Rounds of checks over the public header, on a fake network and a fake clock. */
#include "fake_fleet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

enum { MOST = 64 };

static const struct pgcensus_check_options plain = {.stop_fd = -1};

struct harvest {
    struct pgcensus_node_result results[MOST]; /* by index */
    unsigned seen[MOST];
    size_t order[MOST], n;
    nsec began, took;
};

static void collect(struct harvest *harvest, const struct pgcensus_node_result *result)
{
    harvest->results[result->index] = *result;
    harvest->seen[result->index]++;
    harvest->order[harvest->n++] = result->index;
}

static void harvest_all(struct harvest *harvest, struct pgcensus_check *check)
{
    const struct pgcensus_node_result *result;
    for (;;)
        switch (pgcensus_check_next(check, SEC, &result)) {
        case PGCENSUS_TURN_NODE:
            collect(harvest, result);
            break;
        case PGCENSUS_TURN_TICK:
            break;
        case PGCENSUS_TURN_END:
            harvest->took = fake_now - harvest->began;
            return;
        }
}

static void run(struct harvest *harvest, struct pgcensus_fleet *fleet,
                const struct pgcensus_check_options *options)
{
    *harvest = (struct harvest){.began = fake_now};
    struct pgcensus_check *check = pgcensus_check_start(fleet, options, NULL);
    assert_non_null(check);
    harvest_all(harvest, check);
    pgcensus_check_free(check);
    for (size_t i = 0; i < pgcensus_fleet_size(fleet); i++)
        assert_int_equal(harvest->seen[i], 1);
    assert_int_equal(fake_conns.n, 0);
}

static struct pgcensus_node_result check_host(const char *host,
                                              const struct pgcensus_check_options *how)
{
    static struct harvest harvest;
    struct pgcensus_fleet *fleet = fake_fleet(&host, 1);
    run(&harvest, fleet, how);
    pgcensus_fleet_free(fleet);
    return harvest.results[0];
}

static struct pgcensus_node_result check_options(const struct node_options *options)
{
    static struct harvest harvest;
    struct pgcensus_fleet *fleet = fleet_new(NULL, NULL);
    assert_true(fleet_add(fleet, options, NULL));
    run(&harvest, fleet, &plain);
    pgcensus_fleet_free(fleet);
    return harvest.results[0];
}

static int setup(void **state)
{
    fake_fleet_plan();
    return 0;
}

/* ---- one node ---- */

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
    struct pgcensus_node_result got = check_options(&options);
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
    struct pgcensus_node_result got = check_options(&options);
    assert_int_equal(got.status, PGCENSUS_WARN);
    assert_int_equal(got.n_reasons, 1);
    assert_string_equal(got.reasons[0].code, "role");
    assert_string_equal(got.reasons[0].message, "is standby, expected primary");
    assert_string_equal(got.reasons[0].value, "standby");
    assert_string_equal(got.reasons[0].limit, "primary");
    assert_false(got.failed);

    options.probe.role_status = PGCENSUS_DOWN;
    assert_int_equal(check_options(&options).status, PGCENSUS_DOWN);
    options.identity.expect_role = PGCENSUS_STANDBY;
    assert_int_equal(check_options(&options).status, PGCENSUS_OK);
}

static void an_expected_role_that_cannot_be_learnt_warns(void **state)
{
    struct node_options options = fake_node("n", "silly");
    options.identity.expect_role = PGCENSUS_PRIMARY;
    options.probe.role_status = PGCENSUS_DOWN;
    struct pgcensus_node_result got = check_options(&options);
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
    struct pgcensus_node_result got = check_options(&options);
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

/* ---- many nodes ---- */

static void dead_nodes_cost_one_deadline_not_a_sum(void **state)
{
    static struct harvest harvest;
    const char *hosts[40];
    for (int i = 0; i < 40; i++)
        hosts[i] = i % 2 ? "silent" : "ok";
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 40);
    run(&harvest, fleet, &plain);
    assert_true(harvest.took <= 5 * SEC + 10 * MSEC);
    for (int i = 0; i < 20; i++) /* the living come first */
        assert_int_equal(harvest.order[i] % 2, 0);
    pgcensus_fleet_free(fleet);
}

static void being_behind_slows_the_start_but_never_stops_it(void **state)
{
    static struct harvest harvest;
    const char *hosts[60];
    for (int i = 0; i < 60; i++)
        hosts[i] = "silent";
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 60);
    fake_last_turn = 50 * MSEC; /* as if somebody flooded us all the time */
    run(&harvest, fleet, &plain);
    assert_in_range(harvest.took, 5 * SEC + 50 * MSEC, 5 * SEC + 300 * MSEC);
    pgcensus_fleet_free(fleet);
}

static void jobs_limit_what_is_open(void **state)
{
    static struct harvest harvest;
    struct pgcensus_check_options two = {.jobs = 2, .stop_fd = -1};
    const char *hosts[10];
    size_t most = 0;
    for (int i = 0; i < 10; i++)
        hosts[i] = "ok";
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 10);
    struct pgcensus_check *check = pgcensus_check_start(fleet, &two, NULL);
    const struct pgcensus_node_result *result;
    harvest = (struct harvest){0};
    for (enum pgcensus_turn turn; (turn = pgcensus_check_next(check, MSEC, &result));) {
        if (turn == PGCENSUS_TURN_NODE)
            collect(&harvest, result);
        most = fake_conns.n > most ? fake_conns.n : most;
    }
    assert_int_equal(harvest.n, 10);
    assert_int_equal(most, 2);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(harvest.order[i], i);
    pgcensus_check_free(check);
    pgcensus_fleet_free(fleet);
}

static void disabled_nodes_come_first_and_unasked(void **state)
{
    static struct harvest harvest;
    struct pgcensus_fleet *fleet = fleet_new(NULL, NULL);
    for (int i = 0; i < 6; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        struct node_options options = fake_node(name, "ok");
        options.identity.enabled = i % 3 != 2;
        assert_true(fleet_add(fleet, &options, NULL));
    }
    run(&harvest, fleet, &plain);
    assert_int_equal(harvest.order[0], 2);
    assert_int_equal(harvest.order[1], 5);
    assert_int_equal(harvest.results[2].status, PGCENSUS_DISABLED);
    assert_false(harvest.results[2].attempted);
    assert_int_equal(fake_opened, 4);
    pgcensus_fleet_free(fleet);
}

static void a_deadline_separates_the_tried_from_the_rest(void **state)
{
    static struct harvest harvest;
    static const char *const hosts[] = {"ok", "silent", "mute", "ok", "ok"};
    struct pgcensus_check_options options = {
        .jobs = 2, .deadline = 500 * MSEC, .stop_fd = -1};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 5);
    run(&harvest, fleet, &options);
    assert_int_equal(harvest.took, 500 * MSEC);
    assert_int_equal(harvest.results[0].status, PGCENSUS_OK);
    for (int i = 1; i < 3; i++) {
        assert_int_equal(harvest.results[i].status, PGCENSUS_DOWN);
        assert_int_equal(harvest.results[i].failure.error_class,
                         PGCENSUS_CLASS_TIMEOUT);
        assert_string_equal(harvest.results[i].failure.message,
                            "timeout: the whole run may take 500ms");
    }
    assert_int_equal(harvest.results[1].failure.phase, PGCENSUS_PHASE_AUTH);
    assert_int_equal(harvest.results[2].failure.phase, PGCENSUS_PHASE_QUERY);
    for (int i = 3; i < 5; i++) {
        assert_int_equal(harvest.results[i].status, PGCENSUS_UNKNOWN);
        assert_int_equal(harvest.results[i].failure.error_class,
                         PGCENSUS_CLASS_CANCELLED);
        assert_string_equal(harvest.results[i].failure.message,
                            "not started before the deadline");
        assert_false(harvest.results[i].attempted);
    }
    pgcensus_fleet_free(fleet);
}

static void stopping_makes_the_rest_unknown_at_once(void **state)
{
    static struct harvest harvest;
    static const char *const hosts[] = {"ok", "silent", "ok", "ok"};
    struct pgcensus_check_options one = {.jobs = 1, .stop_fd = -1};
    const struct pgcensus_node_result *result;
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 4);
    struct pgcensus_check *check = pgcensus_check_start(fleet, &one, NULL);
    harvest = (struct harvest){0};
    assert_int_equal(pgcensus_check_next(check, SEC, &result), PGCENSUS_TURN_NODE);
    collect(&harvest, result);
    assert_int_equal(pgcensus_check_next(check, SEC, &result), PGCENSUS_TURN_TICK);
    nsec stopped = fake_now;
    pgcensus_check_stop(check, "interrupted");
    harvest_all(&harvest, check);
    assert_int_equal(fake_now, stopped);
    for (int i = 1; i < 4; i++) {
        assert_int_equal(harvest.seen[i], 1);
        assert_int_equal(harvest.results[i].status, PGCENSUS_UNKNOWN);
        assert_int_equal(harvest.results[i].failure.error_class,
                         PGCENSUS_CLASS_CANCELLED);
        assert_string_equal(harvest.results[i].failure.message, "interrupted");
    }
    assert_true(harvest.results[1].attempted);
    assert_false(harvest.results[2].attempted);
    pgcensus_check_free(check);
    pgcensus_fleet_free(fleet);
}

static void a_readable_stop_descriptor_ends_the_wait(void **state)
{
    static const char *const hosts[] = {"silent"};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct pgcensus_check_options options = {.stop_fd = ends[0]};
    const struct pgcensus_node_result *result;
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 1);
    struct pgcensus_check *check = pgcensus_check_start(fleet, &options, NULL);
    nsec before = fake_now;
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_int_equal(pgcensus_check_next(check, 3600 * SEC, &result),
                     PGCENSUS_TURN_TICK);
    assert_int_equal(fake_now, before);
    pgcensus_check_stop(check, "interrupted");
    assert_int_equal(pgcensus_check_next(check, 3600 * SEC, &result),
                     PGCENSUS_TURN_NODE);
    assert_int_equal(pgcensus_check_next(check, 3600 * SEC, &result),
                     PGCENSUS_TURN_END);
    pgcensus_check_free(check);
    pgcensus_fleet_free(fleet);
    close(ends[0]);
    close(ends[1]);
}

static size_t most_conns; /* what the process can have; the next is refused by us */

static struct fake_fate open_if_there_is_room(const struct pg_target *target)
{
    struct fake_fate fate = {.after = MSEC, .phase = PGCENSUS_PHASE_CONNECT};
    if (fake_conns.n > most_conns)
        fate.error_class = PGCENSUS_CLASS_LOCAL;
    return fate;
}

static void want_of_descriptors_means_fewer_at_once(void **state)
{
    static struct harvest harvest;
    const char *hosts[30];
    for (int i = 0; i < 30; i++)
        hosts[i] = "ok";
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 30);
    fake_plan.open = open_if_there_is_room;
    most_conns = 3;
    run(&harvest, fleet, &plain);
    for (int i = 0; i < 30; i++)
        assert_int_equal(harvest.results[i].status, PGCENSUS_OK);
    pgcensus_fleet_free(fleet);
}

static void a_low_limit_of_files_is_respected(void **state)
{
    static struct harvest harvest;
    struct rlimit old;
    const char *hosts[40];
    size_t most = 0;
    for (int i = 0; i < 40; i++)
        hosts[i] = "ok";
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 40);
    getrlimit(RLIMIT_NOFILE, &old);
    struct rlimit low = {.rlim_cur = 50, .rlim_max = old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    struct pgcensus_check *check = pgcensus_check_start(fleet, &plain, NULL);
    setrlimit(RLIMIT_NOFILE, &old);

    const struct pgcensus_node_result *result;
    harvest = (struct harvest){0};
    for (enum pgcensus_turn turn; (turn = pgcensus_check_next(check, MSEC, &result));) {
        if (turn == PGCENSUS_TURN_NODE)
            collect(&harvest, result);
        most = fake_conns.n > most ? fake_conns.n : most;
    }
    assert_int_equal(harvest.n, 40);
    assert_in_range(most, 1, 50 - 32 - 3);
    pgcensus_check_free(check);
    pgcensus_fleet_free(fleet);
}

/* ---- the fleet around it ---- */

static void one_round_at_a_time(void **state)
{
    static const char *const hosts[] = {"silent"};
    struct pgcensus_error error = {0};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 1);
    struct pgcensus_check *check = pgcensus_check_start(fleet, &plain, &error);
    assert_null(pgcensus_check_start(fleet, &plain, &error));
    assert_int_equal(error.trouble, PGCENSUS_TROUBLE_USAGE);
    pgcensus_check_free(check);
    static struct harvest harvest;
    run(&harvest, fleet, &plain); /* and another one afterwards */
    pgcensus_fleet_free(fleet);
}

static void everything_can_be_freed_in_any_order_at_any_time(void **state)
{
    static const char *const hosts[] = {"ok", "silent", "mute", "refused"};
    const struct pgcensus_node_result *result;
    for (int turns = 0; turns < 12; turns++)
        for (int order = 0; order < 2; order++) {
            struct pgcensus_fleet *fleet = fake_fleet(hosts, 4);
            struct pgcensus_check *check = pgcensus_check_start(fleet, &plain, NULL);
            for (int i = 0; i < turns; i++)
                pgcensus_check_next(check, MSEC, &result);
            if (order)
                pgcensus_check_free(check);
            pgcensus_fleet_free(fleet);
            assert_int_equal(fake_conns.n, 0);
            if (!order) {
                assert_int_equal(pgcensus_check_next(check, SEC, &result),
                                 PGCENSUS_TURN_END);
                pgcensus_check_stop(check, "late");
                pgcensus_check_free(check);
            }
        }
}

static void names_are_found_and_unique(void **state)
{
    static const char *const hosts[] = {"ok", "ok"};
    struct pgcensus_error error = {0};
    size_t index = 99;
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 2);
    struct node_options again = fake_node("n1", "ok");
    assert_false(fleet_add(fleet, &again, &error));
    assert_int_equal(error.trouble, PGCENSUS_TROUBLE_CONFIG);
    assert_true(pgcensus_fleet_find(fleet, "n1", &index));
    assert_int_equal(index, 1);
    assert_false(pgcensus_fleet_find(fleet, "n2", &index));
    assert_string_equal(pgcensus_fleet_node(fleet, 1)->name, "n1");
    assert_null(pgcensus_fleet_node(fleet, 2));
    assert_false(pgcensus_fleet_abandoned(fleet));
    pgcensus_fleet_free(fleet);
}

static void a_node_owns_its_words(void **state)
{
    char name[] = "n", key[] = "dc", value[] = "fra", group[] = "orders";
    struct pgcensus_label label = {key, value};
    struct node_options options = fake_node(name, "ok");
    options.identity.group = group;
    options.identity.labels = &label;
    options.identity.n_labels = 1;
    struct pgcensus_fleet *fleet = fleet_new(NULL, NULL);
    assert_true(fleet_add(fleet, &options, NULL));
    name[0] = key[0] = value[0] = group[0] = '?';
    label = (struct pgcensus_label){0};
    const struct pgcensus_identity *kept = pgcensus_fleet_node(fleet, 0);
    assert_string_equal(kept->name, "n");
    assert_string_equal(kept->group, "orders");
    assert_string_equal(kept->labels[0].key, "dc");
    assert_string_equal(kept->labels[0].value, "fra");
    pgcensus_fleet_free(fleet);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        TEST(a_primary_is_ok_with_its_facts),
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
        TEST(dead_nodes_cost_one_deadline_not_a_sum),
        TEST(being_behind_slows_the_start_but_never_stops_it),
        TEST(jobs_limit_what_is_open),
        TEST(disabled_nodes_come_first_and_unasked),
        TEST(a_deadline_separates_the_tried_from_the_rest),
        TEST(stopping_makes_the_rest_unknown_at_once),
        TEST(a_readable_stop_descriptor_ends_the_wait),
        TEST(want_of_descriptors_means_fewer_at_once),
        TEST(a_low_limit_of_files_is_respected),
        TEST(one_round_at_a_time),
        TEST(everything_can_be_freed_in_any_order_at_any_time),
        TEST(names_are_found_and_unique),
        TEST(a_node_owns_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
