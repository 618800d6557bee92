#include "replies_stage.h"

#include "tests/test.h"

#include <string.h>

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

static void numbers_are_counted_and_added_up(void **state)
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

static void no_digit_is_lost(void **state)
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

static void what_is_no_finite_number(void **state)
{
    STAGE(stage, "n:float8|1|Infinity", "n:float8|NaN");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_SUM, "n"), "sum(n)|NaN");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_MIN, "n"), "min(n)|1");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_MAX, "n"), "max(n)|NaN");
    STAGE(infinite, "n:float8|1|-Infinity");
    assert_string_equal(tally(&infinite, PGCENSUS_TALLY_AVG, "n"), "avg(n)|-Infinity");
}

static void text_is_compared_by_bytes(void **state)
{
    STAGE(stage, "t|b|a|10|9", "t|bb");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_MIN, "t"), "min(t)|10");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_MAX, "t"), "max(t)|bb");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_SUM, "t"),
                        "sum(t): \"b\" is not a number");
}

static const char *max_of(const char *text)
{
    STAGE(stage, text);
    return tally(&stage, PGCENSUS_TALLY_MAX, "a");
}

static const char *min_of(const char *text)
{
    STAGE(stage, text);
    return tally(&stage, PGCENSUS_TALLY_MIN, "a");
}

static void moments_and_positions(void **state)
{
    assert_string_equal(max_of("a:pg_lsn|9/FF|10/1|0/FFFFFFFF"), "max(a)|10/1");
    assert_string_equal(min_of("a:pg_lsn|9/A0|9/9F|10/1"), "min(a)|9/9F");
    assert_string_equal(max_of("a:date|2026-01-31|infinity|9999-12-31"),
                        "max(a)|infinity");
    assert_string_equal(min_of("a:date|2026-01-31|1000-01-01|-infinity"),
                        "min(a)|-infinity");
    assert_string_equal(
        max_of("a:timestamp|2026-01-31 10:00:00.25|2026-01-31 10:00:00.5"
               "|2026-01-31 10:00:00"),
        "max(a)|2026-01-31 10:00:00.5");
    assert_string_equal(max_of("a:bool|f|t|f"), "max(a)|t");
    assert_string_equal(min_of("a:uuid|b0|0b"), "min(a)|0b");
}

static void moments_by_instant(void **state)
{
    assert_string_equal(
        max_of("a:timestamptz|2026-11-30 22:11:40+01|2026-11-30 21:11:43+00"),
        "max(a)|2026-11-30 21:11:43+00");
    assert_string_equal(
        min_of("a:timestamptz|2026-11-30 22:11:40.25+01|2026-11-30 21:11:40.5+00"
               "|2026-11-30 17:11:40.1-04:00:30"),
        "min(a)|2026-11-30 22:11:40.25+01");
    assert_string_equal(max_of("a:timestamptz|10000-01-01 00:00:00+00|infinity"),
                        "max(a)|infinity");
    assert_string_equal(min_of("a:date|0001-01-01|0044-03-15 BC|0045-01-01 BC"),
                        "min(a)|0045-01-01 BC");
    assert_string_equal(max_of("a:date|9999-12-31|10000-01-01"), "max(a)|10000-01-01");
    assert_string_equal(
        min_of("a:timestamp|2026-01-31 10:00:00|2026-01-31 10:00:00 BC"),
        "min(a)|2026-01-31 10:00:00 BC");
    assert_string_equal(max_of("a:time|09:00:00|24:00:00|10:00:00.5"),
                        "max(a)|24:00:00");
}

static void lengths_amounts_and_networks(void **state)
{
    assert_string_equal(max_of("a:interval|1 day 02:00:00|23:00:00|-1 mons +2 days"),
                        "max(a)|1 day 02:00:00");
    assert_string_equal(min_of("a:interval|1 mon|30 days 00:00:01|29 days 24:00:00.5"),
                        "min(a)|1 mon");
    assert_string_equal(max_of("a:interval|@ 1 day 2 hours|@ 3 days ago|@ 0"),
                        "max(a)|@ 1 day 2 hours");
    assert_string_equal(max_of("a:money|$9.50|$1234.56|-$99999.00"), "max(a)|$1234.56");
    assert_string_equal(min_of("a:inet|10.0.0.10|10.0.0.2|::1|9.0.0.0/8"),
                        "min(a)|9.0.0.0/8");
    assert_string_equal(max_of("a:cidr|10.0.0.0/8|10.0.0.0/16|9.0.0.0/32"),
                        "max(a)|10.0.0.0/16");
    assert_string_equal(min_of("a:bytea|\\x61|\\x0001"), "min(a)|\\x0001");
    assert_string_equal(max_of("a:bit|1|101|0111"), "max(a)|101");
    assert_string_equal(max_of("a:5069|18446744073709551615|9"),
                        "max(a)|18446744073709551615");
}

/* Each refusal names a way that is right. */
static void what_only_a_server_can_compare(void **state)
{
    static const char *const types[][2] = {
        {"timetz", "a::time"}, {"int4[]", "a::text"}, {"json", "a::text"},
        {"xid", "a::text"},    {"jsonb", "a::text"},  {"point", "a::text"},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        char text[64], expected[128];
        snprintf(text, sizeof text, "a:%s|1|2", types[i][0]);
        snprintf(expected, sizeof expected,
                 "max(a): %s cannot be compared here; cast it: %s", types[i][0],
                 types[i][1]);
        assert_string_equal(max_of(text), expected);
    }
    assert_string_equal(max_of("a:mood|sad"),
                        "max(a): a type of its own (oid 0) cannot "
                        "be compared here; cast it: a::text");
    STAGE(counted, "a:interval|1 day|~");
    assert_string_equal(tally(&counted, PGCENSUS_TALLY_COUNT, "a"), "count(a)|1");
}

/* As another DateStyle, IntervalStyle, lc_monetary or bytea_output writes them, or as
 * no server does. */
static void values_that_cannot_be_read(void **state)
{
    static const char *const texts[][2] = {
        {"date|31/01/2026", "extract(epoch from a)"},
        {"date|2026-02-30", "extract(epoch from a)"},
        {"timestamp|2026-01-31 10:00:00.", "extract(epoch from a)"},
        {"timestamp|2026-01-31", "extract(epoch from a)"},
        {"timestamp|2026-01-31 10:00:00+00", "extract(epoch from a)"},
        {"timestamptz|2026-01-31 10:00:00", "extract(epoch from a)"},
        {"timestamptz|30.11.2026 22:11:40 IST", "extract(epoch from a)"},
        {"interval|P1DT2H", "extract(epoch from a)"},
        {"interval|1 2:00:00", "extract(epoch from a)"},
        {"interval|1-2", "extract(epoch from a)"},
        {"interval|", "extract(epoch from a)"},
        {"money|9.50 EUR", "a::numeric"},
        {"bytea|\\000a", "encode(a, 'hex')"},
        {"inet|10.0.0.256", "a::text"},
        {"inet|10.0.0.0/33", "a::text"},
        {"pg_lsn|10", "a - '0/0'"},
        {"pg_lsn|/1", "a - '0/0'"},
        {"pg_lsn|1/123456789", "a - '0/0'"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char text[64], expected[128];
        snprintf(text, sizeof text, "a:%s", texts[i][0]);
        snprintf(expected, sizeof expected,
                 "min(a): \"%s\" cannot be compared here; cast it: %s",
                 strchr(texts[i][0], '|') + 1, texts[i][1]);
        assert_string_equal(min_of(text), expected);
    }
}

static void types_that_have_nothing_in_common(void **state)
{
    STAGE(numbers, "a:int4|9", "a:text|10");
    assert_string_equal(
        tally(&numbers, PGCENSUS_TALLY_MAX, "a"),
        "max(a): int4 and text cannot be compared here; cast it: a::text");
    STAGE(dates, "a:date|2026-01-31", "a:timestamp|2026-01-31 10:00:00");
    assert_string_equal(
        tally(&dates, PGCENSUS_TALLY_MIN, "a"),
        "min(a): date and timestamp cannot be compared here; cast it: a::text");
    STAGE(texts, "a:name|a", "a:varchar|b");
    assert_string_equal(tally(&texts, PGCENSUS_TALLY_MAX, "a"), "max(a)|b");
}

static void nothing_is_null(void **state)
{
    STAGE(stage, "a:int4", "a:int4|~");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_SUM, "a"), "sum(a)|~");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_MIN, "a"), "min(a)|~");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_AVG, "a"), "avg(a)|~");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_COUNT, "a"), "count(a)|0");
    STAGE(nobody, "-");
    assert_string_equal(tally(&nobody, PGCENSUS_TALLY_SUM, "a"), "sum(a)|~");
}

static void a_column_that_nobody_has(void **state)
{
    STAGE(stage, "-", "value:int4|1");
    assert_string_equal(tally(&stage, PGCENSUS_TALLY_SUM, "valu"),
                        "no node has a column \"valu\" (did you mean \"value\"?)");
}

/* What a server calls its columns is not to be believed by a terminal. */
static void suggestions_are_safe(void **state)
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

static void the_type_of_an_extreme_is_one_that_it_has(void **state)
{
    STAGE(agreed, "a:int8|1", "a:int8|2");
    assert_int_equal(type_of_max(&agreed), PGCENSUS_TYPE_INT8);
    STAGE(numbers, "a:int8|1", "a:numeric|2.5");
    assert_int_equal(type_of_max(&numbers), PGCENSUS_TYPE_NUMERIC);
    STAGE(mixed, "a:varchar|1", "a:text|x");
    assert_int_equal(type_of_max(&mixed), PGCENSUS_TYPE_TEXT);
}

static void several_at_once(void **state)
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
        cmocka_unit_test(numbers_are_counted_and_added_up),
        cmocka_unit_test(no_digit_is_lost),
        cmocka_unit_test(what_is_no_finite_number),
        cmocka_unit_test(text_is_compared_by_bytes),
        cmocka_unit_test(moments_and_positions),
        cmocka_unit_test(moments_by_instant),
        cmocka_unit_test(lengths_amounts_and_networks),
        cmocka_unit_test(what_only_a_server_can_compare),
        cmocka_unit_test(values_that_cannot_be_read),
        cmocka_unit_test(types_that_have_nothing_in_common),
        cmocka_unit_test(nothing_is_null),
        cmocka_unit_test(a_column_that_nobody_has),
        cmocka_unit_test(suggestions_are_safe),
        cmocka_unit_test(the_type_of_an_extreme_is_one_that_it_has),
        cmocka_unit_test(several_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
