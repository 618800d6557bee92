/* Answers into tables.
 *
 * A million rows are usual, so one prepared INSERT runs inside one transaction and text
 * is bound where it lies.  Numbers become numbers of SQLite where that loses nothing:
 * an integer that fits, a float.  A numeric stays text, every digit of it: SUM makes a
 * number of it, and so do +x and CAST; compared as it is, it compares as text.
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
/* So many always fit into 64 bits; and how many rows pass between two looks around. */
enum { SURE_DIGITS = 18, ROWS_A_LOOK = 4096 };

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

/* ---- names ---- */

struct name {
    char *text;
    size_t next; /* the number that the next column of this name tries */
};

/* The first n that has that name, whatever its case; n: none. */
static size_t find_name(const struct name *names, size_t n, const char *text)
{
    size_t i = 0;
    while (i < n && sqlite3_stricmp(names[i].text, text) != 0)
        i++;
    return i;
}

/* Numbers go on where the last column of that name stopped: a hostile server may well
 * call all of its columns the same.  NULL: no memory. */
static char *unique_name(struct name *names, size_t n, const char *wanted)
{
    if (!*wanted)
        wanted = "column";
    size_t first = find_name(names, n, wanted);
    char *text = strdup(wanted);
    while (text && find_name(names, n, text) < n) {
        free(text);
        text = memory_format("%s_%zu", wanted, names[first].next++);
    }
    return text;
}

static void free_names(struct name *names, size_t n)
{
    for (size_t i = 0; names && i < n; i++)
        free(names[i].text);
    free(names);
}

/* NULL: no memory. */
static struct name *name_columns(const struct pgcensus_column *columns, size_t n)
{
    static const char *const own[OWN_COLUMNS] = {"node", "node_group"};
    struct name *names = memory_array(n, sizeof *names);
    for (size_t i = 0; names && i < n; i++) {
        const char *name = i < OWN_COLUMNS ? own[i] : columns[i - OWN_COLUMNS].name;
        names[i] = (struct name){unique_name(names, i, name), 2};
        if (!names[i].text) {
            free_names(names, i);
            return NULL;
        }
    }
    return names;
}

/* ---- making the table ---- */

/* What SQLite is to make of a column: its affinity. */
enum shape { SHAPE_NONE, SHAPE_TEXT, SHAPE_INTEGER, SHAPE_BOOL, SHAPE_REAL };

static enum shape shape_of(unsigned type)
{
    if (is_integer(type))
        return SHAPE_INTEGER;
    if (type == PGCENSUS_TYPE_BOOL)
        return SHAPE_BOOL;
    return is_float(type) ? SHAPE_REAL : SHAPE_TEXT;
}

static const char *shape_name(enum shape shape)
{
    switch (shape) {
    case SHAPE_INTEGER:
    case SHAPE_BOOL:
        return "INTEGER";
    case SHAPE_REAL:
        return "REAL";
    case SHAPE_NONE:
    case SHAPE_TEXT:
        break;
    }
    return "TEXT";
}

static bool read_integer(const struct pgcensus_cell *cell, long long *ret_number)
{
    char *end;
    errno = 0;
    *ret_number = strtoll(cell->text, &end, 10);
    return cell->len > 0 && !errno && end == cell->text + cell->len;
}

/* Whether each is one for SQLite, too.  Only a server that lies sends others. */
static bool all_fit(const struct pgcensus_rows *rows, size_t column)
{
    long long number;
    for (size_t row = 0; row < rows->n_rows; row++) {
        const struct pgcensus_cell *cell = pgcensus_rows_at(rows, row, column);
        if (cell->text && cell->len > SURE_DIGITS && !read_integer(cell, &number))
            return false;
    }
    return true;
}

/* Affinity decides what becomes of a value: one of numbers turns text that looks like a
 * number into a float, and digits are lost.  So a column has one only if all nodes
 * agree that it is of that kind; else it is text, everything in it. */
static void shape_columns(const struct pgcensus_replies *replies,
                          const struct pgcensus_merge *merge, size_t n,
                          enum shape *shapes)
{
    for (size_t i = 0; i < replies->n; i++) {
        const struct pgcensus_rows *rows = replies->items[i].rows;
        const size_t *map = rows ? pgcensus_merge_map(merge, i) : NULL;
        for (size_t at = 0; map && at < n; at++) {
            if (map[at] == SIZE_MAX)
                continue;
            enum shape shape = shape_of(rows->columns[map[at]].type);
            if (shape == SHAPE_INTEGER && !all_fit(rows, map[at]))
                shape = SHAPE_TEXT;
            bool agrees = shapes[at] == SHAPE_NONE || shapes[at] == shape;
            shapes[at] = agrees ? shape : SHAPE_TEXT;
        }
    }
}

static void describe_table(const struct name *names, const enum shape *shapes, size_t n,
                           struct buf *create, struct buf *insert)
{
    buf_add_str(create, "CREATE TABLE r(");
    buf_add_str(insert, "INSERT INTO r VALUES(?,?");
    for (size_t i = 0; i < n; i++) {
        char *quoted = sqlite3_mprintf("\"%w\"", names[i].text);
        bool own = i < OWN_COLUMNS;
        buf_add_format(create, "%s%s %s", i ? "," : "", quoted ? quoted : "",
                       own ? "TEXT" : shape_name(shapes[i - OWN_COLUMNS]));
        create->broken |= !quoted;
        sqlite3_free(quoted);
        if (!own)
            buf_add_str(insert, ",?");
    }
    buf_add_char(create, ')');
    buf_add_char(insert, ')');
}

/* One parameter each binds them, and older versions allow fewer of those. */
static size_t most_columns(sqlite3 *db)
{
    int columns = sqlite3_limit(db, SQLITE_LIMIT_COLUMN, -1);
    int parameters = sqlite3_limit(db, SQLITE_LIMIT_VARIABLE_NUMBER, -1);
    return (size_t)(columns < parameters ? columns : parameters);
}

static bool make_table(sqlite3 *db, const struct pgcensus_column *columns, size_t n,
                       const enum shape *shapes, sqlite3_stmt **ret_insert,
                       struct pgcensus_error *ret_error)
{
    AUTO(buf_fini) struct buf create = BUF_INIT;
    AUTO(buf_fini) struct buf insert = BUF_INIT;
    if (n > most_columns(db))
        return error_set(
            ret_error, PGCENSUS_TROUBLE_USAGE,
            "--reduce: %zu columns are more than the %zu that SQLite takes",
            n - OWN_COLUMNS, most_columns(db) - OWN_COLUMNS);
    struct name *names = name_columns(columns, n);
    if (names)
        describe_table(names, shapes, n, &create, &insert);
    free_names(names, n);
    if (!names || create.broken || insert.broken)
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
    long long number;
    if (!read_integer(cell, &number))
        return bind_text(insert, at, cell->text, cell->len);
    return sqlite3_bind_int64(insert, at, number);
}

/* The program never leaves the C locale for numbers, so a point is a point. */
static int bind_float(sqlite3_stmt *insert, int at, const struct pgcensus_cell *cell)
{
    char *end;
    double number = strtod(cell->text, &end);
    bool plain = cell->len > 0 && end == cell->text + cell->len &&
                 strspn(cell->text, "+-.0123456789eE") == cell->len;
    if (!plain || number - number != 0)
        return bind_text(insert, at, cell->text, cell->len);
    return sqlite3_bind_double(insert, at, number);
}

static int bind_bool(sqlite3_stmt *insert, int at, const struct pgcensus_cell *cell)
{
    if (cell->len == 1 && (cell->text[0] == 't' || cell->text[0] == 'f'))
        return sqlite3_bind_int(insert, at, cell->text[0] == 't');
    return bind_text(insert, at, cell->text, cell->len);
}

static int bind_cell(sqlite3_stmt *insert, int at, enum shape shape,
                     const struct pgcensus_cell *cell)
{
    if (!cell->text)
        return sqlite3_bind_null(insert, at);
    switch (shape) {
    case SHAPE_INTEGER:
        return bind_integer(insert, at, cell);
    case SHAPE_BOOL:
        return bind_bool(insert, at, cell);
    case SHAPE_REAL:
        return bind_float(insert, at, cell);
    case SHAPE_NONE:
    case SHAPE_TEXT:
        break;
    }
    return bind_text(insert, at, cell->text, cell->len);
}

static int insert_row(sqlite3_stmt *insert, const struct pgcensus_rows *rows,
                      size_t row, const size_t *map, const enum shape *shapes, size_t n)
{
    int status = SQLITE_OK;
    for (size_t i = 0; i < n && status == SQLITE_OK; i++) {
        int at = (int)i + OWN_COLUMNS + 1;
        status = map[i] == SIZE_MAX ? sqlite3_bind_null(insert, at)
                                    : bind_cell(insert, at, shapes[i],
                                                pgcensus_rows_at(rows, row, map[i]));
    }
    if (status != SQLITE_OK || sqlite3_step(insert) != SQLITE_DONE)
        return SQLITE_ERROR;
    return sqlite3_reset(insert);
}

static bool insert_reply(sqlite3 *db, sqlite3_stmt *insert,
                         const struct pgcensus_reply *reply, const size_t *map,
                         const enum shape *shapes, size_t n,
                         struct reduce_patience *patience,
                         struct pgcensus_error *ret_error)
{
    bind_text(insert, 1, reply->node, strlen(reply->node));
    if (reply->group)
        bind_text(insert, 2, reply->group, strlen(reply->group));
    else
        sqlite3_bind_null(insert, 2);
    for (size_t row = 0; row < reply->rows->n_rows; row++) {
        if (row % ROWS_A_LOOK == 0 && reduce_look_around(patience))
            return reduce_explain(db, patience, ret_error);
        if (insert_row(insert, reply->rows, row, map, shapes, n) != SQLITE_OK)
            return reduce_fail(db, ret_error);
    }
    return true;
}

static struct pgcensus_merge *merge_columns(const struct pgcensus_replies *replies)
{
    AUTO(pgcensus_merge_free)
    struct pgcensus_merge *merge = pgcensus_merge_new(replies->n);
    for (size_t i = 0; merge && i < replies->n; i++)
        if (replies->items[i].rows &&
            !pgcensus_merge_add(merge, i, replies->items[i].rows, /* frozen= */ false))
            return NULL;
    return take_ptr(merge);
}

bool reduce_load_rows(sqlite3 *db, const struct pgcensus_replies *replies,
                      struct reduce_patience *patience,
                      struct pgcensus_error *ret_error)
{
    AUTO(pgcensus_merge_free) struct pgcensus_merge *merge = merge_columns(replies);
    AUTO(sqlite3_finalize) sqlite3_stmt *insert = NULL;
    if (!merge)
        return error_memory(ret_error);
    const struct pgcensus_column *columns;
    size_t n = pgcensus_merge_columns(merge, &columns);
    AUTO(free) enum shape *shapes = memory_array(n, sizeof *shapes);
    if (!shapes)
        return error_memory(ret_error);
    shape_columns(replies, merge, n, shapes);
    if (!make_table(db, columns, n + OWN_COLUMNS, shapes, &insert, ret_error))
        return false;
    const struct pgcensus_reduce_options *options = patience->options;
    for (size_t i = 0; i < replies->n; i++) {
        if (!replies->items[i].rows)
            continue;
        if (!insert_reply(db, insert, &replies->items[i], pgcensus_merge_map(merge, i),
                          shapes, n, patience, ret_error))
            return false;
        if (options->loaded)
            options->loaded(options->context, i);
    }
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
