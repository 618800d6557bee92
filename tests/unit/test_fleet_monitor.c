/* Watching a fleet over the public header, on a fake network and a fake clock. */
#include "fake_fleet.h"

#include "fleet/inside.h"
#include "fleet/monitor.h"
#include "tests/test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct pgcensus_fleet *fleet;
static char story[8192]; /* what happened, one letter or word an event */

static int setup(void **state)
{
    fake_fleet_plan();
    fleet = NULL;
    story[0] = '\0';
    return 0;
}

static int teardown(void **state)
{
    pgcensus_fleet_free(fleet);
    assert_int_equal(fake_conns.n, 0);
    return 0;
}

static void watch(const char *host, struct node_options *options)
{
    struct node_options standard = fake_node("n", host);
    fleet = fleet_new(NULL, NULL);
    assert_true(fleet_add(fleet, options ? options : &standard, NULL));
    rng_init(&fleet->engine->home.rng, 3); /* the same first check every time */
    assert_true(pgcensus_fleet_monitor(fleet, NULL));
}

static void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void tell(const char *format, ...)
{
    va_list args;
    size_t used = strlen(story);
    va_start(args, format);
    vsnprintf(story + used, sizeof story - used, format, args);
    va_end(args);
}

/* + - are checks, C D the connection, [from>to] the state, (1000) a retry in ms. */
static void write_down(const struct pgcensus_event *event)
{
    switch (event->kind) {
    case PGCENSUS_EVENT_NONE:
    case PGCENSUS_EVENT_NODE_ADDED:
    case PGCENSUS_EVENT_NODE_REMOVED:
        break;
    case PGCENSUS_EVENT_NODE_CONNECTED:
        tell("C");
        break;
    case PGCENSUS_EVENT_NODE_DISCONNECTED:
        tell("D");
        break;
    case PGCENSUS_EVENT_NODE_HEALTH:
        tell("[%s>%s]", pgcensus_state_name(event->from),
             pgcensus_state_name(event->to));
        break;
    case PGCENSUS_EVENT_CHECK_OK:
        tell("+");
        break;
    case PGCENSUS_EVENT_CHECK_FAILED:
        tell("-");
        break;
    case PGCENSUS_EVENT_RETRY_SCHEDULED:
        tell("(%lld)", (long long)(event->delay / MSEC));
        break;
    case PGCENSUS_EVENT_RETRY_EXHAUSTED:
        tell("!");
        break;
    }
}

static void live(nsec length)
{
    nsec until = fake_now + length;
    struct pgcensus_event event;
    while (fake_now < until) {
        pgcensus_fleet_turn(fleet, until - fake_now, -1);
        while (pgcensus_fleet_event(fleet, &event))
            write_down(&event);
    }
}

static struct pgcensus_node_snapshot snapshot(void)
{
    struct pgcensus_node_snapshot now;
    pgcensus_fleet_snapshot(fleet, 0, &now);
    return now;
}

static void forget(void)
{
    story[0] = '\0';
}

/* ---- stories ---- */

static void a_healthy_node_is_checked_at_its_interval(void **state)
{
    watch("ok", NULL);
    live(5 * SEC + 100 * MSEC);
    assert_string_equal(story, "+C[connecting>healthy]");
    forget();
    live(50 * SEC);
    assert_string_equal(story, "++++++++++");
    assert_int_equal(snapshot().checks, 11);
    assert_int_equal(snapshot().state, PGCENSUS_HEALTHY);
    assert_in_range(snapshot().next_check, 1, 5 * SEC);
    assert_int_equal(snapshot().latency_last, 2 * MSEC); /* on the open connection */
    assert_int_equal(snapshot().latency_max, 12 * MSEC);
}

static void checks_and_queries_have_their_own_connections(void **state)
{
    watch("ok", NULL);
    live(60 * SEC);
    assert_int_equal(fake_opened, 2); /* for checks, and the minimum of the pool */
    assert_int_equal(snapshot().pool.idle, 1);
    assert_int_equal(snapshot().pool.acquired, 0);
}

static void three_failures_make_a_healthy_node_unhealthy(void **state)
{
    watch("ok", NULL);
    live(6 * SEC);
    forget();
    fake_down = true;
    fake_say_goodbye(container_of(list_first(&fake_conns), struct pg_conn, node));
    live(1200 * MSEC);
    assert_string_equal(story, "D---[healthy>unhealthy](1000)");
    assert_int_equal(snapshot().consecutive_failures, 3);
    assert_int_equal(snapshot().failure.error_class, PGCENSUS_CLASS_REFUSED);
}

static void backoff_doubles_until_it_is_back(void **state)
{
    fake_down = true;
    watch("ok", NULL);
    live(5 * SEC); /* the first check is somewhere in the first interval */
    live(75 * SEC);
    const char *doubling = "-[connecting>unhealthy](1000)"
                           "[unhealthy>reconnecting]-[reconnecting>unhealthy](2000)"
                           "[unhealthy>reconnecting]-[reconnecting>unhealthy](4000)"
                           "[unhealthy>reconnecting]-[reconnecting>unhealthy](8000)"
                           "[unhealthy>reconnecting]-[reconnecting>unhealthy](16000)"
                           "[unhealthy>reconnecting]-[reconnecting>unhealthy](30000)";
    assert_memory_equal(story, doubling, strlen(doubling));
    assert_in_range(snapshot().retry_attempt, 5, 6);
    fake_down = false;
    forget();
    live(31 * SEC);
    const char *back = "[unhealthy>reconnecting]+C[reconnecting>healthy]";
    assert_memory_equal(story, back, strlen(back));
    assert_int_equal(snapshot().retry_attempt, 0);
    assert_int_equal(snapshot().pool.idle, 1);
}

static void a_dead_node_is_called_by_its_checks_only(void **state)
{
    fake_down = true;
    watch("ok", NULL);
    live(100 * SEC);
    assert_int_equal(fake_opened, snapshot().checks);
}

static void after_the_last_attempt_it_is_failed(void **state)
{
    struct node_options options = fake_node("n", "refused");
    options.health.max_attempts = options.reconnect.max_attempts = 2;
    watch("refused", &options);
    live(100 * SEC);
    assert_string_equal(story, "-[connecting>unhealthy](1000)"
                               "[unhealthy>reconnecting]-[reconnecting>unhealthy](2000)"
                               "[unhealthy>reconnecting]-[reconnecting>failed]!");
    assert_int_equal(snapshot().next_check, PGCENSUS_UNKNOWN_TIME);
    unsigned opened = fake_opened;
    live(1000 * SEC);
    assert_int_equal(fake_opened, opened);
}

static void a_wrong_password_is_tried_slowly(void **state)
{
    watch("auth", NULL);
    live(299 * SEC);
    assert_string_equal(story, "-[connecting>unhealthy](300000)");
    assert_int_equal(fake_opened, 1);
}

static void a_killed_connection_is_no_alarm(void **state)
{
    watch("ok", NULL);
    live(6 * SEC);
    forget();
    fake_say_goodbye(container_of(list_first(&fake_conns), struct pg_conn, node));
    live(600 * MSEC);
    assert_string_equal(story, "D+C");
    assert_int_equal(snapshot().state, PGCENSUS_HEALTHY);
}

static void constant_goodbyes_do_not_make_constant_checks(void **state)
{
    watch("ok", NULL);
    live(6 * SEC);
    uint64_t before = snapshot().checks;
    for (int i = 0; i < 100; i++) {
        if (fake_conns.n)
            fake_say_goodbye(
                container_of(list_last(&fake_conns), struct pg_conn, node));
        live(100 * MSEC);
    }
    assert_in_range(snapshot().checks - before, 2, 21); /* of 500 ms at least */
}

static nsec answer_time;
static bool next_answer_is_lost;

static struct fake_fate slow_or_lost(const struct pg_target *target, const char *sql)
{
    struct fake_fate fate = {.after = answer_time, .phase = PGCENSUS_PHASE_QUERY};
    if (next_answer_is_lost)
        fate.error_class = PGCENSUS_CLASS_LOST;
    next_answer_is_lost = false;
    return fate;
}

static void watch_slow(nsec length)
{
    answer_time = length;
    next_answer_is_lost = false;
    fake_plan.answer = slow_or_lost;
    watch("ok", NULL);
    live(6 * SEC);
    forget();
}

static void a_used_connection_that_is_lost_is_no_failure(void **state)
{
    watch_slow(2 * MSEC);
    unsigned opened = fake_opened;
    next_answer_is_lost = true;
    live(5 * SEC);
    assert_string_equal(story, "+");
    assert_int_equal(fake_opened, opened + 1);
    assert_int_equal(snapshot().latency_last, 12 * MSEC);
}

static void a_slow_answer_does_not_slow_the_rhythm(void **state)
{
    watch_slow(900 * MSEC);
    uint64_t before = snapshot().checks;
    live(50 * SEC);
    assert_int_equal(snapshot().checks - before, 10);
}

static void who_takes_longer_than_the_interval_gets_a_pause(void **state)
{
    struct node_options options = fake_node("n", "ok");
    options.schedule.interval = 500 * MSEC;
    answer_time = 900 * MSEC;
    next_answer_is_lost = false;
    fake_plan.answer = slow_or_lost;
    watch("ok", &options);
    live(2 * SEC);
    uint64_t before = snapshot().checks;
    live(14 * SEC);
    assert_int_equal(snapshot().checks - before, 10);
}

static struct pg_conn *conn_of_the_pool(void)
{
    return container_of(list_last(&fake_conns), struct pg_conn, node);
}

static void a_goodbye_during_a_check_is_not_forgotten(void **state)
{
    watch_slow(900 * MSEC);
    live(snapshot().next_check + 100 * MSEC); /* in the middle of a check */
    fake_say_goodbye(conn_of_the_pool());
    live(1800 * MSEC);
    assert_string_equal(story, "+D+C");
}

static void a_goodbye_of_the_dead_hurries_nobody(void **state)
{
    watch_slow(2 * MSEC);
    answer_time = NEVER; /* nothing answers, but an idle connection is still there */
    live(40 * SEC);
    assert_int_equal(snapshot().state, PGCENSUS_UNHEALTHY);
    assert_int_equal(snapshot().pool.idle, 1);
    while (snapshot().next_check <= 2 * SEC)
        live(500 * MSEC);
    uint64_t before = snapshot().checks;
    nsec next = snapshot().next_check;
    forget();
    fake_say_goodbye(conn_of_the_pool());
    live(2 * SEC);
    assert_string_equal(story, "");
    assert_int_equal(snapshot().checks, before);
    assert_int_equal(snapshot().next_check, next - 2 * SEC);
}

static void waiting_for_another_check_is_not_the_nodes_time(void **state)
{
    struct pgcensus_check_options options = {.stop_fd = -1};
    const struct pgcensus_node_result *result;
    watch_slow(900 * MSEC);
    live(snapshot().next_check + 100 * MSEC);
    struct pgcensus_check *check = pgcensus_check_start(fleet, &options, NULL);
    assert_int_equal(pgcensus_check_next(check, 5 * SEC, &result), PGCENSUS_TURN_NODE);
    assert_int_equal(result->latency.total, 900 * MSEC);
    pgcensus_check_free(check);
}

static void a_slow_check_is_not_overtaken(void **state)
{
    struct node_options options = fake_node("n", "mute");
    options.probe.timeout = 20 * SEC;
    options.probe.total = 20 * SEC;
    options.schedule.interval = SEC;
    watch("mute", &options);
    live(19 * SEC);
    assert_int_equal(fake_opened, 1);
    assert_int_equal(fake_conns.n, 1);
    assert_int_equal(snapshot().checks, 0);
}

static void our_own_shortage_says_nothing(void **state)
{
    watch("full", NULL);
    live(60 * SEC);
    assert_string_equal(story, "");
    assert_int_equal(snapshot().state, PGCENSUS_CONNECTING);
    assert_int_equal(snapshot().checks, 0);
    assert_true(fake_opened >= 10);
}

static bool short_of_files;

static struct fake_fate refuse_or_fall_short(const struct pg_target *target)
{
    return (struct fake_fate){.after = MSEC,
                              .phase = PGCENSUS_PHASE_CONNECT,
                              .error_class = short_of_files ? PGCENSUS_CLASS_LOCAL
                                                            : PGCENSUS_CLASS_REFUSED};
}

static void our_own_shortage_uses_up_no_attempt(void **state)
{
    struct node_options options = fake_node("n", "ok");
    options.health.max_attempts = options.reconnect.max_attempts = 3;
    fake_plan.open = refuse_or_fall_short;
    short_of_files = false;
    watch(NULL, &options);
    live(5 * SEC);
    assert_int_equal(snapshot().state, PGCENSUS_UNHEALTHY);
    short_of_files = true;
    live(300 * SEC);
    assert_int_equal(snapshot().state, PGCENSUS_RECONNECTING);
    unsigned attempts = snapshot().retry_attempt;
    assert_true(attempts < 3);
    short_of_files = false;
    live(300 * SEC);
    assert_int_equal(snapshot().state, PGCENSUS_FAILED);
    assert_int_equal(snapshot().retry_attempt, 3);
}

static void who_was_watched_before_begins_afresh(void **state)
{
    struct node_options options = fake_node("n", "ok");
    fleet = fleet_new(NULL, NULL);
    assert_true(fleet_add(fleet, &options, NULL));
    struct engine *engine = fleet->engine;
    engine->events = events_new_for(1);
    monitor_free(monitor_new(engine, fake_now)); /* as when a start fails half-way */
    assert_int_equal(snapshot().state, PGCENSUS_DISCONNECTED);
    engine->monitor = monitor_new(engine, fake_now);
    assert_non_null(engine->monitor);
    live(6 * SEC);
    assert_int_equal(snapshot().state, PGCENSUS_HEALTHY);
}

static void being_behind_delays_checks_but_drops_none(void **state)
{
    fleet = fleet_new(NULL, NULL);
    for (int i = 0; i < 60; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        struct node_options options = fake_node(name, i < 40 ? "mute" : "ok");
        if (i < 40)
            options.probe.total = options.probe.timeout = 3600 * SEC;
        assert_true(fleet_add(fleet, &options, NULL));
    }
    assert_true(pgcensus_fleet_monitor(fleet, NULL));
    live(6 * SEC); /* from now on there is always enough under way to keep us busy */
    fake_last_turn = 50 * MSEC;
    live(51 * SEC);
    for (size_t i = 40; i < 60; i++) {
        struct pgcensus_node_snapshot is;
        pgcensus_fleet_snapshot(fleet, i, &is);
        assert_in_range(is.checks, 10, 12);
    }
}

static void first_checks_are_spread(void **state)
{
    struct pgcensus_event event;
    unsigned per_second[5] = {0};
    fleet = fleet_new(NULL, NULL);
    for (int i = 0; i < 200; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        struct node_options options = fake_node(name, "ok");
        assert_true(fleet_add(fleet, &options, NULL));
    }
    assert_true(pgcensus_fleet_monitor(fleet, NULL));
    nsec began = fake_now;
    while (fake_now < began + 5 * SEC) {
        nsec before = fake_now;
        pgcensus_fleet_turn(fleet, began + 5 * SEC - fake_now, -1);
        while (pgcensus_fleet_event(fleet, &event))
            if (event.kind == PGCENSUS_EVENT_CHECK_OK)
                per_second[(before - began) / SEC]++;
    }
    for (int i = 0; i < 5; i++)
        assert_in_range(per_second[i], 15, 70);
}

static void events_are_numbered_and_bounded(void **state)
{
    struct node_options options = fake_node("n", "ok");
    struct pgcensus_event event;
    options.schedule.interval = options.schedule.fast_interval = 10 * MSEC;
    watch("ok", &options);
    for (int i = 0; i < 60000; i++) { /* nobody takes them */
        pgcensus_fleet_turn(fleet, 0, -1);
        fake_now += MSEC;
    }
    uint64_t n = 0, last = 0;
    const enum pgcensus_event_kind first[] = {PGCENSUS_EVENT_NODE_ADDED,
                                              PGCENSUS_EVENT_NODE_CONNECTED,
                                              PGCENSUS_EVENT_NODE_HEALTH};
    for (size_t i = 0; i < ARRAY_SIZE(first); i++) { /* which no check pushes out */
        assert_true(pgcensus_fleet_event(fleet, &event));
        assert_int_equal(event.kind, first[i]);
    }
    while (pgcensus_fleet_event(fleet, &event)) {
        assert_int_equal(event.kind, PGCENSUS_EVENT_CHECK_OK);
        assert_true(!n || event.seq == last + 1);
        last = event.seq;
        n++;
    }
    assert_in_range(n, 1000, 1100);
    assert_true(last > 2 * n); /* the gap tells how many were dropped */
}

static void a_turn_ends_for_events_and_for_the_descriptor(void **state)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    watch("ok", NULL);
    live(6 * SEC);
    nsec before = fake_now;
    pgcensus_fleet_turn(fleet, 3600 * SEC, -1);
    assert_in_range(fake_now - before, 1, 5 * SEC + 100 * MSEC);
    struct pgcensus_event event;
    assert_true(pgcensus_fleet_event(fleet, &event));
    assert_int_equal(write(ends[1], "x", 1), 1);
    before = fake_now;
    pgcensus_fleet_turn(fleet, 3600 * SEC, ends[0]);
    assert_int_equal(fake_now, before);
    close(ends[0]);
    close(ends[1]);
}

static void stopping_ends_everything(void **state)
{
    watch("ok", NULL);
    live(6 * SEC);
    assert_int_equal(fake_conns.n, 2);
    forget();
    nsec before = fake_now;
    pgcensus_fleet_stop(fleet, 10 * SEC);
    assert_int_equal(fake_now, before); /* nothing to wait for */
    assert_int_equal(fake_conns.n, 0);
    live(SEC);
    assert_string_equal(story, "D[healthy>disconnected]");
    assert_int_equal(snapshot().state, PGCENSUS_DISCONNECTED);
    struct pgcensus_error error;
    struct pgcensus_answer answer;
    struct pgcensus_check_options options = {.stop_fd = -1};
    assert_false(pgcensus_fleet_ask(fleet, 0, "SELECT 1", SEC, &answer, &error));
    assert_null(pgcensus_check_start(fleet, &options, &error));
    assert_false(pgcensus_fleet_monitor(fleet, &error));
}

static void stopping_waits_for_a_check_but_not_for_ever(void **state)
{
    struct node_options options = fake_node("n", "mute");
    options.probe.timeout = options.probe.total = 60 * SEC;
    watch("mute", &options);
    live(6 * SEC);
    nsec before = fake_now;
    pgcensus_fleet_stop(fleet, 10 * SEC);
    assert_int_equal(fake_now - before, 10 * SEC);
    assert_int_equal(fake_conns.n, 0);
}

static void it_can_be_freed_at_any_time(void **state)
{
    for (int turns = 0; turns < 40; turns++) {
        const char *hosts[] = {"ok", "silent", "mute", "refused"};
        struct pgcensus_fleet *doomed = fake_fleet(hosts, 4);
        assert_true(pgcensus_fleet_monitor(doomed, NULL));
        for (int i = 0; i < turns; i++)
            pgcensus_fleet_turn(doomed, 200 * MSEC, -1);
        pgcensus_fleet_free(doomed);
        assert_int_equal(fake_conns.n, 0);
    }
}

static void a_round_works_while_it_is_watched(void **state)
{
    struct pgcensus_check_options options = {.stop_fd = -1};
    const struct pgcensus_node_result *result;
    watch("ok", NULL);
    live(6 * SEC);
    struct pgcensus_check *check = pgcensus_check_start(fleet, &options, NULL);
    assert_int_equal(pgcensus_check_next(check, SEC, &result), PGCENSUS_TURN_NODE);
    assert_int_equal(result->status, PGCENSUS_OK);
    assert_int_equal(result->latency.total, 2 * MSEC);
    assert_int_equal(result->latency.tcp, PGCENSUS_UNKNOWN_TIME);
    assert_int_equal(pgcensus_check_next(check, SEC, &result), PGCENSUS_TURN_END);
    pgcensus_check_free(check);
    assert_int_equal(fake_opened, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_healthy_node_is_checked_at_its_interval),
        TEST(checks_and_queries_have_their_own_connections),
        TEST(three_failures_make_a_healthy_node_unhealthy),
        TEST(backoff_doubles_until_it_is_back),
        TEST(a_dead_node_is_called_by_its_checks_only),
        TEST(after_the_last_attempt_it_is_failed),
        TEST(a_wrong_password_is_tried_slowly),
        TEST(a_killed_connection_is_no_alarm),
        TEST(constant_goodbyes_do_not_make_constant_checks),
        TEST(a_used_connection_that_is_lost_is_no_failure),
        TEST(a_slow_answer_does_not_slow_the_rhythm),
        TEST(who_takes_longer_than_the_interval_gets_a_pause),
        TEST(a_goodbye_during_a_check_is_not_forgotten),
        TEST(a_goodbye_of_the_dead_hurries_nobody),
        TEST(waiting_for_another_check_is_not_the_nodes_time),
        TEST(a_slow_check_is_not_overtaken),
        TEST(our_own_shortage_says_nothing),
        TEST(our_own_shortage_uses_up_no_attempt),
        TEST(who_was_watched_before_begins_afresh),
        TEST(being_behind_delays_checks_but_drops_none),
        TEST(first_checks_are_spread),
        TEST(events_are_numbered_and_bounded),
        TEST(a_turn_ends_for_events_and_for_the_descriptor),
        TEST(stopping_ends_everything),
        TEST(stopping_waits_for_a_check_but_not_for_ever),
        TEST(it_can_be_freed_at_any_time),
        TEST(a_round_works_while_it_is_watched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
