/* Trees of replication while they are made. */
#ifndef JUDGE_TOPOLOGY_H
#define JUDGE_TOPOLOGY_H

#include "judge/company.h"

#include <pgcensus/topology.h>

/* pgcensus_topology_new() of nodes whose identities are there; sorts them. */
struct pgcensus_topology *topology_make(struct peer *peers, size_t n,
                                        struct pgcensus_error *ret_error);

/* Who takes WAL from a node besides the n standbys below it.  False: no memory.
 * Strangers are freed with the topology. */
bool topology_find_strangers(const struct peer *upstream,
                             const struct peer *const *standbys, size_t n,
                             struct pgcensus_tree_node *node);

#endif
