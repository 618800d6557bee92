/* Problems of a round as lines of stderr. */
#ifndef REPORT_PROBLEMS_H
#define REPORT_PROBLEMS_H

#include "base/buf.h"

#include <pgcensus/pgcensus.h>
#include <pgcensus/verdict.h>

/* "pgcensus: pg-c: connection refused …", one line; one failing class on many nodes
 * folds: "pgcensus: 37 nodes: connection refused: pg-[0412-0448]".  Below it DETAIL and
 * HINT of the server, if it is the only one, or of all. */
void report_problems(const struct pgcensus_fleet *fleet,
                     const struct pgcensus_node_result *const *results, size_t n,
                     bool verbose, struct buf *out);

/* A line of stderr for whatever is wrong with groups. */
void report_group_problems(const struct pgcensus_verdict *verdict, struct buf *out);

#endif
