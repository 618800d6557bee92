/* Inside the pool: its slots, each one connection and where it is in its life.
 *
 *     CONNECTING ──▶ IDLE ⇄ LEASED
 *
 * and from everywhere slot_close(), which says why.  A slot changes, then somebody
 * calls pool_settle(), which gives idle slots to waiters and opens or closes what that
 * leaves too few or too many.  Nothing else decides. */
#ifndef POOL_SLOT_H
#define POOL_SLOT_H

#include "pool/pool.h"

enum slot_state {
    SLOT_CONNECTING, /* being opened, for the first waiter or to keep the minimum */
    SLOT_IDLE,       /* open and nobody's; the front of the list was used last */
    SLOT_LEASED,     /* open and slot->claim's */
    SLOT_STATES,
};

/* Why an open connection was closed; each is counted. */
enum slot_end {
    SLOT_END_IDLE,       /* rested longer than idle_timeout, above the minimum */
    SLOT_END_LIFETIME,   /* older than max_lifetime */
    SLOT_END_LOST,       /* the server said goodbye, or the network did */
    SLOT_END_GENERATION, /* the target has changed since it was opened */
    SLOT_END_OTHER,      /* discarded, drained, made room */
    SLOT_ENDS,
};

/* What the connections of one generation share.  A slot whose generation is not the
 * pool's is of an old generation. */
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
    enum pg_conn_state seen; /* what the claimant knows of */
    struct claim *claim;     /* LEASED: whose */
    bool used;               /* was leased before */
    nsec since;              /* the opening began */
    nsec idle_until;         /* IDLE: end of its rest */
    nsec expires;            /* end of its life */
};

struct generation *generation_new(const struct pg_target *target); /* NULL: no memory */
void generation_drop(struct generation *generation);

/* False: no memory. */
bool slot_open(struct pool *pool, nsec now);
/* Opened since the claimant began to wait, and never anybody else's. */
bool slot_is_fresh(const struct slot *slot, const struct claim *claim);
/* Timing and address of the opening, for the claimant. */
void slot_describe(const struct slot *slot, struct claim *claim);
void slot_lease(struct slot *slot, struct claim *claim, nsec now);
/* To IDLE if it is still good, else it is closed. */
void slot_return(struct slot *slot, nsec now);
void slot_close(struct slot *slot, enum slot_end end);
/* Tells the loop what the slot waits for now; only needed outside its own step. */
void slot_publish(struct slot *slot);

#endif
