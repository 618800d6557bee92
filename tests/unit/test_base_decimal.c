#include "base/decimal.h"
#include "tests/test.h"

#include <string.h>

static const char *print(const struct decimal *decimal)
{
    static struct buf text;
    buf_fini(&text);
    text = BUF_INIT;
    decimal_format(decimal, &text);
    return text.bytes;
}

static const char *read_back(const char *text)
{
    AUTO(decimal_fini) struct decimal decimal = DECIMAL_ZERO;
    return decimal_read(&decimal, text, strlen(text)) ? print(&decimal) : "refused";
}

static void decimals_are_read(void **state)
{
    static const char *const stories[][2] = {
        {"0", "0"},
        {"-0", "0"},
        {"-0.00", "0"},
        {"007", "7"},
        {"+1.50", "1.5"},
        {".5", "0.5"},
        {"5.", "5"},
        {"0.050", "0.05"},
        {"1e3", "1000"},
        {"1.5E+2", "150"},
        {"12.5e-4", "0.00125"},
        {"-2.5e-1", "-0.25"},
        {"0e5", "0"},
        {"NaN", "NaN"},
        {"-Infinity", "-Infinity"},
        {"123456789012345678901234567890.123", "123456789012345678901234567890.123"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++)
        assert_string_equal(read_back(stories[i][0]), stories[i][1]);
}

static void what_is_no_number(void **state)
{
    static const char *const refused[] = {
        "",    "-",     ".",   "1e",  "1e+", "x",   "1x", " 1",       "1 ",
        "0x1", "1.2.3", "--1", "nan", "Inf", "1,5", "e5", "1e999999", "1e-99999"};
    for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
        assert_string_equal(read_back(refused[i]), "refused");
}

static const char *add(const char *a, const char *b)
{
    AUTO(decimal_fini) struct decimal left = DECIMAL_ZERO;
    AUTO(decimal_fini) struct decimal right = DECIMAL_ZERO;
    assert_true(decimal_read(&left, a, strlen(a)));
    assert_true(decimal_read(&right, b, strlen(b)));
    decimal_add(&left, &right);
    return print(&left);
}

static void decimals_are_added(void **state)
{
    assert_string_equal(add("999", "1"), "1000");
    assert_string_equal(add("0.1", "0.2"), "0.3");
    assert_string_equal(add("1", "-1.001"), "-0.001");
    assert_string_equal(add("-5", "3"), "-2");
    assert_string_equal(add("1e30", "1e-10"),
                        "1000000000000000000000000000000.0000000001");
    assert_string_equal(add("0", "-7.5"), "-7.5");
    assert_string_equal(add("2.5", "-2.5"), "0");
    assert_string_equal(add("Infinity", "1"), "Infinity");
    assert_string_equal(add("1", "-Infinity"), "-Infinity");
    assert_string_equal(add("Infinity", "-Infinity"), "NaN");
    assert_string_equal(add("NaN", "Infinity"), "NaN");
}

static int compare(const char *a, const char *b)
{
    AUTO(decimal_fini) struct decimal left = DECIMAL_ZERO;
    AUTO(decimal_fini) struct decimal right = DECIMAL_ZERO;
    assert_true(decimal_read(&left, a, strlen(a)));
    assert_true(decimal_read(&right, b, strlen(b)));
    int order = decimal_compare(&left, &right);
    return (order > 0) - (order < 0);
}

static void decimals_are_compared(void **state)
{
    assert_int_equal(compare("1", "1.000"), 0);
    assert_int_equal(compare("0.5", ".50"), 0);
    assert_int_equal(compare("2", "10"), -1);
    assert_int_equal(compare("-2", "-10"), 1);
    assert_int_equal(compare("-1", "1"), -1);
    assert_int_equal(compare("0.05", "0.5"), -1);
    assert_int_equal(compare("1e20", "99999999999999999999"), 1);
    assert_int_equal(compare("NaN", "Infinity"), 1);
    assert_int_equal(compare("NaN", "NaN"), 0);
    assert_int_equal(compare("-Infinity", "-1e100"), -1);
}

static const char *divide(const char *a, uint64_t by)
{
    AUTO(decimal_fini) struct decimal left = DECIMAL_ZERO;
    assert_true(decimal_read(&left, a, strlen(a)));
    decimal_divide(&left, by);
    return print(&left);
}

static void decimals_are_divided(void **state)
{
    assert_string_equal(divide("7", 2), "3.5");
    assert_string_equal(divide("1", 3), "0.3333333333333333");
    assert_string_equal(divide("2", 3), "0.6666666666666667");
    assert_string_equal(divide("-2", 3), "-0.6666666666666667");
    assert_string_equal(divide("100000000000000000000", 3), "33333333333333333333");
    assert_string_equal(divide("200000000000000000000", 3), "66666666666666666667");
    assert_string_equal(divide("0", 9), "0");
    assert_string_equal(divide("0.001", 8), "0.000125");
    assert_string_equal(divide("2.9999999999999999", 1), "2.9999999999999999");
    assert_string_equal(divide("59999999999999999999", 6), "10000000000000000000");
    assert_string_equal(divide("Infinity", 3), "Infinity");
}

/* As large as a numeric, and no larger: whoever sends more is no server of ours. */
static void no_larger_than_a_numeric(void **state)
{
    static const char *const refused[] = {"1e131072",
                                          "-1e131072",
                                          "12e131071",
                                          "1e-16384",
                                          "1e999999999999999999999",
                                          "1e-999999999999999999999"};
    for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
        assert_string_equal(read_back(refused[i]), "refused");
    assert_int_equal(strlen(read_back("1e131071")), 131072);
    assert_int_equal(strlen(read_back("1e-16383")), 2 + 16383);
}

static void quotients_end_where_numeric_does(void **state)
{
    const char *half = divide("1e-16383", 2);
    assert_int_equal(strlen(half), 2 + 16383);
    assert_string_equal(half + 16383, "01"); /* 0.5 of the last place, rounded */
    assert_string_equal(divide("1e-16383", 3), "0");
}

static void decimals_are_set_and_printed(void **state)
{
    AUTO(decimal_fini) struct decimal decimal = DECIMAL_ZERO;
    decimal_set(&decimal, -1234, 2);
    assert_string_equal(print(&decimal), "-12.34");
    decimal_set(&decimal, 5, 3);
    assert_string_equal(print(&decimal), "0.005");
    decimal_set(&decimal, 0, 9);
    assert_string_equal(print(&decimal), "0");
    decimal_set(&decimal, (decimal_word)INT64_MIN * 4, 0);
    assert_string_equal(print(&decimal), "-36893488147419103232");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimals_are_read),
        cmocka_unit_test(what_is_no_number),
        cmocka_unit_test(decimals_are_added),
        cmocka_unit_test(decimals_are_compared),
        cmocka_unit_test(decimals_are_divided),
        cmocka_unit_test(decimals_are_set_and_printed),
        cmocka_unit_test(no_larger_than_a_numeric),
        cmocka_unit_test(quotients_end_where_numeric_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
