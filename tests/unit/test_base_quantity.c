#include "base/quantity.h"

#include "base/clock.h"
#include "tests/test.h"

static void assert_duration(const char *text, nsec expected)
{
    nsec length = -1;
    assert_int_equal(quantity_duration(text, &length), QUANTITY_OK);
    assert_int_equal(length, expected);
}

static void durations_are_read(void **state)
{
    assert_duration("0", 0);
    assert_duration("0s", 0);
    assert_duration("250ms", 250 * NSEC_PER_MSEC);
    assert_duration("5us", 5 * NSEC_PER_USEC);
    assert_duration("1.5s", 1500 * NSEC_PER_MSEC);
    assert_duration("0.1s", 100 * NSEC_PER_MSEC);
    assert_duration("30m", 1800 * NSEC_PER_SEC);
    assert_duration("2h", 7200 * NSEC_PER_SEC);
    assert_duration("1d", 86400 * NSEC_PER_SEC);
    assert_duration("106751d", INT64_C(106751) * 86400 * NSEC_PER_SEC);
    assert_duration("0.0001us", 1);
    assert_duration("1.0014us", 1001);
    assert_duration("1.0015us", 1002);
}

struct refusal {
    const char *text;
    enum quantity verdict;
};

static void what_is_no_duration_is_refused(void **state)
{
    static const struct refusal refusals[] = {
        {"", QUANTITY_NOT_A_NUMBER},
        {"s", QUANTITY_NOT_A_NUMBER},
        {"-1s", QUANTITY_NOT_A_NUMBER},
        {"+1s", QUANTITY_NOT_A_NUMBER},
        {" 1s", QUANTITY_NOT_A_NUMBER},
        {"010s", QUANTITY_NOT_A_NUMBER},
        {"00", QUANTITY_NOT_A_NUMBER},
        {".5s", QUANTITY_NOT_A_NUMBER},
        {"5.s", QUANTITY_NOT_A_NUMBER},
        {"nan", QUANTITY_NOT_A_NUMBER},
        {"5", QUANTITY_NO_UNIT},
        {"1.5", QUANTITY_NO_UNIT},
        {"5 s", QUANTITY_BAD_UNIT},
        {"5s ", QUANTITY_BAD_UNIT},
        {"5S", QUANTITY_BAD_UNIT},
        {"0x10s", QUANTITY_BAD_UNIT},
        {"1e3s", QUANTITY_BAD_UNIT},
        {"1,5s", QUANTITY_BAD_UNIT},
        {"5sec", QUANTITY_BAD_UNIT},
        {"1s2", QUANTITY_BAD_UNIT},
        {"106752d", QUANTITY_TOO_LARGE},
        {"99999999999999999999s", QUANTITY_TOO_LARGE},
        {"0.0000000000000000001s", QUANTITY_TOO_LARGE},
    };
    for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
        nsec untouched = 42;
        print_message("# \"%s\"\n", refusals[i].text);
        assert_int_equal(quantity_duration(refusals[i].text, &untouched),
                         refusals[i].verdict);
        assert_int_equal(untouched, 42);
    }
}

static void assert_size(const char *text, int64_t expected)
{
    int64_t bytes = -1;
    assert_int_equal(quantity_size(text, &bytes), QUANTITY_OK);
    assert_int_equal(bytes, expected);
}

static void sizes_are_read(void **state)
{
    int64_t bytes = 42;
    assert_size("0", 0);
    assert_size("17B", 17);
    assert_size("64kB", 65536);
    assert_size("1.5MB", 1572864);
    assert_size("8388607TB", INT64_C(8388607) << 40);
    assert_int_equal(quantity_size("64KB", &bytes), QUANTITY_BAD_UNIT);
    assert_int_equal(quantity_size("64k", &bytes), QUANTITY_BAD_UNIT);
    assert_int_equal(quantity_size("1.5B", &bytes), QUANTITY_NOT_A_NUMBER);
    assert_int_equal(quantity_size("8388608TB", &bytes), QUANTITY_TOO_LARGE);
    assert_int_equal(bytes, 42);
}

static void shares_are_read(void **state)
{
    double share = -1;
    assert_int_equal(quantity_share("20%", &share), QUANTITY_OK);
    assert_true(share == 0.2);
    assert_int_equal(quantity_share("0", &share), QUANTITY_OK);
    assert_true(share == 0);
    assert_int_equal(quantity_share("100%", &share), QUANTITY_OK);
    assert_true(share == 1);
    assert_int_equal(quantity_share("12.5%", &share), QUANTITY_OK);
    assert_true(share == 0.125);
    assert_int_equal(quantity_share("100.1%", &share), QUANTITY_TOO_LARGE);
    assert_int_equal(quantity_share("0.2", &share), QUANTITY_NO_UNIT);
    assert_int_equal(quantity_share("20 %", &share), QUANTITY_BAD_UNIT);
    assert_int_equal(quantity_share("20%%", &share), QUANTITY_BAD_UNIT);
    assert_true(share == 0.125);
}

static void percents_are_read(void **state)
{
    double percent = -1;
    assert_int_equal(quantity_percent("29%", &percent), QUANTITY_OK);
    assert_true(percent == 29);
    assert_int_equal(quantity_percent("99.9%", &percent), QUANTITY_OK);
    assert_true(percent == 99.9);
    assert_int_equal(quantity_percent("0", &percent), QUANTITY_OK);
    assert_true(percent == 0);
    assert_int_equal(quantity_percent("100.1%", &percent), QUANTITY_TOO_LARGE);
    assert_int_equal(quantity_percent("80", &percent), QUANTITY_NO_UNIT);
    assert_int_equal(quantity_percent("80s", &percent), QUANTITY_BAD_UNIT);
    assert_true(percent == 0);
}

static void counts_are_read(void **state)
{
    int64_t count = -1;
    assert_int_equal(quantity_count("5432", 1, 65535, &count), QUANTITY_OK);
    assert_int_equal(count, 5432);
    assert_int_equal(quantity_count("0", 1, 65535, &count), QUANTITY_TOO_LARGE);
    assert_int_equal(quantity_count("65536", 1, 65535, &count), QUANTITY_TOO_LARGE);
    assert_int_equal(quantity_count("5432x", 1, 65535, &count), QUANTITY_NOT_A_NUMBER);
    assert_int_equal(quantity_count("05432", 1, 65535, &count), QUANTITY_NOT_A_NUMBER);
    assert_int_equal(quantity_count("1.0", 1, 65535, &count), QUANTITY_NOT_A_NUMBER);
    assert_int_equal(quantity_count("-1", -9, 9, &count), QUANTITY_NOT_A_NUMBER);
    assert_int_equal(count, 5432);
}

static void ratios_are_read(void **state)
{
    double ratio = -1;
    assert_int_equal(quantity_ratio("2", &ratio), QUANTITY_OK);
    assert_true(ratio == 2);
    assert_int_equal(quantity_ratio("1.25", &ratio), QUANTITY_OK);
    assert_true(ratio == 1.25);
    assert_int_equal(quantity_ratio("2.0x", &ratio), QUANTITY_NOT_A_NUMBER);
    assert_int_equal(quantity_ratio("1e3", &ratio), QUANTITY_NOT_A_NUMBER);
    assert_int_equal(quantity_ratio("1234567890.1234567", &ratio), QUANTITY_TOO_LARGE);
    assert_true(ratio == 1.25);
}

static void assert_formats(void (*format)(int64_t, struct buf *), int64_t value,
                           const char *expected)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    format(value, &buf);
    assert_string_equal(buf.bytes, expected);
}

static void lengths_and_sizes_are_written(void **state)
{
    assert_formats(quantity_format_duration, 0, "0");
    assert_formats(quantity_format_duration, 1, "0.001us");
    assert_formats(quantity_format_duration, 1500, "1.5us");
    assert_formats(quantity_format_duration, 250 * NSEC_PER_MSEC, "250ms");
    assert_formats(quantity_format_duration, 1500 * NSEC_PER_MSEC, "1500ms");
    assert_formats(quantity_format_duration, 90 * NSEC_PER_SEC, "90s");
    assert_formats(quantity_format_duration, 1800 * NSEC_PER_SEC, "30m");
    assert_formats(quantity_format_duration, 86400 * NSEC_PER_SEC, "1d");
    assert_formats(quantity_format_size, 0, "0");
    assert_formats(quantity_format_size, 1000, "1000B");
    assert_formats(quantity_format_size, 16 << 20, "16MB");
}

static void shares_are_written(void **state)
{
    static const struct {
        double share;
        const char *expected;
    } shares[] = {
        {0, "0%"}, {0.2, "20%"}, {1, "100%"}, {0.125, "12.5%"}, {0.001, "0.1%"}};
    for (size_t i = 0; i < ARRAY_SIZE(shares); i++) {
        AUTO(buf_fini) struct buf buf = BUF_INIT;
        quantity_format_share(shares[i].share, &buf);
        assert_string_equal(buf.bytes, shares[i].expected);
    }
}

static void rounds_to_three_digits(void **state)
{
    assert_formats(quantity_round_duration, 0, "0");
    assert_formats(quantity_round_duration, 1, "0us");
    assert_formats(quantity_round_duration, 120, "0.12us");
    assert_formats(quantity_round_duration, 12345678, "12.3ms");
    assert_formats(quantity_round_duration, 123456789, "123ms");
    assert_formats(quantity_round_duration, 1500 * NSEC_PER_MSEC, "1.5s");
    assert_formats(quantity_round_duration, 9996 * NSEC_PER_MSEC, "10s");
    assert_formats(quantity_round_duration, 999600 * NSEC_PER_USEC, "1s");
    assert_formats(quantity_round_duration, 59960 * NSEC_PER_MSEC, "1m");
    assert_formats(quantity_round_duration, 4000 * 86400 * NSEC_PER_SEC, "4000d");
    assert_formats(quantity_round_size, 1023, "1023B");
    assert_formats(quantity_round_size, (1 << 20) - 1, "1MB");
    assert_formats(quantity_round_size, 3 << 29, "1.5GB");
    assert_formats(quantity_round_size, INT64_C(1500) << 40, "1500TB");
}

static void numbers_are_written(void **state)
{
    static const struct {
        double value;
        int decimals;
        const char *expected;
    } numbers[] = {
        {0, 3, "0"},
        {211.4, 3, "211.4"},
        {0.0499, 2, "0.05"},
        {-1.25, 1, "-1.3"},
        {-0.001, 2, "0"},
        {9.999, 2, "10"},
        {1e18, 3, "1000000000000000000"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        AUTO(buf_fini) struct buf buf = BUF_INIT;
        quantity_format_number(numbers[i].value, numbers[i].decimals, &buf);
        assert_string_equal(buf.bytes, numbers[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_read),
        cmocka_unit_test(what_is_no_duration_is_refused),
        cmocka_unit_test(sizes_are_read),
        cmocka_unit_test(shares_are_read),
        cmocka_unit_test(counts_are_read),
        cmocka_unit_test(ratios_are_read),
        cmocka_unit_test(lengths_and_sizes_are_written),
        cmocka_unit_test(shares_are_written),
        cmocka_unit_test(numbers_are_written),
        cmocka_unit_test(percents_are_read),
        cmocka_unit_test(rounds_to_three_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
