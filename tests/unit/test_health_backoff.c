/* Delays by hand, from the table in behaviour.md.
 *
 * unit 0.5 is no jitter, 0 the shortest and almost 1 the longest delay; the climate is
 * calm unless a test says otherwise. */
#include "health/backoff.h"

#include "base/auto.h"
#include "tests/test.h"

#include <math.h>

#define MSEC ((nsec)1000000)
#define SEC ((nsec)1000000000)

static const struct backoff_climate calm;

static const struct backoff_options usual = {
    .strategy = BACKOFF_EXPONENTIAL,
    .initial = SEC,
    .max = 30 * SEC,
    .increment = SEC,
    .multiplier = 2.0,
    .jitter = 0.2,
};

static nsec plain(const struct backoff_options *options, unsigned attempt)
{
    return backoff_delay(options, attempt, calm, 0.5);
}

static void exponential_delays_double(void **state)
{
    static const nsec expected[] = {1, 2, 4, 8, 16, 30, 30};
    for (unsigned i = 0; i < ARRAY_SIZE(expected); i++)
        assert_int_equal(plain(&usual, i + 1), expected[i] * SEC);
}

static void linear_delays_grow_by_steps(void **state)
{
    struct backoff_options options = usual;
    options.strategy = BACKOFF_LINEAR;
    options.increment = 500 * MSEC;
    assert_int_equal(plain(&options, 1), 1000 * MSEC);
    assert_int_equal(plain(&options, 2), 1500 * MSEC);
    assert_int_equal(plain(&options, 11), 6000 * MSEC);
    assert_int_equal(plain(&options, 1000), 30 * SEC);
}

static void fixed_delays_stay(void **state)
{
    struct backoff_options options = usual;
    options.strategy = BACKOFF_FIXED;
    assert_int_equal(plain(&options, 1), SEC);
    assert_int_equal(plain(&options, 1000000), SEC);
}

static void adaptive_delays_follow_the_climate(void **state)
{
    struct backoff_options options = usual;
    options.strategy = BACKOFF_ADAPTIVE;
    assert_int_equal(backoff_delay(&options, 1, calm, 0.5), SEC);
    struct backoff_climate bad = {.error_rate = 0.5};
    assert_int_equal(backoff_delay(&options, 2, bad, 0.5), 3 * SEC);
    struct backoff_climate worst = {.error_rate = 1, .own_load = 1};
    assert_int_equal(backoff_delay(&options, 1, worst, 0.5), 3 * SEC);
    assert_int_equal(backoff_delay(&options, 5, worst, 0.5), 30 * SEC);
}

static void climate_outside_its_range(void **state)
{
    struct backoff_options options = usual;
    options.strategy = BACKOFF_ADAPTIVE;
    struct backoff_climate odd = {.error_rate = 1e9, .own_load = -3};
    assert_int_equal(backoff_delay(&options, 1, odd, 0.5), 2 * SEC);
    odd = (struct backoff_climate){.error_rate = NAN, .own_load = NAN};
    assert_in_range(backoff_delay(&options, 1, odd, 0.5), SEC, 3 * SEC);
}

/* A known implementation adds the jitter to the capped delay and waits 33 s. */
static void jitter_does_not_exceed_the_cap(void **state)
{
    assert_int_equal(backoff_delay(&usual, 10, calm, 0.999999), 30 * SEC);
    assert_int_equal(backoff_delay(&usual, 10, calm, 0), 24 * SEC);
}

static void jitter_goes_both_ways(void **state)
{
    assert_int_equal(backoff_delay(&usual, 1, calm, 0), 800 * MSEC);
    assert_int_equal(backoff_delay(&usual, 1, calm, 0.5), 1000 * MSEC);
    assert_int_equal(backoff_delay(&usual, 1, calm, 0.75), 1100 * MSEC);
}

static void there_is_a_floor_below_all(void **state)
{
    struct backoff_options options = usual;
    options.initial = 0;
    options.jitter = 1;
    assert_int_equal(backoff_delay(&options, 1, calm, 0), BACKOFF_FLOOR);
    options.initial = 150 * MSEC;
    assert_int_equal(backoff_delay(&options, 1, calm, 0), BACKOFF_FLOOR);
    options.max = 20 * MSEC;
    assert_int_equal(backoff_delay(&options, 1, calm, 0), 20 * MSEC);
    options.max = 0;
    assert_int_equal(backoff_delay(&options, 1, calm, 0.9), 0);
}

static void does_not_overflow(void **state)
{
    static const enum backoff_strategy grows[] = {BACKOFF_EXPONENTIAL, BACKOFF_LINEAR,
                                                  BACKOFF_ADAPTIVE};
    for (size_t i = 0; i < ARRAY_SIZE(grows); i++) {
        struct backoff_options options = usual;
        options.strategy = grows[i];
        assert_int_equal(plain(&options, 1000000), 30 * SEC);
        assert_int_equal(plain(&options, UINT32_MAX), 30 * SEC);
        options.max = INT64_MAX;
        options.increment = INT64_MAX;
        assert_int_equal(plain(&options, UINT32_MAX), INT64_MAX);
    }
}

static void attempt_zero_is_the_first(void **state)
{
    assert_int_equal(plain(&usual, 0), SEC);
}

static void attempts_are_exhausted_by_their_limit(void **state)
{
    struct backoff_options options = usual;
    assert_false(backoff_exhausted(&options, UINT32_MAX));
    options.max_attempts = 3;
    assert_false(backoff_exhausted(&options, 2));
    assert_true(backoff_exhausted(&options, 3));
}

static void every_strategy_has_a_name(void **state)
{
    for (unsigned i = BACKOFF_EXPONENTIAL; i <= BACKOFF_ADAPTIVE; i++) {
        enum backoff_strategy found = BACKOFF_FIXED;
        const char *name = backoff_strategy_name((enum backoff_strategy)i);
        assert_true(backoff_strategy_find(name, &found));
        assert_int_equal(found, i);
    }
    enum backoff_strategy untouched = BACKOFF_LINEAR;
    assert_false(backoff_strategy_find("expo", &untouched));
    assert_false(backoff_strategy_find("", &untouched));
    assert_int_equal(untouched, BACKOFF_LINEAR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exponential_delays_double),
        cmocka_unit_test(linear_delays_grow_by_steps),
        cmocka_unit_test(fixed_delays_stay),
        cmocka_unit_test(adaptive_delays_follow_the_climate),
        cmocka_unit_test(climate_outside_its_range),
        cmocka_unit_test(jitter_does_not_exceed_the_cap),
        cmocka_unit_test(jitter_goes_both_ways),
        cmocka_unit_test(there_is_a_floor_below_all),
        cmocka_unit_test(does_not_overflow),
        cmocka_unit_test(attempt_zero_is_the_first),
        cmocka_unit_test(attempts_are_exhausted_by_their_limit),
        cmocka_unit_test(every_strategy_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
