/* Random fleets: rounds with random behaviour, limits and interruptions, and random
 * hours of watching.  What must hold: every node comes out exactly once, with a verdict
 * that fits what happened; states change along edges; nothing is left behind.
 *
 * PGCENSUS_SEED=… replays one seed. */
#include "../unit/fake_fleet.h"

#include "base/rng.h"
#include "tests/test.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ROUNDS = 600, LIVES = 150, MOST = 40 };

static const char *const behaviours[] = {"ok",    "ok",   "standby", "old",
                                         "silly", "auth", "refused", "silent",
                                         "mute",  "full", "broken",  "syntax"};

static struct rng rng;
static uint64_t current_seed;

static bool chance(unsigned percent)
{
    return rng_below(&rng, 100) < percent;
}

static struct node_options random_node(size_t i, const char *host)
{
    static char name[24];
    snprintf(name, sizeof name, "n%zu", i);
    struct node_options options = fake_node(name, host);
    options.identity.enabled = chance(85);
    options.identity.via_pooler = chance(10);
    options.identity.expect_role = (enum pgcensus_role)rng_below(&rng, 3);
    options.probe.role_status = chance(50) ? PGCENSUS_WARN : PGCENSUS_DOWN;
    options.probe.total = (nsec)(1 + rng_below(&rng, 8)) * SEC;
    options.retry.max_retries = (unsigned)rng_below(&rng, 3);
    options.schedule.interval = (nsec)(1 + rng_below(&rng, 10)) * SEC;
    options.health.fall = 1 + (unsigned)rng_below(&rng, 4);
    options.health.rise = 1 + (unsigned)rng_below(&rng, 2);
    options.health.max_attempts = options.reconnect.max_attempts =
        (unsigned)rng_below(&rng, 4);
    options.pool.max = 1 + (unsigned)rng_below(&rng, 4);
    options.pool.min = (unsigned)rng_below(&rng, options.pool.max + 1);
    options.pool.max_lifetime = chance(50) ? 0 : 20 * SEC;
    return options;
}

struct cast {
    struct pgcensus_fleet *fleet;
    struct node_options options[MOST];
    size_t n, n_disabled;
};

static void random_cast(struct cast *cast)
{
    fake_fleet_plan();
    *cast =
        (struct cast){.fleet = fleet_new(NULL, NULL), .n = 1 + rng_below(&rng, MOST)};
    for (size_t i = 0; i < cast->n; i++) {
        const char *host = behaviours[rng_below(&rng, ARRAY_SIZE(behaviours))];
        cast->options[i] = random_node(i, host);
        cast->n_disabled += !cast->options[i].identity.enabled;
        assert_true(fleet_add(cast->fleet, &cast->options[i], NULL));
    }
}

/* ---- rounds ---- */

static void judge_answer(const struct node_options *options,
                         const struct pgcensus_node_result *result)
{
    enum pgcensus_role expected = options->identity.expect_role;
    bool fits = expected == PGCENSUS_ROLE_UNKNOWN || expected == result->role;
    assert_int_equal(result->n_reasons, !fits);
    if (fits)
        assert_int_equal(result->status, PGCENSUS_OK);
    else if (result->role == PGCENSUS_ROLE_UNKNOWN)
        assert_int_equal(result->status, PGCENSUS_WARN);
    else
        assert_int_equal(result->status, options->probe.role_status);
    assert_true(result->latency.total >= result->latency.query);
    assert_true(result->latency.query >= 0);
}

static void judge(const struct cast *cast, const struct pgcensus_check_options *how,
                  const struct pgcensus_node_result *result)
{
    const struct node_options *options = &cast->options[result->index];
    unsigned retries =
        how->retries < 0 ? options->retry.max_retries : (unsigned)how->retries;
    if (!options->identity.enabled) {
        assert_int_equal(result->status, PGCENSUS_DISABLED);
        assert_false(result->attempted || result->failed);
        return;
    }
    assert_in_range(result->attempts, result->attempted, 1 + retries);
    if (!result->failed) {
        judge_answer(options, result);
        return;
    }
    enum pgcensus_class error_class = result->failure.error_class;
    bool ours =
        error_class == PGCENSUS_CLASS_LOCAL || error_class == PGCENSUS_CLASS_CANCELLED;
    assert_int_equal(result->status, ours ? PGCENSUS_UNKNOWN : PGCENSUS_DOWN);
    assert_true(ours || result->attempted);
    assert_true(result->failure.message[0]);
    assert_string_equal(result->reasons[0].code, pgcensus_class_name(error_class));
    assert_true(!result->attempted || result->latency.total >= 0);
}

static void random_round(void)
{
    static struct cast cast;
    unsigned seen[MOST] = {0};
    const struct pgcensus_node_result *result;
    random_cast(&cast);
    struct pgcensus_check_options how = {
        .jobs = (unsigned)rng_below(&rng, 12),
        .retries = (int)rng_below(&rng, 5) - 1,
        .deadline = chance(50) ? 0 : (nsec)rng_below(&rng, 20 * SEC) + 1,
        .stop_fd = -1,
    };
    nsec began = fake_now;
    nsec stop_at = chance(30) ? began + (nsec)rng_below(&rng, 10 * SEC) : NEVER;
    size_t n = 0;
    struct pgcensus_check *check = pgcensus_check_start(cast.fleet, &how, NULL);
    for (enum pgcensus_turn turn = PGCENSUS_TURN_TICK; turn != PGCENSUS_TURN_END;) {
        turn = pgcensus_check_next(check, (nsec)rng_below(&rng, SEC), &result);
        assert_true(!how.jobs || fake_conns.n <= how.jobs);
        if (turn == PGCENSUS_TURN_NODE) {
            assert_int_equal(seen[result->index]++, 0);
            assert_int_equal(n < cast.n_disabled, result->status == PGCENSUS_DISABLED);
            n++;
            judge(&cast, &how, result);
        }
        if (fake_now >= stop_at) {
            pgcensus_check_stop(check, "interrupted");
            stop_at = NEVER;
        }
        if (chance(1) && chance(10))
            break; /* the caller loses interest */
        if (turn == PGCENSUS_TURN_END) {
            assert_int_equal(n, cast.n);
            assert_true(!how.deadline || fake_now <= began + how.deadline);
        }
    }
    pgcensus_check_free(check);
    pgcensus_fleet_free(cast.fleet);
    assert_int_equal(fake_conns.n, 0);
}

/* ---- watching ---- */

static bool is_edge(enum pgcensus_state from, enum pgcensus_state to)
{
    struct health_row row;
    for (size_t i = 0; health_row(i, &row); i++)
        if (row.from & 1u << from && row.to == to)
            return true;
    return false;
}

static void take_events(const struct cast *cast, enum pgcensus_state *states,
                        uint64_t *seq)
{
    struct pgcensus_event event;
    while (pgcensus_fleet_event(cast->fleet, &event)) {
        assert_int_equal(event.seq, ++*seq);
        assert_true(cast->options[event.index].identity.enabled);
        if (event.kind != PGCENSUS_EVENT_NODE_HEALTH)
            continue;
        assert_int_equal(event.from, states[event.index]);
        assert_true(is_edge(event.from, event.to));
        assert_true(pgcensus_event_because(&event)[0]);
        states[event.index] = event.to;
    }
}

static void random_act(const struct cast *cast)
{
    struct pgcensus_answer answer;
    size_t index = rng_below(&rng, cast->n);
    if (chance(10))
        fake_down = !fake_down;
    if (chance(30) && fake_conns.n)
        fake_say_goodbye(container_of(list_first(&fake_conns), struct pg_conn, node));
    if (chance(10) &&
        pgcensus_fleet_ask(cast->fleet, index, "SELECT 1", 2 * SEC, &answer, NULL))
        pgcensus_answer_fini(&answer);
}

static void check_snapshots(const struct cast *cast, const enum pgcensus_state *states)
{
    for (size_t i = 0; i < cast->n; i++) {
        struct pgcensus_node_snapshot snapshot;
        pgcensus_fleet_snapshot(cast->fleet, i, &snapshot);
        assert_int_equal(snapshot.state, states[i]);
        assert_true(snapshot.since >= 0 && snapshot.failures <= snapshot.checks);
        assert_true(snapshot.pool.total <= snapshot.pool.max);
        assert_true(snapshot.next_check >= PGCENSUS_UNKNOWN_TIME);
    }
}

static void random_life(void)
{
    static struct cast cast;
    enum pgcensus_state states[MOST] = {PGCENSUS_CONNECTING};
    uint64_t seq = 0;
    size_t most_conns = 0;
    random_cast(&cast);
    for (size_t i = 0; i < cast.n; i++)
        most_conns += 1 + cast.options[i].pool.max;
    assert_true(pgcensus_fleet_monitor(cast.fleet, NULL));
    for (int i = 0; i < 100; i++) {
        pgcensus_fleet_turn(cast.fleet, (nsec)rng_below(&rng, 3 * SEC), -1);
        take_events(&cast, states, &seq);
        check_snapshots(&cast, states);
        assert_true(fake_conns.n <= most_conns);
        random_act(&cast);
    }
    if (chance(70)) {
        nsec before = fake_now, drain = (nsec)rng_below(&rng, 5 * SEC);
        pgcensus_fleet_stop(cast.fleet, drain);
        assert_true(fake_now <= before + drain);
        assert_int_equal(fake_conns.n, 0);
        take_events(&cast, states, &seq);
        for (size_t i = 0; i < cast.n; i++)
            assert_int_equal(states[i] == PGCENSUS_DISCONNECTED,
                             cast.options[i].identity.enabled);
    }
    pgcensus_fleet_free(cast.fleet);
    assert_int_equal(fake_conns.n, 0);
}

/* ---- many of them ---- */

static int print_seed(void **state)
{
    print_message("# replay: PGCENSUS_SEED=%" PRIu64 "\n", current_seed);
    return 0;
}

static void many(void (*walk)(void), int times)
{
    const char *replay = getenv("PGCENSUS_SEED");
    struct rng seeds;
    rng_init_random(&seeds);
    for (int i = 0; i < (replay ? 1 : times); i++) {
        current_seed = replay ? strtoull(replay, NULL, 10) : rng_next(&seeds);
        rng_init(&rng, current_seed);
        walk();
    }
}

static void random_rounds(void **state)
{
    many(random_round, ROUNDS);
}

static void random_lives(void **state)
{
    many(random_life, LIVES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(random_rounds, print_seed),
        cmocka_unit_test_teardown(random_lives, print_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
