/* One round of checks, pulled from start to end, and what has come of it. */
#ifndef CLI_CHECK_CHECK_LOOP_H
#define CLI_CHECK_CHECK_LOOP_H

#include "base/auto.h"
#include "cli/shared/pull_loop.h"

struct check_loop_options {
    unsigned jobs;
    int retries;          /* -1: as configured */
    nsec deadline, spent; /* 0: none */
    enum pgcensus_facts_level facts;
    enum pgcensus_role role; /* nodes known to have the other one are left out */

    /* Each result as it arrives, which stays until the round is over; false ends the
     * round, which then has failed.  NULL: results are looked at when the round is
     * over. */
    bool (*arrived)(void *context, const struct pgcensus_node_result *result,
                    bool left_out, struct pgcensus_error *ret_error);
    /* Some of the work that arrived() has left over, between two turns of the fleet, as
     * long as *ret_more; NULL: it leaves nothing. */
    bool (*work)(void *context, bool *ret_more, struct pgcensus_error *ret_error);
    void *context;
};

struct check_outcome {
    struct pull_report report;

    /* What is reported, in inventory order. */
    const struct pgcensus_node_result **results;
    size_t n_results;

    /* Nodes that --role leaves out, too: verdicts are about all. */
    struct pgcensus_node_result **all;
    size_t n_all;

    struct pgcensus_node_result *by_index; /* what both point into */
    struct pgcensus_check *check;          /* owns the facts that results point to */
};

bool check_loop_run(const struct fleet_session *session,
                    const struct check_loop_options *options,
                    struct check_outcome *ret_outcome,
                    struct pgcensus_error *ret_error);
void check_outcome_fini(struct check_outcome *outcome);
AUTO_DEFINE_VALUE(struct check_outcome, check_outcome_fini)

#endif
