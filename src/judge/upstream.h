/* Whether a node is the one that a standby says it follows.  Pure. */
#ifndef JUDGE_UPSTREAM_H
#define JUDGE_UPSTREAM_H

#include "judge/peer.h"

/* That this node has the address of the standby's upstream. */
bool upstream_is(const struct peer *standby, const struct peer *other);

/* Whether both certainly run on one machine. */
bool upstream_shares_machine(const struct peer *a, const struct peer *b);

/* As we know it: the address that was used, or what is configured if there was none. */
const char *upstream_address_of(const struct peer *peer);

/* A Unix socket (or its directory), or an address of the loopback. */
bool upstream_is_local(const char *host);

#endif
