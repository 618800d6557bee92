/* The connections of one node, shared.
 *
 * Every slot is in exactly one list and its state *is* that list: CONNECTING, IDLE
 * (LIFO, so that warm ones are used and cold ones age out), LEASED.  Statistics are
 * lengths of lists.  The total never exceeds max, never leaks: pool_free() asserts it.
 *
 * A claimant never waits inside a call: it claims, goes away, and is woken. */
#ifndef POOL_POOL_H
#define POOL_POOL_H

#include "base/rng.h"
#include "io/loop.h"
#include "pg/conn.h"

#include <pgcensus/fleet.h>

struct pool_options {
    unsigned min, max;
    nsec idle_timeout;    /* an idle connection above min is closed; 0: never */
    nsec max_lifetime;    /* spread −10 % so that a herd does not form; 0: never */
    nsec connect_timeout; /* for the opening, and for a claim that waits for it */
    nsec acquire_timeout; /* how long a claim waits if none can be opened for it */
};

struct pool;
struct slot;

enum claim_state {
    CLAIM_NONE,
    CLAIM_WAITING,
    CLAIM_GRANTED, /* slot is leased to the claimant */
    CLAIM_FAILED,  /* failure says why: the last connect error, or acquire timeout */
};

/* Embedded in the claimant. */
struct claim {
    enum claim_state state;
    struct slot *slot;
    bool fresh; /* the connection was opened for this claim: timing is its own */
    struct pg_timing timing; /* of the connection's opening (also if it failed) */
    char address[64];        /* the one that was tried */
    bool refused;            /* a login before this one was: pg_conn_was_refused() */
    bool starved;            /* no thread of ours was free for the opening */
    struct pgcensus_failure failure;
    struct task *waiter; /* woken on every change, and while LEASED on every change
                            of the connection's state, and for rows to be taken */
    nsec deadline;       /* absolute; the pool makes it fail, later by timing.queued */
    nsec since, granted; /* when it was claimed, and when the connection was there */
    /* the pool's own */
    bool only_fresh;
    struct list_node node;
};

/* NULL: no memory.  target is copied. */
struct pool *pool_new(struct loop *loop, const struct pg_env *env,
                      const struct pg_target *target,
                      const struct pool_options *options, struct rng *rng);
/* Closes everything at once; claims fail with CANCELLED and may be forgotten. */
void pool_free(struct pool *pool);
AUTO_DEFINE(struct pool *, pool_free)

/* Opens connections until min are there and replaces those that end, from now
 * on until an opening fails.  Then the node is in trouble, and when it is back
 * the caller has to call this again.  A one-shot check never calls it. */
void pool_keep_min(struct pool *pool, nsec now);
/* A server that goes away ends its idle connections first. observer (NULL:
 * none) is woken whenever an idle connection is lost, and they are counted. */
void pool_observe(struct pool *pool, struct task *observer);
uint64_t pool_idle_lost(const struct pool *pool);

/* state must be NONE.  May be GRANTED or FAILED on return, else the waiter is
 * woken.  The claim waits as long as the pool's options say, and until the
 * deadline at most (absolute; NEVER: none).  only_fresh: a connection opened
 * for it, not an idle one. */
void pool_claim(struct pool *pool, struct claim *claim, struct task *waiter, nsec now,
                nsec deadline, bool only_fresh);
/* From any state back to NONE.  A granted connection goes back to IDLE if it is
 * READY, no transaction is open on it, it is of the current generation and
 * young enough, else it is closed.  A connection that is being opened and that
 * no claim needs any more is closed too. */
void pool_release(struct pool *pool, struct claim *claim, nsec now);
/* As pool_release(), but a granted connection is closed. */
void pool_discard(struct pool *pool, struct claim *claim, nsec now);

/* The leased connection.  Send with claim_send(), so that the loop learns of
 * it; reading its state is fine.  A connection that is lost after it was
 * granted stays with its claimant, which is woken to find that out. */
struct pg_conn *claim_conn(const struct claim *claim);
void claim_send(struct claim *claim, const struct pg_statement *statement, nsec now,
                nsec deadline);
/* Takes the rows of its statement that have arrived, which makes room for more;
 * NULL: none have. */
struct rowset *claim_take_rows(struct claim *claim);
/* While WAITING: fills timing and address from the connection that is being
 * opened, and returns its phase; PHASE_NONE if none is being opened. */
enum pgcensus_phase claim_peek(const struct pool *pool, struct claim *claim);

/* Everything opened until now is of an old generation: idle ones close at once, leased
 * ones on release, and claims that wait get a new one.  More than the new maximum may
 * be leased, and then none is opened. */
void pool_renew(struct pool *pool, const struct pool_options *options, nsec now);
/* Allocates what pool_renew() needs, so that it cannot fail.  Pools that are
 * renewed together are all prepared before the first one is renewed.  False: no
 * memory, nothing changed. */
bool pool_prepare(struct pool *pool, const struct pg_target *target);
/* Closes the connections that no claim uses or waits for, and keeps no minimum
 * until pool_keep_min(). */
void pool_rest(struct pool *pool, nsec now);
/* No new claims (they fail, CANCELLED, with that reason, which is static), idle ones
 * close, leased ones may finish. */
void pool_drain(struct pool *pool, const char *reason, nsec now);

void pool_stats(const struct pool *pool, struct pgcensus_pool_stats *ret_stats);

#endif
