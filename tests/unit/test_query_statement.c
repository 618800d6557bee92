#include "tests/test.h"

#include <pgcensus/query.h>

#include <string.h>

static const char *refuses(const char *sql)
{
    return pgcensus_query_refuses(sql, /* write= */ false);
}

static void nothing_to_ask(void **state)
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
        assert_string_equal(refuses(empty[i]), "the statement is empty");
}

static void psqls_own_commands(void **state)
{
    assert_non_null(strstr(refuses("\\d"), "psql"));
    assert_non_null(strstr(refuses(" -- all\n \\l+"), "psql"));
}

static void statements_are_found_behind_comments(void **state)
{
    static const char *const fine[] = {
        "select 1",   "-- why\nselect 1", "/* a */select 1", "(select 1)",
        "/ * select", "- - select",       "select '--'",     "; select 1",
    };
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        assert_null(refuses(fine[i]));
}

static void one_statement_may_end_as_it_likes(void **state)
{
    static const char *const fine[] = {
        "select 1;",
        "select 1 ; -- and; no more\n;; /* ; */",
        "select ';' , \";\", ''';' from a",
        "select E'\\';' , e'a\\\\', E'''\\';'",
        "select E'a'\n '\\';'",
        "select E'a' -- b\n -- c\r '\\';'",
        "select E'a'\r'\\';'",
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
        assert_null(refuses(fine[i]));
}

static void several_statements_are_refused(void **state)
{
    static const char *const several[] = {
        "select 1; select 2",
        ";; select 1; -- one\n select 2",
        "select 1;2",
        "select '\\'; select 2",
        "select type'\\'; select ''",
        "select E'a' '\\'; select ''",
        "select E'a' /* \n */ '\\'; select ''",
        "select E'a'\n--\n'\\''; select ''",
        "select a$b$; select $b$",
        "select $1$; select $1$",
        "select E'\\''; select 2",
        "select \"a\\\"; select 2",
        "begin; atomic",
        "select (1)); select 2",
        "copy t to stdout; select 1",
        "select 1; create function f() returns int begin atomic select 1; end",
        "select 1 begin atomic; commit",
    };
    for (size_t i = 0; i < sizeof several / sizeof *several; i++)
        assert_string_equal(refuses(several[i]),
                            "one statement at a time; these are several");
}

static void copy_is_refused_by_name(void **state)
{
    static const char *const copies[] = {
        "copy t to stdout", "/* a */ COPY t from stdin;", "Copy(select 1) to stdout"};
    for (size_t i = 0; i < sizeof copies / sizeof *copies; i++)
        assert_string_equal(refuses(copies[i]), "COPY is not supported; use SELECT");
    assert_null(refuses("select copy from t"));
    assert_null(refuses("copying"));
}

static const char *const transactions[] = {
    "begin",
    "BEGIN read write;",
    "Start Transaction",
    "commit",
    "COMMIT AND CHAIN",
    "end",
    "/* a */ -- b\n ;; rollback",
    "rollback to a",
    "abort;",
    "savepoint a",
    "release a",
    "prepare transaction 'x'",
    "prepare/* */transaction'x'",
    "commit/**/;",
};

static void transactions_are_ours(void **state)
{
    for (size_t i = 0; i < sizeof transactions / sizeof *transactions; i++)
        for (int write = 0; write < 2; write++)
            assert_non_null(strstr(pgcensus_query_refuses(transactions[i], write),
                                   "begins or ends a transaction"));
    static const char *const fine[] = {"select begin", "commitment",
                                       "begin_it()",   "\"commit\"",
                                       "ends",         "set transaction read only"};
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        assert_null(refuses(fine[i]));
}

static void prepared_transactions_can_be_ended(void **state)
{
    static const char *const ends[] = {"commit prepared 'x'",
                                       "ROLLBACK /* */ PREPARED 'x'"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        assert_null(pgcensus_query_refuses(ends[i], /* write= */ true));
        assert_non_null(refuses(ends[i]));
    }
}

static void sessions_are_somebodys(void **state)
{
    static const char *const sessions[] = {"prepare a as select 1", "deallocate all",
                                           "DISCARD temp"};
    for (size_t i = 0; i < sizeof sessions / sizeof *sessions; i++) {
        assert_int_equal(pgcensus_query_refusal(sessions[i], /* write= */ false),
                         PGCENSUS_REFUSAL_SESSION);
        assert_non_null(strstr(refuses(sessions[i]), "as writes only"));
        assert_null(pgcensus_query_refuses(sessions[i], /* write= */ true));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_to_ask),
        cmocka_unit_test(psqls_own_commands),
        cmocka_unit_test(statements_are_found_behind_comments),
        cmocka_unit_test(one_statement_may_end_as_it_likes),
        cmocka_unit_test(several_statements_are_refused),
        cmocka_unit_test(copy_is_refused_by_name),
        cmocka_unit_test(transactions_are_ours),
        cmocka_unit_test(prepared_transactions_can_be_ended),
        cmocka_unit_test(sessions_are_somebodys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
