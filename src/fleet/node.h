/* One node of a fleet: who it is, how it wants to be treated, what we know of it.
 *
 * Its pools are made when they are first needed, because an inventory of ten thousand
 * nodes is normal and most of a pool would stay unused in a round of checks. */
#ifndef FLEET_NODE_H
#define FLEET_NODE_H

#include "base/list.h"
#include "fleet/facts.h"
#include "fleet/options.h"
#include "health/latency.h"
#include "pool/pool.h"

struct watch;

struct node {
    unsigned users;              /* that keep it; the last one frees it */
    size_t index;                /* in the fleet */
    uint32_t generation;         /* of all nodes that were ever in it */
    struct node_options options; /* a deep copy, but for the target: see below */
    struct pg_target *target;
    struct pgcensus_label *labels;  /* options.identity.labels */
    struct pgcensus_limits *limits; /* options.limits */
    char *text;                     /* every string of options in one piece */

    struct pool *pool;       /* for those who ask; NULL until somebody does */
    struct pool *check_pool; /* one connection of its own for checks, so that a full
                                pool is not a dead node */
    struct health health;
    struct latency latency;
    struct facts_memory facts;
    struct watch *watch;               /* NULL unless it is monitored */
    struct pgcensus_node_result *last; /* of its periodic checks; NULL: it has none */
    nsec last_at; /* when that was; PGCENSUS_UNKNOWN_TIME: the first is still to come */
    unsigned conceded; /* settings that its server refused: see envelope.c */

    struct node *successor; /* has its place and its pools since it was renewed; NULL */
    const char *left;       /* why nothing is asked of it any more; NULL */
    uint64_t left_at;       /* the number of the last event about it */
    struct list_node leaving; /* among those that left, and that are still known */
};

/* Stands where a node has left: it is disabled, and has no name.  Zeroed it is one, and
 * then it is nobody's to free. */
static inline bool node_is_vacant(const struct node *node)
{
    return !node->options.identity.name;
}

/* What a pool needs of the engine that it lives in. */
struct node_home {
    struct loop *loop;
    struct pg_env env;
    struct rng rng;
};

/* With one user, its maker; NULL: no memory. */
struct node *node_new(const struct node_options *options, size_t index, nsec now);
struct node *node_take(struct node *node); /* one user more */
void node_drop(struct node *node);         /* one user less; NULL is fine */
AUTO_DEFINE(struct node *, node_drop)

/* Nothing has come of its periodic checks yet.  False: no memory. */
bool node_forget_last(struct node *node);
/* This has; facts, which the result points to, are the node's from now on. */
void node_keep_last(struct node *node, const struct pgcensus_node_result *result,
                    struct pgcensus_facts *facts, nsec now);

/* Takes the place of one that may still be asked by others: its pools serve both from
 * now on, and go where the new one points to.  They are prepared before, so that this
 * cannot fail. */
bool node_prepare(struct node *node, const struct node *successor);
void node_succeed(struct node *node, struct node *successor, nsec now);
/* Nothing is asked of it any more, and connections end when they are given back. */
void node_leave(struct node *node, const char *reason, nsec now);
/* Nobody asks it: frees what it needs for that, and its password. */
void node_close(struct node *node);
/* No connection is kept open that is not in use. */
void node_rest(struct node *node, nsec now);

/* Both make the pool if it is not there; NULL: no memory.  They are those of the node
 * that has its place now. */
struct pool *node_pool(struct node *node, struct node_home *home);
struct pool *node_check_pool(struct node *node, struct node_home *home);
/* Closes the connection for checks, which nobody may hold; unless the node is watched.
 */
void node_drop_check_pool(struct node *node);

/* NULL before its first periodic check was over. */
static inline const struct pgcensus_node_result *node_last(const struct node *node)
{
    return node->last && node->last_at != PGCENSUS_UNKNOWN_TIME ? node->last : NULL;
}

#endif
