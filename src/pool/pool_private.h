/* The inside of pool/pool.h, for pool.c, queue.c and slot.c only. */
#ifndef POOL_POOL_PRIVATE_H
#define POOL_POOL_PRIVATE_H

#include "pool/slot.h"

struct pool {
    struct loop *loop;
    const struct pg_env *env;
    struct rng *rng;
    struct pool_options options;
    struct generation *generation; /* of all connections opened from now on */
    struct generation *next;       /* that pool_renew() will take; NULL: not prepared */
    struct list slots[SLOT_STATES];
    struct list waiters;   /* first come, first served */
    struct task alarm;     /* at the earliest deadline of a waiter */
    struct task *observer; /* woken when an idle connection is lost; NULL: none */
    bool keeping;          /* the minimum is kept; off after a failed opening */
    const char *draining;  /* why there are no new claims; NULL: there are */
    bool bare; /* its server refuses startup parameters that are not required */
    uint64_t acquired, opened, failed, closed[SLOT_ENDS];
    uint64_t idle_lost; /* connections that were lost while idle */
    nsec wait_total;
};

/* Connections in any state. */
size_t pool_total(const struct pool *pool);
/* The oldest opening, which the first claim that waits will get; NULL: none. */
const struct slot *pool_first_opening(const struct pool *pool);
/* Gives idle connections to claims that wait; then opens connections that are
 * missing and closes those that are too many.  Called after every change. */
void pool_settle(struct pool *pool, nsec now);

#endif
