/* Numbers that stand in a statement.
 *
 * SQLite makes doubles of long ones, and from about twenty digits on not always the
 * nearest.  So each is placed among the numbers before those of the nodes are, and one
 * for which SQLite has another double is refused: it would be unlike its equal.
 *
 * Whatever looks like a number is looked at, also in a comment or a name.  A text is
 * compared with numbers by its value, too. */
#include "query/reduce_private.h"
#include "query/reduce_short.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"

/* What SQLite makes of it; NaN: no double. */
static double read_by_sqlite(sqlite3 *db, const char *number)
{
    AUTO(free) char *sql = memory_format("SELECT %s", number);
    AUTO(sqlite3_finalize) sqlite3_stmt *statement = NULL;
    bool read = sql && sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
                sqlite3_step(statement) == SQLITE_ROW &&
                sqlite3_column_type(statement, 0) == SQLITE_FLOAT;
    return read ? sqlite3_column_double(statement, 0) : NAN;
}

static bool claim(sqlite3 *db, struct reduce_numbers *numbers, const char *text,
                  struct pgcensus_error *ret_error)
{
    struct reduce_plain plain;
    size_t n = strlen(text);
    if (!reduce_read_plain(text, n, &plain) || plain.n_digits <= REDUCE_SHORT_DIGITS)
        return true;
    struct reduce_number placed = reduce_numbers_place(
        numbers, text, n, plain.point ? REDUCE_AS_REAL : REDUCE_AS_COUNT);
    if (placed.kind == REDUCE_NO_MEMORY)
        return error_memory(ret_error);
    if (placed.kind == REDUCE_INTEGER || placed.kind == REDUCE_NONE)
        return true;
    if (placed.kind == REDUCE_REAL && read_by_sqlite(db, text) == placed.real)
        return true;
    return error_set_about(
        ret_error, PGCENSUS_TROUBLE_USAGE, PGCENSUS_SUBJECT_REDUCE,
        "reduce: %s has more digits than can be kept apart here; compare "
        "it in the statement for the nodes",
        text);
}

bool reduce_claim_literals(sqlite3 *db, struct reduce_numbers *numbers, const char *sql,
                           struct pgcensus_error *ret_error)
{
    bool able = true;
    for (const char *at = sql; able && *(at += strcspn(at, DIGITS));) {
        size_t n = strspn(at, DIGITS ".");
        AUTO(free) char *negative = memory_format("-%.*s", (int)n, at);
        if (!negative)
            return error_memory(ret_error);
        able = claim(db, numbers, negative, ret_error) &&
               claim(db, numbers, negative + 1, ret_error);
        at += n;
    }
    return able;
}
