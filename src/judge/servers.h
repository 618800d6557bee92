/* Which nodes are one server under several names: directly and by a VIP, two databases
 * of one server, behind a pooler and beside it, enabled and disabled.  Pure, but for
 * memory. */
#ifndef JUDGE_SERVERS_H
#define JUDGE_SERVERS_H

#include "judge/peer.h"

/* For each of n peers the place of the first one that is the same server, its own if
 * it is the first.  False: no memory. */
bool servers_find(const struct peer *peers, size_t n, size_t *ret_servers);

#endif
