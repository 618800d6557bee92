/* Zeros behind the point.
 *
 * The numbers of most columns have all the same number of digits behind the point, so
 * it is enough to know that one: 12.50 is the double 12.5 and a scale of 2.  Only when
 * a number comes with another scale, or out of a function, which has forgotten the
 * column, are the texts of those that are in the table already made up for, once. */
#include "query/reduce_private.h"

#include <math.h>
#include <string.h>

void reduce_add_zeros(struct buf *text, size_t at, size_t scale)
{
    if (text->broken || scale == 0 || strpbrk(text->bytes + at, "eEN"))
        return;
    const char *point = strchr(text->bytes + at, '.');
    size_t behind = point ? strlen(point + 1) : 0;
    if (!point)
        buf_add_char(text, '.');
    if (behind < scale)
        buf_add_repeat(text, '0', scale - behind);
}

/* Most doubles have all their digits, and are as they print. */
static bool keep_scale(struct reduce_column *column, double real)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    if (!isfinite(real))
        return true;
    buf_add_format(&text, "%.15g", real);
    size_t printed = text.len;
    reduce_add_zeros(&text, 0, column->scale);
    return !text.broken &&
           (text.len == printed ||
            reduce_numbers_keep(column->compare->numbers, real, text.bytes, text.len));
}

bool reduce_settle_column(sqlite3 *db, struct reduce_column *column)
{
    AUTO(sqlite3_finalize) sqlite3_stmt *statement = NULL;
    if (column->shape != REDUCE_SHAPE_DECIMAL || column->settled || column->scale == 0)
        return true;
    column->settled = true;
    char *sql = sqlite3_mprintf("SELECT \"%w\" FROM r", column->name);
    bool able = sql && sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK;
    sqlite3_free(sql);
    while (able && sqlite3_step(statement) == SQLITE_ROW)
        able = sqlite3_column_type(statement, 0) != SQLITE_FLOAT ||
               keep_scale(column, sqlite3_column_double(statement, 0));
    return able;
}

bool reduce_settle(sqlite3 *db, struct reduce_compare *compare)
{
    bool able = true;
    for (size_t i = 0; able && i < compare->n; i++)
        able = reduce_settle_column(db, &compare->columns[i]);
    return able;
}
