/* Inside the pool: its slots, each one connection and where it is in its life.
 *
 *     CONNECTING ──▶ IDLE ⇄ LEASED
 *
 * and slot_close() from every state, with its reason.  After a slot has
 * changed, its caller calls pool_settle(), which alone decides which waiter
 * gets which idle slot and which slots are opened or closed. */
#ifndef POOL_SLOT_H
#define POOL_SLOT_H

#include "pool/pool.h"

enum slot_state {
    SLOT_CONNECTING, /* being opened, for the first waiter or to keep the minimum */
    SLOT_IDLE,       /* open and free; the front of the list was used last */
    SLOT_LEASED,     /* open and leased to slot->claim */
    SLOT_STATES,
};

/* Why an open connection was closed; each is counted. */
enum slot_end {
    SLOT_END_IDLE,       /* idle for longer than idle_timeout, above the minimum */
    SLOT_END_LIFETIME,   /* older than max_lifetime */
    SLOT_END_LOST,       /* ended by the server or the network */
    SLOT_END_GENERATION, /* the target has changed since it was opened */
    SLOT_END_OTHER,      /* discarded, drained, made room */
    SLOT_ENDS,
};

/* Shared by the connections of one generation.  A slot is old if its generation
 * is not the pool's. */
struct generation {
    struct pg_target *target;
    size_t users; /* the pool, while it is current, and every slot */
};

struct slot {
    struct task task;
    struct list_node node; /* in pool->slots[state] */
    enum slot_state state;
    struct pool *pool;
    struct generation *generation;
    struct pg_conn *conn;
    enum pg_conn_state seen; /* the state that the claimant was last woken for */
    struct claim *claim;     /* LEASED: its claimant's */
    bool used;               /* was leased before */
    nsec since;              /* the opening began */
    nsec idle_until;         /* IDLE: end of its rest */
    nsec expires;            /* end of its life */
};

struct generation *generation_new(const struct pg_target *target); /* NULL: no memory */
void generation_drop(struct generation *generation);

/* False: no memory. */
bool slot_open(struct pool *pool, nsec now);
/* True if the slot was opened since the claim began to wait and no other claim
 * has used it. */
bool slot_is_fresh(const struct slot *slot, const struct claim *claim);
/* Timing and address of the opening, for the claimant. */
void slot_describe(const struct slot *slot, struct claim *claim);
void slot_lease(struct slot *slot, struct claim *claim, nsec now);
/* The slot goes to IDLE if it is still good, else it is closed. */
void slot_return(struct slot *slot, nsec now);
void slot_close(struct slot *slot, enum slot_end end);
/* Tells the loop what the slot waits for now; only needed outside its own step. */
void slot_publish(struct slot *slot);

#endif
