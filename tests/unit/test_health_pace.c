#include "health/pace.h"
#include "tests/test.h"

#define MSEC ((nsec)1000000)

static void test_starts_a_handful(void **state)
{
    struct pace_options options = {.in_flight_max = 1000};
    unsigned n = pace_allow(&options, 0, 0);
    assert_in_range(n, 1, 64);
    assert_int_equal(pace_allow(&options, 500, 0), n);
}

static void test_keeps_to_the_limit(void **state)
{
    struct pace_options options = {.in_flight_max = 10};
    assert_int_equal(pace_allow(&options, 7, 0), 3);
    assert_int_equal(pace_allow(&options, 10, 0), 0);
    assert_int_equal(pace_allow(&options, 11, 0), 0);
}

static void test_waits_while_we_are_behind(void **state)
{
    struct pace_options options = {.in_flight_max = 1000};
    assert_int_equal(pace_allow(&options, 200, 50 * MSEC), 0);
    assert_true(pace_allow(&options, 200, MSEC) > 0);
}

static void test_never_starves(void **state)
{
    struct pace_options options = {.in_flight_max = 1};
    assert_int_equal(pace_allow(&options, 0, 3600000 * MSEC), 1);
    options.in_flight_max = 0;
    assert_int_equal(pace_allow(&options, 0, 3600000 * MSEC), 1);
    assert_int_equal(pace_allow(&options, 1, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_starts_a_handful),
        cmocka_unit_test(test_keeps_to_the_limit),
        cmocka_unit_test(test_waits_while_we_are_behind),
        cmocka_unit_test(test_never_starves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
