#include "base/name_table.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_in_an_empty_table),
        cmocka_unit_test(thousands_are_found_and_no_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
