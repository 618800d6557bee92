#include "replies_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

AUTO_DEFINE(struct pgcensus_merge *, pgcensus_merge_free)

/* "a b c|0 1 -": the merged columns, and where the last node has them. */
static const char *merged(const struct replies_stage *stage, bool frozen_last)
{
    static char text[512];
    size_t at = 0, n = stage->replies.n;
    const struct pgcensus_column *columns;
    AUTO(pgcensus_merge_free) struct pgcensus_merge *merge = pgcensus_merge_new(n);
    for (size_t i = 0; i < n; i++)
        if (stage->items[i].rows && !pgcensus_merge_add(merge, i, stage->items[i].rows,
                                                        frozen_last && i + 1 == n))
            at = (size_t)snprintf(text, sizeof text, "refused: ");
    size_t n_columns = pgcensus_merge_columns(merge, &columns);
    for (size_t i = 0; i < n_columns; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", i ? " " : "",
                               columns[i].name);
    const size_t *map = pgcensus_merge_map(merge, n - 1);
    for (size_t i = 0; map && i < n_columns; i++)
        at += (size_t)snprintf(text + at, sizeof text - at,
                               map[i] == SIZE_MAX ? " -" : " %zu", map[i]);
    snprintf(text + at, sizeof text - at, "%s",
             pgcensus_merge_differs(merge) ? " differ" : "");
    return text;
}

static void test_the_same_columns(void **state)
{
    STAGE(stage, "a b", "-", "a b");
    assert_string_equal(merged(&stage, false), "a b 0 1");
}

static void test_other_columns_are_added_behind(void **state)
{
    STAGE(stage, "a b", "c b");
    assert_string_equal(merged(&stage, false), "a b c - 1 0 differ");
    STAGE(fewer, "a b", "b");
    assert_string_equal(merged(&fewer, false), "a b - 0 differ");
    STAGE(swapped, "a b", "b a");
    assert_string_equal(merged(&swapped, false), "a b 1 0 differ");
}

static void test_the_nth_of_a_name(void **state)
{
    STAGE(stage, "a a b", "b a a a");
    assert_string_equal(merged(&stage, false), "a a b a 1 2 0 3 differ");
}

static void test_a_header_that_is_written_already(void **state)
{
    STAGE(fits, "a b", "b");
    assert_string_equal(merged(&fits, true), "a b - 0 differ");
    STAGE(misfits, "a b", "b c");
    assert_string_equal(merged(&misfits, true), "refused: a b");
}

static void test_nobody_and_nothing(void **state)
{
    STAGE(nobody, "-", "-");
    assert_string_equal(merged(&nobody, false), "");
    STAGE(nothing, "", "a");
    assert_string_equal(merged(&nothing, false), "a 0 differ");
    pgcensus_merge_free(NULL);
}

static void test_many_columns_of_many_nodes(void **state)
{
    enum { NODES = 300, COLUMNS = 100 };
    AUTO(rowset_free) struct rowset *rowset = rowset_new();
    rowset_begin(rowset, COLUMNS);
    for (unsigned i = 0; i < COLUMNS; i++) {
        char name[8];
        snprintf(name, sizeof name, "c%u", i);
        rowset_name(rowset, i, name, 25);
    }
    AUTO(pgcensus_merge_free) struct pgcensus_merge *merge = pgcensus_merge_new(NODES);
    for (size_t i = 0; i < NODES; i++)
        assert_true(pgcensus_merge_add(merge, i, &rowset->rows, false));
    assert_false(pgcensus_merge_differs(merge));
    for (size_t i = 0; i < COLUMNS; i++)
        assert_int_equal(pgcensus_merge_map(merge, NODES - 1)[i], i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_columns),
        cmocka_unit_test(test_other_columns_are_added_behind),
        cmocka_unit_test(test_the_nth_of_a_name),
        cmocka_unit_test(test_a_header_that_is_written_already),
        cmocka_unit_test(test_nobody_and_nothing),
        cmocka_unit_test(test_many_columns_of_many_nodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
