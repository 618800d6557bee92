/* Answers into tables.
 *
 * A million rows are usual, so one prepared INSERT runs inside one transaction and text
 * is bound where it lies.  Numbers become numbers of SQLite where that loses nothing:
 * an integer that fits, a float.  A numeric stays text, every digit of it; SUM and
 * comparisons with a number turn it into one.
 *
 * The surprise: names of columns must be unique in SQLite, whatever their case, so the
 * second "a" is called a_2. */
#include "query/reduce_private.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { INT2 = 21, INT4 = 23, OID = 26, FLOAT4 = 700, OWN_COLUMNS = 2 };

AUTO_DEFINE(struct pgcensus_merge *, pgcensus_merge_free)
AUTO_DEFINE(sqlite3_stmt *, sqlite3_finalize)

static bool is_integer(unsigned type)
{
    return type == PGCENSUS_TYPE_INT8 || type == INT2 || type == INT4 || type == OID;
}

static bool is_float(unsigned type)
{
    return type == PGCENSUS_TYPE_FLOAT8 || type == FLOAT4;
}

/* ---- making the table ---- */

static bool is_taken(char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (sqlite3_stricmp(names[i], name) == 0)
            return true;
    return false;
}

/* NULL: no memory. */
static char *unique_name(char *const *names, size_t n, const char *name)
{
    char *wanted = *name ? strdup(name) : strdup("column");
    for (size_t number = 2; wanted && is_taken(names, n, wanted); number++) {
        free(wanted);
        wanted = memory_format("%s_%zu", name, number);
    }
    return wanted;
}

/* Affinity decides what becomes of a value: a column of numeric must have none that
 * turns text into a float. */
static const char *declared_type(unsigned type)
{
    if (is_integer(type) || type == PGCENSUS_TYPE_BOOL)
        return "INTEGER";
    return is_float(type) ? "REAL" : "TEXT";
}

static void free_names(char **names, size_t n)
{
    for (size_t i = 0; names && i < n; i++)
        free(names[i]);
    free(names);
}

static void describe_table(char **names, const struct pgcensus_column *columns,
                           size_t n, struct buf *create, struct buf *insert)
{
    buf_add_str(create, "CREATE TABLE r(");
    buf_add_str(insert, "INSERT INTO r VALUES(?,?");
    for (size_t i = 0; i < n; i++) {
        char *quoted = sqlite3_mprintf("\"%w\"", names[i]);
        bool own = i < OWN_COLUMNS;
        buf_add_format(create, "%s%s %s", i ? "," : "", quoted ? quoted : "",
                       own ? "TEXT" : declared_type(columns[i - OWN_COLUMNS].type));
        create->broken |= !quoted;
        sqlite3_free(quoted);
        if (!own)
            buf_add_str(insert, ",?");
    }
    buf_add_char(create, ')');
    buf_add_char(insert, ')');
}

static bool make_table(sqlite3 *db, const struct pgcensus_merge *merge,
                       sqlite3_stmt **ret_insert, struct pgcensus_error *ret_error)
{
    const struct pgcensus_column *columns;
    size_t n = pgcensus_merge_columns(merge, &columns) + OWN_COLUMNS, named = 0;
    char **names = memory_array(n, sizeof *names);
    AUTO(buf_fini) struct buf create = BUF_INIT;
    AUTO(buf_fini) struct buf insert = BUF_INIT;
    static const char *const own[OWN_COLUMNS] = {"node", "node_group"};
    bool able = names;
    for (; able && named < n; named++) {
        const char *name =
            named < OWN_COLUMNS ? own[named] : columns[named - OWN_COLUMNS].name;
        names[named] = unique_name(names, named, name);
        able = names[named];
    }
    if (able)
        describe_table(names, columns, n, &create, &insert);
    free_names(names, n);
    if (!able || create.broken || insert.broken)
        return error_memory(ret_error);
    return (sqlite3_exec(db, create.bytes, NULL, NULL, NULL) == SQLITE_OK &&
            sqlite3_prepare_v2(db, insert.bytes, -1, ret_insert, NULL) == SQLITE_OK) ||
           reduce_fail(db, ret_error);
}

/* ---- filling it ---- */

static int bind_text(sqlite3_stmt *insert, int at, const char *text, size_t n)
{
    return sqlite3_bind_text64(insert, at, text, n, SQLITE_STATIC, SQLITE_UTF8);
}

static int bind_integer(sqlite3_stmt *insert, int at, const struct pgcensus_cell *cell)
{
    char *end;
    errno = 0;
    long long number = strtoll(cell->text, &end, 10);
    if (errno || *end || cell->len == 0)
        return bind_text(insert, at, cell->text, cell->len);
    return sqlite3_bind_int64(insert, at, number);
}

/* The program never leaves the C locale for numbers, so a point is a point. */
static int bind_float(sqlite3_stmt *insert, int at, const struct pgcensus_cell *cell)
{
    char *end;
    double number = strtod(cell->text, &end);
    bool plain = cell->len > 0 && *end == '\0' && strspn(cell->text, "+-.0123456789eE");
    if (!plain || number - number != 0)
        return bind_text(insert, at, cell->text, cell->len);
    return sqlite3_bind_double(insert, at, number);
}

static int bind_cell(sqlite3_stmt *insert, int at, unsigned type,
                     const struct pgcensus_cell *cell)
{
    if (!cell->text)
        return sqlite3_bind_null(insert, at);
    if (is_integer(type))
        return bind_integer(insert, at, cell);
    if (is_float(type))
        return bind_float(insert, at, cell);
    if (type == PGCENSUS_TYPE_BOOL && cell->len == 1)
        return sqlite3_bind_int(insert, at, cell->text[0] == 't');
    return bind_text(insert, at, cell->text, cell->len);
}

static int insert_row(sqlite3_stmt *insert, const struct pgcensus_rows *rows,
                      size_t row, const size_t *map, size_t n)
{
    int status = SQLITE_OK;
    for (size_t i = 0; i < n && status == SQLITE_OK; i++) {
        int at = (int)i + OWN_COLUMNS + 1;
        status = map[i] == SIZE_MAX ? sqlite3_bind_null(insert, at)
                                    : bind_cell(insert, at, rows->columns[map[i]].type,
                                                pgcensus_rows_at(rows, row, map[i]));
    }
    if (status != SQLITE_OK || sqlite3_step(insert) != SQLITE_DONE)
        return SQLITE_ERROR;
    return sqlite3_reset(insert);
}

static bool insert_reply(sqlite3 *db, sqlite3_stmt *insert,
                         const struct pgcensus_reply *reply, const size_t *map,
                         size_t n, struct pgcensus_error *ret_error)
{
    bind_text(insert, 1, reply->node, strlen(reply->node));
    if (reply->group)
        bind_text(insert, 2, reply->group, strlen(reply->group));
    else
        sqlite3_bind_null(insert, 2);
    for (size_t row = 0; row < reply->rows->n_rows; row++)
        if (insert_row(insert, reply->rows, row, map, n) != SQLITE_OK)
            return reduce_fail(db, ret_error);
    return true;
}

bool reduce_load_rows(sqlite3 *db, const struct pgcensus_replies *replies,
                      struct pgcensus_error *ret_error)
{
    AUTO(pgcensus_merge_free)
    struct pgcensus_merge *merge = pgcensus_merge_new(replies->n);
    AUTO(sqlite3_finalize) sqlite3_stmt *insert = NULL;
    bool able = merge;
    for (size_t i = 0; able && i < replies->n; i++)
        if (replies->items[i].rows)
            able = pgcensus_merge_add(merge, i, replies->items[i].rows,
                                      /* frozen= */ false);
    if (!able)
        return error_memory(ret_error);
    if (!make_table(db, merge, &insert, ret_error))
        return false;
    const struct pgcensus_column *columns;
    size_t n = pgcensus_merge_columns(merge, &columns);
    for (size_t i = 0; i < replies->n; i++)
        if (replies->items[i].rows &&
            !insert_reply(db, insert, &replies->items[i], pgcensus_merge_map(merge, i),
                          n, ret_error))
            return false;
    return true;
}

bool reduce_load_nodes(sqlite3 *db, const struct pgcensus_replies *replies,
                       struct pgcensus_error *ret_error)
{
    AUTO(sqlite3_finalize) sqlite3_stmt *insert = NULL;
    if (sqlite3_exec(db,
                     "CREATE TABLE nodes(node TEXT, status TEXT, error TEXT, "
                     "latency_ms REAL)",
                     NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "INSERT INTO nodes VALUES(?,?,?,?)", -1, &insert,
                           NULL) != SQLITE_OK)
        return reduce_fail(db, ret_error);
    for (size_t i = 0; i < replies->n; i++) {
        const struct pgcensus_reply *reply = &replies->items[i];
        sqlite3_bind_text(insert, 1, reply->node, -1, SQLITE_STATIC);
        sqlite3_bind_text(insert, 2, reply->status, -1, SQLITE_STATIC);
        sqlite3_bind_text(insert, 3, reply->error, -1, SQLITE_STATIC);
        if (reply->latency == PGCENSUS_UNKNOWN_TIME)
            sqlite3_bind_null(insert, 4);
        else
            sqlite3_bind_double(insert, 4, (double)reply->latency / NSEC_PER_MSEC);
        if (sqlite3_step(insert) != SQLITE_DONE || sqlite3_reset(insert) != SQLITE_OK)
            return reduce_fail(db, ret_error);
    }
    return true;
}
