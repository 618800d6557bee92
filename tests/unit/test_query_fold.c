#include "replies_stage.h"
#include "scarce_memory.h"

#include "tests/test.h"

#include <string.h>

/* "0 2|1": members group by group. */
static const char *folded(const struct replies_stage *stage, bool unordered)
{
    static char text[256];
    size_t at = 0;
    struct pgcensus_fold *fold = pgcensus_fold(&stage->replies, unordered, NULL);
    text[0] = '\0';
    for (size_t i = 0; i < fold->n_groups; i++)
        for (size_t j = 0; j < fold->groups[i].n_members; j++)
            at += (size_t)snprintf(text + at, sizeof text - at, "%s%zu",
                                   j   ? " "
                                   : i ? "|"
                                       : "",
                                   fold->groups[i].members[j]);
    pgcensus_fold_free(fold);
    return text;
}

static void the_largest_group_first(void **state)
{
    STAGE(stage, "a|1", "a|2", "-", "a|2", "a|3", "!a|2");
    assert_string_equal(folded(&stage, false), "1 3|0|4");
}

static void what_makes_a_difference(void **state)
{
    STAGE(nulls, "a|~", "a|");
    assert_string_equal(folded(&nulls, false), "0|1");
    STAGE(names, "a|1", "b|1");
    assert_string_equal(folded(&names, false), "0|1");
    STAGE(types, "a:int4|1", "a:int8|1");
    assert_string_equal(folded(&types, false), "0|1");
    STAGE(enums, "a:16400|1", "a:24577|1", "a:text|1", "a:16383|1", "a:16384|1");
    assert_string_equal(folded(&enums, false), "0 1 4|2|3");
    STAGE(numbers, "a|1", "a|1|1", "a");
    assert_string_equal(folded(&numbers, false), "0|1|2");
    STAGE(cells, "a b|x,yz", "a b|xy,z");
    assert_string_equal(folded(&cells, false), "0|1");
}

static void the_order_of_rows(void **state)
{
    STAGE(stage, "a|1|2|2", "a|2|1|2", "a|1|1|2");
    assert_string_equal(folded(&stage, false), "0|1|2");
    assert_string_equal(folded(&stage, true), "0 1|2");
}

/* Two answers of one column. */
static const char *folded_values(const char *type, const char *a, const char *b)
{
    char left[128], right[128];
    snprintf(left, sizeof left, "a:%s|%s", type, a);
    snprintf(right, sizeof right, "a:%s|%s", type, b);
    STAGE(stage, left, right);
    return folded(&stage, false);
}

static void equal_values_are_equal_whatever_the_session(void **state)
{
    static const char *const equal[][3] = {
        {"timestamptz", "2026-11-30 10:00:00+00", "2026-11-30 15:30:00+05:30"},
        {"timestamptz", "2026-11-30 23:59:59.25-00:00:30", "2026-12-01 00:00:29.25+00"},
        {"timestamptz", "0001-01-01 00:00:00+00", "0001-12-31 23:00:00-01 BC"},
        {"timestamptz", "0045-12-31 23:00:00-01 BC", "0044-01-01 00:00:00+00 BC"},
        {"timestamptz", "10000-01-01 00:00:00+00", "9999-12-31 23:00:00-01"},
        {"interval", "1 day 02:00:00", "@ 1 day 2 hours"},
        {"interval", "1 mon", "30 days"},
        {"numeric", "1.10", "1.1"},
        {"numeric", "0.00", "0"},
        {"float8", "-0", "0"},
        /* as servers before 12 write them, and later ones */
        {"float8", "0.10000000000000001", "0.1"},
        {"float8", "1000000000000000", "1e+15"},
        {"float8", "6332268684949647", "6.332268684949647e+15"},
        {"float8", "4.9406564584124654e-324", "5e-324"},
        {"float4", "0.100000001", "0.1"},
        {"float4", "1000000", "1e+06"},
        {"bytea", "\\x0001ff41", "\\000\\001\\377A"},
        {"bytea", "\\x5c78", "\\\\x"},
        {"bpchar", "ab", "ab  "},
    };
    for (size_t i = 0; i < ARRAY_SIZE(equal); i++)
        assert_string_equal(folded_values(equal[i][0], equal[i][1], equal[i][2]),
                            "0 1");
    static const char *const different[][3] = {
        {"timestamptz", "2026-11-30 10:00:00+00", "2026-11-30 10:00:00+01"},
        {"timestamptz", "infinity", "-infinity"},
        {"interval", "1 day", "23:00:00"},
        {"numeric", "10", "1"},
        {"numeric", "1.01", "1.1"},
        {"float8", "1.5e+10", "1.5e+1"},
        {"float8", "0.30000000000000004", "0.3"},
        {"float8", "6332268684949647", "6332268684949648"},
        {"float4", "1.0000001", "1"},
        {"bytea", "\\x00", "\\x0000"},
        {"text", "1.10", "1.1"},
        {"text", "a", "a "},
    };
    for (size_t i = 0; i < ARRAY_SIZE(different); i++)
        assert_string_equal(
            folded_values(different[i][0], different[i][1], different[i][2]), "0|1");
}

/* 01/02/2026 may be two days, whoever wrote the same. */
static void what_cannot_be_read_is_refused(void **state)
{
    STAGE(stage, "a:date|01/02/2026", "a:date|01/02/2026");
    struct pgcensus_error error = {0};
    assert_null(pgcensus_fold(&stage.replies, false, &error));
    assert_string_equal(error.message,
                        "n0: \"01/02/2026\" of a (date) cannot be compared here; "
                        "cast it: extract(epoch from a)");
    STAGE(left_out, "a:date|2026-02-01", "!a:date|01/02/2026");
    assert_string_equal(folded(&left_out, false), "0");
}

static void a_group_shows_what_came(void **state)
{
    STAGE(stage, "a:interval|1 mon", "a:interval|30 days");
    struct pgcensus_fold *fold = pgcensus_fold(&stage.replies, false, NULL);
    assert_int_equal(fold->n_groups, 1);
    assert_string_equal(stage_print(fold->groups[0].rows), "a|1 mon");
    pgcensus_fold_free(fold);
}

static void every_allocation_may_fail(void **state)
{
    STAGE(stage, "a:numeric|1.0|2", "a:numeric|2.00|1", "a:numeric|3", "a:numeric|1|2");
    for (unsigned k = 1;; k++) {
        struct pgcensus_error error = {0};
        scarce_memory_begin(k);
        struct pgcensus_fold *fold =
            pgcensus_fold(&stage.replies, /* unordered= */ true, &error);
        bool failed = scarce_memory_end();
        assert_int_equal(failed, !fold);
        if (failed) {
            assert_int_equal(error.trouble, PGCENSUS_TROUBLE_MEMORY);
            continue;
        }
        assert_int_equal(fold->n_groups, 2);
        pgcensus_fold_free(fold);
        assert_true(k > 5);
        return;
    }
}

static void nothing_is_the_same_as_nothing(void **state)
{
    STAGE(stage, "", "", "a", "a");
    assert_string_equal(folded(&stage, true), "0 1|2 3");
    STAGE(nobody, "-");
    assert_string_equal(folded(&nobody, false), "");
    pgcensus_fold_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_largest_group_first),
        cmocka_unit_test(what_makes_a_difference),
        cmocka_unit_test(the_order_of_rows),
        cmocka_unit_test(equal_values_are_equal_whatever_the_session),
        cmocka_unit_test(what_cannot_be_read_is_refused),
        cmocka_unit_test(a_group_shows_what_came),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(nothing_is_the_same_as_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
