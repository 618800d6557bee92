/* Trees of replication while they are made. */
#ifndef JUDGE_TOPOLOGY_H
#define JUDGE_TOPOLOGY_H

#include "judge/company.h"

#include <pgcensus/topology.h>

/* pgcensus_topology_new() of nodes whose identities are there; sorts them. */
struct pgcensus_topology *topology_make(struct peer *peers, size_t n,
                                        struct pgcensus_error *ret_error);

#endif
