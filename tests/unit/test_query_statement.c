#include <pgcensus/query.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_nothing_to_ask(void **state)
{
    static const char *const empty[] = {
        "",
        " ",
        ";",
        " ;; \t\r\n",
        "-- only a comment",
        "--\n;",
        "/* one */",
        "/* a /* nested */ one */ ;",
        "/* that never ends",
        "/* a */ -- b\n /**/;",
    };
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++)
        assert_string_equal(pgcensus_query_refuses(empty[i]), "the statement is empty");
}

static void test_psqls_own_commands(void **state)
{
    assert_non_null(strstr(pgcensus_query_refuses("\\d"), "psql"));
    assert_non_null(strstr(pgcensus_query_refuses(" -- all\n \\l+"), "psql"));
}

static void test_statements(void **state)
{
    static const char *const fine[] = {
        "select 1",   "-- why\nselect 1", "/* a */select 1", "(select 1)",
        "/ * select", "- - select",       "select '--'",     "; select 1",
    };
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        assert_null(pgcensus_query_refuses(fine[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_to_ask),
        cmocka_unit_test(test_psqls_own_commands),
        cmocka_unit_test(test_statements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
