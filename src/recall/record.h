/* What is remembered of one node from run to run.  Pure. */
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

/* That past as a value, with the last check in it. */
struct pgcensus_past record_past(const struct record *record);

#endif
