/* This file plays the fleet, too: pgcensus_fleet_node() is defined here. */
#include "answers.h"

#include "base/clock.h"
#include "base/rowset.h"

#include <string.h>

static const char *const names[] = {"pg-1", "pg-2", "other", "pg-3",
                                    "dead", "torn", "lazy",  "off"};

static struct pgcensus_identity identities[8];

const struct pgcensus_identity *pgcensus_fleet_node(const struct pgcensus_fleet *fleet,
                                                    size_t index)
{
    identities[index] = (struct pgcensus_identity){
        .name = names[index], .host = "10.2.0.12", .port = 5432};
    return &identities[index];
}

static struct pgcensus_query_result *
add(struct answers *answers, enum pgcensus_query_status status, struct rowset *rowset)
{
    size_t at = answers->document.n++;
    struct pgcensus_query_result *result = &answers->results[at];
    *result = (struct pgcensus_query_result){
        .index = at,
        .status = status,
        .attempted = status != PGCENSUS_QUERY_DISABLED,
        .connect = 1900 * NSEC_PER_USEC,
        .query = 600 * NSEC_PER_USEC,
        .total = 2500 * NSEC_PER_USEC,
        .attempts = 1,
    };
    if (rowset) {
        result->n_rows = rowset->rows.n_rows;
        snprintf(result->command, sizeof result->command, "SELECT %zu", result->n_rows);
    }
    answers->list[at] = result;
    answers->replies[at] = (struct pgcensus_reply){
        .node = names[at],
        .status = pgcensus_query_status_name(status),
        .rows = rowset_rows(rowset),
        .complete = status == PGCENSUS_QUERY_OK,
    };
    return result;
}

static void fail(struct pgcensus_query_result *result, enum pgcensus_class error_class,
                 enum pgcensus_phase phase, const char *sqlstate, const char *message)
{
    result->failed = true;
    result->failure.error_class = error_class;
    result->failure.phase = phase;
    strcpy(result->failure.sqlstate, sqlstate);
    snprintf(result->failure.message, sizeof result->failure.message, "%s", message);
    result->truncated = error_class == PGCENSUS_CLASS_LIMIT;
    if (phase < PGCENSUS_PHASE_QUERY)
        result->connect = result->query = PGCENSUS_UNKNOWN_TIME;
}

static struct rowset *two_columns(const char *const (*rows)[2], size_t n)
{
    struct rowset *rowset = rowset_new();
    rowset_begin(rowset, 2);
    rowset_name(rowset, 0, "name", PGCENSUS_TYPE_TEXT);
    rowset_name(rowset, 1, "setting", 23);
    for (size_t i = 0; i < n; i++) {
        rowset_add_row(rowset);
        rowset_set_str(rowset, 0, rows[i][0]);
        rowset_set_str(rowset, 1, rows[i][1]);
    }
    return rowset;
}

static void complete(struct answers *answers)
{
    struct query_document *document = &answers->document;
    struct pgcensus_merge *merge = pgcensus_merge_new(document->n);
    document->started_wall = 1759329128114 * NSEC_PER_MSEC;
    document->elapsed = 31 * NSEC_PER_MSEC;
    document->results = answers->list;
    document->replies = answers->replies;
    document->status = "partial";
    document->exit_code = 1;
    document->merge = merge;
    query_summarize(answers->list, document->n, &document->summary);
    for (size_t i = 0; i < document->n; i++)
        if (answers->replies[i].rows)
            pgcensus_merge_add(merge, i, answers->replies[i].rows, false);
    document->summary.columns_differ = pgcensus_merge_differs(merge);
}

void answers_of_five(struct answers *answers)
{
    static const char *const usual[][2] = {{"max_connections", "400"},
                                           {"shared_buffers", "1048576"}};
    static const char *const unusual[][2] = {{"max_connections", "200"},
                                             {"work_mem", NULL}};
    *answers = (struct answers){0};
    add(answers, PGCENSUS_QUERY_OK, two_columns(usual, 2));
    add(answers, PGCENSUS_QUERY_OK, two_columns(usual, 2));
    add(answers, PGCENSUS_QUERY_OK, two_columns(unusual, 2));
    add(answers, PGCENSUS_QUERY_OK, two_columns(usual, 2));
    fail(add(answers, PGCENSUS_QUERY_FAILED, NULL), PGCENSUS_CLASS_REFUSED,
         PGCENSUS_PHASE_CONNECT, "", "connection refused (10.2.0.12:5432)");
    complete(answers);
}

struct odd_column {
    const char *name;
    unsigned type;
    const char *first, *second;
};

static struct rowset *odd_rows(void)
{
    static const struct odd_column columns[] = {
        {"n", PGCENSUS_TYPE_NUMERIC,
         "1234567890123456789012345678901234567890123456789012345678901234567890"
         "123456789012345678901234567890.10",
         "NaN"},
        {"n", PGCENSUS_TYPE_FLOAT8, "1e+20", "-Infinity"},
        {"", PGCENSUS_TYPE_TEXT, "", NULL},
        {"node", PGCENSUS_TYPE_BOOL, "t", "maybe"},
        {"j", 114, "{\"a\":\n [1, 2.50]}", "{not json}"},
        {"say \"hi\",\nyou", PGCENSUS_TYPE_TEXT, "two\nlines, \"quoted\"", "\\."},
        {"hostile", 16500, "\x1b[2J\x1b]0;owned\x07", "\u202ebidi\u200b \xff"},
        {"scripts", PGCENSUS_TYPE_TEXT, "\u65e5\u672c\u8a9e", "e\u0301 \U0001f600"},
    };
    struct rowset *rowset = rowset_new();
    rowset_begin(rowset, ARRAY_SIZE(columns));
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
        rowset_name(rowset, i, columns[i].name, columns[i].type);
    rowset_add_row(rowset);
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
        rowset_set_str(rowset, i, columns[i].first);
    rowset_add_row(rowset);
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
        rowset_set_str(rowset, i, columns[i].second);
    return rowset;
}

static struct rowset *other_columns(void)
{
    struct rowset *rowset = rowset_new();
    rowset_begin(rowset, 2);
    rowset_name(rowset, 0, "extra", 23);
    rowset_name(rowset, 1, "j", 3802);
    rowset_add_row(rowset);
    rowset_set_str(rowset, 0, "7");
    rowset_set_str(rowset, 1, "null");
    return rowset;
}

void answers_of_odd_ones(struct answers *answers)
{
    *answers = (struct answers){0};
    add(answers, PGCENSUS_QUERY_OK, odd_rows());
    add(answers, PGCENSUS_QUERY_OK, other_columns());
    add(answers, PGCENSUS_QUERY_OK, two_columns(NULL, 0));
    fail(add(answers, PGCENSUS_QUERY_FAILED, NULL), PGCENSUS_CLASS_QUERY,
         PGCENSUS_PHASE_QUERY, "42P01", "ERROR: relation \"x\" does not exist");
    fail(add(answers, PGCENSUS_QUERY_FAILED, NULL), PGCENSUS_CLASS_QUERY,
         PGCENSUS_PHASE_QUERY, "42P01", "ERROR: relation \"x\" does not exist");
    fail(add(answers, PGCENSUS_QUERY_PARTIAL, other_columns()), PGCENSUS_CLASS_LIMIT,
         PGCENSUS_PHASE_STREAM, "", "more rows than allowed");
    fail(add(answers, PGCENSUS_QUERY_SKIPPED, NULL), PGCENSUS_CLASS_REFUSED,
         PGCENSUS_PHASE_CONNECT, "", "connection refused (10.2.0.12:5432)");
    add(answers, PGCENSUS_QUERY_DISABLED, NULL);
    complete(answers);
}

void answers_without_rows(struct answers *answers)
{
    *answers = (struct answers){0};
    for (int i = 0; i < 3; i++)
        strcpy(add(answers, PGCENSUS_QUERY_OK, NULL)->command, "INSERT 0 1");
    fail(add(answers, PGCENSUS_QUERY_FAILED, NULL), PGCENSUS_CLASS_CONFIG,
         PGCENSUS_PHASE_NONE, "", "allow_write is not set here");
    complete(answers);
}

void answers_fini(struct answers *answers)
{
    for (size_t i = 0; i < answers->document.n; i++)
        pgcensus_rows_free((struct pgcensus_rows *)answers->replies[i].rows);
    pgcensus_merge_free((struct pgcensus_merge *)answers->document.merge);
    pgcensus_fold_free((struct pgcensus_fold *)answers->document.fold);
    pgcensus_diff_free((struct pgcensus_diff *)answers->document.diff);
    pgcensus_rows_free((struct pgcensus_rows *)answers->document.reduced);
}
