#include "tests/test.h"

#include <pgcensus/rows.h>

static void types_have_a_name(void **state)
{
    assert_string_equal(pgcensus_type_name(16), "bool");
    assert_string_equal(pgcensus_type_name(23), "int4");
    assert_string_equal(pgcensus_type_name(1009), "text[]");
    assert_string_equal(pgcensus_type_name(6157), "int8multirange[]");
}

static void types_of_somebodys_own_have_none(void **state)
{
    assert_null(pgcensus_type_name(0));
    assert_null(pgcensus_type_name(15));
    assert_null(pgcensus_type_name(16384));
    assert_null(pgcensus_type_name(UINT32_MAX));
}

static void types_have_a_kind(void **state)
{
    assert_int_equal(pgcensus_type_kind(1700), PGCENSUS_KIND_NUMBER);
    assert_int_equal(pgcensus_type_kind(26), PGCENSUS_KIND_NUMBER);
    assert_int_equal(pgcensus_type_kind(16), PGCENSUS_KIND_BOOL);
    assert_int_equal(pgcensus_type_kind(3802), PGCENSUS_KIND_JSON);
    assert_int_equal(pgcensus_type_kind(1186), PGCENSUS_KIND_TEXT);
    assert_int_equal(pgcensus_type_kind(0), PGCENSUS_KIND_TEXT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_have_a_name),
        cmocka_unit_test(types_of_somebodys_own_have_none),
        cmocka_unit_test(types_have_a_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
