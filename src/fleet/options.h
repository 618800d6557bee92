/* Everything that can be set of a node, filled by config and copied by the fleet. */
#ifndef FLEET_OPTIONS_H
#define FLEET_OPTIONS_H

#include "health/backoff.h"
#include "health/retry.h"
#include "health/schedule.h"
#include "health/state.h"
#include "pg/target.h"
#include "pool/pool.h"

#include <pgcensus/config.h>
#include <pgcensus/verdict.h>

/* How one check of a node is made. */
struct probe_options {
    nsec total;   /* one attempt at a node that must be connected to first */
    nsec limit;   /* all attempts together, with the pauses between them; 0: none */
    nsec timeout; /* the question on an open connection */
    const char *query; /* "SELECT 1", or one statement of somebody's own */
    enum pgcensus_status role_status; /* of a node whose role is not the expected one:
                                         WARN or DOWN */
};

/* How a statement of somebody's own is run. */
struct statement_options {
    nsec timeout;     /* of the statement on an open connection */
    size_t max_rows;  /* 0: no limit */
    size_t max_bytes; /* 0: no limit */
    size_t max_row_bytes;
};

struct node_options {
    struct pgcensus_identity identity;
    struct pg_target target;
    struct pool_options pool;
    struct probe_options probe;
    struct statement_options statement;
    struct health_options health;
    struct schedule_options schedule;
    struct backoff_options reconnect;
    struct retry_options retry;
    const struct pgcensus_limits *limits; /* one per metric; NULL: none at all */
};

#endif
