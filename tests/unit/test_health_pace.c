#include "health/pace.h"
#include "tests/test.h"

#define MSEC ((nsec)1000000)

static void starts_a_handful(void **state)
{
    struct pace_options options = {.in_flight_max = 1000};
    unsigned n = pace_allow(&options, 0, 0);
    assert_in_range(n, 1, 64);
    assert_int_equal(pace_allow(&options, 500, 0), n);
}

static void keeps_to_the_limit(void **state)
{
    struct pace_options options = {.in_flight_max = 10};
    assert_int_equal(pace_allow(&options, 7, 0), 3);
    assert_int_equal(pace_allow(&options, 10, 0), 0);
    assert_int_equal(pace_allow(&options, 11, 0), 0);
}

static void waits_while_we_are_behind(void **state)
{
    struct pace_options options = {.in_flight_max = 1000};
    assert_int_equal(pace_allow(&options, 200, 50 * MSEC), 0);
    assert_true(pace_allow(&options, 200, MSEC) > 0);
}

static void it_never_starves_anyone(void **state)
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
        cmocka_unit_test(starts_a_handful),
        cmocka_unit_test(keeps_to_the_limit),
        cmocka_unit_test(waits_while_we_are_behind),
        cmocka_unit_test(it_never_starves_anyone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
