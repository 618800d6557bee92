#include "replies_stage.h"
#include "scarce_memory.h"

#include "tests/test.h"

#include <string.h>

static const struct pgcensus_diff_options plain;

static void add_row_number(char *text, size_t size, char mark, size_t row)
{
    size_t at = strlen(text);
    snprintf(text + at, size - at, " %c%zu", mark, row);
}

/* "0 2|1: =0.1 -2 +1": the reference, then for each node what differs: row.column of
 * the reference, missing rows of it, extra rows of its own. */
static const char *differences(const struct replies_stage *stage,
                               const struct pgcensus_diff_options *options)
{
    static char text[1024];
    struct pgcensus_error error;
    struct pgcensus_diff *diff = pgcensus_diff(&stage->replies, options, &error);
    text[0] = '\0';
    if (!diff) {
        snprintf(text, sizeof text, "%s", error.message);
        return text;
    }
    for (size_t i = 0; i < diff->n_reference; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%zu", i ? " " : "",
                 diff->reference[i]);
    for (size_t i = 0; i < diff->n_nodes; i++) {
        const struct pgcensus_diff_node *node = &diff->nodes[i];
        snprintf(text + strlen(text), sizeof text - strlen(text), "|%zu:%s",
                 node->index, node->columns_differ ? " columns" : "");
        for (size_t j = 0; j < node->n; j++) {
            const struct pgcensus_difference *item = &node->items[j];
            if (item->kind == PGCENSUS_DIFFERENT)
                snprintf(text + strlen(text), sizeof text - strlen(text), " =%zu.%zu",
                         item->reference_row, item->reference_column);
            else if (item->kind == PGCENSUS_MISSING)
                add_row_number(text, sizeof text, '-', item->reference_row);
            else
                add_row_number(text, sizeof text, '+', item->row);
        }
    }
    pgcensus_diff_free(diff);
    return text;
}

static void what_differs_from_most(void **state)
{
    STAGE(stage, "k v|a,1|b,2|c,3", "k v|a,1|b,9|d,4", "-", "k v|a,1|b,2|c,3");
    assert_string_equal(differences(&stage, &plain), "0 3|1: =1.1 -2 +2");
}

static void a_reference_of_choice(void **state)
{
    STAGE(stage, "k v|a,1", "k v|a,2", "k v|a,1", "-", "!k v|a,1");
    struct pgcensus_diff_options options = {.reference = "n1"};
    assert_string_equal(differences(&stage, &options), "1|0: =0.1|2: =0.1");
    options.reference = "n7";
    assert_non_null(strstr(differences(&stage, &options), "did you mean"));
    options.reference = "n3";
    assert_non_null(strstr(differences(&stage, &options), "connection refused"));
    options.reference = "n4";
    assert_string_equal(
        differences(&stage, &options),
        "n4 has not answered in full, so nothing can be compared with it");
}

static void rows_of_the_same_key(void **state)
{
    STAGE(stage, "k v|a,1|a,2|a,3", "k v|a,1|a,9", "k v|a,1|a,2|a,3|a,4");
    assert_string_equal(differences(&stage, &plain), "0|1: =1.1 -2|2: +3");
    STAGE(moved, "k v|a,1|a,2|a,3", "k v|a,3|a,1|a,9", "k v|a,2|a,3");
    assert_string_equal(differences(&moved, &plain), "0|1: =1.1|2: -0");
    STAGE(other, "k v w|a,1,x|a,2,x", "k v|a,2|a,3");
    assert_string_equal(differences(&other, &plain), "0|1: columns =0.1");
}

static void keys_of_several_columns(void **state)
{
    static const char *const keys[] = {"y", "x"};
    STAGE(stage, "x y v|1,1,a|1,2,b", "x y v|1,2,b|1,1,c");
    struct pgcensus_diff_options options = {.keys = keys, .n_keys = 2};
    assert_string_equal(differences(&stage, &options), "0|1: =0.2");
    static const char *const unknown[] = {"yy"};
    options = (struct pgcensus_diff_options){.keys = unknown, .n_keys = 1};
    assert_non_null(strstr(differences(&stage, &options), "did you mean \"y\""));
}

static void null_is_a_value(void **state)
{
    STAGE(stage, "k v|a,~|~,1", "k v|a,|~,1");
    assert_string_equal(differences(&stage, &plain), "0|1: =0.1");
}

static void other_columns_are_a_difference(void **state)
{
    STAGE(stage, "k v|a,1", "k w|a,1", "w v k|2,1,a", "v|1");
    assert_string_equal(differences(&stage, &plain),
                        "0|1: columns|2: columns|3: columns");
    STAGE(types, "k v:int4|a,1", "k v:int8|a,1");
    assert_string_equal(differences(&types, &plain), "0|1: columns");
    STAGE(enums, "k v:16400|a,1", "k v:24577|a,1", "k v:text|a,1");
    assert_string_equal(differences(&enums, &plain), "0 1|2: columns");
}

static void another_order_is_no_difference_if_asked(void **state)
{
    STAGE(stage, "k v|a,1|b,2", "k v|b,2|a,1");
    assert_string_equal(differences(&stage, &plain), "0|1:");
    struct pgcensus_diff_options options = {.unordered = true};
    assert_string_equal(differences(&stage, &options), "0 1");
}

static void every_allocation_may_fail(void **state)
{
    static const char *const keys[] = {"v"};
    STAGE(stage, "k v|a,1|b,2", "k v|b,2|a,1", "v w k|2,1,a|3,3,c", "v|9");
    struct pgcensus_diff_options options = {"n0", keys, 1, .unordered = true};
    for (unsigned k = 1;; k++) {
        struct pgcensus_error error = {0};
        scarce_memory_begin(k);
        struct pgcensus_diff *diff = pgcensus_diff(&stage.replies, &options, &error);
        bool failed = scarce_memory_end();
        assert_int_equal(failed, !diff);
        if (failed) {
            assert_int_equal(error.trouble, PGCENSUS_TROUBLE_MEMORY);
            continue;
        }
        pgcensus_diff_free(diff);
        assert_true(k > 10);
        return;
    }
}

static void nothing_to_compare(void **state)
{
    STAGE(nobody, "-", "!a|1");
    assert_string_equal(differences(&nobody, &plain), "");
    STAGE(empty, "", "", "a", "a|1");
    assert_string_equal(differences(&empty, &plain), "0 1|2: columns|3: columns +0");
    pgcensus_diff_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_differs_from_most),
        cmocka_unit_test(a_reference_of_choice),
        cmocka_unit_test(rows_of_the_same_key),
        cmocka_unit_test(keys_of_several_columns),
        cmocka_unit_test(null_is_a_value),
        cmocka_unit_test(other_columns_are_a_difference),
        cmocka_unit_test(another_order_is_no_difference_if_asked),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(nothing_to_compare),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
