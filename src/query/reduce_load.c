/* Answers into tables.
 *
 * A million rows are usual, so one prepared INSERT runs inside one transaction and text
 * is bound where it lies.  What becomes of a column is told by reduce_shape.c.
 *
 * The surprise: names of columns must be unique in SQLite, whatever their case, so the
 * second "a" is called a_2. */
#include "query/reduce_private.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "query/reduce_short.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* How many rows pass between two looks around. */
enum { ROWS_A_LOOK = 4096 };

AUTO_DEFINE(struct pgcensus_merge *, pgcensus_merge_free)

/* ---- names ---- */

struct name {
    char *text;
    size_t next; /* the number that the next column of this name tries */
};

/* The first n that has that name, whatever its case; n: none. */
static size_t find_column_name(const struct name *names, size_t n, const char *text)
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
    size_t first = find_column_name(names, n, wanted);
    char *text = strdup(wanted);
    while (text && find_column_name(names, n, text) < n) {
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
static struct name *name_table_columns(const struct pgcensus_column *columns, size_t n)
{
    static const char *const own[REDUCE_OWN_COLUMNS] = {"node", "node_group"};
    struct name *names = memory_array(n, sizeof *names);
    for (size_t i = 0; names && i < n; i++) {
        const char *name =
            i < REDUCE_OWN_COLUMNS ? own[i] : columns[i - REDUCE_OWN_COLUMNS].name;
        names[i] = (struct name){unique_name(names, i, name), 2};
        if (!names[i].text) {
            free_names(names, i);
            return NULL;
        }
    }
    return names;
}

/* ---- making the table ---- */

static void describe_table(const struct name *names,
                           const struct reduce_compare *compare, size_t n,
                           struct buf *create, struct buf *insert)
{
    buf_add_str(create, "CREATE TABLE r(");
    buf_add_str(insert, "INSERT INTO r VALUES(?,?");
    for (size_t i = 0; i < n; i++) {
        char *quoted = sqlite3_mprintf("\"%w\"", names[i].text);
        buf_add_format(create, "%s%s ", i ? "," : "", quoted ? quoted : "");
        create->broken |= !quoted;
        sqlite3_free(quoted);
        if (i < REDUCE_OWN_COLUMNS) {
            buf_add_str(create, "TEXT");
            continue;
        }
        reduce_add_declaration(compare, i - REDUCE_OWN_COLUMNS, create);
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

static void keep_names(struct name *names, struct reduce_compare *compare)
{
    for (size_t i = 0; i < compare->n; i++)
        compare->columns[i].name = take_ptr(names[i + REDUCE_OWN_COLUMNS].text);
}

static bool make_table(sqlite3 *db, const struct pgcensus_column *columns, size_t n,
                       struct reduce_compare *compare, sqlite3_stmt **ret_insert,
                       struct pgcensus_error *ret_error)
{
    AUTO(buf_fini) struct buf create = BUF_INIT;
    AUTO(buf_fini) struct buf insert = BUF_INIT;
    if (n > most_columns(db))
        return error_set_about(
            ret_error, PGCENSUS_TROUBLE_USAGE, PGCENSUS_SUBJECT_REDUCE,
            "reduce: %zu columns are more than the %zu that SQLite takes",
            n - REDUCE_OWN_COLUMNS, most_columns(db) - REDUCE_OWN_COLUMNS);
    struct name *names = name_table_columns(columns, n);
    if (names) {
        describe_table(names, compare, n, &create, &insert);
        keep_names(names, compare);
    }
    free_names(names, n);
    if (!names || create.broken || insert.broken)
        return error_memory(ret_error);
    return (reduce_add_collations(db, compare) &&
            sqlite3_exec(db, create.bytes, NULL, NULL, NULL) == SQLITE_OK &&
            sqlite3_prepare_v2(db, insert.bytes, -1, ret_insert, NULL) == SQLITE_OK) ||
           reduce_fail(db, ret_error);
}

/* ---- filling it ---- */

static int bind_text(sqlite3_stmt *insert, int at, const char *text, size_t n)
{
    return sqlite3_bind_text64(insert, at, text, n, SQLITE_STATIC, SQLITE_UTF8);
}

static bool load_integer(const struct pgcensus_cell *cell, long long *ret_number)
{
    char *end;
    if (reduce_read_integer(cell->text, cell->len, ret_number))
        return true;
    errno = 0;
    *ret_number = strtoll(cell->text, &end, 10);
    return cell->len > 0 && !errno && end == cell->text + cell->len;
}

static int bind_integer(sqlite3_stmt *insert, int at, struct reduce_numbers *numbers,
                        const struct pgcensus_cell *cell)
{
    long long number;
    if (!load_integer(cell, &number))
        return bind_text(insert, at, cell->text, cell->len);
    reduce_numbers_note_integer(numbers, number);
    return sqlite3_bind_int64(insert, at, number);
}

/* The program never leaves the C locale for numbers, so a point is a point.  NaN stays
 * text, which is above all numbers and equal to itself, as NaN is in PostgreSQL. */
static int bind_float(sqlite3_stmt *insert, int at, struct reduce_numbers *numbers,
                      const struct pgcensus_cell *cell)
{
    char *end;
    double number = strtod(cell->text, &end);
    bool plain = cell->len > 0 && end == cell->text + cell->len &&
                 strspn(cell->text, "+-.0123456789eE") == cell->len;
    bool infinite =
        strcmp(cell->text, "Infinity") == 0 || strcmp(cell->text, "-Infinity") == 0;
    if (strcmp(cell->text, "NaN") == 0)
        reduce_numbers_note_nan(numbers);
    if (!infinite && (!plain || number - number != 0))
        return bind_text(insert, at, cell->text, cell->len);
    return sqlite3_bind_double(insert, at, number);
}

/* How many digits are behind the point. */
static size_t scale_of(const struct pgcensus_cell *cell)
{
    const char *point = memchr(cell->text, '.', cell->len);
    return point ? cell->len - (size_t)(point + 1 - cell->text) : 0;
}

static bool has_scale(const struct pgcensus_cell *cell, size_t scale)
{
    return cell->len > scale && cell->text[cell->len - 1 - scale] == '.';
}

/* The zeros at the end of a number of a column that has one scale are known. */
static enum reduce_place place_of(sqlite3_stmt *insert, struct reduce_column *column,
                                  const struct pgcensus_cell *cell)
{
    if (column->shape == REDUCE_SHAPE_COUNT)
        return REDUCE_AS_COUNT;
    if (!column->begun)
        column->scale = scale_of(cell);
    column->begun = true;
    if (column->scale > 0 && has_scale(cell, column->scale))
        return REDUCE_AS_SCALED;
    reduce_settle_column(sqlite3_db_handle(insert), column);
    column->scale = 0;
    return REDUCE_AS_REAL;
}

/* Floats have an exponent, or as many digits as they need. */
static int bind_number(sqlite3_stmt *insert, int at, struct reduce_column *column,
                       const struct pgcensus_cell *cell)
{
    struct reduce_number number =
        reduce_numbers_place(column->compare->numbers, cell->text, cell->len,
                             place_of(insert, column, cell));
    switch (number.kind) {
    case REDUCE_INTEGER:
        return sqlite3_bind_int64(insert, at, number.integer);
    case REDUCE_REAL:
        return sqlite3_bind_double(insert, at, number.real);
    case REDUCE_CROWDED:
        column->crowded = true;
        break;
    case REDUCE_NO_MEMORY:
        return SQLITE_NOMEM;
    case REDUCE_NAN:
    case REDUCE_NONE:
        break;
    }
    return bind_text(insert, at, cell->text, cell->len);
}

static int bind_bool(sqlite3_stmt *insert, int at, const struct pgcensus_cell *cell)
{
    if (cell->len == 1 && (cell->text[0] == 't' || cell->text[0] == 'f'))
        return sqlite3_bind_int(insert, at, cell->text[0] == 't');
    return bind_text(insert, at, cell->text, cell->len);
}

static int bind_cell(sqlite3_stmt *insert, int at, struct reduce_column *column,
                     const struct pgcensus_cell *cell)
{
    if (!cell->text)
        return sqlite3_bind_null(insert, at);
    switch (column->shape) {
    case REDUCE_SHAPE_INTEGER:
        return bind_integer(insert, at, column->compare->numbers, cell);
    case REDUCE_SHAPE_BOOL:
        return bind_bool(insert, at, cell);
    case REDUCE_SHAPE_FLOAT:
        return bind_float(insert, at, column->compare->numbers, cell);
    case REDUCE_SHAPE_COUNT:
    case REDUCE_SHAPE_DECIMAL:
        return bind_number(insert, at, column, cell);
    case REDUCE_SHAPE_NONE:
    case REDUCE_SHAPE_TEXT:
        break;
    }
    return bind_text(insert, at, cell->text, cell->len);
}

static int insert_row(sqlite3_stmt *insert, const struct pgcensus_rows *rows,
                      size_t row, const size_t *map,
                      const struct reduce_compare *compare)
{
    int status = SQLITE_OK;
    for (size_t i = 0; i < compare->n && status == SQLITE_OK; i++) {
        int at = (int)i + REDUCE_OWN_COLUMNS + 1;
        status = map[i] == SIZE_MAX ? sqlite3_bind_null(insert, at)
                                    : bind_cell(insert, at, &compare->columns[i],
                                                pgcensus_rows_at(rows, row, map[i]));
    }
    if (status != SQLITE_OK || sqlite3_step(insert) != SQLITE_DONE)
        return SQLITE_ERROR;
    return sqlite3_reset(insert);
}

static bool insert_reply(sqlite3 *db, sqlite3_stmt *insert,
                         const struct pgcensus_reply *reply, const size_t *map,
                         const struct reduce_compare *compare,
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
        if (insert_row(insert, reply->rows, row, map, compare) != SQLITE_OK)
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

/* A sum has forgotten which column it is of: one scale will do, several will not. */
static bool agree_on_scale(sqlite3 *db, struct reduce_compare *compare)
{
    size_t scale = 0;
    bool agreed = true;
    for (size_t i = 0; i < compare->n; i++) {
        size_t known = compare->columns[i].scale;
        agreed &= scale == 0 || known == 0 || known == scale;
        scale = known ? known : scale;
    }
    if (!agreed)
        return reduce_settle(db, compare);
    reduce_numbers_scale(compare->numbers, scale);
    return true;
}

bool reduce_load_rows(sqlite3 *db, const struct pgcensus_replies *replies,
                      struct reduce_compare *compare, struct reduce_patience *patience,
                      struct pgcensus_error *ret_error)
{
    AUTO(pgcensus_merge_free) struct pgcensus_merge *merge = merge_columns(replies);
    AUTO(sqlite3_finalize) sqlite3_stmt *insert = NULL;
    if (!merge)
        return error_memory(ret_error);
    const struct pgcensus_column *columns;
    size_t n = pgcensus_merge_columns(merge, &columns);
    compare->columns = memory_array(n, sizeof *compare->columns);
    if (!compare->columns)
        return error_memory(ret_error);
    compare->n = n;
    reduce_shape_columns(replies, merge, compare);
    if (!make_table(db, columns, n + REDUCE_OWN_COLUMNS, compare, &insert, ret_error))
        return false;
    const struct pgcensus_reduce_options *options = patience->options;
    for (size_t i = 0; i < replies->n; i++) {
        if (!replies->items[i].rows)
            continue;
        if (!insert_reply(db, insert, &replies->items[i], pgcensus_merge_map(merge, i),
                          compare, patience, ret_error))
            return false;
        if (options->loaded)
            options->loaded(options->context, i);
    }
    return agree_on_scale(db, compare) || error_memory(ret_error);
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
