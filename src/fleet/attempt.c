/* When a failure is no failure yet, and whose time has passed.
 *
 * Invariant: a statement is sent a second time only if it is not sent by
 * attempt_send_once() and no row of its answer has been seen.  This holds for all three
 * reasons to repeat it: a stale connection, a pardon, a retry. */
#include "fleet/attempt.h"

#include "fleet/envelope.h"
#include "pg/failure.h"

#include <assert.h>

void attempt_init(struct attempt *attempt, struct task *task, struct node *node,
                  struct pool *pool, const struct attempt_options *options, nsec now)
{
    *attempt = (struct attempt){
        .task = task,
        .node = node,
        .pool = pool,
        .options = *options,
        .limit = options->all ? clock_add(now, options->all) : NEVER,
    };
}

void attempt_release(struct attempt *attempt, nsec now)
{
    if (attempt->pool)
        pool_release(attempt->pool, &attempt->claim, now);
}

void attempt_discard(struct attempt *attempt, nsec now)
{
    if (attempt->pool)
        pool_discard(attempt->pool, &attempt->claim, now);
}

/* ---- the connection ---- */

static void claim_connection(struct attempt *attempt, nsec now)
{
    attempt->asked = attempt->once = attempt->streaming = false;
    attempt->queued = 0;
    pool_claim(attempt->pool, &attempt->claim, attempt->task, now, attempt->deadline,
               /* only_fresh= */ attempt->renewed);
    attempt->task->again = attempt->claim.state != CLAIM_WAITING;
}

void attempt_set_deadline(struct attempt *attempt, nsec length, nsec now)
{
    attempt->patience = length;
    attempt->deadline = clock_add(now, length);
    if (attempt->limit < attempt->deadline) {
        attempt->patience = attempt->options.all;
        attempt->deadline = attempt->limit;
    }
}

void attempt_begin(struct attempt *attempt, nsec now)
{
    attempt->count++;
    attempt->tries++;
    attempt->renewed = false;
    attempt->began = now;
    attempt->lost = loop_lost(attempt->task->loop);
    attempt_set_deadline(attempt, attempt->options.length, now);
    claim_connection(attempt, now);
}

/* A connection that was open before has nothing of this attempt to tell. */
static bool is_own(const struct claim *claim)
{
    return claim->state != CLAIM_GRANTED || claim->fresh;
}

static void note_opening(struct attempt *attempt)
{
    const struct claim *claim = &attempt->claim;
    if (!is_own(claim))
        return;
    attempt->count += claim->refused;
    attempt->queued = claim->timing.queued;
}

enum claim_state attempt_claimed(struct attempt *attempt)
{
    enum claim_state state = attempt->claim.state;
    assert(state != CLAIM_NONE);
    if (state == CLAIM_WAITING)
        return state;
    note_opening(attempt);
    if (state == CLAIM_GRANTED) {
        attempt->deadline = clock_add(attempt->deadline, attempt->queued);
        attempt->limit = clock_add(attempt->limit, attempt->queued);
    }
    return state;
}

/* ---- asking ---- */

struct pg_statement attempt_statement(const char *sql)
{
    enum { MOST_ROWS = 100, MOST_BYTES = 1 << 20 };
    return (struct pg_statement){
        .sql = sql, .max_rows = MOST_ROWS, .max_bytes = MOST_BYTES};
}

void attempt_send(struct attempt *attempt, struct pg_statement statement, nsec timeout,
                  nsec now)
{
    nsec deadline = clock_add(now, timeout);
    bool is_last = attempt->deadline <= deadline;
    statement.patience = is_last ? attempt->patience : timeout;
    statement.undo = envelope_close(attempt->node);
    attempt->asked = true;
    claim_send(&attempt->claim, &statement, now,
               is_last ? attempt->deadline : deadline);
}

/* A connection that is lost by now does not get it. */
void attempt_send_once(struct attempt *attempt, struct pg_statement statement,
                       nsec timeout, nsec now)
{
    attempt->once = pg_conn_state(claim_conn(&attempt->claim)) != PG_BROKEN;
    attempt_send(attempt, statement, timeout, now);
}

void attempt_note_rows(struct attempt *attempt)
{
    attempt->streaming = true;
}

/* ---- failing ---- */

static bool is_repeatable(const struct attempt *attempt)
{
    return !attempt->once && !attempt->streaming;
}

static bool is_stale(const struct attempt *attempt,
                     const struct pgcensus_failure *failure, nsec now)
{
    return failure->error_class == PGCENSUS_CLASS_LOST && !is_own(&attempt->claim) &&
           !attempt->renewed && is_repeatable(attempt) && now < attempt->deadline;
}

/* authentication_timeout is a minute, idle_in_transaction_session_timeout may be a
 * second, and a laptop that slept finds all its connections dead.  Our own deadlines
 * stand still with us; timeouts that have a SQLSTATE are the server's. */
static bool gave_us_up(const struct pgcensus_failure *failure)
{
    return failure->error_class == PGCENSUS_CLASS_LOST ||
           (failure->error_class == PGCENSUS_CLASS_TIMEOUT && failure->sqlstate[0]);
}

static bool may_begin(const struct attempt *attempt, nsec at)
{
    return at < attempt->limit && at < attempt->options.latest;
}

static bool is_pardoned(const struct attempt *attempt,
                        const struct pgcensus_failure *failure, nsec now)
{
    return !attempt->pardoned && gave_us_up(failure) &&
           loop_lost(attempt->task->loop) > attempt->lost && is_repeatable(attempt) &&
           may_begin(attempt, now);
}

enum attempt_next attempt_fail(struct attempt *attempt,
                               const struct pgcensus_failure *failure, nsec now)
{
    nsec delay;
    if (is_stale(attempt, failure, now)) {
        attempt_discard(attempt, now);
        attempt->renewed = true;
        claim_connection(attempt, now);
        return ATTEMPT_AGAIN;
    }
    if (is_pardoned(attempt, failure, now)) {
        attempt_discard(attempt, now);
        attempt->pardoned = true;
        attempt->tries--;
        attempt_begin(attempt, now);
        return ATTEMPT_AGAIN;
    }
    if (retry_again(&attempt->options.retry, attempt->tries, failure,
                    is_repeatable(attempt), &delay) &&
        may_begin(attempt, clock_add(now, delay))) {
        attempt_discard(attempt, now);
        attempt->resumes = clock_add(now, delay);
        return ATTEMPT_LATER;
    }
    return ATTEMPT_OVER;
}

/* ---- what it took ---- */

/* What a thread waited may contain time that the loop has given back. */
static nsec at_least_0(nsec length)
{
    return length > 0 ? length : 0;
}

nsec attempt_length(const struct attempt *attempt, nsec now)
{
    return at_least_0(now - attempt->began - attempt->queued);
}

nsec attempt_opening(const struct attempt *attempt)
{
    const struct claim *claim = &attempt->claim;
    if (claim->state != CLAIM_GRANTED || !claim->fresh)
        return PGCENSUS_UNKNOWN_TIME;
    return at_least_0(claim->granted - claim->since - attempt->queued);
}

/* ---- ends from outside ---- */

enum pgcensus_phase attempt_phase(struct attempt *attempt)
{
    if (attempt->streaming)
        return PGCENSUS_PHASE_STREAM;
    if (attempt->asked)
        return PGCENSUS_PHASE_QUERY;
    enum pgcensus_phase phase = claim_peek(attempt->pool, &attempt->claim);
    note_opening(attempt);
    return phase == PGCENSUS_PHASE_NONE ? PGCENSUS_PHASE_CONNECT : phase;
}

void attempt_strike(struct attempt *attempt, const char *why,
                    struct pgcensus_failure *ret_failure)
{
    enum pgcensus_phase phase = attempt_phase(attempt);
    bool starved = !attempt->asked && attempt->claim.starved;
    pg_failure_set(ret_failure, starved ? PGCENSUS_CLASS_LOCAL : PGCENSUS_CLASS_TIMEOUT,
                   phase, "", NULL,
                   starved ? "not begun, and %s: all threads of ours were busy"
                           : "timeout: %s",
                   why);
}
