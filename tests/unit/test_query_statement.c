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

static void test_one_statement(void **state)
{
    static const char *const fine[] = {
        "select 1;",
        "select 1 ; -- and; no more\n;; /* ; */",
        "select ';' , \";\", ''';' from a",
        "select E'\\';' , e'a\\\\', E'''\\';'",
        "select E'a'\n '\\';'",
        "select '\\', ';'",
        "select type'\\', ';'",
        "select U&'\\', ';', U&\"a;\"",
        "select $$;$$, $a$ ; $$ $b$ $a$, $1",
        "select $1, $ü$;$ü$",
        "do $x1$begin; end$x1$ language plpgsql;",
        "select 1 /* ; /* ; */ ; */ -- ;",
        "create rule r as on insert to t do (delete from a; delete from b)",
        "create function f() returns int begin atomic select 1; select 2; end",
        "create function f() returns int BEGIN /* ; */ Atomic select 1; end;",
        "select 'never ends; select 2",
        "select /* never ends; select 2",
        "select $a$ never ends; select 2",
        "select E'never ends\\",
    };
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        assert_null(pgcensus_query_refuses(fine[i]));
}

static void test_several_statements(void **state)
{
    static const char *const several[] = {
        "select 1; select 2",
        ";; select 1; -- one\n select 2",
        "select 1;2",
        "select '\\'; select 2",
        "select type'\\'; select ''",
        "select E'a' '\\'; select ''",
        "select a$b$; select $b$",
        "select $1$; select $1$",
        "select E'\\''; select 2",
        "select \"a\\\"; select 2",
        "begin; atomic",
        "select (1)); select 2",
        "copy t to stdout; select 1",
        "select 1; create function f() returns int begin atomic select 1; end",
    };
    for (size_t i = 0; i < sizeof several / sizeof *several; i++)
        assert_string_equal(pgcensus_query_refuses(several[i]),
                            "one statement at a time; these are several");
}

static void test_copy(void **state)
{
    static const char *const copies[] = {
        "copy t to stdout", "/* a */ COPY t from stdin;", "Copy(select 1) to stdout"};
    for (size_t i = 0; i < sizeof copies / sizeof *copies; i++)
        assert_string_equal(pgcensus_query_refuses(copies[i]),
                            "COPY is not supported; use SELECT with --csv");
    assert_null(pgcensus_query_refuses("select copy from t"));
    assert_null(pgcensus_query_refuses("copying"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_to_ask),
        cmocka_unit_test(test_psqls_own_commands),
        cmocka_unit_test(test_statements),
        cmocka_unit_test(test_one_statement),
        cmocka_unit_test(test_several_statements),
        cmocka_unit_test(test_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
