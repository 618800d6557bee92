/* What a past makes of one check. */
#include "health/status.h"

#include "health/flap.h"
#include "tests/test.h"

#include <string.h>

static const struct health_options options = {.fall = 3, .rise = 2};

static struct pgcensus_past past_of(enum pgcensus_state state, unsigned failures,
                                    unsigned successes)
{
    return (struct pgcensus_past){
        .known = true, .state = state, .failures = failures, .successes = successes};
}

static struct health_status judge(enum pgcensus_class error_class,
                                  struct pgcensus_past past)
{
    enum pgcensus_status checked =
        error_class == PGCENSUS_CLASS_NONE ? PGCENSUS_OK : PGCENSUS_DOWN;
    return health_status_of(checked, error_class, &past, &options);
}

static void assert_one_reason(const struct health_status *status, const char *code,
                              const char *value, const char *limit, const char *message)
{
    assert_int_equal(status->n_reasons, 1);
    assert_string_equal(status->reasons[0].code, code);
    assert_string_equal(status->reasons[0].value, value);
    assert_string_equal(status->reasons[0].limit, limit);
    assert_string_equal(status->reasons[0].message, message);
}

static void assert_as_checked(const struct health_status *status,
                              enum pgcensus_status checked)
{
    assert_int_equal(status->status, checked);
    assert_int_equal(status->n_reasons, 0);
    assert_false(status->held);
}

static void a_healthy_node_that_misses_a_check_is_held(void **state)
{
    struct health_status status =
        judge(PGCENSUS_CLASS_TIMEOUT, past_of(PGCENSUS_HEALTHY, 1, 0));
    assert_int_equal(status.status, PGCENSUS_WARN);
    assert_true(status.held);
    assert_one_reason(&status, "fall", "1", "3",
                      "failed 1 time in a row, down after 3");
}

static void a_node_that_is_known_bad_is_down(void **state)
{
    const enum pgcensus_state bad[] = {PGCENSUS_CONNECTING, PGCENSUS_UNHEALTHY,
                                       PGCENSUS_RECONNECTING, PGCENSUS_FAILED};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct health_status status =
            judge(PGCENSUS_CLASS_REFUSED, past_of(bad[i], 3, 0));
        assert_as_checked(&status, PGCENSUS_DOWN);
    }
}

static void a_node_that_was_down_has_to_rise(void **state)
{
    struct health_status status =
        judge(PGCENSUS_CLASS_NONE, past_of(PGCENSUS_RECONNECTING, 0, 1));
    assert_int_equal(status.status, PGCENSUS_DOWN);
    assert_false(status.held);
    assert_one_reason(&status, "rise", "1", "2",
                      "was down and answered 1 time in a row, up after 2");
    status = judge(PGCENSUS_CLASS_NONE, past_of(PGCENSUS_HEALTHY, 0, 2));
    assert_as_checked(&status, PGCENSUS_OK);
}

static void flapping_is_a_warning_and_makes_nothing_better(void **state)
{
    struct pgcensus_past past = past_of(PGCENSUS_HEALTHY, 0, 1);
    past.flapping = true;
    past.changes = FLAP_BEGINS;
    struct health_status status = judge(PGCENSUS_CLASS_NONE, past);
    assert_int_equal(status.status, PGCENSUS_WARN);
    assert_one_reason(&status, "flapping", "10", "10",
                      "flapping: changed 10 times in the last 21 checks");

    past.state = PGCENSUS_RECONNECTING;
    status = judge(PGCENSUS_CLASS_NONE, past);
    assert_int_equal(status.status, PGCENSUS_DOWN);
    assert_int_equal(status.n_reasons, 2);
    assert_string_equal(status.reasons[0].code, "rise");
    assert_string_equal(status.reasons[1].code, "flapping");
}

/* Our own trouble and an interrupt say nothing of the node, whatever it was. */
static void what_tells_nothing_stays(void **state)
{
    const enum pgcensus_class silent[] = {PGCENSUS_CLASS_LOCAL,
                                          PGCENSUS_CLASS_CANCELLED};
    struct pgcensus_past past = past_of(PGCENSUS_HEALTHY, 1, 0);
    past.flapping = true;
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++) {
        struct health_status status =
            health_status_of(PGCENSUS_UNKNOWN, silent[i], &past, &options);
        assert_as_checked(&status, PGCENSUS_UNKNOWN);
    }
}

static void without_a_past_the_check_decides(void **state)
{
    struct pgcensus_past past = past_of(PGCENSUS_HEALTHY, 1, 0);
    past.known = false;
    past.flapping = true;
    struct health_status status = judge(PGCENSUS_CLASS_LOST, past);
    assert_as_checked(&status, PGCENSUS_DOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_healthy_node_that_misses_a_check_is_held),
        cmocka_unit_test(a_node_that_is_known_bad_is_down),
        cmocka_unit_test(a_node_that_was_down_has_to_rise),
        cmocka_unit_test(flapping_is_a_warning_and_makes_nothing_better),
        cmocka_unit_test(what_tells_nothing_stays),
        cmocka_unit_test(without_a_past_the_check_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
