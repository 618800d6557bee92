/* What people miss in SQLite when they look at many nodes: percentile(x, p) and
 * stddev(x).  Both ignore NULL, take text that is a number for one, as SUM does, and
 * are NULL over nothing.  Other text is an error: SUM takes it for 0, which would bend
 * a percentile without a word. */
#include "query/reduce_private.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

static bool is_numeric_argument(sqlite3_value *value)
{
    int type = sqlite3_value_numeric_type(value);
    return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
}

/* ---- percentile(x, p), p from 0 to 100 ---- */

struct values {
    double *items;
    size_t n, cap;
    double share;
    bool begun, no_memory;
    bool odd;   /* p is no number from 0 to 100, or not always the same */
    bool wrong; /* x is no number */
};

static void percentile_step(sqlite3_context *context, int n, sqlite3_value **arguments)
{
    struct values *values = sqlite3_aggregate_context(context, sizeof *values);
    if (!values)
        return;
    bool fits = is_numeric_argument(arguments[1]);
    double share = sqlite3_value_double(arguments[1]);
    values->odd |= !fits || !(share >= 0 && share <= 100) ||
                   (values->begun && share != values->share);
    values->share = share;
    values->begun = true;
    if (sqlite3_value_type(arguments[0]) == SQLITE_NULL)
        return;
    if (!is_numeric_argument(arguments[0])) {
        values->wrong = true;
        return;
    }
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
    if (part == 0) /* infinities have no difference */
        return values->items[below];
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
        sqlite3_result_error(context, "percentile(x, p): p is one number from 0 to 100",
                             -1);
    } else if (values->wrong) {
        sqlite3_result_error(context, "percentile(x, p): some x is not a number", -1);
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
    bool wrong;           /* x is no number */
};

static void stddev_step(sqlite3_context *context, int n, sqlite3_value **arguments)
{
    struct spread *spread = sqlite3_aggregate_context(context, sizeof *spread);
    if (!spread || sqlite3_value_type(arguments[0]) == SQLITE_NULL)
        return;
    if (!is_numeric_argument(arguments[0])) {
        spread->wrong = true;
        return;
    }
    double value = sqlite3_value_double(arguments[0]);
    double before = value - spread->mean;
    spread->mean += before / (double)++spread->n;
    spread->squares += before * (value - spread->mean);
}

static void stddev_end(sqlite3_context *context)
{
    const struct spread *spread = sqlite3_aggregate_context(context, 0);
    if (spread && spread->wrong)
        sqlite3_result_error(context, "stddev(x): some x is not a number", -1);
    else if (spread && spread->n > 1)
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
