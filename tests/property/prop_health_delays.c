/* Backoff, retry, schedule and pace: what must hold for any options at all.
 *
 * Below 100 ms the floor would bend every curve, so the options that a law of growth
 * is tested with begin above it; nonsense below it has a test of its own. */
#include "health/backoff.h"
#include "health/pace.h"
#include "health/retry.h"
#include "health/schedule.h"
#include "tests/property/walk.h"

#include "base/clock.h"
#include "tests/test.h"

#include <math.h>

enum { ROUNDS = 50000 };

static double between(struct rng *rng, double low, double high)
{
    return low + (high - low) * rng_unit(rng);
}

static nsec random_length(struct rng *rng, double low, double high)
{
    return (nsec)exp(between(rng, log(low), log(high)));
}

static struct backoff_options random_options(struct rng *rng)
{
    nsec initial = random_length(rng, BACKOFF_FLOOR, 60e9);
    return (struct backoff_options){
        .strategy = (enum backoff_strategy)rng_below(rng, BACKOFF_ADAPTIVE + 1),
        .initial = initial,
        .max = initial + random_length(rng, 1, 600e9),
        .increment = random_length(rng, 1, 10e9),
        .multiplier = between(rng, 1, 4),
        .jitter = between(rng, 0, 1),
        .max_attempts = (unsigned)rng_below(rng, 10),
    };
}

/* Mostly the first few, where something happens, and sometimes a million. */
static unsigned random_attempt(struct rng *rng)
{
    return 1 +
           (unsigned)(rng_below(rng, 4) ? rng_below(rng, 12) : rng_below(rng, 1000000));
}

static void grows_by_its_multiplier_before_the_cap(void **state)
{
    struct rng rng = walk_begin("backoff growth");
    struct backoff_climate calm = {0};
    for (int i = 0; i < ROUNDS; i++) {
        struct backoff_options options = random_options(&rng);
        options.strategy = BACKOFF_EXPONENTIAL;
        unsigned attempt = random_attempt(&rng);
        double delay = (double)backoff_delay(&options, attempt, calm, 0.5);
        double next = (double)backoff_delay(&options, attempt + 1, calm, 0.5);
        assert_true(next >= delay);
        if (next < (double)options.max)
            /* each of the two is cut to a whole nanosecond */
            assert_true(fabs(next - delay * options.multiplier) <=
                        1 + options.multiplier);
    }
}

static void linear_grows_by_its_increment_before_the_cap(void **state)
{
    struct rng rng = walk_begin("backoff linear");
    struct backoff_climate calm = {0};
    for (int i = 0; i < ROUNDS; i++) {
        struct backoff_options options = random_options(&rng);
        options.strategy = BACKOFF_LINEAR;
        unsigned attempt = random_attempt(&rng);
        nsec delay = backoff_delay(&options, attempt, calm, 0.5);
        nsec next = backoff_delay(&options, attempt + 1, calm, 0.5);
        if (next < options.max)
            assert_true(llabs(next - delay - options.increment) <= 1);
        else
            assert_int_equal(next, options.max);
    }
}

static void jitter_stays_within_its_share_floor_and_cap(void **state)
{
    struct rng rng = walk_begin("backoff jitter");
    struct backoff_climate calm = {0};
    for (int i = 0; i < ROUNDS; i++) {
        struct backoff_options options = random_options(&rng);
        unsigned attempt = random_attempt(&rng);
        double middle = (double)backoff_delay(&options, attempt, calm, 0.5);
        nsec delay = backoff_delay(&options, attempt, calm, rng_unit(&rng));
        assert_in_range(delay, BACKOFF_FLOOR, options.max);
        assert_true((double)delay <= middle * (1 + options.jitter) + 1);
        assert_true((double)delay >= middle * (1 - options.jitter) - 1);
    }
}

static void adaptive_is_at_most_three_times_as_slow(void **state)
{
    struct rng rng = walk_begin("backoff adaptive");
    struct backoff_climate calm = {0};
    for (int i = 0; i < ROUNDS; i++) {
        struct backoff_options options = random_options(&rng);
        options.strategy = BACKOFF_ADAPTIVE;
        unsigned attempt = random_attempt(&rng);
        struct backoff_climate climate = {.error_rate = rng_unit(&rng),
                                          .own_load = rng_unit(&rng)};
        nsec delay = backoff_delay(&options, attempt, climate, 0.5);
        options.strategy = BACKOFF_EXPONENTIAL;
        nsec plain = backoff_delay(&options, attempt, calm, 0.5);
        assert_true(delay >= plain);
        assert_true((double)delay <= 3.0 * (double)plain + 3);
        assert_true(delay <= options.max);
    }
}

/* Any options, however senseless, give a delay that can be waited for. */
static void nonsense_still_gives_a_delay(void **state)
{
    struct rng rng = walk_begin("backoff nonsense");
    static const double odd[] = {0, -1, 0.5, 1e308, INFINITY, NAN};
    for (int i = 0; i < ROUNDS; i++) {
        struct backoff_options options = {
            .strategy = (enum backoff_strategy)rng_below(&rng, BACKOFF_ADAPTIVE + 1),
            .initial = (nsec)(rng_next(&rng) >> rng_below(&rng, 64)),
            .max = (nsec)(rng_next(&rng) >> rng_below(&rng, 64)),
            .increment = (nsec)(rng_next(&rng) >> rng_below(&rng, 64)),
            .multiplier = odd[rng_below(&rng, 6)],
            .jitter = odd[rng_below(&rng, 6)],
        };
        struct backoff_climate climate = {.error_rate = odd[rng_below(&rng, 6)],
                                          .own_load = odd[rng_below(&rng, 6)]};
        nsec delay =
            backoff_delay(&options, (unsigned)rng_next(&rng), climate, rng_unit(&rng));
        assert_true(delay >= 0);
        assert_true(delay <= (options.max > 0 ? options.max : 0));
    }
}

static void attempts_never_exceed_one_and_the_retries(void **state)
{
    struct rng rng = walk_begin("retry");
    for (int i = 0; i < ROUNDS; i++) {
        struct retry_options options = {
            .max_retries = (unsigned)rng_below(&rng, 8),
            .initial = random_length(&rng, 1e8, 1e9),
            .max = random_length(&rng, 1e9, 1e11),
            .multiplier = between(&rng, 1, 4),
        };
        unsigned attempts = 1;
        bool may_pass = true;
        for (; attempts < 100 && may_pass; attempts++) {
            struct pgcensus_failure failure = {
                .error_class = (enum pgcensus_class)(1 + rng_below(&rng, 16)),
                .phase = (enum pgcensus_phase)rng_below(&rng, 7),
                .retryable = rng_below(&rng, 10) > 0,
            };
            nsec delay = 0;
            may_pass = retry_again(&options, attempts, &failure, true, &delay);
            if (!may_pass)
                break;
            assert_true(failure.retryable);
            assert_in_range(delay, 1, options.max);
        }
        assert_true(attempts <= 1 + options.max_retries);
    }
}

/* A round of n nodes always ends, and never has more under way than it may. */
static void pace_neither_floods_nor_starves(void **state)
{
    struct rng rng = walk_begin("pace");
    for (int i = 0; i < ROUNDS / 50; i++) {
        struct pace_options options = {.in_flight_max = (unsigned)rng_below(&rng, 300)};
        unsigned most = options.in_flight_max ? options.in_flight_max : 1;
        unsigned left = (unsigned)rng_below(&rng, 1000), in_flight = 0;
        for (int turn = 0; left || in_flight; turn++) {
            assert_true(turn < 100000);
            nsec lag = random_length(&rng, 1, 1e9);
            unsigned n = pace_allow(&options, in_flight, lag);
            assert_true(n <= most - in_flight);
            assert_true(in_flight > 0 || n > 0);
            n = n < left ? n : left;
            left -= n;
            in_flight += n;
            in_flight -= (unsigned)rng_below(&rng, in_flight + 1);
        }
    }
}

/* No state and no answer make a check come at once, again and again. */
static void schedule_never_spins(void **state)
{
    struct rng rng = walk_begin("schedule");
    for (int i = 0; i < ROUNDS; i++) {
        struct backoff_options reconnect = random_options(&rng);
        struct schedule_options options = {
            .interval = random_length(&rng, 1e8, 1e11),
            .fast_interval = random_length(&rng, 1e8, 1e11),
        };
        struct health health = {
            .state = (enum pgcensus_state)rng_below(&rng, PGCENSUS_DISCONNECTED + 1),
            .failures = (unsigned)rng_below(&rng, 4),
            .attempts = (unsigned)rng_below(&rng, 50),
        };
        struct backoff_climate climate = {.error_rate = rng_unit(&rng)};
        nsec delay = schedule_next(&options, &reconnect, &health,
                                   (enum pgcensus_class)rng_below(&rng, 17), climate,
                                   rng_unit(&rng));
        assert_true(delay >= 99999999); /* 100 ms, less a rounding of this test */
        assert_int_equal(delay == NEVER, health.state >= PGCENSUS_FAILED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_by_its_multiplier_before_the_cap),
        cmocka_unit_test(linear_grows_by_its_increment_before_the_cap),
        cmocka_unit_test(jitter_stays_within_its_share_floor_and_cap),
        cmocka_unit_test(adaptive_is_at_most_three_times_as_slow),
        cmocka_unit_test(nonsense_still_gives_a_delay),
        cmocka_unit_test(attempts_never_exceed_one_and_the_retries),
        cmocka_unit_test(pace_neither_floods_nor_starves),
        cmocka_unit_test(schedule_never_spins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
