#include "query/result.h"

#include "pg/failure.h"

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
