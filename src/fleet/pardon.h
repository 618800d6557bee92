/* One failure that is forgiven, because we stood still before it.
 *
 * A server gives a client up that is silent for long: authentication_timeout is a
 * minute, idle_in_transaction_session_timeout may be a second, and a laptop that slept
 * finds all its connections dead.  That says nothing of the server, so the attempt is
 * made once more; what ends it then, counts. */
#ifndef FLEET_PARDON_H
#define FLEET_PARDON_H

#include "io/loop.h"

#include <pgcensus/status.h>

struct pardon {
    nsec lost; /* of the loop's time, when the attempt began */
    bool used;
};

/* An attempt begins. */
void pardon_begin(struct pardon *pardon, const struct loop *loop);
/* Whether the failure of that attempt is forgiven; at most one is. */
bool pardon_take(struct pardon *pardon, const struct loop *loop,
                 const struct pgcensus_failure *failure);

#endif
