/* Rows of SQLite → rows of ours.
 *
 * A number that stands for a numeric is shown as that came, every digit of it.
 *
 * The surprise: SQLite has types for values, not for columns.  A column of the result
 * is a number if all its values are. */
#include "query/reduce_private.h"

#include "base/rowset.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The fewest digits that read back as the same number, as PostgreSQL writes them: from
 * 1e+15 on with an exponent, however many they are. */
static void add_result_float(double value, struct buf *text)
{
    char digits[40];
    if (!isfinite(value)) {
        buf_add_str(text, isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity");
        return;
    }
    /* The smallest have fewer than 15 digits, and would be given more. */
    int least = fabs(value) < DBL_MIN ? 1 : 15;
    for (int precision = least; precision <= 17; precision++) {
        bool large = precision > 15 && fabs(value) >= 1e15;
        snprintf(digits, sizeof digits, large ? "%.*e" : "%.*g", precision - large,
                 value);
        if (strtod(digits, NULL) == value)
            break;
    }
    buf_add_str(text, digits);
}

static void add_result_bytes(const unsigned char *bytes, int n, struct buf *text)
{
    buf_add_str(text, "\\x");
    for (int i = 0; i < n; i++)
        buf_add_format(text, "%02x", bytes[i]);
}

static bool is_result_number(unsigned type)
{
    return type == PGCENSUS_TYPE_INT8 || type == PGCENSUS_TYPE_FLOAT8 ||
           type == PGCENSUS_TYPE_NUMERIC;
}

/* The type of a column whose type was `known` (0: no value yet), with one more value.
 */
static unsigned widen(unsigned known, unsigned type)
{
    if (known == 0 || known == type)
        return type;
    if (!is_result_number(known) || !is_result_number(type))
        return PGCENSUS_TYPE_TEXT;
    return known == PGCENSUS_TYPE_NUMERIC || type == PGCENSUS_TYPE_NUMERIC
               ? PGCENSUS_TYPE_NUMERIC
               : PGCENSUS_TYPE_FLOAT8;
}

/* Of a column of r that is not changed. */
static const struct reduce_column *result_column(const struct reduce_result *result,
                                                 const char *declared)
{
    static const char decimal[] = "NUMERIC REAL(";
    size_t n = sizeof decimal - 1;
    return declared && strncmp(declared, decimal, n) == 0
               ? &result->compare->columns[strtoul(declared + n, NULL, 10)]
               : NULL;
}

/* What a function gives may be a number of any column. */
static const char *find_text(const struct reduce_result *result, double value)
{
    const char *known = reduce_numbers_text(result->compare->numbers, value);
    if (known || !reduce_settle(result->db, result->compare))
        return known;
    return reduce_numbers_text(result->compare->numbers, value);
}

/* A double that stands for a numeric is shown as that came; a column of floats has
 * none. */
static unsigned add_result_real(const struct reduce_result *result, int at,
                                double value, struct buf *text)
{
    const char *declared = sqlite3_column_decltype(result->statement, at);
    const struct reduce_column *column = result_column(result, declared);
    bool is_float = declared && strcmp(declared, "REAL") == 0;
    const char *known = is_float ? NULL
                        : declared
                            ? reduce_numbers_text(result->compare->numbers, value)
                            : find_text(result, value);
    if (known) {
        buf_add_str(text, known);
        return PGCENSUS_TYPE_NUMERIC;
    }
    size_t start = text->len;
    add_result_float(value, text);
    if (column && isfinite(value))
        reduce_add_zeros(text, start, column->scale);
    return column ? PGCENSUS_TYPE_NUMERIC : PGCENSUS_TYPE_FLOAT8;
}

static unsigned type_of_text(const struct reduce_result *result, const char *text)
{
    return reduce_numbers_nan(result->compare->numbers) && strcmp(text, "NaN") == 0
               ? PGCENSUS_TYPE_FLOAT8
               : PGCENSUS_TYPE_TEXT;
}

static bool add_result_value(const struct reduce_result *result, int column)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    sqlite3_stmt *statement = result->statement;
    unsigned type = PGCENSUS_TYPE_TEXT;
    int storage = sqlite3_column_type(statement, column);
    if (storage == SQLITE_NULL)
        return true;
    if (storage == SQLITE_INTEGER) {
        type = PGCENSUS_TYPE_INT8;
        buf_add_format(&text, "%lld",
                       (long long)sqlite3_column_int64(statement, column));
    } else if (storage == SQLITE_FLOAT) {
        type = add_result_real(result, column, sqlite3_column_double(statement, column),
                               &text);
    } else if (storage == SQLITE_BLOB) {
        type = PGCENSUS_TYPE_BYTEA;
        add_result_bytes(sqlite3_column_blob(statement, column),
                         sqlite3_column_bytes(statement, column), &text);
    } else {
        const char *bytes = (const char *)sqlite3_column_text(statement, column);
        if (!bytes)
            return false;
        type = type_of_text(result, bytes);
        buf_add(&text, bytes, (size_t)sqlite3_column_bytes(statement, column));
    }
    struct pgcensus_column *known = &result->rowset->columns[column];
    known->type = widen(known->type, type);
    return !text.broken &&
           rowset_set(result->rowset, (size_t)column, text.bytes, text.len);
}

bool reduce_add_row(const struct reduce_result *result)
{
    int n = sqlite3_column_count(result->statement);
    if (!rowset_add_row(result->rowset))
        return false;
    for (int i = 0; i < n; i++)
        if (!add_result_value(result, i))
            return false;
    return true;
}

bool reduce_begin_result(struct rowset *rowset, sqlite3_stmt *statement)
{
    int n = sqlite3_column_count(statement);
    if (!rowset || !rowset_begin(rowset, (size_t)n))
        return false;
    for (int i = 0; i < n; i++) {
        const char *name = sqlite3_column_name(statement, i);
        if (!name || !rowset_name(rowset, (size_t)i, name, 0))
            return false;
    }
    return true;
}

/* A column without a value has no type yet. */
void reduce_settle_types(struct rowset *rowset)
{
    for (size_t i = 0; i < rowset->rows.n_columns; i++)
        if (rowset->columns[i].type == 0)
            rowset->columns[i].type = PGCENSUS_TYPE_TEXT;
}
