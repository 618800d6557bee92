/* What of a metric is certain. */
#ifndef JUDGE_METRICS_H
#define JUDGE_METRICS_H

#include <pgcensus/verdict.h>

/* lag: of this node, because that of a result is of when it was judged last.
 *
 * Between these two it lies; most are the same twice.  Of a clock that is as far off as
 * it looks and no further: what was not seen is no alarm.  False: it is not known at
 * all. */
bool metric_bounds(const struct pgcensus_node_result *result,
                   const struct pgcensus_lag *lag, enum pgcensus_metric metric,
                   double *ret_least, double *ret_most);

#endif
