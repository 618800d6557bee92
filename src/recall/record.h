/* What is remembered of one node, and what it makes of a check.  Pure. */
#ifndef RECALL_RECORD_H
#define RECALL_RECORD_H

#include "health/flap.h"
#include "health/state.h"

#include <pgcensus/fleet.h>

struct record {
    char *name;
    uint64_t target;      /* a hash of where the node is; another place, another past */
    nsec checked;         /* last told of, wall clock */
    struct health health; /* its times are wall clock, too: it outlives the process */
    struct flap flap;
};

uint64_t record_target(const struct pgcensus_identity *identity);

/* One more check.  What says nothing of the node (our own trouble, an interrupt) counts
 * as if there had been none. */
void record_note(struct record *record, const struct health_options *options,
                 const struct pgcensus_node_result *result, nsec now);

/* What that check means in the light of what went before: sets result->past, changes
 * the status and adds the reason. */
void record_judge(const struct record *record, const struct health_options *options,
                  struct pgcensus_node_result *result);

#endif
