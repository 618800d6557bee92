/* Rounds of checks over the public header, on a fake network and a fake clock. */
#include "fake_fleet.h"

#include "tests/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const struct pgcensus_check_options plain = {.stop_fd = -1};

static int setup(void **state)
{
    fake_fleet_plan();
    return 0;
}

static void dead_nodes_cost_one_deadline_not_a_sum(void **state)
{
    static struct fake_harvest harvest;
    const char *hosts[40];
    for (int i = 0; i < 40; i++)
        hosts[i] = i % 2 ? "silent" : "ok";
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 40);
    fake_harvest_run(&harvest, fleet, &plain);
    assert_true(harvest.took <= 5 * SEC + 10 * MSEC);
    for (int i = 0; i < 20; i++) /* the living come first */
        assert_int_equal(harvest.order[i] % 2, 0);
    pgcensus_fleet_free(fleet);
}

static void being_behind_slows_the_start_but_never_stops_it(void **state)
{
    static struct fake_harvest harvest;
    const char *hosts[60];
    for (int i = 0; i < 60; i++)
        hosts[i] = "silent";
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 60);
    fake_last_turn = 50 * MSEC; /* as if somebody flooded us all the time */
    fake_harvest_run(&harvest, fleet, &plain);
    assert_in_range(harvest.took, 5 * SEC + 50 * MSEC, 5 * SEC + 300 * MSEC);
    pgcensus_fleet_free(fleet);
}

static void jobs_limit_what_is_open(void **state)
{
    static struct fake_harvest harvest;
    struct pgcensus_check_options two = {.jobs = 2, .stop_fd = -1};
    const char *hosts[10];
    size_t most = 0;
    for (int i = 0; i < 10; i++)
        hosts[i] = "ok";
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 10);
    struct pgcensus_check *check = pgcensus_check_start(fleet, &two, NULL);
    const struct pgcensus_node_result *result;
    harvest = (struct fake_harvest){0};
    for (enum pgcensus_turn turn; (turn = pgcensus_check_next(check, MSEC, &result));) {
        if (turn == PGCENSUS_TURN_NODE)
            fake_harvest_add(&harvest, result);
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
    static struct fake_harvest harvest;
    struct pgcensus_fleet *fleet = fleet_new(NULL, NULL);
    for (int i = 0; i < 6; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        struct node_options options = fake_node(name, "ok");
        options.identity.enabled = i % 3 != 2;
        assert_true(fleet_add(fleet, &options, NULL));
    }
    fake_harvest_run(&harvest, fleet, &plain);
    assert_int_equal(harvest.order[0], 2);
    assert_int_equal(harvest.order[1], 5);
    assert_int_equal(harvest.results[2].status, PGCENSUS_DISABLED);
    assert_false(harvest.results[2].attempted);
    assert_int_equal(fake_opened, 4);
    pgcensus_fleet_free(fleet);
}

static void a_deadline_separates_the_tried_from_the_rest(void **state)
{
    static struct fake_harvest harvest;
    static const char *const hosts[] = {"ok", "silent", "mute", "ok", "ok"};
    struct pgcensus_check_options options = {
        .jobs = 2, .deadline = 500 * MSEC, .stop_fd = -1};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 5);
    fake_harvest_run(&harvest, fleet, &options);
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
    static struct fake_harvest harvest;
    static const char *const hosts[] = {"ok", "silent", "ok", "ok"};
    struct pgcensus_check_options one = {.jobs = 1, .stop_fd = -1};
    const struct pgcensus_node_result *result;
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 4);
    struct pgcensus_check *check = pgcensus_check_start(fleet, &one, NULL);
    harvest = (struct fake_harvest){0};
    assert_int_equal(pgcensus_check_next(check, SEC, &result), PGCENSUS_TURN_NODE);
    fake_harvest_add(&harvest, result);
    assert_int_equal(pgcensus_check_next(check, SEC, &result), PGCENSUS_TURN_TICK);
    nsec stopped = fake_now;
    pgcensus_check_stop(check, "interrupted");
    fake_harvest_rest(&harvest, check);
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
    static struct fake_harvest harvest;
    const char *hosts[30];
    for (int i = 0; i < 30; i++)
        hosts[i] = "ok";
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 30);
    fake_plan.open = open_if_there_is_room;
    most_conns = 3;
    fake_harvest_run(&harvest, fleet, &plain);
    for (int i = 0; i < 30; i++)
        assert_int_equal(harvest.results[i].status, PGCENSUS_OK);
    pgcensus_fleet_free(fleet);
}

static void one_node_that_cannot_be_asked_does_not_slow_the_others(void **state)
{
    static struct fake_harvest harvest;
    const char *hosts[FAKE_HARVEST];
    for (int i = 0; i < FAKE_HARVEST; i++)
        hosts[i] = i == 0 ? "full" : "ok";
    struct pgcensus_fleet *fleet = fake_fleet(hosts, FAKE_HARVEST);
    fake_harvest_run(&harvest, fleet, &plain);
    assert_int_equal(harvest.results[0].status, PGCENSUS_UNKNOWN);
    for (int i = 1; i < FAKE_HARVEST; i++)
        assert_int_equal(harvest.results[i].status, PGCENSUS_OK);
    assert_in_range(harvest.took, 12 * MSEC, 60 * MSEC);
    assert_in_range(fake_opened, FAKE_HARVEST, FAKE_HARVEST + 3);
    pgcensus_fleet_free(fleet);
}

/* They wait for threads, not for descriptors: fewer at once would not help. */
static void those_who_starve_slow_nobody(void **state)
{
    static struct fake_harvest harvest;
    const char *hosts[FAKE_HARVEST];
    for (int i = 0; i < FAKE_HARVEST; i++)
        hosts[i] = i % 2 ? "ok" : "starved";
    struct pgcensus_fleet *fleet = fake_fleet(hosts, FAKE_HARVEST);
    fake_harvest_run(&harvest, fleet, &plain);
    for (int i = 0; i < FAKE_HARVEST; i++)
        assert_int_equal(harvest.results[i].status,
                         i % 2 ? PGCENSUS_OK : PGCENSUS_UNKNOWN);
    assert_in_range(harvest.took, 5 * SEC, 5 * SEC + 100 * MSEC);
    assert_int_equal(fake_opened, FAKE_HARVEST);
    pgcensus_fleet_free(fleet);
}

static void jobs_rise_again_after_a_shortage(void **state)
{
    static struct fake_harvest harvest;
    struct pgcensus_check_options four = {.jobs = 4, .stop_fd = -1};
    const char *hosts[FAKE_HARVEST];
    for (int i = 0; i < FAKE_HARVEST; i++)
        hosts[i] = i < 3 ? "full" : "ok";
    struct pgcensus_fleet *fleet = fake_fleet(hosts, FAKE_HARVEST);
    fake_harvest_run(&harvest, fleet, &four);
    assert_in_range(harvest.took, 12 * MSEC, (FAKE_HARVEST / 4 + 8) * 12 * MSEC);
    pgcensus_fleet_free(fleet);
}

static bool short_for_once;

static struct fake_fate open_but_once(const struct pg_target *target)
{
    struct fake_fate fate = {.after = 20 * MSEC, .phase = PGCENSUS_PHASE_CONNECT};
    if (short_for_once && !strcmp(target->host, "ok-late"))
        fate.error_class = PGCENSUS_CLASS_LOCAL;
    else
        fate.after = 10 * MSEC;
    short_for_once &= fate.error_class != PGCENSUS_CLASS_LOCAL;
    return fate;
}

static void who_was_left_alone_with_a_shortage_is_asked_again(void **state)
{
    static struct fake_harvest harvest;
    static const char *const hosts[] = {"ok", "ok-late"};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 2);
    fake_plan.open = open_but_once;
    short_for_once = true;
    fake_harvest_run(&harvest, fleet, &plain);
    assert_int_equal(harvest.results[1].status, PGCENSUS_OK);
    assert_int_equal(fake_opened, 3);
    pgcensus_fleet_free(fleet);
}

static void a_low_limit_of_files_is_respected(void **state)
{
    static struct fake_harvest harvest;
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
    harvest = (struct fake_harvest){0};
    for (enum pgcensus_turn turn; (turn = pgcensus_check_next(check, MSEC, &result));) {
        if (turn == PGCENSUS_TURN_NODE)
            fake_harvest_add(&harvest, result);
        most = fake_conns.n > most ? fake_conns.n : most;
    }
    assert_int_equal(harvest.n, 40);
    assert_in_range(most, 1, 50 - 32 - 3);
    pgcensus_check_free(check);
    pgcensus_fleet_free(fleet);
}

static void one_round_at_a_time(void **state)
{
    static const char *const hosts[] = {"silent"};
    struct pgcensus_error error = {0};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 1);
    struct pgcensus_check *check = pgcensus_check_start(fleet, &plain, &error);
    assert_null(pgcensus_check_start(fleet, &plain, &error));
    assert_int_equal(error.trouble, PGCENSUS_TROUBLE_USAGE);
    pgcensus_check_free(check);
    static struct fake_harvest harvest;
    fake_harvest_run(&harvest, fleet, &plain); /* and another one afterwards */
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

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        TEST(dead_nodes_cost_one_deadline_not_a_sum),
        TEST(being_behind_slows_the_start_but_never_stops_it),
        TEST(jobs_limit_what_is_open),
        TEST(disabled_nodes_come_first_and_unasked),
        TEST(a_deadline_separates_the_tried_from_the_rest),
        TEST(stopping_makes_the_rest_unknown_at_once),
        TEST(a_readable_stop_descriptor_ends_the_wait),
        TEST(want_of_descriptors_means_fewer_at_once),
        TEST(one_node_that_cannot_be_asked_does_not_slow_the_others),
        TEST(those_who_starve_slow_nobody),
        TEST(jobs_rise_again_after_a_shortage),
        TEST(who_was_left_alone_with_a_shortage_is_asked_again),
        TEST(a_low_limit_of_files_is_respected),
        TEST(one_round_at_a_time),
        TEST(everything_can_be_freed_in_any_order_at_any_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
