/* The claims that wait for a connection, oldest first, and how long each waits.
 *
 * Each claim has a deadline of its own.  One alarm stands at the earliest.  It
 * may ring for a claim that has left, and is then only set anew: most waits end
 * well, so moving it at every departure would be wasted work.
 *
 * If the connect attempt and the claim expire at the same moment (the default
 * configuration), the claim waits for the connect attempt: its error names the
 * phase, ours only says "timeout". */
#include "pool/queue.h"

#include "pg/failure.h"
#include "pool/pool_private.h"

#include <inttypes.h>
#include <stdio.h>

static struct claim *claim_of(struct list_node *node)
{
    return container_of(node, struct claim, node);
}

void claim_wake(const struct claim *claim)
{
    if (claim->waiter)
        loop_wake(claim->waiter);
}

void queue_leave(struct pool *pool, struct claim *claim, nsec now)
{
    list_remove(&pool->waiters, &claim->node);
    pool->wait_total += now - claim->since;
}

static void claim_fail(struct claim *claim, const struct pgcensus_failure *failure)
{
    claim->state = CLAIM_FAILED;
    claim->slot = NULL;
    claim->failure = *failure;
    claim_wake(claim);
}

void claim_cancel(const struct pool *pool, struct claim *claim)
{
    struct pgcensus_failure failure;
    pg_failure_set(&failure, PGCENSUS_CLASS_CANCELLED, PGCENSUS_PHASE_NONE, "", NULL,
                   "%s", pool->draining);
    claim_fail(claim, &failure);
}

void queue_join(struct pool *pool, struct claim *claim)
{
    list_push_back(&pool->waiters, &claim->node);
}

/* The claim is the last in the queue, so a connection is being opened for it if
 * there are as many openings as waiters. */
void queue_set_patience(struct pool *pool, struct claim *claim, nsec now)
{
    bool opens = pool->slots[SLOT_CONNECTING].n >= pool->waiters.n;
    nsec most = opens ? pool->options.connect_timeout : pool->options.acquire_timeout;
    nsec latest = clock_add(now, most);
    if (latest < claim->deadline)
        claim->deadline = latest;
    if (claim->deadline < pool->alarm.deadline) {
        pool->alarm.deadline = claim->deadline;
        loop_update(&pool->alarm);
    }
}

void queue_fail_first(struct pool *pool, const struct pgcensus_failure *failure,
                      const struct slot *slot, nsec now)
{
    struct list_node *first = list_first(&pool->waiters);
    if (!first)
        return;
    struct claim *claim = claim_of(first);
    if (slot)
        slot_describe(slot, claim);
    queue_leave(pool, claim, now);
    claim_fail(claim, failure);
}

static void patience_failure(const struct pool *pool, struct claim *claim,
                             struct pgcensus_failure *ret_failure)
{
    enum pgcensus_phase phase = claim_peek(pool, claim);
    nsec msec = (claim->deadline - claim->since) / NSEC_PER_MSEC;
    char length[32];
    if (msec < 1000)
        snprintf(length, sizeof length, "%" PRId64 " ms", msec);
    else
        snprintf(length, sizeof length, "%g s", (double)msec / 1000);

    if (claim->starved)
        pg_failure_set(ret_failure, PGCENSUS_CLASS_LOCAL, phase, "", NULL,
                       "not begun within %s (%s): all threads of ours were busy with "
                       "other nodes",
                       length, pgcensus_phase_name(phase));
    else if (phase == PGCENSUS_PHASE_NONE)
        pg_failure_set(ret_failure, PGCENSUS_CLASS_LOCAL, phase, "", NULL,
                       "no connection was free within %s: all %zu are in use", length,
                       pool->slots[SLOT_LEASED].n);
    else
        pg_failure_set(ret_failure,
                       phase == PGCENSUS_PHASE_RESOLVE ? PGCENSUS_CLASS_DNS
                                                       : PGCENSUS_CLASS_TIMEOUT,
                       phase, "", NULL, "timeout after %s (%s)", length,
                       pgcensus_phase_name(phase));
}

static void expire(struct pool *pool, struct claim *claim, nsec now)
{
    struct pgcensus_failure failure;
    patience_failure(pool, claim, &failure);
    queue_leave(pool, claim, now);
    claim_fail(claim, &failure);
}

/* True if the oldest opening is out of time as well: its error says more than
 * ours, and its step is due in this turn or the next. */
static bool opening_speaks(const struct pool *pool, nsec now)
{
    const struct slot *opening = pool_first_opening(pool);
    return opening && opening->task.deadline <= now;
}

/* The time that the opening waited for a thread of ours is added to the
 * deadline.  A wait that still lasts is not, or a claim might never end. */
static nsec due(const struct pool *pool, const struct claim *claim, nsec now)
{
    const struct slot *opening = pool_first_opening(pool);
    bool waits;
    nsec queued = opening ? pg_conn_queued(opening->conn, now, &waits) : 0;
    if (opening && waits)
        queued = pg_conn_timing(opening->conn)->queued;
    return clock_add(claim->deadline, queued);
}

static void alarm_step(struct task *task, short revents, nsec now)
{
    struct pool *pool = container_of(task, struct pool, alarm);
    nsec next = NEVER;
    list_each (&pool->waiters, node, after) {
        struct claim *claim = claim_of(node);
        nsec at = due(pool, claim, now);
        if (at <= now && !opening_speaks(pool, now))
            expire(pool, claim, now);
        else if (at < next)
            next = at;
    }
    pool->alarm.deadline = next;
    pool_settle(pool, now);
}

void queue_cancel_all(struct pool *pool, nsec now)
{
    list_each (&pool->waiters, node, after) {
        queue_leave(pool, claim_of(node), now);
        claim_cancel(pool, claim_of(node));
    }
}

void queue_init(struct pool *pool)
{
    list_init(&pool->waiters);
    task_init(&pool->alarm, alarm_step);
}
