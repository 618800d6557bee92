#include "replies_stage.h"
#include "scarce_memory.h"

#include "tests/test.h"

#include <string.h>

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
    at = strlen(text);
    snprintf(text + at, sizeof text - at, "%s%s",
             pgcensus_merge_lacks(merge) ? " lacks" : "",
             pgcensus_merge_types_differ(merge) ? " types" : "");
    return text;
}

static void the_same_columns(void **state)
{
    STAGE(stage, "a b", "-", "a b");
    assert_string_equal(merged(&stage, false), "a b 0 1");
}

static void other_columns_are_added_behind(void **state)
{
    STAGE(stage, "a b", "c b");
    assert_string_equal(merged(&stage, false), "a b c - 1 0 differ lacks");
    STAGE(fewer, "a b", "b");
    assert_string_equal(merged(&fewer, false), "a b - 0 differ lacks");
    STAGE(swapped, "a b", "b a");
    assert_string_equal(merged(&swapped, false), "a b 1 0 differ");
}

static void types_that_differ(void **state)
{
    STAGE(same, "a:int4 b", "a:int8 b", "a:int4 b");
    assert_string_equal(merged(&same, false), "a b 0 1 types");
    STAGE(other, "a b:int4", "b:int8");
    assert_string_equal(merged(&other, false), "a b - 0 differ lacks types");
    STAGE(enums, "a:16400", "a:16401");
    assert_string_equal(merged(&enums, false), "a 0");
}

static void the_nth_of_a_name(void **state)
{
    STAGE(stage, "a a b", "b a a a");
    assert_string_equal(merged(&stage, false), "a a b a 1 2 0 3 differ lacks");
}

static void a_header_that_is_written_already(void **state)
{
    STAGE(fits, "a b", "b");
    assert_string_equal(merged(&fits, true), "a b - 0 differ lacks");
    STAGE(misfits, "a b", "b c");
    assert_string_equal(merged(&misfits, true), "refused: a b");
}

static void nobody_and_nothing(void **state)
{
    STAGE(nobody, "-", "-");
    assert_string_equal(merged(&nobody, false), "");
    STAGE(nothing, "", "a");
    assert_string_equal(merged(&nothing, false), "a 0 differ lacks");
    pgcensus_merge_free(NULL);
}

static void many_columns_of_many_nodes(void **state)
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

/* Enough of them that a search from one end would be noticed. */
static void nodes_without_a_column_in_common(void **state)
{
    enum { NODES = 40, COLUMNS = 1600 };
    AUTO(pgcensus_merge_free) struct pgcensus_merge *merge = pgcensus_merge_new(NODES);
    const struct pgcensus_column *columns;
    for (size_t node = 0; node < NODES; node++) {
        AUTO(rowset_free) struct rowset *rowset = rowset_new();
        rowset_begin(rowset, COLUMNS);
        for (size_t i = 0; i < COLUMNS; i++) {
            char name[32];
            snprintf(name, sizeof name, "%zu of %zu", i, node);
            rowset_name(rowset, i, i % 2 ? name : "the same", 25);
        }
        assert_true(pgcensus_merge_add(merge, node, &rowset->rows, false));
    }
    size_t n = pgcensus_merge_columns(merge, &columns);
    assert_int_equal(n, COLUMNS + (NODES - 1) * COLUMNS / 2);
    const size_t *map = pgcensus_merge_map(merge, 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(map[i], i < COLUMNS ? i : SIZE_MAX);
    assert_string_equal(columns[n - 1].name, "1599 of 39");
    assert_int_equal(pgcensus_merge_map(merge, NODES - 1)[n - 1], COLUMNS - 1);
}

/* The k-th allocation fails; once there is memory again, all is as if nothing was. */
static bool merge_without_memory(const struct replies_stage *stage, unsigned k)
{
    const struct pgcensus_column *columns;
    scarce_memory_begin(k);
    AUTO(pgcensus_merge_free) struct pgcensus_merge *merge = pgcensus_merge_new(4);
    if (!merge)
        return scarce_memory_end();
    bool refused = false;
    for (size_t i = 0; i < stage->replies.n; i++) {
        size_t before = pgcensus_merge_columns(merge, &columns);
        if (pgcensus_merge_add(merge, i, stage->items[i].rows, false))
            continue;
        refused = true;
        assert_int_equal(pgcensus_merge_columns(merge, &columns), before);
        assert_null(pgcensus_merge_map(merge, i));
        assert_true(pgcensus_merge_add(merge, i, stage->items[i].rows, false));
    }
    bool failed = scarce_memory_end();
    assert_int_equal(failed, refused);
    assert_int_equal(pgcensus_merge_columns(merge, &columns), 20);
    assert_string_equal(columns[19].name, "t");
    for (size_t i = 0; i < 20; i++) {
        assert_int_equal(pgcensus_merge_map(merge, 0)[i], i < 2 ? i : SIZE_MAX);
        assert_int_equal(pgcensus_merge_map(merge, 2)[i], i < 2 ? 1 - i : SIZE_MAX);
    }
    return failed;
}

static void every_allocation_may_fail(void **state)
{
    STAGE(stage, "a b", "b", "b a", "a b c d e f g h i j k l m n o p q r s t");
    unsigned k = 1;
    while (merge_without_memory(&stage, k))
        k++;
    assert_true(k > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_columns),
        cmocka_unit_test(other_columns_are_added_behind),
        cmocka_unit_test(types_that_differ),
        cmocka_unit_test(the_nth_of_a_name),
        cmocka_unit_test(a_header_that_is_written_already),
        cmocka_unit_test(nobody_and_nothing),
        cmocka_unit_test(many_columns_of_many_nodes),
        cmocka_unit_test(nodes_without_a_column_in_common),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
