#include "pg/rowset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_holds_rows(void **state)
{
    AUTO(rowset_free) struct rowset *rowset = rowset_new();
    assert_true(rowset_begin(rowset, 2));
    assert_true(rowset_name(rowset, 0, "id", 23));
    assert_true(rowset_name(rowset, 1, "name", 25));
    for (unsigned i = 0; i < 100; i++) {
        assert_true(rowset_add_row(rowset));
        assert_true(rowset_set(rowset, 1, "abc\0def", 7));
    }
    assert_int_equal(rowset->n_columns, 2);
    assert_int_equal(rowset->n_rows, 100);
    assert_int_equal(rowset->types[1], 25);
    assert_string_equal(rowset->names[0], "id");
    assert_null(rowset->cells[2 * 99]);
    assert_memory_equal(rowset->cells[2 * 99 + 1], "abc\0def", 8);
    assert_int_equal(rowset->bytes, 6 + 700);
}

static void test_rows_without_columns_count(void **state)
{
    AUTO(rowset_free) struct rowset *rowset = rowset_new();
    assert_true(rowset_begin(rowset, 0));
    assert_true(rowset_add_row(rowset));
    assert_true(rowset_add_row(rowset));
    assert_int_equal(rowset->n_rows, 2);
}

static void test_freeing_early(void **state)
{
    rowset_free(NULL);
    rowset_free(rowset_new());
    AUTO(rowset_free) struct rowset *rowset = rowset_new();
    assert_true(rowset_begin(rowset, 3)); /* names not given yet */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_holds_rows),
        cmocka_unit_test(test_rows_without_columns_count),
        cmocka_unit_test(test_freeing_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
