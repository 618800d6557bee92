/* Random walks of facts through the states of a node, against what behaviour.md says
 * of them in words: which edges there are, and what each must be deserved by.  The
 * counters here are kept apart from those of the machine, from the facts alone. */
#include "health/state.h"
#include "tests/property/walk.h"

#include "base/auto.h"
#include "tests/test.h"

enum { WALKS = 4000, STEPS = 200 };

static const bool edges[PGCENSUS_DISCONNECTED + 1][PGCENSUS_DISCONNECTED + 1] = {
    [PGCENSUS_CONNECTING] = {[PGCENSUS_HEALTHY] = true,
                             [PGCENSUS_UNHEALTHY] = true,
                             [PGCENSUS_SUSPENDED] = true,
                             [PGCENSUS_DISCONNECTED] = true},
    [PGCENSUS_HEALTHY] = {[PGCENSUS_UNHEALTHY] = true,
                          [PGCENSUS_SUSPENDED] = true,
                          [PGCENSUS_DISCONNECTED] = true},
    [PGCENSUS_UNHEALTHY] = {[PGCENSUS_RECONNECTING] = true,
                            [PGCENSUS_CONNECTING] = true,
                            [PGCENSUS_SUSPENDED] = true,
                            [PGCENSUS_DISCONNECTED] = true},
    [PGCENSUS_RECONNECTING] = {[PGCENSUS_HEALTHY] = true,
                               [PGCENSUS_UNHEALTHY] = true,
                               [PGCENSUS_FAILED] = true,
                               [PGCENSUS_CONNECTING] = true,
                               [PGCENSUS_SUSPENDED] = true,
                               [PGCENSUS_DISCONNECTED] = true},
    [PGCENSUS_FAILED] = {[PGCENSUS_CONNECTING] = true,
                         [PGCENSUS_SUSPENDED] = true,
                         [PGCENSUS_DISCONNECTED] = true},
    [PGCENSUS_SUSPENDED] =
        {[PGCENSUS_CONNECTING] = true, [PGCENSUS_DISCONNECTED] = true},
};

/* What was seen, in the words of the options. */
struct witness {
    unsigned failures, successes; /* in a row */
    unsigned attempts;            /* since it was last healthy, or new */
};

static struct health_options random_options(struct rng *rng)
{
    return (struct health_options){
        .fall = (unsigned)rng_below(rng, 5),
        .rise = (unsigned)rng_below(rng, 4),
        .max_attempts = (unsigned)rng_below(rng, 4),
    };
}

/* Checks are most of what happens in the life of a node. */
static enum health_fact random_fact(struct rng *rng)
{
    static const enum health_fact usual[] = {HEALTH_SUCCEEDED, HEALTH_FELL,
                                             HEALTH_RETRYING};
    if (rng_below(rng, 10) < 8)
        return usual[rng_below(rng, ARRAY_SIZE(usual))];
    return (enum health_fact)rng_below(rng, rng_below(rng, 8) ? HEALTH_REMOVED
                                                              : HEALTH_UNTOLD + 1);
}

static void witness_fact(struct witness *witness, enum pgcensus_state state,
                         enum health_fact fact)
{
    bool is_failure = fact == HEALTH_FELL || fact == HEALTH_REFUSED;
    if (is_failure) {
        witness->failures++;
        witness->successes = 0;
    } else if (fact == HEALTH_SUCCEEDED && state != PGCENSUS_UNHEALTHY) {
        witness->successes++;
        witness->failures = 0;
    } else if (fact == HEALTH_RETRYING &&
               (state == PGCENSUS_UNHEALTHY || state == PGCENSUS_RECONNECTING)) {
        witness->attempts++;
    } else if (fact == HEALTH_UNTOLD && state == PGCENSUS_RECONNECTING &&
               witness->attempts) {
        witness->attempts--;
    }
}

static void check_deserved(const struct health_options *options,
                           const struct witness *witness, enum health_fact fact,
                           const struct health_change *change)
{
    if (change->to == PGCENSUS_HEALTHY) {
        assert_int_equal(fact, HEALTH_SUCCEEDED);
        assert_true(witness->successes >= options->rise);
    }
    if (change->from == PGCENSUS_HEALTHY && change->to == PGCENSUS_UNHEALTHY)
        assert_true(fact == HEALTH_REFUSED || witness->failures >= options->fall);
    if (change->to == PGCENSUS_FAILED) {
        assert_true(options->max_attempts > 0);
        assert_true(witness->attempts >= options->max_attempts);
    }
    if (change->from == PGCENSUS_FAILED)
        assert_true(fact == HEALTH_RESET || fact == HEALTH_SUSPEND ||
                    fact == HEALTH_REMOVED);
    if (change->from == PGCENSUS_SUSPENDED)
        assert_true(fact == HEALTH_RESUME || fact == HEALTH_REMOVED);
}

/* What must have happened, had to happen. */
static void check_due(const struct health_options *options,
                      const struct witness *witness, enum pgcensus_state from,
                      enum health_fact fact, enum pgcensus_state to)
{
    if (fact == HEALTH_REMOVED)
        assert_int_equal(to, PGCENSUS_DISCONNECTED);
    if (from == PGCENSUS_CONNECTING && (fact == HEALTH_FELL || fact == HEALTH_REFUSED))
        assert_int_equal(to, PGCENSUS_UNHEALTHY);
    if (from == PGCENSUS_HEALTHY && fact == HEALTH_FELL)
        assert_int_equal(to, witness->failures >= options->fall ? PGCENSUS_UNHEALTHY
                                                                : PGCENSUS_HEALTHY);
    if (from == PGCENSUS_RECONNECTING && fact == HEALTH_FELL)
        assert_int_equal(to, options->max_attempts &&
                                     witness->attempts >= options->max_attempts
                                 ? PGCENSUS_FAILED
                                 : PGCENSUS_UNHEALTHY);
}

static void step(struct health *health, const struct health_options *options,
                 struct witness *witness, enum health_fact fact, nsec now)
{
    struct health before = *health;
    witness_fact(witness, health->state, fact);
    struct health_change change = health_apply(health, options, fact, now);
    assert_int_equal(change.from, before.state);
    assert_int_equal(change.to, health->state);

    if (change.from == change.to) {
        assert_null(change.because);
        assert_int_equal(health->since, before.since);
    } else {
        assert_true(edges[change.from][change.to]);
        assert_true(change.because && *change.because);
        assert_int_equal(health->since, now);
        check_deserved(options, witness, fact, &change);
    }
    if (before.state != PGCENSUS_DISCONNECTED)
        check_due(options, witness, before.state, fact, health->state);

    if (change.from == change.to)
        return;
    if (change.to == PGCENSUS_CONNECTING)
        *witness = (struct witness){0};
    if (change.to == PGCENSUS_HEALTHY)
        witness->attempts = 0;
}

/* Wherever it has got to, a node that nobody took away can become healthy. */
static void check_way_back(struct health health, const struct health_options *options)
{
    if (health.state == PGCENSUS_DISCONNECTED)
        return;
    health_apply(&health, options, HEALTH_RESUME, 0);
    health_apply(&health, options, HEALTH_RESET, 0);
    for (unsigned i = 0; i <= options->rise; i++)
        health_apply(&health, options, HEALTH_SUCCEEDED, 0);
    assert_int_equal(health.state, PGCENSUS_HEALTHY);
}

static void random_stories_agree_with_a_witness(void **state)
{
    struct rng rng = walk_begin("health walks");
    for (int walk = 0; walk < WALKS; walk++) {
        struct health_options options = random_options(&rng);
        struct health health;
        health_init(&health, 0);
        struct witness witness = {0};
        for (nsec now = 1; now <= STEPS; now++)
            step(&health, &options, &witness, random_fact(&rng), now);
        check_way_back(health, &options);
    }
}

/* Checks as a fleet makes them: an attempt begins before each check of a node that is
 * down.  Without a limit of attempts no failure, however often, is the end. */
static void an_endless_node_always_comes_back(void **state)
{
    struct rng rng = walk_begin("health endless");
    for (int walk = 0; walk < WALKS; walk++) {
        struct health_options options = random_options(&rng);
        options.max_attempts = 0;
        struct health health;
        health_init(&health, 0);
        for (int i = 0; i < STEPS; i++) {
            health_apply(&health, &options, HEALTH_RETRYING, i);
            health_apply(&health, &options,
                         rng_below(&rng, 3) ? HEALTH_FELL : HEALTH_REFUSED, i);
        }
        assert_int_equal(health.state, PGCENSUS_UNHEALTHY);
        for (unsigned i = 0; i < options.rise || i == 0; i++) {
            health_apply(&health, &options, HEALTH_RETRYING, STEPS);
            health_apply(&health, &options, HEALTH_SUCCEEDED, STEPS);
        }
        assert_int_equal(health.state, PGCENSUS_HEALTHY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_stories_agree_with_a_witness),
        cmocka_unit_test(an_endless_node_always_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
