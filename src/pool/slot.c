/* One connection and where it is in its life.
 *
 * A slot is the loop's task for its connection: it steps the connection, tells
 * the loop what the connection waits for, and acts on its new state.
 * slot_enter() is the only writer of slot->state and moves the slot between the
 * pool's lists, so state and list cannot disagree.
 *
 * A step may end with pool_settle(), which may close any slot, this one too, so
 * no step touches the slot after that call. */
#include "pool/slot.h"

#include "base/memory.h"
#include "base/text.h"
#include "pool/pool_private.h"
#include "pool/queue.h"

#include <assert.h>

struct generation *generation_new(const struct pg_target *target)
{
    struct generation *generation = memory_new(struct generation);
    if (!generation)
        return NULL;
    generation->users = 1;
    generation->target = pg_target_copy(target);
    if (!generation->target) {
        free(generation);
        return NULL;
    }
    return generation;
}

void generation_drop(struct generation *generation)
{
    if (!generation || --generation->users)
        return;
    pg_target_free(generation->target);
    free(generation);
}

static nsec earliest(nsec a, nsec b)
{
    return a < b ? a : b;
}

/* An idle slot is also woken at two times that its connection does not know:
 * the end of its rest and of its life. */
static void slot_wants(struct slot *slot)
{
    const struct pg_wants *wants = pg_conn_wants(slot->conn);
    slot->task.fd = wants->fd;
    slot->task.events = wants->events;
    slot->task.again = wants->again;
    slot->task.deadline = wants->deadline;
    slot->task.idle = slot->state == SLOT_IDLE && wants->events == POLLIN;
    if (slot->state == SLOT_IDLE)
        slot->task.deadline =
            earliest(wants->deadline, earliest(slot->idle_until, slot->expires));
}

void slot_publish(struct slot *slot)
{
    slot_wants(slot);
    loop_update(&slot->task);
}

static void slot_enter(struct slot *slot, enum slot_state state)
{
    struct pool *pool = slot->pool;
    list_remove(&pool->slots[slot->state], &slot->node);
    slot->state = state;
    if (state == SLOT_IDLE)
        list_push_front(&pool->slots[state], &slot->node);
    else
        list_push_back(&pool->slots[state], &slot->node);
}

static nsec end_of_life(struct pool *pool, nsec now)
{
    nsec life = pool->options.max_lifetime;
    if (!life)
        return NEVER;
    return clock_add(now, life - (nsec)(rng_unit(pool->rng) * 0.1 * (double)life));
}

static nsec end_of_rest(const struct pool *pool, nsec now)
{
    nsec rest = pool->options.idle_timeout;
    return rest ? clock_add(now, rest) : NEVER;
}

static void slot_rest(struct slot *slot, nsec now)
{
    slot->idle_until = end_of_rest(slot->pool, now);
    slot_enter(slot, SLOT_IDLE);
    slot_wants(slot);
}

static void slot_opening(struct slot *slot, short revents, nsec now)
{
    struct pool *pool = slot->pool;
    enum pg_conn_state state = pg_conn_step(slot->conn, revents, now);
    slot->seen = state;
    pool->bare |= pg_conn_was_refused(slot->conn);
    if (state == PG_READY) {
        pool->opened++;
        slot->expires = end_of_life(pool, now);
        slot_rest(slot, now);
    } else if (state == PG_BROKEN) {
        pool->failed++;
        pool->keeping = false;
        queue_fail_first(pool, pg_conn_failure(slot->conn), slot, now);
        slot_close(slot, SLOT_END_OTHER);
    } else {
        slot_wants(slot);
        return;
    }
    pool_settle(pool, now);
}

/* No statement is under way, so what arrives is a parameter, a notice or the
 * end of the connection. */
static void slot_resting(struct slot *slot, short revents, nsec now)
{
    struct pool *pool = slot->pool;
    if (pg_conn_step(slot->conn, revents, now) != PG_READY) {
        slot_close(slot, SLOT_END_LOST);
        pool->idle_lost++;
        if (pool->observer)
            loop_wake(pool->observer);
    } else if (now >= slot->expires) {
        slot_close(slot, SLOT_END_LIFETIME);
    } else if (now >= slot->idle_until && pool_total(pool) > pool->options.min) {
        slot_close(slot, SLOT_END_IDLE);
    } else {
        if (now >= slot->idle_until)
            slot->idle_until = end_of_rest(pool, now);
        slot_wants(slot);
        return;
    }
    pool_settle(pool, now);
}

static void slot_working(struct slot *slot, short revents, nsec now)
{
    enum pg_conn_state state = pg_conn_step(slot->conn, revents, now);
    slot_wants(slot);
    if (state != slot->seen || pg_conn_has_rows(slot->conn) || pg_conn_owes(slot->conn))
        claim_wake(slot->claim);
    slot->seen = state;
}

static void slot_step(struct task *task, short revents, nsec now)
{
    struct slot *slot = container_of(task, struct slot, task);
    switch (slot->state) {
    case SLOT_CONNECTING:
        slot_opening(slot, revents, now);
        break;
    case SLOT_IDLE:
        slot_resting(slot, revents, now);
        break;
    case SLOT_LEASED:
        slot_working(slot, revents, now);
        break;
    case SLOT_STATES:
        assert(!"a state of a slot");
    }
}

bool slot_open(struct pool *pool, nsec now)
{
    struct slot *slot = memory_new(struct slot);
    if (!slot)
        return false;
    task_init(&slot->task, slot_step);
    slot->pool = pool;
    slot->since = now;
    slot->expires = slot->idle_until = NEVER;
    slot->conn = pg_conn_new(pool->env, pool->generation->target, &slot->task);
    if (!slot->conn || !loop_add(pool->loop, &slot->task)) {
        pg_conn_free(slot->conn);
        free(slot);
        return false;
    }
    slot->generation = pool->generation;
    slot->generation->users++;
    list_push_back(&pool->slots[SLOT_CONNECTING], &slot->node);
    pg_conn_open(slot->conn, now, clock_add(now, pool->options.connect_timeout),
                 pool->bare);
    slot->seen = pg_conn_state(slot->conn);
    slot_publish(slot);
    return true;
}

void slot_describe(const struct slot *slot, struct claim *claim)
{
    bool waits;
    nsec queued = pg_conn_queued(slot->conn, loop_now(slot->task.loop), &waits);
    claim->timing = *pg_conn_timing(slot->conn);
    claim->timing.queued = queued;
    claim->starved = waits || pg_conn_starved(slot->conn);
    claim->refused = pg_conn_was_refused(slot->conn);
    text_copy(claim->address, sizeof claim->address, pg_conn_address(slot->conn));
}

bool slot_is_fresh(const struct slot *slot, const struct claim *claim)
{
    return !slot->used && slot->since >= claim->since;
}

void slot_lease(struct slot *slot, struct claim *claim, nsec now)
{
    slot_enter(slot, SLOT_LEASED);
    slot->claim = claim;
    slot_publish(slot);
    claim->fresh = slot_is_fresh(slot, claim);
    slot->used = true;

    claim->state = CLAIM_GRANTED;
    claim->slot = slot;
    claim->granted = now;
    slot_describe(slot, claim);
}

void slot_return(struct slot *slot, nsec now)
{
    slot->claim = NULL;
    if (pg_conn_state(slot->conn) == PG_BROKEN)
        slot_close(slot, SLOT_END_LOST);
    else if (!pg_conn_is_clean(slot->conn) || slot->pool->draining)
        slot_close(slot, SLOT_END_OTHER);
    else if (slot->generation != slot->pool->generation)
        slot_close(slot, SLOT_END_GENERATION);
    else if (now >= slot->expires)
        slot_close(slot, SLOT_END_LIFETIME);
    else {
        slot_rest(slot, now);
        slot_publish(slot);
    }
}

void slot_close(struct slot *slot, enum slot_end end)
{
    struct pool *pool = slot->pool;
    if (slot->state != SLOT_CONNECTING)
        pool->closed[end]++;
    list_remove(&pool->slots[slot->state], &slot->node);
    loop_remove(&slot->task);
    pg_conn_free(slot->conn);
    generation_drop(slot->generation);
    free(slot);
}
