#include "base/rowset.h"
#include "tests/test.h"

#include <string.h>

static void it_holds_its_rows(void **state)
{
    AUTO(rowset_free) struct rowset *rowset = rowset_new();
    assert_true(rowset_begin(rowset, 2));
    assert_true(rowset_name(rowset, 0, "id", 23));
    assert_true(rowset_name(rowset, 1, "name", 25));
    for (unsigned i = 0; i < 100; i++) {
        assert_true(rowset_add_row(rowset));
        assert_true(rowset_set(rowset, 1, "abc\0def", 7));
    }
    const struct pgcensus_rows *rows = rowset_rows(rowset);
    assert_int_equal(rows->n_columns, 2);
    assert_int_equal(rows->n_rows, 100);
    assert_int_equal(rows->columns[1].type, 25);
    assert_string_equal(rows->columns[0].name, "id");
    for (size_t i = 0; i < 100; i++) {
        assert_null(pgcensus_rows_at(rows, i, 0)->text);
        assert_int_equal(pgcensus_rows_at(rows, i, 1)->len, 7);
        assert_memory_equal(pgcensus_rows_at(rows, i, 1)->text, "abc\0def", 8);
    }
    assert_int_equal(rowset->bytes, 6 + 700 + 200 * sizeof(struct pgcensus_cell));
}

/* Pieces grow, and a cell that is larger than any of them gets one of its own. */
static void large_cells_between_small_ones(void **state)
{
    enum { LARGE = 300000 };
    AUTO(free) char *large = malloc(LARGE);
    memset(large, 'x', LARGE);
    AUTO(rowset_free) struct rowset *rowset = rowset_new();
    assert_true(rowset_begin(rowset, 1));
    assert_true(rowset_name(rowset, 0, "c", 25));
    for (size_t i = 0; i < 1000; i++) {
        assert_true(rowset_add_row(rowset));
        assert_true(rowset_set(rowset, 0, large, i % 7 ? i : LARGE));
    }
    for (size_t i = 0; i < 1000; i++) {
        const struct pgcensus_cell *cell = pgcensus_rows_at(&rowset->rows, i, 0);
        assert_int_equal(cell->len, i % 7 ? i : LARGE);
        assert_memory_equal(cell->text, large, cell->len);
        assert_int_equal(cell->text[cell->len], 0);
    }
}

/* Whatever is cut off, what is left is as it was, and can grow again. */
static void rows_can_be_cut_off(void **state)
{
    enum { N = 5000, LARGE = 100000 };
    static char large[LARGE];
    memset(large, 'x', LARGE);
    AUTO(rowset_free) struct rowset *rowset = rowset_new();
    assert_true(rowset_begin(rowset, 2));
    assert_true(rowset_name(rowset, 0, "a", 25));
    assert_true(rowset_name(rowset, 1, "b", 25));
    size_t empty = rowset->bytes, cut = 0, left = N;
    for (size_t i = 0; i < N; i++) {
        assert_true(rowset_add_row(rowset));
        if (i % 3)
            assert_true(rowset_set(rowset, 1, large, i % 500 ? i % 90 : LARGE));
    }
    size_t bytes = rowset->bytes;
    assert_int_equal(rowset_cut(rowset, N), 0);
    for (; left > 0; left -= left > 1000 ? 777 : left > 9 ? 9 : 1) {
        cut += rowset_cut(rowset, left);
        assert_int_equal(rowset->bytes, bytes - cut);
        assert_int_equal(rowset->rows.n_rows, left);
        assert_true(rowset_add_row(rowset));
        assert_true(rowset_set(rowset, 0, "again", 5));
        bytes += 5 + 2 * sizeof(struct pgcensus_cell);
        for (size_t i = 0; i < left; i++) {
            const struct pgcensus_cell *cell = pgcensus_rows_at(&rowset->rows, i, 1);
            assert_int_equal(cell->text != NULL, i % 3 != 0);
            if (cell->text)
                assert_memory_equal(cell->text, large, cell->len);
        }
    }
    cut += rowset_cut(rowset, 0);
    assert_int_equal(rowset->bytes, empty);
    assert_int_equal(bytes - cut, empty);
    assert_string_equal(rowset->rows.columns[1].name, "b");
}

static void the_same_columns_again(void **state)
{
    AUTO(rowset_free) struct rowset *rowset = rowset_new();
    assert_true(rowset_begin(rowset, 1));
    assert_true(rowset_name(rowset, 0, "c", 1700));
    assert_true(rowset_add_row(rowset));
    AUTO(rowset_free) struct rowset *like = rowset_like(&rowset->rows);
    assert_int_equal(like->rows.n_rows, 0);
    assert_int_equal(like->rows.columns[0].type, 1700);
    assert_string_equal(like->rows.columns[0].name, "c");
}

static void rows_without_columns_count(void **state)
{
    AUTO(rowset_free) struct rowset *rowset = rowset_new();
    assert_true(rowset_begin(rowset, 0));
    assert_true(rowset_add_row(rowset));
    assert_true(rowset_add_row(rowset));
    assert_int_equal(rowset->rows.n_rows, 2);
}

static void it_can_be_freed_early(void **state)
{
    rowset_free(NULL);
    rowset_free(rowset_new());
    AUTO(rowset_free) struct rowset *rowset = rowset_new();
    assert_true(rowset_begin(rowset, 3)); /* names not given yet */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_holds_its_rows),
        cmocka_unit_test(large_cells_between_small_ones),
        cmocka_unit_test(rows_can_be_cut_off),
        cmocka_unit_test(the_same_columns_again),
        cmocka_unit_test(rows_without_columns_count),
        cmocka_unit_test(it_can_be_freed_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
