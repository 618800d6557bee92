/* A second statement over all answers, in SQLite, in memory.
 *
 * The database is loaded first and guarded then: an authorizer that lets nothing but
 * reading through, limits on what a statement may be, and a handler that looks at the
 * clock, at the caller's descriptor and at memory every few hundred steps.  Invariant:
 * the statement cannot reach a file, another database, or code that is not built in.
 *
 * The surprise: a statement may be run as it was not written, see reduce_rewrite.c, so
 * names of columns are those of another statement than the rows. */
#include "query/reduce_private.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/quantity.h"
#include "base/rowset.h"
#include "base/text.h"
#include "io/ready.h"
#include "query/sqlite.h"

#include <stdint.h>
#include <string.h>

AUTO_DEFINE(sqlite3 *, sqlite3_close)

/* A step may copy a value of megabytes, so there are few of them between two looks; the
 * system is asked about the descriptor less often. */
enum { STEPS_A_LOOK = 250, MOST_SQL = 1 << 20, MOST_VALUE = 64 << 20 };
enum { WORK_MEMORY = 512 << 20 };

const char *query_sqlite_version(void)
{
    return sqlite3_libversion();
}

bool reduce_fail(sqlite3 *db, struct pgcensus_error *ret_error)
{
    AUTO(buf_fini) struct buf message = BUF_INIT;
    int code = sqlite3_errcode(db);
    bool is_ours = code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE;
    if (code == SQLITE_NOMEM || is_ours) /* what SQLite does not know of ran out here */
        return error_memory(ret_error);
    if (code == SQLITE_AUTH)
        buf_add_str(&message, "the statement may only read: ");
    text_add_safe_str(&message, sqlite3_errmsg(db));
    return error_set_about(ret_error, PGCENSUS_TROUBLE_USAGE, PGCENSUS_SUBJECT_REDUCE,
                           "reduce: %s", message.bytes);
}

/* ---- guards ---- */

/* Built in, or brought along by whoever built this SQLite, and no business of a
 * statement that only looks at rows. */
static bool is_allowed_action(const char *function)
{
    static const char *const refused[] = {
        "load_extension", "fts3_tokenizer", "readfile", "writefile", "edit", "eval"};
    for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
        if (sqlite3_stricmp(function, refused[i]) == 0)
            return false;
    return true;
}

/* A table that is only counted is read without a column, and a name of WITH then looks
 * like a table. */
static bool is_own_function(const char *table, const char *column)
{
    static const char *const ours[] = {"r",         "nodes",         "json_each",
                                       "json_tree", "sqlite_master", "sqlite_schema"};
    for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
        if (sqlite3_stricmp(table, ours[i]) == 0)
            return true;
    return !*column;
}

/* Whether what the statement reads can be compared at all. */
static bool is_sound(struct reduce_compare *compare, const char *table,
                     const char *column)
{
    bool clash = reduce_numbers_clash(compare->numbers);
    for (size_t i = 0; i < compare->n; i++) {
        const struct reduce_column *known = &compare->columns[i];
        if ((known->crowded || (clash && known->shape == REDUCE_SHAPE_DECIMAL)) &&
            sqlite3_stricmp(table, "r") == 0 &&
            sqlite3_stricmp(column, known->name) == 0)
            reduce_refuse_column(
                compare, i, "has long numbers too close to each other to be compared");
    }
    return !compare->failed;
}

static int authorize(void *context, int action, const char *first, const char *second,
                     const char *database, const char *trigger)
{
    if (action == SQLITE_READ && !is_sound(context, first, second))
        return SQLITE_DENY;
    bool selects = action == SQLITE_SELECT || action == SQLITE_RECURSIVE;
    bool reads = action == SQLITE_READ && is_own_function(first, second);
    bool calls = action == SQLITE_FUNCTION && is_allowed_action(second);
    return selects || reads || calls ? SQLITE_OK : SQLITE_DENY;
}

int reduce_look_around(void *context)
{
    struct reduce_patience *patience = context;
    const struct pgcensus_reduce_options *options = patience->options;
    nsec now = clock_now();
    if (now >= patience->next_poll) {
        patience->interrupted = ready_to_read(options->stop_fd);
        patience->next_poll = now + NSEC_PER_MSEC;
    }
    patience->late = options->deadline && now >= options->deadline;
    patience->large = (size_t)sqlite3_memory_used() > patience->memory;
    return patience->interrupted || patience->late || patience->large;
}

static void guard(sqlite3 *db, struct reduce_compare *compare,
                  struct reduce_patience *patience)
{
    /* As much again as the rows take, for sorting them.  SQLite has a hard limit of its
     * own, but of the whole process, which is not ours. */
    patience->memory = 2 * (size_t)sqlite3_memory_used() + WORK_MEMORY;
    static const struct {
        int limit, value;
    } limits[] = {
        {SQLITE_LIMIT_LENGTH, MOST_VALUE},
        {SQLITE_LIMIT_SQL_LENGTH, MOST_SQL},
        {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_WORKER_THREADS, 0},
        {SQLITE_LIMIT_EXPR_DEPTH, 1000},
        {SQLITE_LIMIT_COMPOUND_SELECT, 500},
        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50000},
    };
    for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
        sqlite3_limit(db, limits[i].limit, limits[i].value);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    /* Else a misspelt "column" is the text 'column'. */
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_set_authorizer(db, authorize, compare);
    sqlite3_progress_handler(db, STEPS_A_LOOK, reduce_look_around, patience);
}

static bool load_answers(sqlite3 *db, const struct pgcensus_replies *replies,
                         struct reduce_compare *compare,
                         struct reduce_patience *patience,
                         struct pgcensus_error *ret_error)
{
    static const char begin[] = "PRAGMA page_size=16384;" /* fewer of them */
                                "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
                                "PRAGMA temp_store=MEMORY; BEGIN";
    if (!reduce_add_functions(db) || !reduce_add_sums(db, compare->numbers) ||
        sqlite3_exec(db, begin, NULL, NULL, NULL) != SQLITE_OK)
        return reduce_fail(db, ret_error);
    /* Tables of functions are made when they are first used, which takes more than the
     * statement itself will be allowed.  An SQLite without JSON has none. */
    sqlite3_exec(db, "SELECT 1 FROM json_each('[]'), json_tree('[]')", NULL, NULL,
                 NULL);
    if (!reduce_load_rows(db, replies, compare, patience, ret_error) ||
        !reduce_load_nodes(db, replies, ret_error))
        return false;
    return sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK ||
           reduce_fail(db, ret_error);
}

/* ---- the statement ---- */

static bool not_comparable(const struct reduce_compare *compare,
                           struct pgcensus_error *ret_error)
{
    return error_set_about(ret_error, PGCENSUS_TROUBLE_USAGE, PGCENSUS_SUBJECT_REDUCE,
                           "reduce: %s", compare->message);
}

/* SQLite takes any character that is no ASCII for one of a name. */
static const char *parameter_name(sqlite3_stmt *statement)
{
    const char *name = sqlite3_bind_parameter_name(statement, 1);
    bool plain =
        name && strspn(name + 1, "0123456789abcdefghijklmnopqrstuvwxyz_"
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(name + 1);
    return plain ? name : "?";
}

/* The next statement of the text, behind blanks, comments and semicolons alone; NULL:
 * there is none. */
static int prepare_next(sqlite3 *db, const char **sql, sqlite3_stmt **ret_statement)
{
    int status = SQLITE_OK;
    while (status == SQLITE_OK && !*ret_statement && **sql)
        status = sqlite3_prepare_v2(db, *sql, -1, ret_statement, sql);
    return status;
}

/* As it is run; NULL: as it was written. */
static sqlite3_stmt *rewrite(sqlite3 *db, sqlite3_stmt *written,
                             const struct reduce_compare *compare)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    AUTO(sqlite3_finalize) sqlite3_stmt *statement = NULL;
    reduce_add_collations_to(sqlite3_sql(written), compare, &text);
    if (text.broken || strcmp(text.bytes, sqlite3_sql(written)) == 0 ||
        sqlite3_prepare_v2(db, text.bytes, -1, &statement, NULL) != SQLITE_OK)
        return NULL;
    return take_ptr(statement);
}

static bool prepare_statement(sqlite3 *db, const char *sql,
                              struct reduce_compare *compare,
                              sqlite3_stmt **ret_statement,
                              struct pgcensus_error *ret_error)
{
    AUTO(sqlite3_finalize) sqlite3_stmt *statement = NULL;
    AUTO(sqlite3_finalize) sqlite3_stmt *second = NULL;
    if (prepare_next(db, &sql, &statement) != SQLITE_OK)
        return compare->failed ? not_comparable(compare, ret_error)
                               : reduce_fail(db, ret_error);
    if (!statement)
        return error_set_about(ret_error, PGCENSUS_TROUBLE_USAGE,
                               PGCENSUS_SUBJECT_REDUCE,
                               "reduce: the statement is empty");
    if (prepare_next(db, &sql, &second) != SQLITE_OK || second)
        return error_set_about(ret_error, PGCENSUS_TROUBLE_USAGE,
                               PGCENSUS_SUBJECT_REDUCE,
                               "reduce: only one statement can be run");
    /* $1 of the first statement means nothing here, and would be NULL in silence. */
    if (sqlite3_bind_parameter_count(statement) > 0)
        return error_set_about(
            ret_error, PGCENSUS_TROUBLE_USAGE, PGCENSUS_SUBJECT_REDUCE,
            "reduce: parameters such as %s cannot be given", parameter_name(statement));
    if (sqlite3_column_count(statement) == 0)
        return error_set_about(ret_error, PGCENSUS_TROUBLE_USAGE,
                               PGCENSUS_SUBJECT_REDUCE,
                               "reduce: the statement gives no rows");
    *ret_statement = take_ptr(statement);
    return true;
}

/* ---- running it ---- */

bool reduce_explain(sqlite3 *db, const struct reduce_patience *patience,
                    struct pgcensus_error *ret_error)
{
    if (patience->interrupted)
        return error_set(ret_error, PGCENSUS_TROUBLE_INTERRUPTED, "interrupted");
    if (patience->late)
        return error_set_about(ret_error, PGCENSUS_TROUBLE_SYSTEM,
                               PGCENSUS_SUBJECT_REDUCE,
                               "reduce: not done before the deadline");
    if (patience->large)
        return error_set_about(ret_error, PGCENSUS_TROUBLE_SYSTEM,
                               PGCENSUS_SUBJECT_REDUCE,
                               "reduce: the statement needs too much memory");
    return reduce_fail(db, ret_error);
}

static bool is_full(const struct rowset *rowset,
                    const struct pgcensus_reduce_options *options)
{
    return (options->max_rows && rowset->rows.n_rows >= options->max_rows) ||
           (options->max_bytes && rowset->bytes >= options->max_bytes);
}

static bool run_statement(sqlite3 *db, const struct reduce_result *result,
                          const struct reduce_compare *compare,
                          const struct reduce_patience *patience,
                          struct pgcensus_error *ret_error)
{
    const struct pgcensus_reduce_options *options = patience->options;
    int status;
    while ((status = sqlite3_step(result->statement)) == SQLITE_ROW) {
        if (compare->failed)
            return not_comparable(compare, ret_error);
        if (is_full(result->rowset, options)) {
            if (options->ret_truncated)
                *options->ret_truncated = true;
            return true;
        }
        if (!reduce_add_row(result))
            return error_memory(ret_error);
    }
    if (compare->failed)
        return not_comparable(compare, ret_error);
    return status == SQLITE_DONE || reduce_explain(db, patience, ret_error);
}

struct pgcensus_rows *pgcensus_reduce(const struct pgcensus_replies *replies,
                                      const char *sql,
                                      const struct pgcensus_reduce_options *options,
                                      struct pgcensus_error *ret_error)
{
    struct reduce_patience patience = {.options = options, .memory = SIZE_MAX};
    AUTO(reduce_compare_fini)
    struct reduce_compare compare = {.numbers = reduce_numbers_new()};
    AUTO(sqlite3_close) sqlite3 *db = NULL;
    AUTO(sqlite3_finalize) sqlite3_stmt *statement = NULL;
    AUTO(rowset_free) struct rowset *rowset = rowset_new();
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX;
    if (!rowset || !compare.numbers ||
        sqlite3_open_v2(":memory:", &db, flags, NULL) != SQLITE_OK) {
        error_memory(ret_error);
        return NULL;
    }
    if (!reduce_claim_literals(db, compare.numbers, sql, ret_error) ||
        !load_answers(db, replies, &compare, &patience, ret_error))
        return NULL;
    guard(db, &compare, &patience);
    if (!prepare_statement(db, sql, &compare, &statement, ret_error))
        return NULL;
    if (!reduce_begin_result(rowset, statement)) {
        error_memory(ret_error);
        return NULL;
    }
    AUTO(sqlite3_finalize) sqlite3_stmt *rewritten = rewrite(db, statement, &compare);
    struct reduce_result result = {rowset, rewritten ? rewritten : statement, db,
                                   &compare};
    if (!reduce_check_order(db, sqlite3_sql(result.statement), &compare, ret_error) ||
        !reduce_check_flow(db, sqlite3_sql(result.statement), &compare, ret_error))
        return NULL;
    if (!run_statement(db, &result, &compare, &patience, ret_error))
        return NULL;
    reduce_settle_types(rowset);
    return rowset_rows(take_ptr(rowset));
}
