/* The state of a node as a pure machine: (health, fact, now) → change.
 *
 * The transitions are rows of a table in state.c; the same rows give the reason text of
 * the event and the diagram in src/health/README.md.  fall protects a *healthy* node
 * from one lost answer; a node that was never healthy in this run, and any auth or
 * config failure, is unhealthy at once. */
#ifndef HEALTH_STATE_H
#define HEALTH_STATE_H

#include <pgcensus/status.h>

struct health_options {
    unsigned fall;         /* consecutive failures until a healthy node is not */
    unsigned rise;         /* consecutive successes until a node is healthy */
    unsigned max_attempts; /* 0: endless; then the node is failed */
};

/* The facts that move a node from state to state. */
enum health_fact {
    HEALTH_SUCCEEDED, /* SELECT 1 answered */
    HEALTH_FELL,      /* a check failed in a way that may pass */
    HEALTH_REFUSED,   /* auth, config: trying again soon does not help */
    HEALTH_RETRYING,  /* a new check of an unhealthy or reconnecting node begins; only
                         after it can a success make the node healthy again */
    HEALTH_SUSPEND,   /* operator */
    HEALTH_RESUME,    /* operator */
    HEALTH_RESET,     /* operator or reload */
    HEALTH_REMOVED,   /* removed or shutting down */
    HEALTH_UNTOLD, /* the attempt failed for a shortage of ours and says nothing about
                      the node: it does not count */
};

struct health {
    enum pgcensus_state state;
    nsec since;                   /* when it entered this state */
    unsigned failures, successes; /* consecutive */
    unsigned attempts;            /* reconnects since it was last healthy */
};

/* from == to: nothing changed, because is NULL. */
struct health_change {
    enum pgcensus_state from, to;
    const char *because; /* static, "too many checks in a row failed" */
    unsigned row;        /* of the table, for health_row() */
};

void health_init(struct health *health, nsec now);
struct health_change health_apply(struct health *health,
                                  const struct health_options *options,
                                  enum health_fact fact, nsec now);

/* The fact that the end of a check is; CLASS_NONE is a success.  CLASS_LOCAL
 * and CLASS_CANCELLED say nothing about the node: false, and the check is
 * UNTOLD. */
bool health_fact_of(enum pgcensus_class error_class, enum health_fact *ret_fact);

/* The table, for diagrams and tests: row i, or false behind the last. */
struct health_row {
    unsigned from; /* set of states: 1u << state | … */
    enum health_fact fact;
    enum pgcensus_state to;
    const char *condition; /* NULL: always */
    const char *because;
};
bool health_row(size_t i, struct health_row *ret_row);

#endif
