/* Answers that were never given against what they are to look like. */
#include "answers.h"
#include "base/rowset.h"
#include "golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define VIEW(...) ((struct query_view){.look = {.null = "", __VA_ARGS__}})

static const struct query_view plain = {.look = {.null = ""}};

/* NAME.txt, NAME.json and NAME.csv */
static void assert_all(const char *name, const struct answers *answers)
{
    AUTO(buf_fini) struct buf table = BUF_INIT;
    AUTO(buf_fini) struct buf json = BUF_INIT;
    AUTO(buf_fini) struct buf csv = BUF_INIT;
    AUTO(buf_fini) struct buf path = BUF_INIT;
    report_query_table(&answers->document, &plain, &table);
    report_query_json(&answers->document, &plain, &json);
    report_query_csv(&answers->document, &plain, &csv);
    buf_add_format(&path, "%s.txt", name);
    assert_golden(path.bytes, &table);
    buf_clear(&path);
    buf_add_format(&path, "%s.json", name);
    assert_golden(path.bytes, &json);
    buf_clear(&path);
    buf_add_format(&path, "%s.csv", name);
    assert_golden(path.bytes, &csv);
}

static void assert_table(const char *name, const struct answers *answers,
                         struct query_view view)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    report_query_table(&answers->document, &view, &out);
    assert_golden(name, &out);
}

static struct pgcensus_replies replies_of(struct answers *answers)
{
    return (struct pgcensus_replies){answers->replies, answers->document.n};
}

static void test_merged(void **state)
{
    struct answers answers;
    answers_of_five(&answers);
    assert_all("query-five", &answers);
    assert_table("query-five-expanded.txt", &answers, VIEW(.expanded = true));
    assert_table("query-five-unaligned.txt", &answers,
                 ((struct query_view){.look = {.unaligned = true, .null = "NULL"}}));
    assert_table("query-five-tuples.txt", &answers, VIEW(.tuples_only = true));
    answers_fini(&answers);
}

static void test_odd_values(void **state)
{
    struct answers answers;
    answers_of_odd_ones(&answers);
    assert_all("query-odd", &answers);
    assert_table("query-odd-expanded.txt", &answers, VIEW(.expanded = true));
    assert_table("query-odd-unaligned.txt", &answers, VIEW(.unaligned = true));
    AUTO(buf_fini) struct buf objects = BUF_INIT;
    report_query_json(&answers.document,
                      &(struct query_view){.objects = true, .strings = true}, &objects);
    assert_golden("query-odd-objects.json", &objects);
    answers_fini(&answers);
}

static void test_statements_without_rows(void **state)
{
    struct answers answers;
    answers_without_rows(&answers);
    assert_all("query-commands", &answers);
    answers_fini(&answers);
}

static void test_fold(void **state)
{
    struct answers answers;
    answers_of_five(&answers);
    struct pgcensus_replies replies = replies_of(&answers);
    answers.document.fold = pgcensus_fold(&replies, false, NULL);
    assert_all("query-fold", &answers);
    answers_fini(&answers);
}

static void test_diff(void **state)
{
    struct answers answers;
    answers_of_five(&answers);
    struct pgcensus_replies replies = replies_of(&answers);
    struct pgcensus_diff_options options = {0};
    answers.document.diff = pgcensus_diff(&replies, &options, NULL);
    assert_all("query-diff", &answers);
    answers_fini(&answers);
}

static void test_tally(void **state)
{
    static const struct pgcensus_tally sum = {PGCENSUS_TALLY_SUM, "setting"};
    struct answers answers;
    answers_of_five(&answers);
    struct pgcensus_replies replies = replies_of(&answers);
    answers.document.reduced = pgcensus_tally(&replies, &sum, 1, NULL);
    assert_all("query-sum", &answers);
    answers_fini(&answers);
}

/* Rows as they come: NDJSON and CSV of the odd ones. */
static void test_streams(void **state)
{
    struct answers answers;
    answers_of_odd_ones(&answers);
    AUTO(buf_fini) struct buf lines = BUF_INIT;
    AUTO(buf_fini) struct buf csv = BUF_INIT;
    const struct pgcensus_column *columns;
    size_t n = pgcensus_merge_columns(answers.document.merge, &columns);
    report_query_csv_header(answers.document.merge, &plain.look, &csv);
    for (size_t i = 0; i < answers.document.n; i++) {
        const struct pgcensus_reply *reply = &answers.replies[i];
        if (reply->rows) {
            struct query_lines *writer =
                query_lines_new(reply->node, reply->rows, &plain);
            query_lines_add(writer, reply->rows, &lines);
            query_lines_free(writer);
            report_query_csv_rows(reply->node, reply->rows,
                                  pgcensus_merge_map(answers.document.merge, i), n,
                                  &plain.look, &csv);
        }
        if (answers.results[i].failed)
            report_query_ndjson_failure(NULL, &answers.results[i], &lines);
    }
    report_query_ndjson_end(&answers.document, &lines);
    assert_golden("query-odd.ndjson", &lines);
    assert_golden("query-odd.csv", &csv);
    answers_fini(&answers);
}

static void test_problems(void **state)
{
    struct answers answers;
    answers_of_odd_ones(&answers);
    AUTO(buf_fini) struct buf out = BUF_INIT;
    report_query_problems(&answers.document, /* verbose= */ false, &out);
    assert_golden("query-problems.txt", &out);
    buf_clear(&out);
    report_query_problems(&answers.document, /* verbose= */ true, &out);
    assert_golden("query-problems-verbose.txt", &out);
    answers_fini(&answers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_merged),
        cmocka_unit_test(test_odd_values),
        cmocka_unit_test(test_statements_without_rows),
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_diff),
        cmocka_unit_test(test_tally),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_problems),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
