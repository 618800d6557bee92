#include "replies_stage.h"
#include "scarce_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

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

static void test_the_largest_group_first(void **state)
{
    STAGE(stage, "a|1", "a|2", "-", "a|2", "a|3", "!a|2");
    assert_string_equal(folded(&stage, false), "1 3|0|4");
}

static void test_what_makes_a_difference(void **state)
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

static void test_the_order_of_rows(void **state)
{
    STAGE(stage, "a|1|2|2", "a|2|1|2", "a|1|1|2");
    assert_string_equal(folded(&stage, false), "0|1|2");
    assert_string_equal(folded(&stage, true), "0 1|2");
}

static void test_every_allocation_may_fail(void **state)
{
    STAGE(stage, "a|1|2", "a|2|1", "a|3", "a|1|2");
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

static void test_nothing_is_the_same_as_nothing(void **state)
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
        cmocka_unit_test(test_the_largest_group_first),
        cmocka_unit_test(test_what_makes_a_difference),
        cmocka_unit_test(test_the_order_of_rows),
        cmocka_unit_test(test_every_allocation_may_fail),
        cmocka_unit_test(test_nothing_is_the_same_as_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
