/* What nodes may answer and statements may try, and --reduce must stand. */
#include "base/clock.h"
#include "base/memory.h"
#include "base/rowset.h"
#include "built_with.h"
#include "tests/test.h"

#include <pgcensus/replies.h>
#include <string.h>

#if HAVE_SQLITE

enum { INT4 = 23, MOST_NODES = 4 };

struct fleet {
    struct pgcensus_reply items[MOST_NODES];
    size_t n;
};

static void fleet_fini(struct fleet *fleet)
{
    for (size_t i = 0; i < fleet->n; i++)
        pgcensus_rows_free((struct pgcensus_rows *)fleet->items[i].rows);
}
AUTO_DEFINE_VALUE(struct fleet, fleet_fini)

/* A node that gave one row. */
static void add_node(struct fleet *fleet, size_t n,
                     const struct pgcensus_column *columns, const char *const *cells)
{
    struct rowset *rowset = rowset_new();
    assert_true(rowset_begin(rowset, n));
    for (size_t i = 0; i < n; i++)
        assert_true(rowset_name(rowset, i, columns[i].name, columns[i].type));
    assert_true(rowset_add_row(rowset));
    for (size_t i = 0; i < n; i++)
        assert_true(rowset_set_str(rowset, i, cells[i]));
    fleet->items[fleet->n++] = (struct pgcensus_reply){
        .node = "pg", .status = "ok", .rows = rowset_rows(rowset), .complete = true};
}

static void add_value(struct fleet *fleet, unsigned type, const char *text)
{
    add_node(fleet, 1, &(struct pgcensus_column){"x", type}, &text);
}

static struct pgcensus_rows *reduce_until(const struct fleet *fleet, const char *sql,
                                          nsec deadline,
                                          struct pgcensus_error *ret_error)
{
    struct pgcensus_reduce_options options = {.deadline = deadline, .stop_fd = -1};
    return pgcensus_reduce(&(struct pgcensus_replies){fleet->items, fleet->n}, sql,
                           &options, ret_error);
}

/* All cells, with a blank between; or what was complained of. */
static void assert_reduced(const struct fleet *fleet, const char *sql,
                           const char *expected)
{
    struct pgcensus_error error = {0};
    AUTO(buf_fini) struct buf found = BUF_INIT;
    AUTO(pgcensus_rows_free)
    struct pgcensus_rows *rows = reduce_until(fleet, sql, 0, &error);
    for (size_t i = 0; rows && i < rows->n_rows * rows->n_columns; i++)
        buf_add_format(&found, "%s%s", i ? " " : "",
                       rows->cells[i].text ? rows->cells[i].text : "~");
    assert_string_equal(rows ? found.bytes : error.message, expected);
}

static void assert_complains(const struct fleet *fleet, const char *sql,
                             const char *part)
{
    struct pgcensus_error error = {0};
    assert_null(reduce_until(fleet, sql, 0, &error));
    assert_int_equal(error.trouble, PGCENSUS_TROUBLE_USAGE);
    assert_memory_equal(error.message, "reduce: ", 8);
    if (!strstr(error.message, part))
        fail_msg("%s: %s", sql, error.message);
}

/* ---- values ---- */

static void text_of_one_node_keeps_its_digits_beside_integers(void **state)
{
    AUTO(fleet_fini) struct fleet fleet = {0};
    add_value(&fleet, INT4, "7");
    add_value(&fleet, PGCENSUS_TYPE_NUMERIC, "1.50");
    add_value(&fleet, PGCENSUS_TYPE_TEXT, "007");
    assert_reduced(&fleet, "select x from r", "7 1.50 007");
    assert_reduced(&fleet, "select sum(x) > 15 from r", "1");
}

static void large_integers_beside_floats_stay_exact(void **state)
{
    AUTO(fleet_fini) struct fleet fleet = {0};
    add_value(&fleet, PGCENSUS_TYPE_FLOAT8, "0.5");
    add_value(&fleet, PGCENSUS_TYPE_INT8, "9007199254740993");
    assert_reduced(&fleet, "select x from r", "0.5 9007199254740993");
}

static void integers_that_are_none(void **state)
{
    static const char *const texts[] = {"99999999999999999999", "9223372036854775808",
                                        "abc", "", "0x10"};
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        AUTO(fleet_fini) struct fleet fleet = {0};
        add_value(&fleet, PGCENSUS_TYPE_INT8, texts[i]);
        assert_reduced(&fleet, "select x from r", texts[i]);
        assert_reduced(&fleet, "select typeof(x) from r", "text");
    }
}

static void integers_compare_with_quoted_ones(void **state)
{
    AUTO(fleet_fini) struct fleet fleet = {0};
    add_value(&fleet, INT4, "5");
    assert_reduced(&fleet, "select x from r where x = '5'", "5");
}

static void floats_and_booleans_that_are_none(void **state)
{
    static const char *const floats[] = {"NaN", "Infinity", "-Infinity", "0x10",
                                         "1e9x"};
    for (size_t i = 0; i < ARRAY_SIZE(floats); i++) {
        AUTO(fleet_fini) struct fleet fleet = {0};
        add_value(&fleet, PGCENSUS_TYPE_FLOAT8, floats[i]);
        assert_reduced(&fleet, "select x from r", floats[i]);
    }
    AUTO(fleet_fini) struct fleet fleet = {0};
    add_value(&fleet, PGCENSUS_TYPE_BOOL, "?");
    assert_reduced(&fleet, "select x from r", "?");
}

static void statistics_refuse_what_is_no_number(void **state)
{
    AUTO(fleet_fini) struct fleet fleet = {0};
    add_value(&fleet, PGCENSUS_TYPE_FLOAT8, "1");
    add_value(&fleet, PGCENSUS_TYPE_FLOAT8, "NaN");
    assert_complains(&fleet, "select percentile(x, 50) from r", "not a number");
    assert_complains(&fleet, "select stddev(x) from r", "not a number");
    assert_complains(&fleet, "select percentile(x, x) from r", "one number from");
    assert_complains(&fleet, "select percentile(x, null) from r", "one number from");
    assert_reduced(&fleet, "select percentile(9e999, 100) from nodes", "Infinity");
    /* An aggregate that is left in the middle owns memory. */
    assert_complains(&fleet,
                     "select percentile(length(x), 1), abs(min(x, "
                     "-9223372036854775808)) from r group by 1 + 0 * x",
                     "");
}

/* ---- names ---- */

static void names_that_sql_could_trip_over(void **state)
{
    static const struct pgcensus_column columns[] = {
        {"select"}, {"a\"b"}, {""}, {""}, {"NODE"}, {"x) ; drop table nodes; --"},
        {"é"},      {"\xff"}, {"'"}};
    static const char *const cells[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9"};
    AUTO(fleet_fini) struct fleet fleet = {0};
    add_node(&fleet, ARRAY_SIZE(columns), columns, cells);
    assert_reduced(&fleet,
                   "select \"select\", \"a\"\"b\", \"column\", column_2, node_2, "
                   "\"x) ; drop table nodes; --\", \"é\", \"'\" from r, nodes",
                   "1 2 3 4 5 6 7 9");
}

static void all_columns_of_one_name(void **state)
{
    enum { MANY = 1998 };
    AUTO(free) struct pgcensus_column *columns = calloc(MANY + 1, sizeof *columns);
    AUTO(free) const char **cells = calloc(MANY + 1, sizeof *cells);
    for (size_t i = 0; i <= MANY; i++)
        columns[i] = (struct pgcensus_column){"a", INT4};
    cells[MANY - 1] = "42";
    AUTO(fleet_fini) struct fleet fleet = {0}, larger = {0};
    add_node(&fleet, MANY, columns, cells);
    assert_reduced(&fleet, "select a_1998 from r", "42");
    add_node(&larger, MANY + 1, columns, cells);
    assert_complains(&larger, "select 1", "1999 columns are more than the 1998");
}

/* ---- statements ---- */

static void a_misspelt_name_is_no_text(void **state)
{
    AUTO(fleet_fini) struct fleet fleet = {0};
    add_value(&fleet, INT4, "1");
    /* SQLite puts the name into quotes since 3.46, with advice behind it. */
    assert_complains(&fleet, "select \"y\" from r", "no such column: ");
    assert_complains(&fleet, "select \"y\" from r", "y");
}

/* SQLite reads it as a double beside the nearest one, or it does not: an answer is
 * right or there is none. */
static void a_long_number_is_equal_to_itself_or_refused(void **state)
{
    static const char *const numbers[] = {"91419170804723598489.042210976000",
                                          "-91419170804723598489.042210976000"};
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        AUTO(fleet_fini) struct fleet fleet = {0};
        AUTO(buf_fini) struct buf sql = BUF_INIT;
        struct pgcensus_error error = {0};
        add_value(&fleet, PGCENSUS_TYPE_NUMERIC, numbers[i]);
        buf_add_format(&sql, "select x = %s from r", numbers[i]);
        AUTO(pgcensus_rows_free)
        struct pgcensus_rows *rows = reduce_until(&fleet, sql.bytes, 0, &error);
        if (rows)
            assert_string_equal(pgcensus_rows_at(rows, 0, 0)->text, "1");
        else
            assert_non_null(strstr(error.message, "more digits than"));
    }
}

static void no_second_statement_however_far_behind(void **state)
{
    AUTO(fleet_fini) struct fleet fleet = {0};
    add_value(&fleet, INT4, "1");
    assert_complains(&fleet, "select 1; ;; /* */ ; select 2", "only one");
    assert_complains(&fleet, "select 1; ; nonsense", "only one");
    assert_complains(&fleet, ";; -- nothing\n;", "empty");
    assert_reduced(&fleet, ";; select x from r; ; /* end", "1");
}

static void parameters_are_not_silently_null(void **state)
{
    AUTO(fleet_fini) struct fleet fleet = {0};
    add_value(&fleet, INT4, "1");
    assert_complains(&fleet, "select x from r where x > $1", "parameters such as $1");
    assert_complains(&fleet, "select ?", "parameters such as ? cannot");
    assert_complains(&fleet, "select :\xc2\x9b", "parameters such as ? cannot");
}

static void nothing_leads_out_of_the_sandbox(void **state)
{
    static const char *const attempts[] = {
        "select * from pragma_database_list",
        "select count(*) from pragma_table_info('r')",
        "select * from sqlite_dbpage",
        "select * from dbstat",
        "select fts3_tokenizer('simple')",
        "select load_extension('./x.so')",
        "select readfile('/etc/passwd')",
        "with x as (select 1) insert into r select 1, 2, 3",
        "replace into nodes values (1, 2, 3, 4)",
        "explain pragma writable_schema = 1",
        "savepoint s",
        "create table if not exists main.r(x)",
    };
    AUTO(fleet_fini) struct fleet fleet = {0};
    add_value(&fleet, INT4, "1");
    for (size_t i = 0; i < ARRAY_SIZE(attempts); i++)
        assert_complains(&fleet, attempts[i], "");
}

static void what_only_reads_is_let_through(void **state)
{
    AUTO(fleet_fini) struct fleet fleet = {0};
    add_value(&fleet, PGCENSUS_TYPE_TEXT, "[3,4]");
    assert_reduced(&fleet, "with c as (select x from r) select count(*) from c", "1");
    assert_reduced(&fleet, "select value from r, json_each(r.x)", "3 4");
    assert_reduced(&fleet,
                   "with recursive n(i) as (select 1 union all select i + 1 from n "
                   "where i < 4) select sum(i) from n",
                   "10");
    assert_reduced(&fleet, "select row_number() over (order by x) from r", "1");
    assert_reduced(&fleet, "select count(*) from (values (1), (2))", "2");
    assert_reduced(&fleet, "select rowid from r", "1");
}

static void a_deadline_that_has_passed_loads_nothing(void **state)
{
    AUTO(fleet_fini) struct fleet fleet = {0};
    add_value(&fleet, INT4, "1");
    struct pgcensus_error error = {0};
    assert_null(reduce_until(&fleet, "select 1", 1, &error));
    assert_int_equal(error.trouble, PGCENSUS_TROUBLE_SYSTEM);
}

static void memory_has_an_end(void **state)
{
    static const char sql[] =
        "with recursive t(n, z) as (select 1, zeroblob(5000000) union all "
        "select n + 1, zeroblob(5000000) from t where n < 400) "
        "select n from t order by length(z), z";
    AUTO(fleet_fini) struct fleet fleet = {0};
    add_value(&fleet, INT4, "1");
    struct pgcensus_error error = {0};
    assert_null(reduce_until(&fleet, sql, clock_now() + 60 * NSEC_PER_SEC, &error));
    assert_string_equal(error.message, "reduce: the statement needs too much memory");
}

static void one_value_has_an_end(void **state)
{
    AUTO(fleet_fini) struct fleet fleet = {0};
    add_value(&fleet, INT4, "1");
    assert_complains(&fleet, "select zeroblob(1000000000)", "too big");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_of_one_node_keeps_its_digits_beside_integers),
        cmocka_unit_test(large_integers_beside_floats_stay_exact),
        cmocka_unit_test(integers_that_are_none),
        cmocka_unit_test(integers_compare_with_quoted_ones),
        cmocka_unit_test(floats_and_booleans_that_are_none),
        cmocka_unit_test(statistics_refuse_what_is_no_number),
        cmocka_unit_test(names_that_sql_could_trip_over),
        cmocka_unit_test(all_columns_of_one_name),
        cmocka_unit_test(a_misspelt_name_is_no_text),
        cmocka_unit_test(a_long_number_is_equal_to_itself_or_refused),
        cmocka_unit_test(no_second_statement_however_far_behind),
        cmocka_unit_test(parameters_are_not_silently_null),
        cmocka_unit_test(nothing_leads_out_of_the_sandbox),
        cmocka_unit_test(what_only_reads_is_let_through),
        cmocka_unit_test(a_deadline_that_has_passed_loads_nothing),
        cmocka_unit_test(memory_has_an_end),
        cmocka_unit_test(one_value_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
    puts("1..0 # SKIP built without SQLite");
    return 0;
}

#endif
