#include "health/schedule.h"

#include "base/clock.h"
#include "tests/test.h"

static const struct schedule_options usual = {
    .interval = 5 * NSEC_PER_SEC,
    .fast_interval = 500 * NSEC_PER_MSEC,
};

static const struct backoff_options reconnect = {
    .strategy = BACKOFF_EXPONENTIAL,
    .initial = NSEC_PER_SEC,
    .max = 30 * NSEC_PER_SEC,
    .multiplier = 2.0,
    .jitter = 0.2,
};

static nsec next(struct health health, enum pgcensus_class last)
{
    struct backoff_climate calm = {0};
    return schedule_next(&usual, &reconnect, &health, last, calm, 0.5);
}

static void healthy_keeps_its_interval(void **state)
{
    struct health health = {.state = PGCENSUS_HEALTHY, .successes = 9};
    assert_int_equal(next(health, PGCENSUS_CLASS_NONE), usual.interval);
}

static void faster_in_doubt(void **state)
{
    struct health failing = {.state = PGCENSUS_HEALTHY, .failures = 1};
    assert_int_equal(next(failing, PGCENSUS_CLASS_TIMEOUT), usual.fast_interval);
    struct health rising = {.state = PGCENSUS_RECONNECTING, .successes = 1};
    assert_int_equal(next(rising, PGCENSUS_CLASS_NONE), usual.fast_interval);
    struct health new = {.state = PGCENSUS_CONNECTING, .successes = 1};
    assert_int_equal(next(new, PGCENSUS_CLASS_NONE), usual.fast_interval);
}

static void fast_is_never_slower(void **state)
{
    struct schedule_options odd = {.interval = NSEC_PER_SEC,
                                   .fast_interval = NSEC_PER_SEC * 9};
    struct health failing = {.state = PGCENSUS_HEALTHY, .failures = 1};
    struct backoff_climate calm = {0};
    assert_int_equal(
        schedule_next(&odd, &reconnect, &failing, PGCENSUS_CLASS_TIMEOUT, calm, 0.5),
        odd.interval);
}

static void down_backs_off(void **state)
{
    static const nsec seconds[] = {1, 2, 4, 8, 16, 30, 30};
    for (unsigned attempts = 0; attempts < 7; attempts++) {
        struct health down = {.state = PGCENSUS_UNHEALTHY, .attempts = attempts};
        assert_int_equal(next(down, PGCENSUS_CLASS_REFUSED),
                         seconds[attempts] * NSEC_PER_SEC);
    }
}

static void climate_reaches_an_adaptive_backoff(void **state)
{
    struct backoff_options adaptive = reconnect;
    adaptive.strategy = BACKOFF_ADAPTIVE;
    struct health down = {.state = PGCENSUS_UNHEALTHY};
    struct backoff_climate bad = {.error_rate = 1};
    assert_int_equal(
        schedule_next(&usual, &adaptive, &down, PGCENSUS_CLASS_REFUSED, bad, 0.5),
        2 * NSEC_PER_SEC);
}

static void slowly_when_only_a_person_can_help(void **state)
{
    static const enum pgcensus_class hopeless[] = {
        PGCENSUS_CLASS_AUTH, PGCENSUS_CLASS_CONFIG, PGCENSUS_CLASS_TLS};
    struct health down = {.state = PGCENSUS_UNHEALTHY};
    struct backoff_climate calm = {0};
    for (size_t i = 0; i < 3; i++)
        for (double unit = 0; unit < 1; unit += 0.25)
            assert_in_range(
                schedule_next(&usual, &reconnect, &down, hopeless[i], calm, unit),
                SCHEDULE_SLOW, SCHEDULE_SLOW * 6 / 5);
}

static void a_starting_server_is_asked_as_usual(void **state)
{
    struct health down = {.state = PGCENSUS_UNHEALTHY, .attempts = 20};
    assert_int_equal(next(down, PGCENSUS_CLASS_NOT_READY), usual.interval);
}

static void a_full_server_never_faster(void **state)
{
    struct health down = {.state = PGCENSUS_UNHEALTHY};
    assert_int_equal(next(down, PGCENSUS_CLASS_SATURATED), usual.interval);
    down.attempts = 20;
    assert_int_equal(next(down, PGCENSUS_CLASS_SATURATED), reconnect.max);
}

static void our_own_shortage_never_faster(void **state)
{
    for (unsigned i = PGCENSUS_CONNECTING; i <= PGCENSUS_RECONNECTING; i++) {
        struct health health = {.state = (enum pgcensus_state)i, .failures = 1};
        assert_true(next(health, PGCENSUS_CLASS_LOCAL) >= usual.interval);
    }
}

static void nobody_asks_these(void **state)
{
    static const enum pgcensus_state left_alone[] = {
        PGCENSUS_FAILED, PGCENSUS_SUSPENDED, PGCENSUS_DISCONNECTED};
    for (size_t i = 0; i < 3; i++) {
        struct health health = {.state = left_alone[i]};
        assert_int_equal(next(health, PGCENSUS_CLASS_NONE), NEVER);
        assert_int_equal(next(health, PGCENSUS_CLASS_LOCAL), NEVER);
    }
}

static void first_checks_are_spread(void **state)
{
    assert_int_equal(schedule_first(&usual, 0), 0);
    assert_int_equal(schedule_first(&usual, 0.5), usual.interval / 2);
    assert_true(schedule_first(&usual, 0.999999) < usual.interval);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(healthy_keeps_its_interval),
        cmocka_unit_test(faster_in_doubt),
        cmocka_unit_test(fast_is_never_slower),
        cmocka_unit_test(down_backs_off),
        cmocka_unit_test(climate_reaches_an_adaptive_backoff),
        cmocka_unit_test(slowly_when_only_a_person_can_help),
        cmocka_unit_test(a_starting_server_is_asked_as_usual),
        cmocka_unit_test(a_full_server_never_faster),
        cmocka_unit_test(our_own_shortage_never_faster),
        cmocka_unit_test(nobody_asks_these),
        cmocka_unit_test(first_checks_are_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
