#include "health/retry.h"
#include "tests/test.h"

#define MSEC ((nsec)1000000)

static const struct retry_options usual = {
    .max_retries = 3,
    .initial = 100 * MSEC,
    .max = 5000 * MSEC,
    .multiplier = 2.0,
};

static const struct pgcensus_failure refused = {
    .error_class = PGCENSUS_CLASS_REFUSED,
    .phase = PGCENSUS_PHASE_CONNECT,
    .retryable = true,
};

static void three_retries_then_no_more(void **state)
{
    nsec delay = 0;
    assert_true(retry_again(&usual, 1, &refused, false, &delay));
    assert_int_equal(delay, 100 * MSEC);
    assert_true(retry_again(&usual, 2, &refused, false, &delay));
    assert_int_equal(delay, 200 * MSEC);
    assert_true(retry_again(&usual, 3, &refused, false, &delay));
    assert_int_equal(delay, 400 * MSEC);
    assert_false(retry_again(&usual, 4, &refused, false, &delay));
    assert_int_equal(delay, 400 * MSEC);
}

static void delay_is_capped(void **state)
{
    struct retry_options options = usual;
    options.max_retries = 100;
    nsec delay = 0;
    assert_true(retry_again(&options, 50, &refused, false, &delay));
    assert_int_equal(delay, 5000 * MSEC);
}

static void zero_is_never(void **state)
{
    struct retry_options options = usual;
    options.max_retries = 0;
    nsec delay = -7;
    assert_false(retry_again(&options, 1, &refused, true, &delay));
    assert_int_equal(delay, -7);
}

static void only_what_may_pass(void **state)
{
    struct pgcensus_failure failure = refused;
    failure.retryable = false;
    nsec delay = -7;
    assert_false(retry_again(&usual, 1, &failure, true, &delay));
    failure = (struct pgcensus_failure){.retryable = true};
    assert_false(retry_again(&usual, 1, &failure, true, &delay));
    assert_int_equal(delay, -7);
}

static void never_a_statement_that_may_have_been_sent(void **state)
{
    static const enum pgcensus_phase sent[] = {
        PGCENSUS_PHASE_NONE, PGCENSUS_PHASE_QUERY, PGCENSUS_PHASE_STREAM};
    static const enum pgcensus_phase unsent[] = {
        PGCENSUS_PHASE_RESOLVE, PGCENSUS_PHASE_CONNECT, PGCENSUS_PHASE_TLS,
        PGCENSUS_PHASE_AUTH};
    struct pgcensus_failure failure = refused;
    nsec delay;
    for (size_t i = 0; i < sizeof sent / sizeof *sent; i++) {
        failure.phase = sent[i];
        assert_false(retry_again(&usual, 1, &failure, false, &delay));
        assert_true(retry_again(&usual, 1, &failure, true, &delay));
    }
    for (size_t i = 0; i < sizeof unsent / sizeof *unsent; i++) {
        failure.phase = unsent[i];
        assert_true(retry_again(&usual, 1, &failure, false, &delay));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_retries_then_no_more),
        cmocka_unit_test(delay_is_capped),
        cmocka_unit_test(zero_is_never),
        cmocka_unit_test(only_what_may_pass),
        cmocka_unit_test(never_a_statement_that_may_have_been_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
