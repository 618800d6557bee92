#include "health/latency.h"
#include "tests/test.h"

static void knows_nothing_at_first(void **state)
{
    struct latency latency;
    latency_init(&latency);
    assert_int_equal(latency.last, PGCENSUS_UNKNOWN_TIME);
    assert_int_equal(latency.average, PGCENSUS_UNKNOWN_TIME);
    assert_int_equal(latency.min, PGCENSUS_UNKNOWN_TIME);
    assert_int_equal(latency.max, PGCENSUS_UNKNOWN_TIME);
    assert_true(latency.error_rate == 0);
}

static void first_sample_is_everything(void **state)
{
    struct latency latency;
    latency_init(&latency);
    latency_add(&latency, 1000);
    assert_int_equal(latency.last, 1000);
    assert_int_equal(latency.average, 1000);
    assert_int_equal(latency.min, 1000);
    assert_int_equal(latency.max, 1000);
    assert_int_equal(latency.count, 1);
}

static void average_moves_by_a_tenth(void **state)
{
    struct latency latency;
    latency_init(&latency);
    latency_add(&latency, 1000);
    latency_add(&latency, 2000);
    assert_int_equal(latency.average, 1100);
    latency_add(&latency, 100);
    assert_int_equal(latency.average, 1000);
    assert_int_equal(latency.min, 100);
    assert_int_equal(latency.max, 2000);
    assert_int_equal(latency.last, 100);
}

static void long_samples_do_not_overflow(void **state)
{
    struct latency latency;
    latency_init(&latency);
    latency_add(&latency, INT64_MAX);
    latency_add(&latency, 0);
    latency_add(&latency, INT64_MAX);
    assert_in_range(latency.average, 0, INT64_MAX);
    assert_int_equal(latency.max, INT64_MAX);
    assert_int_equal(latency.min, 0);
}

static void failure_is_no_time(void **state)
{
    struct latency latency;
    latency_init(&latency);
    latency_add_failure(&latency);
    assert_int_equal(latency.average, PGCENSUS_UNKNOWN_TIME);
    assert_int_equal(latency.failures, 1);
    latency_add(&latency, 500);
    latency_add_failure(&latency);
    assert_int_equal(latency.min, 500);
    assert_int_equal(latency.average, 500);
    assert_int_equal(latency.last, 500);
    assert_int_equal(latency.count, 1);
    assert_int_equal(latency.failures, 2);
}

/* Recent, not over all time: after a month of failures a good hour counts. */
static void error_rate_forgets(void **state)
{
    struct latency latency;
    latency_init(&latency);
    latency_add_failure(&latency);
    assert_true(latency.error_rate == 1);
    for (int i = 0; i < 100000; i++)
        latency_add_failure(&latency);
    assert_true(latency.error_rate > 0.99 && latency.error_rate <= 1);
    for (int i = 0; i < 50; i++)
        latency_add(&latency, 1);
    assert_true(latency.error_rate < 0.01);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_nothing_at_first),
        cmocka_unit_test(first_sample_is_everything),
        cmocka_unit_test(average_moves_by_a_tenth),
        cmocka_unit_test(long_samples_do_not_overflow),
        cmocka_unit_test(failure_is_no_time),
        cmocka_unit_test(error_rate_forgets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
