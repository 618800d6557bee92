#include "base/name_table.h"
#include "base/rng.h"
#include "tests/test.h"

#include <stdio.h>

static void nothing_is_in_an_empty_table(void **state)
{
    struct name_table names = {0};
    size_t index = 7;
    assert_false(name_table_find(&names, "pg-a", &index));
    assert_int_equal(index, 7);
    name_table_fini(&names);
}

static void thousands_are_found_and_no_others(void **state)
{
    static char texts[5000][16];
    AUTO(name_table_fini) struct name_table names = {0};
    size_t index;
    for (size_t i = 0; i < 5000; i++) {
        snprintf(texts[i], sizeof texts[i], "pg-%zu", i);
        assert_false(name_table_find(&names, texts[i], &index));
        assert_true(name_table_reserve(&names));
        name_table_put(&names, texts[i], i);
    }
    for (size_t i = 0; i < 5000; i++) {
        char again[24];
        snprintf(again, sizeof again, "pg-%zu", i);
        assert_true(name_table_find(&names, again, &index));
        assert_int_equal(index, i);
        snprintf(again, sizeof again, "PG-%zu", i);
        assert_false(name_table_find(&names, again, &index));
    }
}

static void what_was_removed_hides_no_other(void **state)
{
    static char texts[40][16];
    AUTO(name_table_fini) struct name_table names = {0};
    struct rng rng;
    bool there[40] = {false};
    size_t index, n = 0;
    rng_init(&rng, 7);
    for (size_t i = 0; i < 40; i++)
        snprintf(texts[i], sizeof texts[i], "pg-%zu", i);
    for (int step = 0; step < 20000; step++) { /* 64 places: they are often in a row */
        size_t i = rng_below(&rng, n < 30 ? 40 : 20);
        if (there[i]) {
            name_table_remove(&names, texts[i]);
        } else if (n < 32) {
            assert_true(name_table_reserve(&names));
            name_table_put(&names, texts[i], i);
        } else {
            continue;
        }
        n += there[i] ? -1 : 1;
        there[i] = !there[i];
        for (i = 0; i < 40; i++) {
            assert_int_equal(name_table_find(&names, texts[i], &index), there[i]);
            assert_true(!there[i] || index == i);
        }
    }
    assert_int_equal(names.n, n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_in_an_empty_table),
        cmocka_unit_test(what_was_removed_hides_no_other),
        cmocka_unit_test(thousands_are_found_and_no_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
