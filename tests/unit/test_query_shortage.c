/* Queries that find no descriptor or memory of ours, on a fake network and a fake
 * clock.
 */
#include "fake_fleet.h"

#include "tests/test.h"

#include <pgcensus/query.h>
#include <string.h>

static const struct pgcensus_query_options plain = {
    .sql = "SELECT x", .retries = -1, .stop_fd = -1};

static int setup(void **state)
{
    fake_fleet_plan();
    return 0;
}

/* What came of a whole query. */
struct outcome {
    char story[FAKE_HARVEST + 1]; /* a letter for each node: o f p s d l */
    struct pgcensus_query_result results[FAKE_HARVEST];
    size_t first; /* the node that came out first */
};

static void run(struct outcome *outcome, struct pgcensus_fleet *fleet,
                const struct pgcensus_query_options *options)
{
    struct pgcensus_query *query = pgcensus_query_start(fleet, options, NULL);
    struct pgcensus_query_event event;
    enum pgcensus_query_turn turn;
    *outcome = (struct outcome){.first = SIZE_MAX};
    assert_non_null(query);
    while ((turn = pgcensus_query_next(query, SEC, &event)) != PGCENSUS_QUERY_END) {
        if (turn == PGCENSUS_QUERY_ROWS)
            pgcensus_rows_free(event.rows);
        if (turn != PGCENSUS_QUERY_NODE)
            continue;
        outcome->story[event.index] =
            pgcensus_query_status_name(event.result->status)[0];
        outcome->results[event.index] = *event.result;
        if (outcome->first == SIZE_MAX)
            outcome->first = event.index;
    }
    pgcensus_query_free(query);
    assert_int_equal(fake_conns.n, 0);
}

static void our_own_shortage_is_deferred(void **state)
{
    static struct outcome outcome;
    struct pgcensus_query_options options = plain;
    const char *hosts[] = {"full", "ok", "ok"};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 3);
    for (int order = 0; order < 2; order++) {
        options.in_order = order;
        run(&outcome, fleet, &options);
        assert_string_equal(outcome.story, "foo");
        assert_int_equal(outcome.results[0].failure.error_class, PGCENSUS_CLASS_LOCAL);
    }
    pgcensus_fleet_free(fleet);
}

static size_t most_conns; /* what the process can have; the next is refused by us */

static struct fake_fate open_if_there_is_room(const struct pg_target *target)
{
    struct fake_fate fate = {.after = MSEC, .phase = PGCENSUS_PHASE_CONNECT};
    if (fake_conns.n > most_conns)
        fate.error_class = PGCENSUS_CLASS_LOCAL;
    return fate;
}

/* As in a round of checks, and in whatever order answers come out. */
static void want_of_descriptors_means_fewer_at_once(void **state)
{
    static struct outcome outcome;
    struct pgcensus_query_options options = plain;
    const char *hosts[30];
    for (int i = 0; i < 30; i++)
        hosts[i] = "ok";
    fake_plan.open = open_if_there_is_room;
    most_conns = 3;
    for (int way = 0; way < 4; way++) {
        struct pgcensus_fleet *fleet = fake_fleet(hosts, 30);
        options.in_order = way & 1;
        options.streams = way & 2;
        run(&outcome, fleet, &options);
        assert_string_equal(outcome.story, "oooooooooooooooooooooooooooooo");
        pgcensus_fleet_free(fleet);
    }
}

/* A canary that is short for once is asked again before any other node. */
static bool is_short;

static struct fake_fate open_but_once(const struct pg_target *target)
{
    struct fake_fate fate = {.after = MSEC, .phase = PGCENSUS_PHASE_CONNECT};
    if (is_short)
        fate.error_class = PGCENSUS_CLASS_LOCAL;
    is_short = false;
    return fate;
}

static void one_that_is_asked_alone_gets_another_chance(void **state)
{
    static struct outcome outcome;
    struct pgcensus_query_options options = plain;
    const char *hosts[] = {"ok", "ok", "ok"};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 3);
    fake_plan.open = open_but_once;
    is_short = options.canary = true;
    run(&outcome, fleet, &options);
    assert_string_equal(outcome.story, "ooo");
    assert_int_equal(outcome.first, 0);
    pgcensus_fleet_free(fleet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(our_own_shortage_is_deferred, setup),
        cmocka_unit_test_setup(want_of_descriptors_means_fewer_at_once, setup),
        cmocka_unit_test_setup(one_that_is_asked_alone_gets_another_chance, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
