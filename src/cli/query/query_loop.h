/* One query, pulled from start to end, and what has come of it. */
#ifndef CLI_QUERY_QUERY_LOOP_H
#define CLI_QUERY_QUERY_LOOP_H

#include "base/auto.h"
#include "cli/shared/pull_loop.h"

/* Takes what comes in; false ends the query, which then has failed. */
struct row_sink {
    bool (*rows)(void *context, struct pgcensus_query *query, size_t index,
                 struct pgcensus_rows *owned, struct pgcensus_error *ret_error);
    /* The last word on a node; may change it (columns that fit no header any more). */
    bool (*node)(void *context, struct pgcensus_query *query,
                 struct pgcensus_query_result *result,
                 struct pgcensus_error *ret_error);
    /* All nodes have come out.  NULL: nothing is left to do. */
    bool (*end)(void *context, struct pgcensus_query *query,
                struct pgcensus_error *ret_error);
    /* How many bytes a reader has not taken yet; more than a little is looked after.
     * NULL: there is no reader before the end. */
    size_t (*backlog)(void *context);
    /* Hands over what can be handed over now.  *ret_full: a descriptor that takes no
     * more bytes for now; -1: more rows are welcome. */
    bool (*drain)(void *context, int *ret_full, struct pgcensus_error *ret_error);
    void *context;
};

struct query_outcome {
    struct pull_report report;

    /* What is reported, in inventory order: all but those that were left out. */
    const struct pgcensus_query_result **results;
    size_t n_results;

    struct pgcensus_query_result *by_index; /* what results points into, with notices */
    size_t n;
};

bool query_loop_run(const struct fleet_session *session,
                    const struct pgcensus_query_options *options,
                    const struct row_sink *sink, struct query_outcome *ret_outcome,
                    struct pgcensus_error *ret_error);
void query_outcome_fini(struct query_outcome *outcome);
AUTO_DEFINE_VALUE(struct query_outcome, query_outcome_fini)

#endif
