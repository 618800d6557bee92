/* Answers of nodes against what they are to look like. */
#include "answers.h"
#include "built_with.h"
#include "golden.h"

#include "tests/test.h"

#include <string.h>

#define VIEW(...) ((struct query_view){.look = {.unicode = true, __VA_ARGS__}})

static void assert_printed(const char *name, struct answers owned, const char *format,
                           struct query_view view)
{
    AUTO(answers_fini) struct answers answers = owned;
    AUTO(buf_fini) struct buf out = BUF_INIT;
    view.format = format_find(format);
    report_query(&answers.document, &view, &out);
    assert_golden(name, &out);
}

static struct answers folded(struct answers answers)
{
    answers_fold(&answers);
    return answers;
}

static struct answers compared(struct answers answers, const char *reference)
{
    answers_compare(&answers, reference);
    return answers;
}

static struct answers reduced(struct answers answers)
{
    answers_reduce(&answers);
    return answers;
}

static struct answers added_up(struct answers answers)
{
    answers_add_up(&answers, "xact_commit");
    return answers;
}

/* ---- tables ---- */

static void answers_as_tables(void **state)
{
    assert_printed("query-five.txt", answers_of_five(), "table", VIEW(.width = 80));
    assert_printed("query-five-expanded.txt", answers_of_five(), "table",
                   VIEW(.expanded = true));
    assert_printed("query-five-unaligned.txt", answers_of_five(), "table",
                   VIEW(.unaligned = true));
    assert_printed("query-five-tuples.txt", answers_of_five(), "table",
                   VIEW(.tuples_only = true));
    assert_printed("query-odd-unaligned.txt", answers_of_odd_ones(), "table",
                   VIEW(.unaligned = true, .null = "NULL"));
}

/* Some characters take two columns, and only utf8proc knows which. */
static void tables_of_wide_characters(void **state)
{
    if (!HAVE_UTF8PROC)
        return;
    assert_printed("query-odd.txt", answers_of_odd_ones(), "table", VIEW(.width = 40));
    assert_printed("query-odd-expanded-40.txt", answers_of_odd_ones(), "table",
                   VIEW(.expanded = true, .width = 40, .null = "NULL"));
}

static void tables_of_little(void **state)
{
    assert_printed("query-no-columns.txt", answers_without_columns(), "table", VIEW());
    assert_printed("query-no-rows.txt", answers_without_rows(), "table", VIEW());
    assert_printed("query-no-rows-expanded.txt", answers_without_rows(), "table",
                   VIEW(.expanded = true));
    assert_printed("query-commands.txt", answers_of_commands(), "table", VIEW());
    assert_printed("query-nobody.txt", answers_of_nobody(), "table", VIEW());
}

static void what_was_made_of_answers_as_tables(void **state)
{
    assert_printed("query-reduced.txt", reduced(answers_of_five()), "table", VIEW());
    assert_printed("query-sum.txt", added_up(answers_of_five()), "table", VIEW());
    assert_printed("query-folded.txt", folded(answers_to_fold()), "table", VIEW());
    assert_printed("query-folded-expanded.txt", folded(answers_to_fold()), "table",
                   VIEW(.expanded = true));
    assert_printed("query-folded-tuples.txt", folded(answers_to_fold()), "table",
                   VIEW(.unaligned = true, .tuples_only = true));
    assert_printed("query-folded-odd.txt", folded(answers_of_odd_ones()), "table",
                   VIEW(.expanded = true));
    assert_printed("query-folded-no-columns.txt", folded(answers_without_columns()),
                   "table", VIEW());
    assert_printed("query-folded-nobody.txt", folded(answers_of_nobody()), "table",
                   VIEW());
    assert_printed("query-compared.txt", compared(answers_to_compare(1), NULL), "table",
                   VIEW());
    assert_printed("query-compared-wide.txt",
                   compared(answers_to_compare(2), "pg-fra2"), "table",
                   VIEW(.null = "NULL"));
    assert_printed("query-compared-shapes.txt",
                   compared(answers_of_other_shapes(), NULL), "table", VIEW());
    assert_printed("query-compared-none.txt", compared(answers_of_five(), "pg-ams1"),
                   "table", VIEW());
    assert_printed("query-compared-tuples.txt", compared(answers_to_compare(1), NULL),
                   "table", VIEW(.tuples_only = true));
    assert_printed("query-compared-same.txt", compared(answers_without_rows(), NULL),
                   "table", VIEW());
    assert_printed("query-compared-nobody.txt", compared(answers_of_nobody(), NULL),
                   "table", VIEW());
    assert_printed("query-reduced-odd.txt", reduced(answers_of_odd_ones()), "table",
                   VIEW());
}

/* ---- documents ---- */

static void answers_as_json(void **state)
{
    struct query_view objects = VIEW();
    objects.objects = objects.strings = true;
    assert_printed("query-five.json", answers_of_five(), "json", VIEW());
    assert_printed("query-odd.json", answers_of_odd_ones(), "json", VIEW());
    assert_printed("query-odd-objects.json", answers_of_odd_ones(), "json", objects);
    assert_printed("query-no-columns.json", answers_without_columns(), "json", VIEW());
    assert_printed("query-no-rows.json", answers_without_rows(), "json", objects);
    assert_printed("query-commands.json", answers_of_commands(), "json", VIEW());
    assert_printed("query-nobody.json", answers_of_nobody(), "json", objects);
    assert_printed("query-reduced.json", reduced(answers_of_five()), "json", VIEW());
    assert_printed("query-sum.json", added_up(answers_of_five()), "json", VIEW());
    assert_printed("query-folded.json", folded(answers_to_fold()), "json", VIEW());
    assert_printed("query-folded-odd.json", folded(answers_of_odd_ones()), "json",
                   VIEW());
    assert_printed("query-folded-no-columns.json", folded(answers_without_columns()),
                   "json", VIEW());
    assert_printed("query-compared.json", compared(answers_to_compare(2), NULL), "json",
                   VIEW());
    assert_printed("query-compared-shapes.json",
                   compared(answers_of_other_shapes(), NULL), "json", VIEW());
    assert_printed("query-compared-nobody.json", compared(answers_of_nobody(), NULL),
                   "json", VIEW());
}

static void answers_as_csv(void **state)
{
    assert_printed("query-five.csv", answers_of_five(), "csv", VIEW());
    assert_printed("query-five-tuples.csv", answers_of_five(), "csv",
                   VIEW(.tuples_only = true));
    assert_printed("query-no-columns.csv", answers_without_columns(), "csv", VIEW());
    assert_printed("query-no-rows.csv", answers_without_rows(), "csv", VIEW());
    assert_printed("query-reduced.csv", reduced(answers_of_five()), "csv", VIEW());
    assert_printed("query-sum.csv", added_up(answers_of_five()), "csv", VIEW());
    assert_printed("query-folded.csv", folded(answers_to_fold()), "csv", VIEW());
    assert_printed("query-compared-shapes.csv",
                   compared(answers_of_other_shapes(), NULL), "csv", VIEW());
    assert_printed("query-compared.csv", compared(answers_to_compare(2), NULL), "csv",
                   VIEW(.null = "N\"A"));
}

/* Values are kept byte for byte, so that this file is not one that a person may look
 * at; its name says so. */
static void csv_is_verbatim(void **state)
{
    assert_printed("query-odd.verbatim", answers_of_odd_ones(), "csv", VIEW());
}

/* ---- streams ---- */

static void stream_csv(const struct answers *answers, const struct look *look,
                       struct buf *out)
{
    struct query_feed *feed = query_feed_new(&writer_csv, answers->merge, look, out);
    assert_non_null(feed);
    for (size_t i = 0; i < answers->document.n; i++) {
        const struct pgcensus_reply *reply = &answers->document.replies[i];
        if (reply->rows)
            query_feed_add(feed, reply->node, reply->rows,
                           pgcensus_merge_map(answers->merge, i));
    }
    query_feed_free(feed);
}

static void streamed_csv_is_the_same(void **state)
{
    const struct query_view view = VIEW();
    AUTO(answers_fini) struct answers odd = answers_of_odd_ones();
    AUTO(answers_fini) struct answers nothing = answers_without_columns();
    AUTO(buf_fini) struct buf out = BUF_INIT;
    stream_csv(&odd, &view.look, &out);
    assert_golden("query-odd.verbatim", &out);
    buf_clear(&out);
    stream_csv(&nothing, &view.look, &out);
    assert_golden("query-no-columns.csv", &out);
}

static void assert_lines(const char *name, struct answers owned, struct query_view view)
{
    AUTO(answers_fini) struct answers answers = owned;
    AUTO(buf_fini) struct buf out = BUF_INIT;
    for (size_t i = 0; i < answers.document.n; i++) {
        const struct pgcensus_reply *reply = &answers.document.replies[i];
        if (reply->rows) {
            struct query_lines *lines =
                query_lines_new(reply->node, reply->rows, &view);
            assert_non_null(lines);
            query_lines_add(lines, reply->rows, &out);
            query_lines_free(lines);
        }
        if (answers.document.results[i]->failed)
            query_lines_add_failure(answers.fleet, answers.document.results[i], &out);
    }
    view.format = format_find("ndjson");
    report_query(&answers.document, &view, &out);
    assert_golden(name, &out);
}

static void answers_as_ndjson(void **state)
{
    struct query_view strings = VIEW();
    strings.strings = true;
    assert_lines("query-five.ndjson", answers_of_five(), VIEW());
    assert_lines("query-odd.ndjson", answers_of_odd_ones(), VIEW());
    assert_lines("query-odd-strings.ndjson", answers_of_odd_ones(), strings);
    assert_lines("query-no-columns.ndjson", answers_without_columns(), VIEW());
    assert_lines("query-nobody.ndjson", answers_of_nobody(), VIEW());
}

/* ---- for stderr ---- */

static void assert_problems(const char *name, struct answers owned, bool verbose)
{
    AUTO(answers_fini) struct answers answers = owned;
    AUTO(buf_fini) struct buf out = BUF_INIT;
    report_query_problems(&answers.document, verbose, &out);
    report_query_notes(&answers.document, &out);
    assert_golden(name, &out);
}

static void problems_with_a_statement(void **state)
{
    assert_problems("query-five-problems.txt", answers_of_five(), false);
    assert_problems("query-odd-problems.txt", answers_of_odd_ones(), false);
    assert_problems("query-odd-problems-verbose.txt", answers_of_odd_ones(), true);
    assert_problems("query-shapes-problems.txt", answers_of_other_shapes(), false);
    assert_problems("query-thousand-problems.txt", answers_of_a_thousand(), false);
    assert_problems("nothing.txt", answers_without_rows(), true);
}

static void assert_said(const char *name, struct answers owned, bool verbose)
{
    AUTO(answers_fini) struct answers answers = owned;
    AUTO(buf_fini) struct buf out = BUF_INIT;
    report_query_said(&answers.document, verbose, &out);
    assert_golden(name, &out);
}

static void what_servers_say(void **state)
{
    assert_said("query-said.txt", answers_with_notices(), false);
    assert_said("query-said-verbose.txt", answers_with_notices(), true);
    assert_said("query-said-much.txt", answers_with_many_notices(), false);
    assert_said("nothing.txt", answers_of_five(), true);
    assert_printed("query-said.json", answers_with_notices(), "json", VIEW());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_as_tables),
        cmocka_unit_test(tables_of_wide_characters),
        cmocka_unit_test(tables_of_little),
        cmocka_unit_test(what_was_made_of_answers_as_tables),
        cmocka_unit_test(answers_as_json),
        cmocka_unit_test(answers_as_csv),
        cmocka_unit_test(csv_is_verbatim),
        cmocka_unit_test(streamed_csv_is_the_same),
        cmocka_unit_test(answers_as_ndjson),
        cmocka_unit_test(problems_with_a_statement),
        cmocka_unit_test(what_servers_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
