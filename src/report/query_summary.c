#include "report/query.h"

/* Our own troubles and our own orders say nothing about a node. */
static bool is_ours(const struct pgcensus_query_result *result)
{
    enum pgcensus_class error_class = result->failure.error_class;
    return error_class == PGCENSUS_CLASS_LOCAL ||
           error_class == PGCENSUS_CLASS_CANCELLED ||
           error_class == PGCENSUS_CLASS_INTERNAL;
}

void query_summarize(const struct pgcensus_query_result *const *results, size_t n,
                     struct query_summary *ret_summary)
{
    struct query_summary summary = {.nodes = (unsigned)n};
    for (size_t i = 0; i < n; i++) {
        const struct pgcensus_query_result *result = results[i];
        summary.rows += result->n_rows;
        summary.truncated |= result->truncated;
        switch (result->status) {
        case PGCENSUS_QUERY_OK:
            summary.ok++;
            break;
        case PGCENSUS_QUERY_PARTIAL:
            summary.partial++;
            break;
        case PGCENSUS_QUERY_FAILED:
            summary.failed++;
            summary.unjudged += is_ours(result);
            break;
        case PGCENSUS_QUERY_SKIPPED:
        case PGCENSUS_QUERY_LEFT_OUT:
            summary.skipped++;
            break;
        case PGCENSUS_QUERY_DISABLED:
            summary.disabled++;
            break;
        }
    }
    *ret_summary = summary;
}
