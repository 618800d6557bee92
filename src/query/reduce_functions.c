/* What people miss in SQLite when they look at many nodes: percentile(x, p) and
 * stddev(x).  Both ignore NULL, take text that is a number for one, as SUM does, and
 * are NULL over nothing. */
#include "query/reduce_private.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

/* ---- percentile(x, p), p from 0 to 100 ---- */

struct values {
    double *items;
    size_t n, cap;
    double share;
    bool no_memory, odd; /* odd: p is no number from 0 to 100 */
};

static void percentile_step(sqlite3_context *context, int n, sqlite3_value **arguments)
{
    struct values *values = sqlite3_aggregate_context(context, sizeof *values);
    if (!values)
        return;
    double share = sqlite3_value_double(arguments[1]);
    values->odd |= sqlite3_value_numeric_type(arguments[1]) == SQLITE_TEXT ||
                   sqlite3_value_type(arguments[1]) == SQLITE_NULL ||
                   !(share >= 0 && share <= 100);
    values->share = share;
    if (sqlite3_value_type(arguments[0]) == SQLITE_NULL)
        return;
    if (!memory_grow(&values->items, &values->cap, values->n, sizeof *values->items)) {
        values->no_memory = true;
        return;
    }
    values->items[values->n++] = sqlite3_value_double(arguments[0]);
}

static int by_value(const void *left, const void *right)
{
    const double *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

/* Between the two closest ranks, as percentile_cont() of PostgreSQL. */
static double interpolate(const struct values *values)
{
    double rank = values->share / 100 * (double)(values->n - 1);
    size_t below = (size_t)floor(rank);
    size_t above = below + 1 < values->n ? below + 1 : below;
    double part = rank - (double)below;
    return values->items[below] + part * (values->items[above] - values->items[below]);
}

static void percentile_end(sqlite3_context *context)
{
    struct values *values = sqlite3_aggregate_context(context, 0);
    if (!values)
        return;
    if (values->no_memory) {
        sqlite3_result_error_nomem(context);
    } else if (values->odd) {
        sqlite3_result_error(context, "percentile(x, p): p is a number from 0 to 100",
                             -1);
    } else if (values->n > 0) {
        qsort(values->items, values->n, sizeof *values->items, by_value);
        sqlite3_result_double(context, interpolate(values));
    }
    free(values->items);
}

/* ---- stddev(x), of a sample ---- */

struct spread {
    size_t n;
    double mean, squares; /* Welford's: no difference of large sums */
};

static void stddev_step(sqlite3_context *context, int n, sqlite3_value **arguments)
{
    struct spread *spread = sqlite3_aggregate_context(context, sizeof *spread);
    if (!spread || sqlite3_value_type(arguments[0]) == SQLITE_NULL)
        return;
    double value = sqlite3_value_double(arguments[0]);
    double before = value - spread->mean;
    spread->mean += before / (double)++spread->n;
    spread->squares += before * (value - spread->mean);
}

static void stddev_end(sqlite3_context *context)
{
    const struct spread *spread = sqlite3_aggregate_context(context, 0);
    if (spread && spread->n > 1)
        sqlite3_result_double(context, sqrt(spread->squares / (double)(spread->n - 1)));
}

bool reduce_add_functions(sqlite3 *db)
{
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    return sqlite3_create_function(db, "percentile", 2, flags, NULL, NULL,
                                   percentile_step, percentile_end) == SQLITE_OK &&
           sqlite3_create_function(db, "stddev", 1, flags, NULL, NULL, stddev_step,
                                   stddev_end) == SQLITE_OK;
}
