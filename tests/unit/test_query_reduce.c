#include "base/clock.h"
#include "built_with.h"
#include "replies_stage.h"
#include "tests/test.h"

#include <fcntl.h>
#include <string.h>

static const char *reduce_with(const struct replies_stage *stage, const char *sql,
                               struct pgcensus_reduce_options options)
{
    static struct pgcensus_error error;
    static char text[4096];
    struct pgcensus_rows *rows =
        pgcensus_reduce(&stage->replies, sql, &options, &error);
    snprintf(text, sizeof text, "%s", rows ? stage_print(rows) : error.message);
    pgcensus_rows_free(rows);
    return text;
}

static const char *reduce(const struct replies_stage *stage, const char *sql)
{
    return reduce_with(stage, sql, (struct pgcensus_reduce_options){.stop_fd = -1});
}

#if HAVE_SQLITE

static void rows_of_all_nodes(void **state)
{
    STAGE(stage, "a:int4 b|1,x|2,y", "-", "b a:int4|z,3");
    assert_string_equal(reduce(&stage, "select * from r"),
                        "node node_group a b|n0,~,1,x|n0,~,2,y|n2,~,3,z");
    assert_string_equal(reduce(&stage, "select sum(a) as s, max(b) as m from r"),
                        "s m|6,z");
    assert_string_equal(
        reduce(&stage, "select node, status, error, latency_ms from nodes"),
        "node status error latency_ms|n0,ok,~,1.5|n1,failed,connection "
        "refused,~|n2,ok,~,1.5");
}

static void free_loaded(void *context, size_t index)
{
    struct replies_stage *stage = context;
    pgcensus_rows_free((struct pgcensus_rows *)stage->items[index].rows);
    stage->items[index].rows = NULL;
}

static void loaded_rows_may_go(void **state)
{
    STAGE(stage, "a:int4|1|2", "-", "a:int4|3");
    struct pgcensus_reduce_options options = {
        .stop_fd = -1, .loaded = free_loaded, .context = &stage};
    assert_string_equal(
        reduce_with(&stage, "select node, a from r order by a", options),
        "node a|n0,1|n0,2|n2,3");
    for (size_t i = 0; i < stage.replies.n; i++)
        assert_null(stage.items[i].rows);
}

static void values_keep_what_they_are(void **state)
{
    STAGE(stage, "i:int8 f:float8 n:numeric b:bool t|9223372036854775807,0.1,1.10,t,01",
          "i:int8 f:float8 n:numeric b:bool t|not a number,NaN,~,f,");
    assert_string_equal(reduce(&stage, "select i, f, n, b, t from r"),
                        "i f n b t|9223372036854775807,0.1,1.10,1,01|"
                        "not a number,NaN,~,0,");
    assert_string_equal(
        reduce(&stage, "select typeof(i), typeof(f), typeof(n), typeof(b), typeof(t) "
                       "from r limit 1"),
        "typeof(i) typeof(f) typeof(n) typeof(b) "
        "typeof(t)|integer,real,real,integer,text");
}

static void floats_are_written_as_postgresql_does(void **state)
{
    STAGE(stage, "f:float8|-6.332268684949647e+15|1e+15|999999999999999|"
                 "1.0870622276264956e+18|0.0001|1e-05|5e-324");
    assert_string_equal(reduce(&stage, "select f from r"),
                        "f|-6.332268684949647e+15|1e+15|999999999999999|"
                        "1.0870622276264956e+18|0.0001|1e-05|5e-324");
}

static void names_are_made_unique(void **state)
{
    STAGE(stage, "a A node x\"y a_2|1,2,3,4,5");
    assert_string_equal(reduce(&stage, "select * from r"),
                        "node node_group a A_2 node_2 x\"y a_2_2|n0,~,1,2,3,4,5");
}

static void types_of_the_result(void **state)
{
    STAGE(stage, "a:int4|1|2");
    struct pgcensus_reduce_options options = {.stop_fd = -1};
    AUTO(pgcensus_rows_free)
    struct pgcensus_rows *rows = pgcensus_reduce(
        &stage.replies,
        "select a, a * 0.5, 'x', x'00ff', null, case a when 1 then 1 else "
        "'y' end from r",
        &options, NULL);
    const unsigned types[] = {PGCENSUS_TYPE_INT8, PGCENSUS_TYPE_FLOAT8,
                              PGCENSUS_TYPE_TEXT, PGCENSUS_TYPE_BYTEA,
                              PGCENSUS_TYPE_TEXT, PGCENSUS_TYPE_TEXT};
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        assert_int_equal(rows->columns[i].type, types[i]);
    assert_string_equal(pgcensus_rows_at(rows, 0, 3)->text, "\\x00ff");
}

static void our_functions_beside_those_of_sqlite(void **state)
{
    STAGE(stage, "a:numeric|1|2|4|~|10");
    assert_string_equal(reduce(&stage, "select percentile(a, 50), percentile(a, 0), "
                                       "percentile(a, 100), percentile(a, 25) from r"),
                        "percentile(a, 50) percentile(a, 0) percentile(a, 100) "
                        "percentile(a, 25)|3,1,10,1.75");
    assert_string_equal(reduce(&stage, "select round(stddev(a), 6) as s from r"),
                        "s|4.031129");
    assert_string_equal(reduce(&stage, "select stddev(a) as s, percentile(a, 5) as p "
                                       "from r where a is null"),
                        "s p|~,~");
    assert_non_null(
        strstr(reduce(&stage, "select percentile(a, 101) from r"), "from 0 to 100"));
}

static void it_can_only_read(void **state)
{
    static const char *const refused[] = {
        "insert into r values (1, 2, 3)",
        "delete from r",
        "update r set a = 2",
        "drop table r",
        "create table x(a)",
        "create temp table x(a)",
        "create view v as select 1",
        "attach ':memory:' as x",
        "detach main",
        "pragma journal_mode",
        "select load_extension('x')",
        "begin",
        "commit",
        "vacuum",
        "vacuum into '/tmp/never'",
        "reindex",
        "analyze",
        "create virtual table f using fts5(a)",
    };
    STAGE(stage, "a:int4|1");
    for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
        assert_int_equal(strncmp(reduce(&stage, refused[i]), "reduce: ", 8), 0);
    assert_string_equal(reduce(&stage, "select a from r"), "a|1");
}

static void one_statement_and_no_more(void **state)
{
    STAGE(stage, "a:int4|1");
    assert_string_equal(reduce(&stage, "select a from r; -- that is all"), "a|1");
    assert_string_equal(reduce(&stage, "select a from r; select 2"),
                        "reduce: only one statement can be run");
    assert_string_equal(reduce(&stage, " -- nothing"),
                        "reduce: the statement is empty");
    assert_non_null(strstr(reduce(&stage, "selec"), "syntax error"));
    assert_non_null(strstr(reduce(&stage, "select \x1b[31m"), "\\x1b"));
}

static const char endless[] = "with recursive t(n) as (select 1 union all select n "
                              "from t) select count(*) from t";

#define NO_NUMBER "reduce: a (interval) is no number here; "
#define MERE_TEXT "reduce: a (interval) is compared as mere text here; "
#define CAST_IT "cast it in the first statement: extract(epoch from a)"

/* Text is the number that it begins with, and so '2 days' * 2 would be 4. */
static void lengths_and_moments_are_no_numbers(void **state)
{
    STAGE(stage, "a:interval n:numeric|2 days,1", "a:interval n:numeric|30:00:00,2.5");
    static const char *const refused[] = {
        "select max(a) - min(a) from r",
        "select a * n from r",
        "select n + a from r",
        "select -a from r",
        "select total(a) from r",
        "select abs(a) from r",
        "select coalesce(a, '1') + 1 from r",
        "select case when n > 1 then a else '1' end * 2 from r",
        "select node, max(a) / 2 from r group by node order by max(a)",
        "select a - lag(a) over (order by a) from r",
        "select x + 1 from (select distinct a as x from r)",
        "select m + 1 from (select max(a) as m from r group by node)",
        "with m as (select max(a) as x from r) select m.x - r.n from m, r",
        "select sum(n) from r group by a + 1",
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_string_equal(reduce(&stage, refused[i]), NO_NUMBER CAST_IT);
    assert_string_equal(
        reduce(&stage, "select node, a, n + 1, substr(a, 1, 1) + 1, length(a) * 2 "
                       "from r where a > '1 day' and n * 2 > 1 order by a"),
        "node a n + 1 substr(a, 1, 1) + 1 length(a) * 2|n1,30:00:00,3.5,4,16|"
        "n0,2 days,2,3,12");
    assert_string_equal(reduce(&stage, "; -- ;\n /* ; */ ; select a * 2 from r"),
                        NO_NUMBER CAST_IT);
    assert_string_equal(reduce(&stage, "select max(a), count(*) * 2, "
                                       "max(n) - min(n), rank() over () + 1 from r"),
                        "max(a) count(*) * 2 max(n) - min(n) rank() over () + 1|"
                        "2 days,4,1.5,2");
}

static void what_subqueries_give_is_not_compared_as_text(void **state)
{
    STAGE(stage, "a:interval|2 days", "a:interval|30:00:00");
    assert_string_equal(
        reduce(&stage, "select (select max(a) from r) > (select min(a) from r)"),
        MERE_TEXT CAST_IT);
    assert_string_equal(reduce(&stage, "select (select max(a) from r) > '30:00:00'"),
                        MERE_TEXT CAST_IT);
    assert_string_equal(
        reduce(&stage, "select node from r where a = (select max(a) from r)"),
        "node|n0");
    assert_string_equal(
        reduce(&stage, "select node from r where (select max(a) from r) = a"),
        "node|n0");
}

/* SQLite understands "+02:00", and what PostgreSQL writes is NULL for it. */
static void a_zone_of_two_digits_is_not_null(void **state)
{
    STAGE(stage, "t:timestamptz d:date s:timestamp|2026-10-01 10:00:00+00,2026-10-01,"
                 "2026-10-01 10:00:00");
    static const char *const refused[] = {
        "select julianday(t) from r", "select datetime(t) from r",
        "select strftime('%s', t) from r", "select date(max(t)) from r"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_string_equal(
            reduce(&stage, refused[i]),
            "reduce: t (timestamptz) is not understood by the functions of SQLite; "
            "cast it in the first statement: extract(epoch from t)");
    assert_string_equal(
        reduce(&stage, "select date(d), time(s), strftime('%Y', s) + 1 from r"),
        "date(d) time(s) strftime('%Y', s) + 1|2026-10-01,10:00:00,2027");
}

/* 't' is not 1, and any text is above all numbers. */
static void numbers_are_not_compared_with_other_text(void **state)
{
    STAGE(stage, "b:bool f:float8 n:numeric i:int4 t|t,-Infinity,1.5,3,x",
          "b:bool f:float8 n:numeric i:int4 t|f,1,NaN,~,y");
    static const char *const refused[][2] = {
        {"select b = 't' from r", "b (bool)"},
        {"select node from r where b in ('t', 'true')", "b (bool)"},
        {"select node from r where f <= '-Infinity'", "f (float8)"},
        {"select count(*) from r where n > 'many'", "n (numeric)"},
        {"select node from r group by node having max(i) = ''", "i (int4)"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const char *said = reduce(&stage, refused[i][0]);
        assert_non_null(strstr(said, refused[i][1]));
        assert_non_null(strstr(said, "is compared with a text that is no number"));
    }
    assert_string_equal(
        reduce(&stage, "select b = 1, b = true, f < '2', n = 'NaN', coalesce(i, '-') = "
                       "'-', case when i is null then '-' else i end = '-', t = 'x', "
                       "ifnull(n, t) = 'x', i in (3, '4') from r where node = 'n0'"),
        "b = 1 b = true f < '2' n = 'NaN' coalesce(i, '-') = '-' "
        "case when i is null then '-' else i end = '-' t = 'x' ifnull(n, t) = 'x' "
        "i in (3, '4')|1,1,1,0,0,0,1,0,1");
}

static void equal_values_of_other_texts_are_joined(void **state)
{
    STAGE(stage, "a:interval b:interval c:bpchar d:text|1 day,24:00:00,x  ,x");
    assert_string_equal(
        reduce(&stage, "select count(*) from r x join r y on x.a = y.b"), "count(*)|1");
    assert_string_equal(
        reduce(&stage, "select count(*) from r x join r y on x.c = y.d"), "count(*)|1");
}

static void an_end_to_patience(void **state)
{
    STAGE(stage, "a:int4|1");
    struct pgcensus_reduce_options late = {.deadline = clock_now() + 50 * NSEC_PER_MSEC,
                                           .stop_fd = -1};
    assert_non_null(strstr(reduce_with(&stage, endless, late), "deadline"));

    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "", 1), 1);
    struct pgcensus_reduce_options stopped = {.stop_fd = ends[0]};
    assert_string_equal(reduce_with(&stage, endless, stopped), "interrupted");
    close(ends[0]);
    close(ends[1]);
}

static void a_large_result_is_cut(void **state)
{
    STAGE(stage, "a:int4|1|2|3");
    bool cut = false;
    struct pgcensus_reduce_options options = {
        .stop_fd = -1, .max_rows = 2, .ret_truncated = &cut};
    assert_string_equal(reduce_with(&stage, "select a from r", options), "a|1|2");
    assert_true(cut);
    cut = false;
    options.max_rows = 3;
    assert_string_equal(reduce_with(&stage, "select a from r", options), "a|1|2|3");
    assert_false(cut);
}

static void nobody_has_answered(void **state)
{
    STAGE(stage, "-", "-");
    assert_string_equal(reduce(&stage, "select count(*) as n from r"), "n|0");
    assert_string_equal(reduce(&stage, "select count(*) as n from nodes"), "n|2");
}

#else

static void without_sqlite_it_says_so(void **state)
{
    STAGE(stage, "a|1");
    assert_string_equal(reduce(&stage, "select 1"), "this pgcensus was built without "
                                                    "SQLite, which reduce needs");
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
#if HAVE_SQLITE
        cmocka_unit_test(rows_of_all_nodes),
        cmocka_unit_test(loaded_rows_may_go),
        cmocka_unit_test(values_keep_what_they_are),
        cmocka_unit_test(floats_are_written_as_postgresql_does),
        cmocka_unit_test(names_are_made_unique),
        cmocka_unit_test(types_of_the_result),
        cmocka_unit_test(our_functions_beside_those_of_sqlite),
        cmocka_unit_test(it_can_only_read),
        cmocka_unit_test(one_statement_and_no_more),
        cmocka_unit_test(lengths_and_moments_are_no_numbers),
        cmocka_unit_test(what_subqueries_give_is_not_compared_as_text),
        cmocka_unit_test(a_zone_of_two_digits_is_not_null),
        cmocka_unit_test(numbers_are_not_compared_with_other_text),
        cmocka_unit_test(equal_values_of_other_texts_are_joined),
        cmocka_unit_test(an_end_to_patience),
        cmocka_unit_test(a_large_result_is_cut),
        cmocka_unit_test(nobody_has_answered),
#else
        cmocka_unit_test(without_sqlite_it_says_so),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
