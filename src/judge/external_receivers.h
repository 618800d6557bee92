/* WAL receivers below a node that are none of ours.  Pure, but for memory. */
#ifndef JUDGE_EXTERNAL_RECEIVERS_H
#define JUDGE_EXTERNAL_RECEIVERS_H

#include "judge/peer.h"

#include <pgcensus/topology.h>

/* Fills in the senders of that node that feed none of the n standbys below it.  False:
 * no memory.  The list is freed with the topology. */
bool external_receivers_find(const struct peer *upstream,
                             const struct peer *const *standbys, size_t n,
                             struct pgcensus_tree_node *node);

#endif
