/* Queries over the public header, on a fake network and a fake clock. */
#include "fake_fleet.h"

#include "tests/test.h"

#include <pgcensus/query.h>
#include <stdio.h>
#include <string.h>

static const struct pgcensus_query_options plain = {
    .sql = "SELECT x", .retries = -1, .stop_fd = -1};

struct harvest {
    struct pgcensus_query_result results[FAKE_HARVEST]; /* by index */
    unsigned seen[FAKE_HARVEST];
    size_t rows[FAKE_HARVEST];
    size_t order[FAKE_HARVEST], n;
    nsec took;
};

static unsigned statements_sent;

static int setup(void **state)
{
    fake_fleet_plan();
    return 0;
}

static void take_rest(struct harvest *harvest, struct pgcensus_query *query)
{
    nsec began = fake_now;
    for (;;) {
        struct pgcensus_query_event event;
        switch (pgcensus_query_next(query, SEC, &event)) {
        case PGCENSUS_QUERY_ROWS:
            assert_int_equal(harvest->seen[event.index], 0);
            harvest->rows[event.index] += event.rows->n_rows;
            pgcensus_rows_free(event.rows);
            break;
        case PGCENSUS_QUERY_NODE:
            harvest->results[event.index] = *event.result;
            harvest->seen[event.index]++;
            harvest->order[harvest->n++] = event.index;
            break;
        case PGCENSUS_QUERY_TICK:
            break;
        case PGCENSUS_QUERY_END:
            harvest->took = fake_now - began;
            return;
        }
    }
}

/* A whole query; each node comes out once, with as many rows as it says. */
static void run(struct harvest *harvest, struct pgcensus_fleet *fleet,
                const struct pgcensus_query_options *options)
{
    *harvest = (struct harvest){0};
    struct pgcensus_query *query = pgcensus_query_start(fleet, options, NULL);
    assert_non_null(query);
    take_rest(harvest, query);
    pgcensus_query_free(query);
    for (size_t i = 0; i < pgcensus_fleet_size(fleet); i++) {
        assert_int_equal(harvest->seen[i], 1);
        assert_int_equal(harvest->rows[i], harvest->results[i].n_rows);
    }
    if (!options->keep)
        assert_int_equal(fake_conns.n, 0);
}

/* One letter for what became of each node: o f p s d l. */
static const char *story(const struct harvest *harvest, size_t n)
{
    static char letters[FAKE_HARVEST + 1];
    for (size_t i = 0; i < n; i++)
        letters[i] = pgcensus_query_status_name(harvest->results[i].status)[0];
    letters[n] = '\0';
    return letters;
}

static void every_node_is_asked_at_once(void **state)
{
    static struct harvest harvest;
    const char *hosts[] = {"ok", "refused", "auth", "standby", "silent", "mute", "old"};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, ARRAY_SIZE(hosts));
    run(&harvest, fleet, &plain);
    assert_string_equal(story(&harvest, 7), "offoffo");
    assert_true(harvest.took <= 30 * SEC + 100 * MSEC);
    assert_int_equal(harvest.results[0].n_rows, 1);
    assert_int_equal(harvest.results[0].connect, 10 * MSEC);
    assert_int_equal(harvest.results[0].query, 2 * MSEC);
    assert_int_equal(harvest.results[0].total, 12 * MSEC);
    assert_string_equal(harvest.results[0].command, "SELECT 1");
    assert_int_equal(harvest.results[1].failure.error_class, PGCENSUS_CLASS_REFUSED);
    assert_int_equal(harvest.results[5].failure.phase, PGCENSUS_PHASE_QUERY);
    pgcensus_fleet_free(fleet);
}

static void in_order_everybody_waits_for_those_before(void **state)
{
    static struct harvest harvest;
    struct pgcensus_query_options options = plain;
    const char *hosts[] = {"silent", "ok", "refused", "ok"};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 4);
    run(&harvest, fleet, &options);
    assert_int_equal(harvest.order[3], 0);
    options.in_order = true;
    run(&harvest, fleet, &options);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(harvest.order[i], i);
    pgcensus_fleet_free(fleet);
}

static void only_those_of_a_role(void **state)
{
    static struct harvest harvest;
    struct pgcensus_query_options options = plain;
    const char *hosts[] = {"ok", "standby", "old", "silly", "refused"};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 5);
    options.role = PGCENSUS_STANDBY;
    run(&harvest, fleet, &options);
    assert_string_equal(story(&harvest, 5), "lolff");
    assert_int_equal(harvest.rows[0], 0);
    assert_string_equal(harvest.results[3].failure.message,
                        "its role could not be learnt");
    pgcensus_fleet_free(fleet);
}

static void only_the_healthy(void **state)
{
    static struct harvest harvest;
    struct pgcensus_query_options options = plain;
    const char *hosts[] = {"ok", "refused", "broken", "standby"};
    struct pgcensus_fleet *fleet = fleet_new(NULL, NULL);
    for (int i = 0; i < 4; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        struct node_options node = fake_node(name, hosts[i]);
        node.identity.expect_role = PGCENSUS_PRIMARY;
        node.probe.role_status = PGCENSUS_DOWN;
        assert_true(fleet_add(fleet, &node, NULL));
    }
    options.healthy = true;
    run(&harvest, fleet, &options);
    assert_string_equal(story(&harvest, 4), "osss");
    assert_int_equal(harvest.results[1].failure.error_class, PGCENSUS_CLASS_REFUSED);
    assert_string_equal(harvest.results[3].failure.message,
                        "is standby, expected primary");
    pgcensus_fleet_free(fleet);
}

static void any_goes_round_and_passes_over_the_bad(void **state)
{
    static struct harvest harvest;
    struct pgcensus_query_options options = plain;
    const char *hosts[] = {"ok", "refused", "ok", "ok"};
    unsigned asked[4] = {0};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 4);
    options.any = true;
    for (int i = 0; i < 40; i++) {
        run(&harvest, fleet, &options);
        unsigned answers = 0;
        for (size_t at = 0; at < 4; at++) {
            bool answered = harvest.results[at].status == PGCENSUS_QUERY_OK;
            asked[at] += answered;
            answers += answered;
            assert_true(answered ||
                        harvest.results[at].status == PGCENSUS_QUERY_SKIPPED);
        }
        assert_int_equal(answers, 1);
    }
    assert_int_equal(asked[1], 0);
    for (size_t at = 0; at < 4; at++)
        assert_true(at == 1 || (asked[at] >= 10 && asked[at] <= 20));
    pgcensus_fleet_free(fleet);
}

static void any_has_failed_if_none_would_do(void **state)
{
    static struct harvest harvest;
    struct pgcensus_query_options options = plain;
    const char *hosts[] = {"refused", "auth", "refused"};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 3);
    options.any = true;
    run(&harvest, fleet, &options);
    assert_string_equal(story(&harvest, 3), "fff");
    pgcensus_fleet_free(fleet);
}

/* The health check goes well, and the statement is an error. */
static struct fake_fate wrong_statement(const struct pg_target *target, const char *sql)
{
    struct fake_fate fate = {.after = MSEC, .phase = PGCENSUS_PHASE_QUERY};
    if (!strcmp(sql, "SELECT x"))
        fate.error_class = PGCENSUS_CLASS_QUERY;
    return fate;
}

static void any_takes_an_error_for_an_answer(void **state)
{
    static struct harvest harvest;
    struct pgcensus_query_options options = plain;
    const char *hosts[] = {"ok", "ok", "ok"};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 3);
    fake_plan.answer = wrong_statement;
    options.any = true;
    run(&harvest, fleet, &options);
    unsigned failed = 0;
    for (size_t i = 0; i < 3; i++)
        failed += harvest.results[i].status == PGCENSUS_QUERY_FAILED;
    assert_int_equal(failed, 1);
    pgcensus_fleet_free(fleet);
}

/* The first try is lost after a warning of its own, the second goes well. */
static struct fake_fate warning_twice(const struct pg_target *target, const char *sql)
{
    struct fake_fate fate = {.after = MSEC, .phase = PGCENSUS_PHASE_QUERY};
    if (strcmp(sql, "SELECT x"))
        return fate;
    bool first = statements_sent++ == 0;
    fate.warning = first ? "the first" : "the second";
    fate.error_class = first ? PGCENSUS_CLASS_LOST : PGCENSUS_CLASS_NONE;
    return fate;
}

static void notices_are_of_the_attempt_that_counts(void **state)
{
    struct pgcensus_query_options options = plain;
    const char *hosts[] = {"ok"};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 1);
    statements_sent = 0;
    fake_plan.answer = warning_twice;
    options.retries = 1;
    struct pgcensus_query *query = pgcensus_query_start(fleet, &options, NULL);
    struct pgcensus_query_event event;
    enum pgcensus_query_turn turn;
    while ((turn = pgcensus_query_next(query, SEC, &event)) != PGCENSUS_QUERY_NODE)
        if (turn == PGCENSUS_QUERY_ROWS)
            pgcensus_rows_free(event.rows);
    assert_int_equal(event.result->attempts, 2);
    assert_int_equal(event.result->notices.n, 1);
    assert_string_equal(event.result->notices.items[0].message, "the second");

    struct pgcensus_notices taken = pgcensus_query_take_notices(query, 0);
    struct pgcensus_notices again = pgcensus_query_take_notices(query, 0);
    pgcensus_query_free(query);
    assert_int_equal(again.n, 0);
    assert_string_equal(taken.items[0].message, "the second");
    pgcensus_notices_fini(&taken);
    pgcensus_fleet_free(fleet);
}

/* The health check goes well; then the statement is never answered, is lost, or meets a
 * shortage of ours. */
static struct fake_fate unheard_of(const struct pg_target *target, const char *sql)
{
    struct fake_fate fate = {.after = MSEC, .phase = PGCENSUS_PHASE_QUERY};
    if (strcmp(sql, "SELECT x"))
        return fate;
    statements_sent++;
    if (!strcmp(target->host, "mute"))
        fate.after = NEVER;
    else
        fate.error_class =
            strcmp(target->host, "lost") ? PGCENSUS_CLASS_LOCAL : PGCENSUS_CLASS_LOST;
    return fate;
}

static struct pgcensus_fleet *writable(const char *host, size_t n)
{
    struct pgcensus_fleet *fleet = fleet_new(NULL, NULL);
    for (size_t i = 0; i < n; i++) {
        char name[24];
        snprintf(name, sizeof name, "n%zu", i);
        struct node_options node = fake_node(name, host);
        node.identity.allow_write = true;
        assert_true(fleet_add(fleet, &node, NULL));
    }
    return fleet;
}

static void a_write_that_was_sent_is_sent_to_nobody_else(void **state)
{
    static struct harvest harvest;
    struct pgcensus_query_options options = plain;
    const char *const hosts[] = {"mute", "lost", "short"};
    options.write = true;
    options.retries = 3;
    for (int any = 0; any < 2; any++)
        for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
            struct pgcensus_fleet *fleet = writable(hosts[i], any ? 3 : 1);
            fake_plan.answer = unheard_of;
            options.any = any;
            statements_sent = 0;
            run(&harvest, fleet, &options);
            assert_int_equal(statements_sent, 1);
            for (size_t at = 0; at < 3; at++)
                if (harvest.results[at].sent)
                    assert_non_null(strstr(harvest.results[at].failure.message,
                                           "not known whether it was written"));
            unsigned skipped = 0;
            for (size_t at = 0; at < 3; at++)
                skipped += harvest.results[at].status == PGCENSUS_QUERY_SKIPPED;
            assert_int_equal(skipped, any ? 2 : 0);
            pgcensus_fleet_free(fleet);
        }
}

static void a_canary_goes_first(void **state)
{
    static struct harvest harvest;
    struct pgcensus_query_options options = plain;
    const char *good[] = {"ok", "ok", "ok"}, *bad[] = {"refused", "ok", "ok"};
    options.canary = true;
    struct pgcensus_fleet *fleet = fake_fleet(good, 3);
    run(&harvest, fleet, &options);
    assert_string_equal(story(&harvest, 3), "ooo");
    assert_int_equal(harvest.order[0], 0);
    pgcensus_fleet_free(fleet);

    fleet = fake_fleet(bad, 3);
    unsigned opened = fake_opened;
    run(&harvest, fleet, &options);
    assert_string_equal(story(&harvest, 3), "fff");
    assert_int_equal(fake_opened, opened + 1);
    assert_int_equal(harvest.results[2].failure.error_class, PGCENSUS_CLASS_CANCELLED);
    assert_non_null(strstr(harvest.results[2].failure.message, "n0"));
    assert_false(harvest.results[2].attempted);
    pgcensus_fleet_free(fleet);
}

static void the_first_failure_stops_all(void **state)
{
    static struct harvest harvest;
    struct pgcensus_query_options options = plain;
    const char *hosts[] = {"silent", "refused", "mute"};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 3);
    options.fail_fast = true;
    run(&harvest, fleet, &options);
    assert_string_equal(story(&harvest, 3), "fff");
    assert_int_equal(harvest.results[0].failure.error_class, PGCENSUS_CLASS_CANCELLED);
    assert_int_equal(harvest.results[1].failure.error_class, PGCENSUS_CLASS_REFUSED);
    assert_true(harvest.took < SEC);
    pgcensus_fleet_free(fleet);
}

/* Whatever comes before it goes well. */
static struct fake_fate lost_with_the_statement(const struct pg_target *target,
                                                const char *sql)
{
    struct fake_fate fate = {.after = MSEC, .phase = PGCENSUS_PHASE_QUERY};
    if (!strcmp(sql, "SELECT x") && !strcmp(target->host, "lost"))
        fate.error_class = PGCENSUS_CLASS_LOST;
    return fate;
}

static void writing_needs_leave_and_is_not_repeated(void **state)
{
    static struct harvest harvest;
    struct pgcensus_query_options options = plain;
    struct pgcensus_fleet *fleet = fleet_new(NULL, NULL);
    struct node_options allowed = fake_node("n0", "ok"), other = fake_node("n1", "ok"),
                        broken = fake_node("n2", "lost");
    allowed.identity.allow_write = broken.identity.allow_write = true;
    assert_true(fleet_add(fleet, &allowed, NULL) && fleet_add(fleet, &other, NULL) &&
                fleet_add(fleet, &broken, NULL));
    fake_plan.answer = lost_with_the_statement;
    options.write = true;
    options.retries = 3;
    run(&harvest, fleet, &options);
    assert_string_equal(story(&harvest, 3), "off");
    assert_int_equal(harvest.results[1].failure.error_class, PGCENSUS_CLASS_CONFIG);
    assert_int_equal(harvest.results[2].attempts, 1);
    options.write = false;
    run(&harvest, fleet, &options);
    assert_int_equal(harvest.results[2].attempts, 4);
    pgcensus_fleet_free(fleet);
}

static void kept_connections_are_used_again(void **state)
{
    static struct harvest harvest;
    struct pgcensus_query_options options = plain;
    const char *hosts[] = {"ok", "standby"};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 2);
    options.keep = true;
    for (int i = 0; i < 5; i++) {
        run(&harvest, fleet, &options);
        assert_string_equal(story(&harvest, 2), "oo");
        assert_int_equal(harvest.results[0].connect,
                         i ? PGCENSUS_UNKNOWN_TIME : 10 * MSEC);
    }
    assert_int_equal(fake_opened, 2);

    /* One that was lost meanwhile is no failure. */
    list_each (&fake_conns, node, after)
        fake_say_goodbye(container_of(node, struct pg_conn, node));
    run(&harvest, fleet, &options);
    assert_string_equal(story(&harvest, 2), "oo");
    pgcensus_fleet_free(fleet);
}

static void the_deadline_of_everything(void **state)
{
    static struct harvest harvest;
    struct pgcensus_query_options options = plain;
    const char *hosts[] = {"ok", "silent", "silent", "ok"};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 4);
    options.deadline = SEC;
    options.jobs = 2;
    run(&harvest, fleet, &options);
    assert_string_equal(story(&harvest, 4), "offf");
    assert_int_equal(harvest.took, SEC);
    assert_int_equal(harvest.results[1].failure.error_class, PGCENSUS_CLASS_TIMEOUT);
    assert_int_equal(harvest.results[3].failure.error_class, PGCENSUS_CLASS_CANCELLED);
    pgcensus_fleet_free(fleet);
}

/* As in a round of checks: it was not asked, and that is no fault of its own. */
static void the_deadline_of_everything_finds_one_waiting_for_us(void **state)
{
    static struct harvest harvest;
    struct pgcensus_query_options options = plain;
    const char *hosts[] = {"starved"};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 1);
    options.deadline = SEC;
    run(&harvest, fleet, &options);
    assert_int_equal(harvest.results[0].failure.error_class, PGCENSUS_CLASS_LOCAL);
    assert_int_equal(harvest.results[0].failure.phase, PGCENSUS_PHASE_RESOLVE);
    assert_string_equal(harvest.results[0].failure.message,
                        "not begun, and the whole run may take 1s: all threads of ours "
                        "were busy");
    pgcensus_fleet_free(fleet);
}

static void the_deadline_may_count_from_earlier(void **state)
{
    static struct harvest harvest;
    struct pgcensus_query_options options = plain;
    const char *hosts[] = {"ok", "silent"};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 2);
    options.deadline = 3 * SEC;
    options.since = fake_now - 2 * SEC;
    run(&harvest, fleet, &options);
    assert_int_equal(harvest.took, SEC);
    assert_int_equal(harvest.results[1].failure.error_class, PGCENSUS_CLASS_TIMEOUT);
    pgcensus_fleet_free(fleet);
}

static void stopping_leaves_nothing_behind(void **state)
{
    static struct harvest harvest;
    const char *hosts[] = {"ok", "mute", "silent"};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 3);
    struct pgcensus_query *query = pgcensus_query_start(fleet, &plain, NULL);
    struct pgcensus_query_event event;
    harvest = (struct harvest){0};
    while (pgcensus_query_next(query, SEC, &event) != PGCENSUS_QUERY_TICK)
        if (event.rows)
            pgcensus_rows_free(event.rows);
    pgcensus_query_stop(query, "interrupted");
    take_rest(&harvest, query);
    assert_int_equal(harvest.n, 2);
    assert_string_equal(harvest.results[1].failure.message, "interrupted");
    assert_int_equal(fake_conns.n, 0);
    pgcensus_query_free(query);
    pgcensus_fleet_free(fleet);
}

static void freeing_in_the_middle(void **state)
{
    const char *hosts[] = {"ok", "mute", "silent"};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 3);
    struct pgcensus_query *query = pgcensus_query_start(fleet, &plain, NULL);
    struct pgcensus_query_event event;
    while (pgcensus_query_next(query, MSEC, &event) != PGCENSUS_QUERY_ROWS)
        ;
    pgcensus_rows_free(event.rows);
    pgcensus_query_free(query);
    assert_int_equal(fake_conns.n, 0);
    pgcensus_fleet_free(fleet);
}

static void a_fleet_that_stops_takes_no_queries(void **state)
{
    const char *hosts[] = {"ok"};
    struct pgcensus_error error;
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 1);
    pgcensus_fleet_stop(fleet, 0);
    assert_null(pgcensus_query_start(fleet, &plain, &error));
    assert_string_equal(error.message, "the fleet is stopping");
    pgcensus_fleet_free(fleet);
}

static void rows_of_all_nodes_are_counted(void **state)
{
    static struct harvest harvest;
    struct pgcensus_query_options options = plain;
    const char *hosts[] = {"ok", "ok", "ok", "refused"};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 4);
    options.in_order = true;
    options.max_rows = 3;
    run(&harvest, fleet, &options);
    assert_string_equal(story(&harvest, 4), "ooof");
    options.max_rows = 2;
    run(&harvest, fleet, &options);
    assert_string_equal(story(&harvest, 4), "oopf");
    assert_int_equal(harvest.rows[2], 0);
    assert_true(harvest.results[2].truncated);
    assert_int_equal(harvest.results[2].failure.error_class, PGCENSUS_CLASS_LIMIT);
    assert_string_equal(harvest.results[2].failure.message,
                        "more than 2 rows in all (max_rows)");
    pgcensus_fleet_free(fleet);
}

static void a_limit_does_not_end_what_writes(void **state)
{
    static struct harvest harvest;
    struct pgcensus_query_options options = plain;
    struct pgcensus_fleet *fleet = writable("ok", 4);
    options.in_order = options.write = options.fail_fast = true;
    options.max_rows = 2;
    options.jobs = 1;
    run(&harvest, fleet, &options);
    assert_string_equal(story(&harvest, 4), "oopp");
    for (size_t i = 2; i < 4; i++) {
        assert_true(harvest.results[i].truncated);
        assert_string_equal(harvest.results[i].command, "SELECT 1");
    }
    pgcensus_fleet_free(fleet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_node_is_asked_at_once, setup),
        cmocka_unit_test_setup(in_order_everybody_waits_for_those_before, setup),
        cmocka_unit_test_setup(only_those_of_a_role, setup),
        cmocka_unit_test_setup(only_the_healthy, setup),
        cmocka_unit_test_setup(any_goes_round_and_passes_over_the_bad, setup),
        cmocka_unit_test_setup(any_has_failed_if_none_would_do, setup),
        cmocka_unit_test_setup(any_takes_an_error_for_an_answer, setup),
        cmocka_unit_test_setup(a_write_that_was_sent_is_sent_to_nobody_else, setup),
        cmocka_unit_test_setup(a_canary_goes_first, setup),
        cmocka_unit_test_setup(the_first_failure_stops_all, setup),
        cmocka_unit_test_setup(writing_needs_leave_and_is_not_repeated, setup),
        cmocka_unit_test_setup(kept_connections_are_used_again, setup),
        cmocka_unit_test_setup(the_deadline_of_everything, setup),
        cmocka_unit_test_setup(the_deadline_of_everything_finds_one_waiting_for_us,
                               setup),
        cmocka_unit_test_setup(the_deadline_may_count_from_earlier, setup),
        cmocka_unit_test_setup(stopping_leaves_nothing_behind, setup),
        cmocka_unit_test_setup(freeing_in_the_middle, setup),
        cmocka_unit_test_setup(a_fleet_that_stops_takes_no_queries, setup),
        cmocka_unit_test_setup(notices_are_of_the_attempt_that_counts, setup),
        cmocka_unit_test_setup(rows_of_all_nodes_are_counted, setup),
        cmocka_unit_test_setup(a_limit_does_not_end_what_writes, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
