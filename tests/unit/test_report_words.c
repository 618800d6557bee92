#include "report/words.h"

#include "base/clock.h"
#include "tests/test.h"

#include <string.h>

static void assert_length(double msec, const char *expected)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    add_length(&buf, (nsec)(msec * NSEC_PER_MSEC));
    assert_string_equal(buf.bytes, expected);
}

static void lengths_have_three_digits(void **state)
{
    assert_length(0, "0.00 ms");
    assert_length(0.0049, "0.00 ms");
    assert_length(0.005, "0.01 ms");
    assert_length(1.8, "1.80 ms");
    assert_length(9.994, "9.99 ms");
    assert_length(9.996, "10.0 ms");
    assert_length(14, "14.0 ms");
    assert_length(99.94, "99.9 ms");
    assert_length(99.96, "100 ms");
    assert_length(212.4, "212 ms");
    assert_length(999.4, "999 ms");
    assert_length(999.6, "1.00 s");
    assert_length(1234, "1.23 s");
    assert_length(59960, "60.0 s");
    assert_length(1234567, "1235 s");
    assert_length(1e12, "1000000000 s");
}

static void seconds_have_two_decimals(void **state)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    add_seconds(&buf, 211 * NSEC_PER_MSEC);
    assert_string_equal(buf.bytes, "0.21 s");
}

static void assert_size(int64_t bytes, const char *expected)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    add_size(&buf, bytes);
    assert_string_equal(buf.bytes, expected);
}

static void sizes_have_three_digits(void **state)
{
    assert_size(0, "0 B");
    assert_size(1023, "1023 B");
    assert_size(1024, "1.00 kB");
    assert_size(8192, "8.00 kB");
    assert_size(100 << 10, "100 kB");
    assert_size(16 << 20, "16.0 MB");
    assert_size(INT64_C(3) << 39, "1.50 TB");
    assert_size(INT64_MAX, "8388607 TB");
}

static void assert_address(const char *host, const char *hostaddr, const char *expected)
{
    const struct pgcensus_identity identity = {.host = host, .port = 5432};
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    add_address(&buf, &identity, hostaddr);
    assert_string_equal(buf.bytes, expected);
}

static void addresses_as_they_are_typed(void **state)
{
    assert_address("db1", "", "db1:5432");
    assert_address("db1", "10.0.0.1", "10.0.0.1:5432");
    assert_address("db1", "::1", "[::1]:5432");
    assert_address("/tmp", "", "/tmp/.s.PGSQL.5432");
}

static const struct pgcensus_identity node = {.host = "db1", .port = 5432};

static void assert_detail(const struct pgcensus_node_result *result, bool with_address,
                          const char *expected)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    add_detail(&buf, &node, result, with_address);
    assert_string_equal(buf.bytes, expected);
}

static void details_do_not_repeat_the_address(void **state)
{
    struct pgcensus_node_result result = {.status = PGCENSUS_OK};
    assert_detail(&result, true, "");

    result.failed = true;
    strcpy(result.hostaddr, "10.0.0.1");
    strcpy(result.failure.message, "refused (10.0.0.1:5432)");
    assert_detail(&result, true, "refused (10.0.0.1:5432)");
    assert_detail(&result, false, "refused");

    strcpy(result.failure.message, "timeout after 3 s (connect)");
    assert_detail(&result, false, "timeout after 3 s (connect)");

    result.n_reasons = 2;
    strcpy(result.reasons[0].message, "one\x1b");
    strcpy(result.reasons[1].message, "two");
    assert_detail(&result, true, "one\\x1b; two");
}

static void the_code_of_the_first_reason(void **state)
{
    struct pgcensus_node_result result = {.status = PGCENSUS_OK};
    assert_string_equal(problem_code(&result), "");
    result.n_reasons = 1;
    strcpy(result.reasons[0].code, "role");
    assert_string_equal(problem_code(&result), "role");
    result.failed = true;
    result.failure.error_class = PGCENSUS_CLASS_NOT_READY;
    assert_string_equal(problem_code(&result), "not_ready");
}

static void marks_differ_without_colour(void **state)
{
    static const enum pgcensus_status all[] = {
        PGCENSUS_UNKNOWN, PGCENSUS_OK, PGCENSUS_WARN, PGCENSUS_DOWN, PGCENSUS_DISABLED};
    for (size_t i = 0; i < ARRAY_SIZE(all); i++)
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(status_mark(all[i], true),
                                    status_mark(all[j], true));
            assert_string_not_equal(status_mark(all[i], false),
                                    status_mark(all[j], false));
        }
    assert_int_equal(status_tone(PGCENSUS_OK), TONE_PLAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_have_three_digits),
        cmocka_unit_test(seconds_have_two_decimals),
        cmocka_unit_test(sizes_have_three_digits),
        cmocka_unit_test(addresses_as_they_are_typed),
        cmocka_unit_test(details_do_not_repeat_the_address),
        cmocka_unit_test(the_code_of_the_first_reason),
        cmocka_unit_test(marks_differ_without_colour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
