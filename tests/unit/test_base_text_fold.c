#include "base/text.h"
#include "tests/test.h"

#define assert_folded(expected, ...)                                                   \
    do {                                                                               \
        const char *const names_[] = {__VA_ARGS__};                                    \
        AUTO(buf_fini) struct buf buf_ = BUF_INIT;                                     \
        text_add_folded(&buf_, names_, ARRAY_SIZE(names_));                            \
        assert_string_equal(buf_.bytes, expected);                                     \
    } while (0)

static void names_become_ranges(void **state)
{
    assert_folded("pg-1", "pg-1");
    assert_folded("pg-[1-3,7]", "pg-1", "pg-2", "pg-3", "pg-7");
    assert_folded("pg-[1-3]", "pg-3", "pg-1", "pg-2");
    assert_folded("pg-[1,3]", "pg-1", "pg-3");
    assert_folded("n[0,9-10]", "n0", "n9", "n10");
    assert_folded("n[0-10]", "n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9",
                  "n10");
    assert_folded("pg-[8-11]", "pg-8", "pg-9", "pg-10", "pg-11");
}

static void leading_zeros_stay(void **state)
{
    assert_folded("pg-[08-10]", "pg-08", "pg-09", "pg-10");
    assert_folded("pg-[0999-1000]", "pg-0999", "pg-1000");
    assert_folded("pg-[099,1000]", "pg-099", "pg-1000");
    assert_folded("pg-[9,010]", "pg-9", "pg-010");
    assert_folded("pg-[0-1]", "pg-0", "pg-1");
    assert_folded("pg-[1,01]", "pg-01", "pg-1");
}

static void families_in_order_of_appearance(void **state)
{
    assert_folded("pg-lon1, pg-ams[1-2]", "pg-lon1", "pg-ams2", "pg-ams1");
    assert_folded("z[1-2], a[1-2]", "z1", "a1", "a2", "z2");
    assert_folded("b, a, c", "b", "a", "c");
}

static void last_number_counts(void **state)
{
    assert_folded("a[1-2].example.com", "a1.example.com", "a2.example.com");
    assert_folded("10.0.0.[11-12]", "10.0.0.11", "10.0.0.12");
    assert_folded("a1.x, a2.y", "a1.x", "a2.y");
    assert_folded("pg, pg1", "pg", "pg1");
}

static void hostile_names_are_shown(void **state)
{
    assert_folded("\\x1b[1-2]",
                  "\x1b"
                  "1",
                  "\x1b"
                  "2");
    assert_folded("a99999999999999999999, a100000000000000000000",
                  "a99999999999999999999", "a100000000000000000000");
    assert_folded(", ", "", "");
}

static void no_names_are_nothing(void **state)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    text_add_folded(&buf, NULL, 0);
    assert_string_equal(buf.bytes, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_become_ranges),
        cmocka_unit_test(leading_zeros_stay),
        cmocka_unit_test(families_in_order_of_appearance),
        cmocka_unit_test(last_number_counts),
        cmocka_unit_test(hostile_names_are_shown),
        cmocka_unit_test(no_names_are_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
