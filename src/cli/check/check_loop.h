/* One round of checks from start to end: waits, shows progress, obeys signals and
 * keeps what comes in. */
#ifndef CLI_CHECK_CHECK_LOOP_H
#define CLI_CHECK_CHECK_LOOP_H

#include "base/auto.h"
#include "cli/command.h"

#include <pgcensus/pgcensus.h>

struct round_options {
    unsigned jobs;
    int retries;          /* -1: as configured */
    nsec deadline, spent; /* 0: none */
    enum pgcensus_facts_level facts;
    enum pgcensus_role role; /* nodes known to have the other one are left out */
    bool progress;

    /* Each result as it arrives; false ends the round, which then has failed.  NULL:
     * nobody wants to know before the end. */
    bool (*arrived)(void *context, const struct pgcensus_node_result *result,
                    bool left_out, struct pgcensus_error *ret_error);
    /* A little of what arrived() has left to do, between two turns of the fleet, as
     * long as *ret_more; NULL: it leaves nothing. */
    bool (*turn)(void *context, bool *ret_more, struct pgcensus_error *ret_error);
    void *context;
};

struct round {
    nsec started_wall, elapsed;
    int signal; /* that ended it early; 0: none */

    /* What is reported, in inventory order. */
    const struct pgcensus_node_result **results;
    size_t n_results;

    /* Those that are left out, too: verdicts are about all. */
    struct pgcensus_node_result **all;
    size_t n_all;

    struct pgcensus_node_result *by_index; /* what both point into */
    struct pgcensus_check *check;          /* owns the facts that results point to */
};

/* program->signals are open; they are closed once the round has ended. */
bool round_run(const struct program *program, struct pgcensus_fleet *fleet,
               const struct round_options *options, struct round *ret_round,
               struct pgcensus_error *ret_error);
void round_fini(struct round *round);
AUTO_DEFINE_VALUE(struct round, round_fini)

#endif
