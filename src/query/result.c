#include "query/result.h"

#include "pg/failure.h"

#include <string.h>

void result_blank(struct pgcensus_query_result *ret_result, size_t index)
{
    const nsec none = PGCENSUS_UNKNOWN_TIME;
    *ret_result = (struct pgcensus_query_result){
        .index = index, .connect = none, .query = none, .total = none};
}

void result_failed(struct pgcensus_query_result *result,
                   const struct pgcensus_failure *failure)
{
    result->status =
        result->n_rows > 0 ? PGCENSUS_QUERY_PARTIAL : PGCENSUS_QUERY_FAILED;
    result->failed = true;
    result->failure = *failure;
    result->truncated = failure->error_class == PGCENSUS_CLASS_LIMIT;
}

void result_refused(struct pgcensus_query_result *result,
                    enum pgcensus_class error_class, enum pgcensus_phase phase,
                    const char *why)
{
    struct pgcensus_failure failure;
    pg_failure_set(&failure, error_class, phase, "", NULL, "%s", why);
    result_failed(result, &failure);
}

/* An error of the server's undoes a write, also if the connection ends with it. */
static void add_doubt(struct pgcensus_failure *failure)
{
    if (failure->error_class != PGCENSUS_CLASS_QUERY)
        pg_failure_append(failure, "; it is not known whether it was written");
}

void result_ended(struct pgcensus_query_result *result, bool write, bool rests)
{
    const struct pgcensus_failure *failure = &result->failure;
    if (write && !rests)
        add_doubt(&result->failure);
    /* It was done, and more rows came than may be kept, be it the first. */
    if (rests && failure->error_class == PGCENSUS_CLASS_LIMIT && !*failure->sqlstate)
        result->status = PGCENSUS_QUERY_PARTIAL;
}
