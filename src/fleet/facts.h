/* The facts of a node: the statement that asks for them, and what its answer says. */
#ifndef FLEET_FACTS_H
#define FLEET_FACTS_H

#include "base/buf.h"
#include "base/rowset.h"

#include <pgcensus/facts.h>

/* The columns of the answer, in this order; the last ones only if all was asked. */
enum fact {
    FACT_STANDBY,
    FACT_READ_ONLY,
    FACT_SYSTEM_IDENTIFIER,
    FACT_TIMELINE,
    FACT_STARTED_AT, /* microseconds since 1970, as all times here */
    FACT_CLOCK,
    FACT_CONNECTIONS,     /* seen to take a connection */
    FACT_HIDDEN_BACKENDS, /* clients or workers, who may tell */
    FACT_MAX_WORKERS,
    FACT_MAX_CONNECTIONS,
    FACT_RESERVED_CONNECTIONS,
    FACT_WAL,
    FACT_RECEIVED,
    FACT_REPLAYED,
    FACT_LAST_COMMIT,
    FACT_PAUSED,
    FACT_RECEIVER_PID,
    FACT_RECEIVER_STATUS,
    FACT_UPSTREAM_HOST,
    FACT_UPSTREAM_PORT,
    FACT_TOLD,    /* the last position that the upstream spoke of */
    FACT_TOLD_AT, /* and when it spoke last */
    FACT_RECEIVER_SLOT,
    FACT_APPLY_DELAY,
    FACTS_BASIC,
    /* A line each: type, active, retained, status, synced, failover, conflicting,
     * reason of invalidation, inactive since, name. */
    FACT_SLOTS = FACTS_BASIC,
    FACT_SENDERS, /* a line each: state, address, slot, application */
    FACTS_FULL,
};

/* The oldest server that can be asked. */
enum { FACTS_SINCE = 100000 };

/* What the statement leaves out, and why. */
enum facts_gap {
    FACTS_WHOLE,
    FACTS_REFUSED, /* the control file: its functions were revoked from our role */
    FACTS_LACKING, /* the same: the server has no such functions */
};

/* For a server of that version (150020). */
void facts_statement(enum pgcensus_facts_level level, int version, enum facts_gap gap,
                     struct buf *out);

/* When the statement was sent and its answer was complete, on both of our clocks. */
struct facts_moment {
    nsec sent, received; /* CLOCK_MONOTONIC */
    nsec received_wall;
};

/* One block of memory, to be freed with free(); the role goes to ret_standby and
 * ret_read_only.  NULL with *ret_why: it is no answer to the statement. */
struct pgcensus_facts *facts_read(enum pgcensus_facts_level level, enum facts_gap gap,
                                  const struct pgcensus_rows *rows,
                                  const struct facts_moment *moment, bool *ret_standby,
                                  bool *ret_read_only, const char **ret_why);

#endif
