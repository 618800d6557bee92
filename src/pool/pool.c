/* Which claim gets which connection, and how many connections there are.
 *
 * Every function here makes one change and then calls pool_settle(), which
 * restores what always holds: no claim waits while an idle connection would do,
 * and exactly as many connections are being opened as waiters (or the minimum)
 * need and max allows.
 *
 * A connection that is being opened belongs to no claim.  The claim that waits
 * longest gets the first connection that is ready, or the failure of the first
 * that fails.  Tied to its own opening, a claim would wait behind a slow
 * handshake while another one is done, and a failure could be left without a
 * claim to tell. */
#include "pool/pool.h"

#include "base/memory.h"
#include "pg/failure.h"
#include "pool/pool_private.h"
#include "pool/queue.h"

#include <assert.h>

struct pool *pool_new(struct loop *loop, const struct pg_env *env,
                      const struct pg_target *target,
                      const struct pool_options *options, struct rng *rng)
{
    AUTO(pool_free) struct pool *pool = memory_new(struct pool);
    if (!pool)
        return NULL;
    for (int i = 0; i < SLOT_STATES; i++)
        list_init(&pool->slots[i]);
    queue_init(pool);
    pool->loop = loop;
    pool->env = env;
    pool->options = *options;
    pool->rng = rng;
    pool->generation = generation_new(target);
    if (!pool->generation || !loop_add(loop, &pool->alarm))
        return NULL;
    return take_ptr(pool);
}

/* ---- settling ---- */

static struct slot *slot_at(struct list_node *node)
{
    return container_of(node, struct slot, node);
}

size_t pool_total(const struct pool *pool)
{
    return pool->slots[SLOT_CONNECTING].n + pool->slots[SLOT_IDLE].n +
           pool->slots[SLOT_LEASED].n;
}

static void grant_idle(struct pool *pool, nsec now)
{
    list_each (&pool->waiters, node, after) {
        struct list_node *warmest = list_first(&pool->slots[SLOT_IDLE]);
        if (!warmest)
            return;
        struct claim *claim = container_of(node, struct claim, node);
        if (claim->only_fresh && !slot_is_fresh(slot_at(warmest), claim))
            continue;
        queue_leave(pool, claim, now);
        slot_lease(slot_at(warmest), claim, now);
        pool->acquired++;
        claim_wake(claim);
    }
}

/* After grant_idle() the claims that still wait have no use for idle
 * connections, which may be closed to make room. */
static size_t openings_wanted(const struct pool *pool)
{
    size_t idle = pool->slots[SLOT_IDLE].n, leased = pool->slots[SLOT_LEASED].n;
    size_t wanted = pool->waiters.n;
    size_t room = pool->options.max > leased ? pool->options.max - leased : 0;
    if (pool->draining)
        return 0;
    if (pool->keeping && wanted + idle + leased < pool->options.min)
        wanted = pool->options.min - idle - leased;
    return wanted < room ? wanted : room;
}

static bool open_one(struct pool *pool, nsec now)
{
    if (pool_total(pool) == pool->options.max)
        slot_close(slot_at(list_last(&pool->slots[SLOT_IDLE])), SLOT_END_OTHER);
    if (slot_open(pool, now))
        return true;
    struct pgcensus_failure failure;
    pg_failure_set(&failure, PGCENSUS_CLASS_LOCAL, PGCENSUS_PHASE_CONNECT, "", NULL,
                   "out of memory");
    pool->keeping = false;
    queue_fail_first(pool, &failure, NULL, now);
    return false;
}

void pool_settle(struct pool *pool, nsec now)
{
    struct list *connecting = &pool->slots[SLOT_CONNECTING];
    grant_idle(pool, now);
    while (connecting->n < openings_wanted(pool) && open_one(pool, now))
        ;
    while (connecting->n > openings_wanted(pool))
        slot_close(slot_at(list_last(connecting)), SLOT_END_OTHER);
}

/* ---- claiming ---- */

void pool_claim(struct pool *pool, struct claim *claim, struct task *waiter, nsec now,
                nsec deadline, bool only_fresh)
{
    assert(claim->state == CLAIM_NONE);
    *claim = (struct claim){
        .state = CLAIM_WAITING,
        .timing = {PGCENSUS_UNKNOWN_TIME, PGCENSUS_UNKNOWN_TIME, PGCENSUS_UNKNOWN_TIME,
                   PGCENSUS_UNKNOWN_TIME, PGCENSUS_UNKNOWN_TIME, 0},
        .since = now,
        .deadline = deadline,
        .only_fresh = only_fresh,
    };
    queue_join(pool, claim);
    if (pool->draining)
        queue_cancel_all(pool, now);
    else
        pool_settle(pool, now);
    if (claim->state == CLAIM_WAITING)
        queue_set_patience(pool, claim, now);
    claim->waiter =
        waiter; /* only now: the caller sees by itself what has happened until here */
}

static void end_claim(struct pool *pool, struct claim *claim, bool discard, nsec now)
{
    enum claim_state state = claim->state;
    struct slot *slot = claim->slot;
    claim->state = CLAIM_NONE;
    claim->slot = NULL;
    switch (state) {
    case CLAIM_NONE:
    case CLAIM_FAILED:
        return;
    case CLAIM_WAITING:
        queue_leave(pool, claim, now);
        break;
    case CLAIM_GRANTED:
        if (discard)
            slot_close(slot, pg_conn_state(slot->conn) == PG_BROKEN ? SLOT_END_LOST
                                                                    : SLOT_END_OTHER);
        else
            slot_return(slot, now);
        break;
    }
    pool_settle(pool, now);
}

void pool_release(struct pool *pool, struct claim *claim, nsec now)
{
    end_claim(pool, claim, false, now);
}

void pool_discard(struct pool *pool, struct claim *claim, nsec now)
{
    end_claim(pool, claim, true, now);
}

struct pg_conn *claim_conn(const struct claim *claim)
{
    assert(claim->state == CLAIM_GRANTED);
    return claim->slot->conn;
}

void claim_send(struct claim *claim, const struct pg_statement *statement, nsec now,
                nsec deadline)
{
    struct slot *slot = claim->slot;
    assert(claim->state == CLAIM_GRANTED);
    if (pg_conn_state(slot->conn) != PG_BROKEN)
        pg_conn_send(slot->conn, statement, now, deadline);
    slot->seen = pg_conn_state(slot->conn);
    if (slot->seen != PG_BUSY)
        claim_wake(claim);
    slot_publish(slot);
}

struct rowset *claim_take_rows(struct claim *claim)
{
    assert(claim->state == CLAIM_GRANTED);
    struct rowset *rows = pg_conn_take_rows(claim->slot->conn);
    slot_publish(claim->slot);
    return rows;
}

const struct slot *pool_first_opening(const struct pool *pool)
{
    struct list_node *first = list_first(&pool->slots[SLOT_CONNECTING]);
    return first ? container_of(first, struct slot, node) : NULL;
}

enum pgcensus_phase claim_peek(const struct pool *pool, struct claim *claim)
{
    const struct slot *opening = pool_first_opening(pool);
    if (claim->state != CLAIM_WAITING || !opening)
        return PGCENSUS_PHASE_NONE;
    slot_describe(opening, claim);
    return pg_conn_phase(opening->conn);
}

/* ---- the pool as a whole ---- */

void pool_keep_min(struct pool *pool, nsec now)
{
    pool->keeping = !pool->draining;
    pool_settle(pool, now);
}

void pool_observe(struct pool *pool, struct task *observer)
{
    pool->observer = observer;
}

uint64_t pool_idle_lost(const struct pool *pool)
{
    return pool->idle_lost;
}

static void close_all(struct pool *pool, enum slot_state state, enum slot_end end)
{
    list_each (&pool->slots[state], node, after)
        slot_close(slot_at(node), end);
}

bool pool_prepare(struct pool *pool, const struct pg_target *target)
{
    struct generation *generation = generation_new(target);
    if (!generation)
        return false;
    generation_drop(pool->next);
    pool->next = generation;
    return true;
}

void pool_renew(struct pool *pool, const struct pool_options *options, nsec now)
{
    assert(pool->next);
    generation_drop(pool->generation);
    pool->generation = take_ptr(pool->next);
    pool->options = *options;
    pool->bare = false;
    close_all(pool, SLOT_IDLE, SLOT_END_GENERATION);
    close_all(pool, SLOT_CONNECTING, SLOT_END_GENERATION);
    pool_settle(pool, now);
}

void pool_rest(struct pool *pool, nsec now)
{
    pool->keeping = false;
    close_all(pool, SLOT_IDLE, SLOT_END_OTHER);
    pool_settle(pool, now);
}

void pool_drain(struct pool *pool, const char *reason, nsec now)
{
    if (!pool->draining)
        pool->draining = reason;
    pool->keeping = false;
    queue_cancel_all(pool, now);
    close_all(pool, SLOT_IDLE, SLOT_END_OTHER);
    close_all(pool, SLOT_CONNECTING, SLOT_END_OTHER);
}

void pool_free(struct pool *pool)
{
    if (!pool)
        return;
    nsec now = loop_now(pool->loop);
    pool_drain(pool, "shutting down", now);
    list_each (&pool->slots[SLOT_LEASED], node, after) {
        struct claim *claim = slot_at(node)->claim;
        slot_close(slot_at(node), SLOT_END_OTHER);
        claim_cancel(pool, claim);
    }
    assert(pool_total(pool) == 0 && pool->waiters.n == 0);
    assert(!pool->generation || pool->generation->users == 1);
    loop_remove(&pool->alarm);
    generation_drop(pool->generation);
    generation_drop(pool->next);
    free(pool);
}

void pool_stats(const struct pool *pool, struct pgcensus_pool_stats *ret_stats)
{
    *ret_stats = (struct pgcensus_pool_stats){
        .total = (unsigned)pool_total(pool),
        .idle = (unsigned)pool->slots[SLOT_IDLE].n,
        .busy = (unsigned)pool->slots[SLOT_LEASED].n,
        .connecting = (unsigned)pool->slots[SLOT_CONNECTING].n,
        .waiting = (unsigned)pool->waiters.n,
        .min = pool->options.min,
        .max = pool->options.max,
        .acquired = pool->acquired,
        .opened = pool->opened,
        .failed = pool->failed,
        .closed_idle = pool->closed[SLOT_END_IDLE],
        .closed_lifetime = pool->closed[SLOT_END_LIFETIME],
        .closed_lost = pool->closed[SLOT_END_LOST],
        .closed_generation = pool->closed[SLOT_END_GENERATION],
        .closed_other = pool->closed[SLOT_END_OTHER],
        .wait_total = pool->wait_total,
    };
}
