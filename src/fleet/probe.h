/* One check of one node, as a task:
 *
 *     CLAIMING ──▶ OPENING ──▶ ASKING ──▶ LEAVING ──▶ FACTS ──▶ ROLE ──▶ DONE
 *       │   ▲          │           │
 *       ▼   │          ▼           ▼
 *      PAUSING ◀── a failure that may pass
 *
 * OPENING and LEAVING only around a question of somebody's own, which must not write;
 * FACTS only if they are wanted, and a second time if all are refused; ROLE only if
 * nobody has told it by then, PAUSING only if there are retries left; what comes out is
 * one result, whatever it took. */
#ifndef FLEET_PROBE_H
#define FLEET_PROBE_H

#include "base/buf.h"
#include "fleet/attempt.h"
#include "fleet/facts.h"
#include "fleet/launch.h"

enum probe_state {
    PROBE_RESTING,  /* before it begins */
    PROBE_CLAIMING, /* waits for a connection */
    PROBE_OPENING,  /* the envelope of the question is being opened */
    PROBE_ASKING,   /* waits for the answer to the question */
    PROBE_LEAVING,  /* the node is fine; the envelope is being closed */
    PROBE_FACTS,    /* the node is fine; waits for its facts */
    PROBE_ROLE,     /* the same; waits for its role */
    PROBE_PAUSING,  /* failed, and waits for the next attempt */
    PROBE_DONE,     /* result is complete */
};

/* What is wanted of it. */
struct probe_plan {
    struct retry_options retry;
    nsec latest; /* no attempt begins after this point in time */
    enum pgcensus_facts_level facts;
};

struct probe {
    struct task task;
    struct launch *launch;
    struct launch_entry entry;
    struct node *node;
    enum probe_state state;
    struct attempt attempt;
    enum pgcensus_facts_level facts_level; /* that is wanted */

    bool enveloped;       /* a read-only transaction is open */
    bool isolated;        /* it cannot do with the isolation that its role has */
    unsigned struck;      /* so often a limit of the role's ended our question */
    nsec sent;            /* when the statement under way was; CLOCK_MONOTONIC */
    struct buf statement; /* that asks for facts */
    enum facts_way way;   /* … and how */

    struct pgcensus_node_result result;
    struct pgcensus_facts *facts; /* what the result points to; of whoever takes it */
};

/* Starts, by itself or once more; it was zeroed before the first time.  If it cannot
 * even begin it is finished at once.  Its connection is one of node_check_pool(), where
 * it stays until the pool is dropped. */
void probe_begin(struct probe *probe, struct node *node, struct node_home *home,
                 struct launch *launch, const struct probe_plan *plan, nsec now);
/* It failed for want of descriptors or memory of ours. */
bool probe_lacks(const struct probe *probe);

static inline struct probe *probe_of(struct launch_entry *entry)
{
    return container_of(entry, struct probe, entry);
}

/* The same of a link of that entry. */
static inline struct probe *probe_at(struct list_node *link)
{
    return container_of(link, struct probe, entry.link);
}

/* The time of a probe that is under way is over, whatever its own deadline says: down,
 * timeout, in its phase.  `why` ends the sentence "timeout: ". */
void probe_strike(struct probe *probe, const char *why, nsec now);
/* It is not wanted any more: unknown, cancelled, in its phase; but one that has failed
 * and only waits for the next attempt stays what it is. */
void probe_cancel(struct probe *probe, const char *reason, nsec now);

/* What a node is asked to learn whether it is well, by every command that wants to
 * know.  of_user: it is not our own, and must not write. */
struct pg_statement probe_question(const struct node *node);

#endif
