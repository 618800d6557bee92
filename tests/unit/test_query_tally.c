#include "replies_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *tally(const struct replies_stage *stage,
                         enum pgcensus_tally_kind kind, const char *column)
{
    static struct pgcensus_error error;
    struct pgcensus_tally one = {kind, column};
    struct pgcensus_rows *rows = pgcensus_tally(&stage->replies, &one, 1, &error);
    if (!rows)
        return error.message;
    static char text[512];
    snprintf(text, sizeof text, "%s", stage_print(rows));
    pgcensus_rows_free(rows);
    return text;
}

static void test_numbers(void **state)
{
    STAGE(stage, "a:int4|1|2|~", "-", "b:int4 a:int8|7,-9223372036854775808|7,5");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_COUNT, "a"), "count(a)|4");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_SUM, "a"),
                        "sum(a)|-9223372036854775800");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_MIN, "a"),
                        "min(a)|-9223372036854775808");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_MAX, "a"), "max(a)|5");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_AVG, "b"), "avg(b)|7");
}

static void test_no_digit_is_lost(void **state)
{
    STAGE(stage, "n:numeric|123456789012345678901234567890.12|0.000000000001|-1.5",
          "n:float8|1e+20|2.5e-05");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_SUM, "n"),
                        "sum(n)|123456789112345678901234567888.620025000001");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_MAX, "n"),
                        "max(n)|123456789012345678901234567890.12");
    STAGE(thirds, "n:numeric|1|1|2");
    assert_string_equal(tally(&thirds, PGCENSUS_TALLY_AVG, "n"),
                        "avg(n)|1.333333333333333");
}

static void test_what_is_no_finite_number(void **state)
{
    STAGE(stage, "n:float8|1|Infinity", "n:float8|NaN");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_SUM, "n"), "sum(n)|NaN");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_MIN, "n"), "min(n)|1");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_MAX, "n"), "max(n)|NaN");
    STAGE(infinite, "n:float8|1|-Infinity");
    assert_string_equal(tally(&infinite, PGCENSUS_TALLY_AVG, "n"), "avg(n)|-Infinity");
}

static void test_text_is_compared_by_bytes(void **state)
{
    STAGE(stage, "t|b|a|10|9", "t|bb");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_MIN, "t"), "min(t)|10");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_MAX, "t"), "max(t)|bb");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_SUM, "t"),
                        "sum(t): \"b\" is not a number");
}

static void test_nothing_is_null(void **state)
{
    STAGE(stage, "a:int4", "a:int4|~");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_SUM, "a"), "sum(a)|~");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_MIN, "a"), "min(a)|~");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_AVG, "a"), "avg(a)|~");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_COUNT, "a"), "count(a)|0");
    STAGE(nobody, "-");
    assert_string_equal(tally(&nobody, PGCENSUS_TALLY_SUM, "a"), "sum(a)|~");
}

static void test_a_column_that_nobody_has(void **state)
{
    STAGE(stage, "-", "value:int4|1");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_SUM, "valu"),
                        "no node has a column \"valu\" (did you mean \"value\"?)");
}

/* What a server calls its columns is not to be believed by a terminal. */
static void test_suggestions_are_safe(void **state)
{
    STAGE(stage, "bytes\x1b|1");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_SUM, "bytes"),
                        "no node has a column \"bytes\" (did you mean "
                        "\"bytes\\x1b\"?)");
}

static unsigned type_of_max(const struct replies_stage *stage)
{
    struct pgcensus_tally one = {PGCENSUS_TALLY_MAX, "a"};
    AUTO(pgcensus_rows_free)
    struct pgcensus_rows *rows = pgcensus_tally(&stage->replies, &one, 1, NULL);
    return rows->columns[0].type;
}

static void test_the_type_of_an_extreme_is_one_that_it_has(void **state)
{
    STAGE(agreed, "a:int8|1", "a:int8|2");
    assert_int_equal(type_of_max(&agreed), PGCENSUS_TYPE_INT8);
    STAGE(numbers, "a:int8|1", "a:numeric|2.5");
    assert_int_equal(type_of_max(&numbers), PGCENSUS_TYPE_NUMERIC);
    STAGE(mixed, "a:int8|1", "a:text|x");
    assert_int_equal(type_of_max(&mixed), PGCENSUS_TYPE_TEXT);
}

static void test_several_at_once(void **state)
{
    static const struct pgcensus_tally both[] = {{PGCENSUS_TALLY_SUM, "a"},
                                                 {PGCENSUS_TALLY_COUNT, "b"}};
    STAGE(stage, "a:int4 b|1,x|2,~");
    AUTO(pgcensus_rows_free)
    struct pgcensus_rows *rows = pgcensus_tally(&stage.replies, both, 2, NULL);
    assert_string_equal(stage_print(rows), "sum(a) count(b)|3,1");
    assert_int_equal(rows->columns[0].type, PGCENSUS_TYPE_NUMERIC);
    assert_int_equal(rows->columns[1].type, PGCENSUS_TYPE_INT8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_no_digit_is_lost),
        cmocka_unit_test(test_what_is_no_finite_number),
        cmocka_unit_test(test_text_is_compared_by_bytes),
        cmocka_unit_test(test_nothing_is_null),
        cmocka_unit_test(test_a_column_that_nobody_has),
        cmocka_unit_test(test_suggestions_are_safe),
        cmocka_unit_test(test_the_type_of_an_extreme_is_one_that_it_has),
        cmocka_unit_test(test_several_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
