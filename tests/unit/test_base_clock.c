#include "base/clock.h"
#include "tests/test.h"

#include <limits.h>

static void it_never_goes_back(void **state)
{
    nsec before = clock_now();
    assert_true(before > 0);
    assert_true(clock_now() >= before);
}

static void never_is_never_passed(void **state)
{
    assert_int_equal(clock_add(1, 2), 3);
    assert_int_equal(clock_add(NEVER, 1), NEVER);
    assert_int_equal(clock_add(1, NEVER), NEVER);
    assert_int_equal(clock_add(NEVER - 1, 2), NEVER);
    assert_int_equal(clock_add(5, -5), 0);
}

static void poll_timeout_rounds_up(void **state)
{
    assert_int_equal(clock_poll_timeout(100, 100), 0);
    assert_int_equal(clock_poll_timeout(101, 100), 0);
    assert_int_equal(clock_poll_timeout(0, 1), 1);
    assert_int_equal(clock_poll_timeout(0, NSEC_PER_MSEC), 1);
    assert_int_equal(clock_poll_timeout(0, NSEC_PER_MSEC + 1), 2);
    assert_int_equal(clock_poll_timeout(0, NEVER), -1);
    assert_int_equal(clock_poll_timeout(0, NEVER - 1), INT_MAX);
    assert_int_equal(clock_poll_timeout(-5, NEVER - 1), INT_MAX);
}

static void assert_wall(nsec wall, const char *expected)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    clock_format_wall(wall, &buf);
    assert_string_equal(buf.bytes, expected);
}

static void moments_are_written_as_iso_8601(void **state)
{
    assert_wall(0, "1970-01-01T00:00:00.000Z");
    assert_wall(INT64_C(1790865128114999999), "2026-10-01T14:32:08.114Z");
    assert_wall(INT64_C(1709164800) * NSEC_PER_SEC, "2024-02-29T00:00:00.000Z");
    assert_wall(-1, "1969-12-31T23:59:59.999Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_never_goes_back),
        cmocka_unit_test(never_is_never_passed),
        cmocka_unit_test(poll_timeout_rounds_up),
        cmocka_unit_test(moments_are_written_as_iso_8601),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
