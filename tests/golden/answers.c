/* This file plays the fleet and the query: results are made by hand, and so are rows.
 * What is merged, folded and compared goes through the library. */
#include "answers.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/rowset.h"
#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 1000 };

#define MSEC(n) ((nsec)((n)*1e6))

struct pgcensus_fleet {
    size_t n;
    struct pgcensus_identity identities[MOST];
    struct pgcensus_query_result results[MOST];
    const struct pgcensus_query_result *order[MOST];
    struct pgcensus_reply replies[MOST];
    struct pgcensus_rows *rows[MOST];
    char names[MOST][16];
};

size_t pgcensus_fleet_size(const struct pgcensus_fleet *fleet)
{
    return fleet->n;
}

void pgcensus_fleet_redact(const struct pgcensus_fleet *fleet, char *text, size_t size)
{
}

const struct pgcensus_identity *pgcensus_fleet_node(const struct pgcensus_fleet *fleet,
                                                    size_t index)
{
    assert(index < fleet->n);
    return &fleet->identities[index];
}

void answers_fini(struct answers *answers)
{
    for (size_t i = 0; i < answers->fleet->n; i++)
        pgcensus_rows_free(answers->fleet->rows[i]);
    free(answers->fleet);
    pgcensus_merge_free(answers->merge);
    pgcensus_rows_free(answers->reduced);
    pgcensus_fold_free(answers->fold);
    pgcensus_diff_free(answers->diff);
}

/* ---- making rows and nodes ---- */

/* cells: n_rows * n_columns of them; NULL is NULL. */
static struct pgcensus_rows *make_rows(const struct pgcensus_column *columns,
                                       size_t n_columns, const char *const *cells,
                                       size_t n_rows)
{
    struct rowset *rowset = rowset_new();
    bool good = rowset && rowset_begin(rowset, n_columns);
    for (size_t i = 0; good && i < n_columns; i++)
        good = rowset_name(rowset, i, columns[i].name, columns[i].type);
    for (size_t row = 0; good && row < n_rows; row++) {
        good = rowset_add_row(rowset);
        for (size_t i = 0; good && i < n_columns; i++)
            good = rowset_set_str(rowset, i, cells[row * n_columns + i]);
    }
    assert(good);
    snprintf(rowset->rows.command, sizeof rowset->rows.command, "SELECT %zu", n_rows);
    return rowset_rows(rowset);
}

static struct pgcensus_query_result *add_node(struct answers *answers, const char *name,
                                              enum pgcensus_query_status status)
{
    const nsec none = PGCENSUS_UNKNOWN_TIME;
    struct pgcensus_fleet *fleet = answers->fleet;
    if (!fleet)
        fleet = answers->fleet = memory_new(struct pgcensus_fleet);
    assert(fleet && fleet->n < MOST);
    size_t index = fleet->n++;
    text_copy(fleet->names[index], sizeof fleet->names[index], name);
    fleet->identities[index] = (struct pgcensus_identity){
        .name = fleet->names[index], .host = "10.2.0.12", .port = 5432};
    struct pgcensus_query_result *result = &fleet->results[index];
    *result = (struct pgcensus_query_result){.index = index,
                                             .status = status,
                                             .connect = none,
                                             .query = none,
                                             .total = none};
    fleet->order[index] = result;
    return result;
}

/* Takes the rows. */
static struct pgcensus_query_result *
add_answer(struct answers *answers, const char *name, struct pgcensus_rows *rows)
{
    struct pgcensus_query_result *result = add_node(answers, name, PGCENSUS_QUERY_OK);
    result->attempted = true;
    result->connect = MSEC(1.9);
    result->query = MSEC(0.6);
    result->total = MSEC(2.5);
    result->n_rows = rows->n_rows;
    memcpy(result->command, rows->command, sizeof result->command);
    answers->fleet->rows[result->index] = rows;
    return result;
}

static void fails(struct pgcensus_query_result *result, enum pgcensus_class error_class,
                  enum pgcensus_phase phase, const char *message)
{
    result->failed = true;
    result->failure.error_class = error_class;
    result->failure.phase = phase;
    result->failure.retryable = error_class == PGCENSUS_CLASS_REFUSED;
    text_copy(result->failure.message, sizeof result->failure.message, message);
}

static struct pgcensus_query_result *
add_failure(struct answers *answers, const char *name, enum pgcensus_class error_class,
            enum pgcensus_phase phase, const char *message)
{
    struct pgcensus_query_result *result =
        add_node(answers, name, PGCENSUS_QUERY_FAILED);
    result->attempted = true;
    result->total = MSEC(0.2);
    fails(result, error_class, phase, message);
    return result;
}

static void is_refused(struct answers *answers, const char *name)
{
    struct pgcensus_query_result *result =
        add_failure(answers, name, PGCENSUS_CLASS_REFUSED, PGCENSUS_PHASE_CONNECT,
                    "connection refused (10.2.0.12:5432)");
    strcpy(result->hostaddr, "10.2.0.12");
}

static void add_error(struct answers *answers, const char *name, const char *message)
{
    struct pgcensus_query_result *result =
        add_failure(answers, name, PGCENSUS_CLASS_QUERY, PGCENSUS_PHASE_QUERY, message);
    strcpy(result->failure.sqlstate, "42P01");
}

static void finish(struct answers *answers, nsec elapsed)
{
    struct pgcensus_fleet *fleet = answers->fleet;
    struct query_summary *summary = &answers->document.summary;
    answers->merge = pgcensus_merge_new(fleet->n);
    assert(answers->merge);
    for (size_t i = 0; i < fleet->n; i++) {
        const struct pgcensus_query_result *result = &fleet->results[i];
        fleet->replies[i] = (struct pgcensus_reply){
            .node = fleet->identities[i].name,
            .status = pgcensus_query_status_name(result->status),
            .error = result->failed ? result->failure.message : NULL,
            .latency = result->total,
            .rows = fleet->rows[i],
            .complete = result->status == PGCENSUS_QUERY_OK,
        };
        bool added = !fleet->rows[i] ||
                     pgcensus_merge_add(answers->merge, i, fleet->rows[i], false);
        assert(added);
        (void)added;
    }
    query_summarize(fleet->order, fleet->n, summary);
    summary->columns_differ = pgcensus_merge_differs(answers->merge);
    bool whole = summary->failed + summary->partial == 0;
    answers->document.status = whole ? "ok" : summary->ok ? "partial" : "failed";
    answers->document.exit_code = whole ? 0 : summary->ok ? 1 : 2;
    answers->document.fleet = fleet;
    answers->document.started_wall = INT64_C(1790865128114000000);
    answers->document.elapsed = elapsed;
    answers->document.results = fleet->order;
    answers->document.replies = fleet->replies;
    answers->document.n = fleet->n;
    answers->document.merge = answers->merge;
}

/* ---- the answers ---- */

struct answers answers_of_five(void)
{
    static const struct pgcensus_column columns[] = {
        {"datname", 19}, {"numbackends", 23}, {"xact_commit", 20}};
    static const char *const cells[] = {
        "app", "42", "18233411", "app", "7", "9120032",
        "app", "5",  "9118820",  "app", "6", "9119975",
    };
    struct answers answers = {0};
    add_answer(&answers, "pg-ams1", make_rows(columns, 3, cells, 1));
    add_answer(&answers, "pg-ams2", make_rows(columns, 3, cells + 3, 1));
    add_answer(&answers, "pg-fra1", make_rows(columns, 3, cells + 6, 1));
    is_refused(&answers, "pg-fra2");
    add_answer(&answers, "pg-lon1", make_rows(columns, 3, cells + 9, 1));
    finish(&answers, MSEC(31));
    return answers;
}

#define TEN_DIGITS "1234567890"
#define FIFTY_DIGITS TEN_DIGITS TEN_DIGITS TEN_DIGITS TEN_DIGITS TEN_DIGITS

static void add_odd_values(struct answers *answers)
{
    enum { MOOD = 99999 }; /* an enum that somebody made */
    static const struct pgcensus_column columns[] = {
        {"t", 25}, {"n", 1700}, {"f", 701},  {"b", 16},    {"j", 3802},
        {"", 25},  {"t", 1043}, {"t_2", 25}, {"node", 23}, {"say \"h,i\"\n", MOOD},
    };
    static const char *const cells[] = {
        "",
        FIFTY_DIGITS "." FIFTY_DIGITS,
        "NaN",
        "t",
        "{\"a\": [1, 2.50]}",
        NULL,
        "\xf0\x9f\x98\x80 \xe6\x97\xa5\xe6\x9c\xac",
        "\\.",
        "-2147483648",
        "sad",

        NULL,
        "-0.00",
        "-Infinity",
        "f",
        "null",
        "",
        "e\xcc\x81, \"quoted\"",
        "two\nlines\r\n",
        "0",
        "\x1b[2J\xe2\x80\xae\xff",

        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,

        "tab\there",
        "NaN",
        "1e-300",
        "t",
        "{\"cut",
        " blanks ",
        "back\\slash",
        "last\n",
        "2147483647",
        "'",
    };
    add_answer(answers, "pg-a", make_rows(columns, ARRAY_SIZE(columns), cells, 4));
}

struct answers answers_of_odd_ones(void)
{
    /* n was numeric in front of it, and flags were numbers */
    static const struct pgcensus_column others[] = {{"n", 25}, {"b", 23}, {"more", 28}};
    static const char *const other_cells[] = {"007", "1", "17", "12", NULL, NULL};
    static const struct pgcensus_column fewer[] = {{"t", 25}};
    static const char *const part[] = {"first", "second"};
    struct answers answers = {0};

    add_odd_values(&answers);
    add_answer(&answers, "pg-b", make_rows(others, 3, other_cells, 2))->connect =
        PGCENSUS_UNKNOWN_TIME;
    struct pgcensus_query_result *result =
        add_answer(&answers, "lost", make_rows(fewer, 1, part, 2));
    result->status = PGCENSUS_QUERY_PARTIAL;
    *result->command = '\0';
    fails(result, PGCENSUS_CLASS_LOST, PGCENSUS_PHASE_STREAM,
          "server closed the connection unexpectedly");
    result = add_answer(&answers, "long", make_rows(fewer, 1, part, 2));
    result->status = PGCENSUS_QUERY_PARTIAL;
    result->truncated = true;
    *result->command = '\0';
    fails(result, PGCENSUS_CLASS_LIMIT, PGCENSUS_PHASE_STREAM,
          "more than 2 rows in all (--max-rows)");
    result->failure.subject = PGCENSUS_SUBJECT_MAX_ROWS;
    add_failure(&answers, "hostile", PGCENSUS_CLASS_AUTH, PGCENSUS_PHASE_AUTH,
                "\x1b]0;owned\x07 \xe2\x80\xaeNS\"\n\xff");
    add_node(&answers, "off", PGCENSUS_QUERY_DISABLED);
    result = add_node(&answers, "ill", PGCENSUS_QUERY_SKIPPED);
    fails(result, PGCENSUS_CLASS_NOT_READY, PGCENSUS_PHASE_AUTH,
          "the database system is starting up");
    finish(&answers, MSEC(1203.4));
    return answers;
}

struct answers answers_without_columns(void)
{
    struct answers answers = {0};
    add_answer(&answers, "pg-a", make_rows(NULL, 0, NULL, 2));
    add_answer(&answers, "pg-b", make_rows(NULL, 0, NULL, 1));
    finish(&answers, MSEC(3));
    return answers;
}

struct answers answers_without_rows(void)
{
    static const struct pgcensus_column columns[] = {{"id", 23}, {"name", 25}};
    struct answers answers = {0};
    add_answer(&answers, "pg-a", make_rows(columns, 2, NULL, 0));
    add_answer(&answers, "pg-b", make_rows(columns, 2, NULL, 0));
    finish(&answers, MSEC(3));
    return answers;
}

struct answers answers_of_commands(void)
{
    struct answers answers = {0};
    struct pgcensus_query_result *result;
    result = add_answer(&answers, "pg-a", make_rows(NULL, 0, NULL, 0));
    strcpy(result->command, "UPDATE 3");
    result = add_answer(&answers, "pg-b", make_rows(NULL, 0, NULL, 0));
    strcpy(result->command, "UPDATE 12");
    is_refused(&answers, "pg-c");
    finish(&answers, MSEC(3));
    return answers;
}

/* What a server says is never changed here. */
static void says(struct pgcensus_query_result *result,
                 const struct pgcensus_notice *notices, size_t n)
{
    result->notices.items = (struct pgcensus_notice *)notices;
    result->notices.n = n;
}

struct answers answers_with_notices(void)
{
    static char skipping[] = "skipping \"w\" --- only its owner can vacuum it";
    static char full[] = "disk almost full: 97 %", again[] = "again";
    static char hostile[] = "\\x1b[2J is what it sent";
    static const struct pgcensus_notice all[] = {
        {"WARNING", "01000", skipping}, {"NOTICE", "00000", again},
        {"WARNING", "01000", full},     {"WARNING", "01000", again},
        {"WARNING", "01000", again},    {"INFO", "", hostile},
    };
    struct answers answers = answers_of_commands();
    for (size_t i = 0; i < 3; i++) {
        struct pgcensus_query_result *result = &answers.fleet->results[i];
        says(result, all, 1 + i);
    }
    says(&answers.fleet->results[2], all + 2, 4);
    answers.fleet->results[0].notices.omitted_others = 7;
    answers.fleet->results[1].notices.omitted_warnings = 100;
    answers.fleet->results[2].notices.omitted_warnings = 11;
    return answers;
}

/* More texts than a terminal has lines. */
struct answers answers_with_many_notices(void)
{
    enum { EACH = 20, NODES = 4 };
    static struct pgcensus_notice notices[NODES][EACH];
    static char texts[NODES][EACH][32];
    struct answers answers = {0};
    for (size_t i = 0; i < NODES; i++) {
        char name[16];
        snprintf(name, sizeof name, "pg-%zu", i);
        for (size_t j = 0; j < EACH; j++) {
            snprintf(texts[i][j], sizeof texts[i][j], "row %zu of node %zu", j, i);
            notices[i][j] = (struct pgcensus_notice){"WARNING", "01000", texts[i][j]};
        }
        says(add_answer(&answers, name, make_rows(NULL, 0, NULL, 0)), notices[i], EACH);
    }
    finish(&answers, MSEC(3));
    return answers;
}

struct answers answers_of_nobody(void)
{
    struct answers answers = {0};
    is_refused(&answers, "pg-a");
    add_failure(&answers, "pg-b", PGCENSUS_CLASS_TIMEOUT, PGCENSUS_PHASE_CONNECT,
                "timeout after 5 s (connect)");
    finish(&answers, MSEC(5002));
    return answers;
}

struct answers answers_to_fold(void)
{
    static const struct pgcensus_column columns[] = {{"shared_buffers", 25}};
    static const char *const eight[] = {"8GB"}, *const four[] = {"4GB"};
    struct answers answers = {0};
    add_answer(&answers, "pg-ams1", make_rows(columns, 1, eight, 1));
    add_answer(&answers, "pg-ams2", make_rows(columns, 1, eight, 1));
    add_answer(&answers, "pg-fra1", make_rows(columns, 1, four, 1));
    is_refused(&answers, "pg-fra2");
    add_answer(&answers, "pg-lon1", make_rows(columns, 1, eight, 1));
    finish(&answers, MSEC(31));
    return answers;
}

struct answers answers_to_compare(size_t n_compared)
{
    static const struct pgcensus_column columns[] = {
        {"name", 25}, {"setting", 25}, {"unit", 25}};
    static const struct pgcensus_column fewer[] = {{"name", 25}, {"reset", 25}};
    static const char *const usual[] = {"fsync",           "on",      NULL,
                                        "max_connections", "400",     NULL,
                                        "shared_buffers",  "1048576", "8kB"};
    static const char *const other[] = {"fsync",           "on",  NULL,
                                        "max_connections", "200", "",
                                        "shared_buffers",  NULL,  "8kB"};
    static const char *const rows[] = {
        "fsync", "on", NULL, "jit\n", "off", NULL, "shared_buffers", "1048576", "8kB"};
    static const char *const reset[] = {"fsync", "on"};
    struct answers answers = {0};
    size_t n = 1 + n_compared;
    assert(n == 2 || n == 3);

    const char *cells[3][9];
    const char *const *all[] = {usual, other, rows};
    for (size_t i = 0; i < 3; i++)
        for (size_t row = 0; row < 3; row++)
            memcpy(&cells[i][row * n], &all[i][row * 3], n * sizeof(char *));
    add_answer(&answers, "pg-ams1", make_rows(columns, n, cells[0], 3));
    add_answer(&answers, "pg-ams2", make_rows(columns, n, cells[1], 3));
    is_refused(&answers, "pg-fra1");
    add_answer(&answers, "pg-fra2", make_rows(columns, n, cells[2], 3));
    add_answer(&answers, "pg-lon1", make_rows(columns, n, cells[0], 3));
    add_answer(&answers, "pg-lon2", make_rows(fewer, 2, reset, 1));
    finish(&answers, MSEC(31));
    return answers;
}

/* Nothing but the types, the order of columns, and the order of rows. */
struct answers answers_of_other_shapes(void)
{
    static const struct pgcensus_column columns[] = {{"k", 23}, {"v", 25}};
    static const struct pgcensus_column wider[] = {{"k", 20}, {"v", 16400}};
    static const struct pgcensus_column swapped[] = {{"v", 25}, {"k", 23}};
    static const char *const usual[] = {"1", "a", "2", "b"};
    static const char *const turned[] = {"a", "1", "b", "2"};
    static const char *const late[] = {"2", "b", "1", "a"};
    struct answers answers = {0};
    add_answer(&answers, "pg-ams1", make_rows(columns, 2, usual, 2));
    add_answer(&answers, "pg-ams2", make_rows(columns, 2, usual, 2));
    add_answer(&answers, "pg-fra1", make_rows(wider, 2, usual, 2));
    add_answer(&answers, "pg-fra2", make_rows(swapped, 2, turned, 2));
    add_answer(&answers, "pg-lon1", make_rows(columns, 2, late, 2));
    finish(&answers, MSEC(31));
    return answers;
}

struct answers answers_of_a_thousand(void)
{
    static const struct pgcensus_column columns[] = {{"one", 23}};
    static const char *const one[] = {"1"};
    struct answers answers = {0};
    for (unsigned i = 1; i <= MOST; i++) {
        char name[16];
        snprintf(name, sizeof name, "pg-%04u", i);
        if (i % 100 == 7)
            add_answer(&answers, name, make_rows(columns, 1, one, 1));
        else if (i >= 412 && i <= 448)
            is_refused(&answers, name);
        else if (i == 990 || i == 991)
            add_failure(&answers, name, PGCENSUS_CLASS_TIMEOUT, PGCENSUS_PHASE_QUERY,
                        "timeout after 30 s (query)");
        else
            add_error(&answers, name,
                      i % 3 ? "ERROR: relation \"t\" does not exist"
                            : "ERROR: permission denied for table t");
    }
    finish(&answers, MSEC(30021));
    return answers;
}

/* ---- what is made of them ---- */

static struct pgcensus_replies replies_of(const struct answers *answers)
{
    return (struct pgcensus_replies){answers->document.replies, answers->document.n};
}

void answers_fold(struct answers *answers)
{
    struct pgcensus_error error;
    struct pgcensus_replies replies = replies_of(answers);
    answers->fold = pgcensus_fold(&replies, /* unordered= */ false, &error);
    assert(answers->fold);
    answers->document.fold = answers->fold;
}

void answers_compare(struct answers *answers, const char *reference)
{
    struct pgcensus_error error;
    struct pgcensus_replies replies = replies_of(answers);
    struct pgcensus_diff_options options = {.reference = reference};
    answers->diff = pgcensus_diff(&replies, &options, &error);
    assert(answers->diff);
    answers->document.diff = answers->diff;
}

void answers_reduce(struct answers *answers)
{
    static const struct pgcensus_column columns[] = {
        {"datname", 25}, {"nodes", 20}, {"spread", 701}};
    static const char *const cells[] = {"app", "4", "8192.5", "postgres", "4", NULL};
    answers->reduced = make_rows(columns, 3, cells, 2);
    answers->document.reduced = answers->reduced;
}

void answers_add_up(struct answers *answers, const char *column)
{
    struct pgcensus_error error;
    struct pgcensus_replies replies = replies_of(answers);
    const struct pgcensus_tally tallies[] = {{PGCENSUS_TALLY_SUM, column},
                                             {PGCENSUS_TALLY_AVG, column}};
    answers->reduced = pgcensus_tally(&replies, tallies, ARRAY_SIZE(tallies), &error);
    assert(answers->reduced);
    answers->document.reduced = answers->reduced;
}
