/* How a node is asked.
 *
 * An attempt is: get a connection, learn what matters of the node, open the envelope,
 * ask, close the envelope.  Invariant: the statement is never sent unless everything
 * before it went well, and never twice once a row of its answer has been seen, or if it
 * may write.
 *
 * The surprise: a failure can be the good end of a question.  A node that turns out to
 * be unwell, or to have the other role, was only to be left alone. */
#include "query/question_private.h"

#include "fleet/envelope.h"
#include "fleet/verdict.h"
#include "health/retry.h"
#include "query/result.h"

#include <assert.h>

#define ROLLBACK_PATIENCE NSEC_PER_SEC

void question_enter(struct question *question, enum question_state state)
{
    question->state = state;
    question->task.deadline = NEVER;
}

void question_dispatch(struct question *question, enum question_state state,
                       struct pg_statement statement, nsec timeout, nsec now)
{
    nsec deadline = clock_add(now, timeout);
    bool is_last = question->deadline <= deadline;
    statement.patience = is_last ? question->node->options.probe.limit : timeout;
    statement.undo = envelope_close(question->node);
    question_enter(question, state);
    claim_send(&question->claim, &statement, now,
               is_last ? question->deadline : deadline);
}

/* ---- ends ---- */

/* A connection that stays is given back as it was found; any other is closed, which
 * rolls back and ends whatever runs on the server. */
void question_finish(struct question *question, nsec now)
{
    if (question->pool && question->plan->options->keep)
        pool_release(question->pool, &question->claim, now);
    else if (question->pool)
        pool_discard(question->pool, &question->claim, now);
    loop_remove(&question->task);
    list_remove(&question->group->under_way, &question->link);
    list_push_back(&question->group->finished, &question->link);
    question_enter(question, QUESTION_DONE);
    loop_wake(question->group->owner);
}

/* A pooler closes its connection to a server whose client went away in a transaction,
 * so it is told, too. */
void question_close(struct question *question, nsec now)
{
    const struct pg_conn *conn = claim_conn(&question->claim);
    bool stays =
        question->plan->options->keep || question->node->options.identity.via_pooler;
    if (!stays || pg_conn_state(conn) != PG_READY || pg_conn_is_clean(conn)) {
        question_finish(question, now);
        return;
    }
    struct pg_statement close = {.sql = envelope_close(question->node)};
    question_dispatch(question, QUESTION_CLOSING, close, ROLLBACK_PATIENCE, now);
}

static void note_end(struct question *question)
{
    if (question->state == QUESTION_ASKING)
        result_ended(&question->result, question->plan->options,
                     pg_conn_state(claim_conn(&question->claim)) == PG_READY);
}

/* Of the attempt, so far; without what was no doing of the node's. */
static nsec attempt_length(const struct question *question, nsec now)
{
    nsec length = now - question->began - question->queued;
    return length > 0 ? length : 0;
}

static void record_failure(struct question *question,
                           const struct pgcensus_failure *failure, nsec now)
{
    result_failed(&question->result, failure);
    question->result.total = attempt_length(question, now);
    note_end(question);
    if (question->plan->check && !question->result.sent)
        question->result.status = PGCENSUS_QUERY_SKIPPED;
}

static void begin_attempt(struct question *question, nsec now);

static void fail_attempt(struct question *question,
                         const struct pgcensus_failure *failure, nsec now)
{
    nsec delay;
    bool repeatable = !question->plan->options->write || !question->result.sent;
    record_failure(question, failure, now);
    if (question->result.n_rows == 0 && repeatable && now < question->deadline &&
        pardon_take(&question->pardon, question->task.loop, failure)) {
        pool_discard(question->pool, &question->claim, now);
        question->tries--;
        begin_attempt(question, now);
        return;
    }
    if (question->result.n_rows == 0 &&
        retry_again(&question->retry, question->tries, failure, repeatable, &delay) &&
        clock_add(now, delay) < question->deadline) {
        pool_discard(question->pool, &question->claim, now);
        question_enter(question, QUESTION_PAUSING);
        question->task.deadline = clock_add(now, delay);
    } else if (question->claim.state == CLAIM_GRANTED) {
        question_close(question, now);
    } else {
        question_finish(question, now);
    }
}

void question_refuse(struct question *question, enum pgcensus_class error_class,
                     const char *why, nsec now)
{
    struct pgcensus_query_result *result = &question->result;
    result_refused(result, error_class,
                   result->attempted ? PGCENSUS_PHASE_QUERY : PGCENSUS_PHASE_NONE, why);
    if (result->attempted)
        result->total = attempt_length(question, now);
    question_finish(question, now);
}

/* ---- the connection ---- */

static void claim_connection(struct question *question, nsec now)
{
    nsec deadline = clock_add(now, question->node->options.pool.connect_timeout);
    question_enter(question, QUESTION_CLAIMING);
    pool_claim(question->pool, &question->claim, &question->task, now,
               deadline < question->deadline ? deadline : question->deadline,
               question->renewed);
    question->task.again = question->claim.state != CLAIM_WAITING;
}

static void begin_attempt(struct question *question, nsec now)
{
    unsigned attempts = question->result.attempts + 1;
    result_blank(&question->result, question->node->index);
    verdict_blank(&question->health, question->node->index);
    question->result.attempted = true;
    question->result.attempts = attempts;
    question->tries++;
    question->renewed = false;
    question->began = now;
    question->queued = 0;
    pardon_begin(&question->pardon, question->task.loop);
    claim_connection(question, now);
}

/* A kept connection that was lost meanwhile says nothing about the node. */
static bool is_stale(const struct question *question,
                     const struct pgcensus_failure *failure, nsec now)
{
    return failure->error_class == PGCENSUS_CLASS_LOST && !question->claim.fresh &&
           !question->renewed && !question->plan->options->write &&
           question->result.n_rows == 0 && now < question->deadline;
}

void question_fail_asking(struct question *question, nsec now)
{
    const struct pg_conn *conn = claim_conn(&question->claim);
    struct pgcensus_failure failure = *pg_conn_failure(conn);
    if (pg_conn_timing(conn)->query < question->node->options.statement.timeout)
        result_blame_limit(&failure);
    if (is_stale(question, &failure, now)) {
        pool_discard(question->pool, &question->claim, now);
        question->renewed = true;
        claim_connection(question, now);
    } else {
        fail_attempt(question, &failure, now);
    }
}

/* ---- the answer ---- */

/* A server or pooler that ended it in between may have done what was to be undone. */
static bool left_envelope(const struct question *question)
{
    return question->enveloped &&
           pg_conn_transaction(claim_conn(&question->claim)) == PG_TRANSACTION_NONE;
}

static void take_answer(struct question *question, nsec now)
{
    struct pgcensus_query_result *result = &question->result;
    const struct pg_conn *conn = claim_conn(&question->claim);
    result->query = pg_conn_timing(conn)->query;
    if (left_envelope(question)) {
        result_refused(result, PGCENSUS_CLASS_PROTOCOL, PGCENSUS_PHASE_QUERY,
                       "the read-only transaction was over before the answer; the "
                       "statement may have written");
        result->total = attempt_length(question, now);
        question_finish(question, now);
    } else if (pg_conn_failed(conn)) {
        question_fail_asking(question, now);
    } else {
        result->status = PGCENSUS_QUERY_OK;
        result->total = result->query;
        if (result->connect != PGCENSUS_UNKNOWN_TIME)
            result->total += result->connect;
        question_close(question, now);
    }
}

/* ---- one step for each state ---- */

static void step_claiming(struct question *question, nsec now)
{
    enum claim_state state = question->claim.state;
    assert(state != CLAIM_NONE);
    if (state == CLAIM_GRANTED) {
        question_greet(question, now);
    } else if (state == CLAIM_FAILED) {
        question_note_opening(question);
        fail_attempt(question, &question->claim.failure, now);
    }
}

/* Something was sent in this state; its answer is there. */
static void step_answered(struct question *question, nsec now)
{
    enum question_state state = question->state;
    if (state == QUESTION_CLOSING)
        question_finish(question, now);
    else if (state == QUESTION_ASKING)
        take_answer(question, now);
    else
        question_step_opening(question, now);
}

static void question_step(struct task *task, short revents, nsec now)
{
    struct question *question = container_of(task, struct question, task);
    switch (question->state) {
    case QUESTION_CLAIMING:
        step_claiming(question, now);
        break;
    case QUESTION_ASKING:
        question_take_ahead(question);
        __attribute__((fallthrough));
    case QUESTION_OPENING:
    case QUESTION_CHECKING:
    case QUESTION_ROLE:
    case QUESTION_LEAVING:
    case QUESTION_CLOSING:
        if (pg_conn_state(claim_conn(&question->claim)) != PG_BUSY)
            step_answered(question, now);
        break;
    case QUESTION_PAUSING:
        if (now >= question->task.deadline)
            begin_attempt(question, now);
        break;
    case QUESTION_RESTING:
    case QUESTION_DONE:
        break;
    }
}

/* ---- from outside ---- */

void question_begin(struct question *question, struct node *node,
                    struct node_home *home, struct question_group *group,
                    struct plan *plan, nsec now)
{
    nsec limit = node->options.probe.limit;
    *question = (struct question){
        .group = group,
        .node = node,
        .plan = plan,
        .retry = node->options.retry,
        .deadline = limit ? clock_add(now, limit) : NEVER,
    };
    if (plan->options->retries >= 0)
        question->retry.max_retries = (unsigned)plan->options->retries;
    task_init(&question->task, question_step);
    result_blank(&question->result, node->index);
    list_push_back(&group->under_way, &question->link);
    if (plan->options->write && !node->options.identity.allow_write) {
        question_refuse(question, PGCENSUS_CLASS_CONFIG, "allow_write is not set here",
                        now);
        return;
    }
    question->pool = node_pool(node, home);
    if (!question->pool || !loop_add(home->loop, &question->task)) {
        question_refuse(question, PGCENSUS_CLASS_LOCAL, "out of memory", now);
        return;
    }
    begin_attempt(question, now);
}

/* Where it stands, for a failure that comes from outside. */
static enum pgcensus_phase note_phase(struct question *question)
{
    if (question->state != QUESTION_CLAIMING)
        return question->result.n_rows > 0 ? PGCENSUS_PHASE_STREAM
                                           : PGCENSUS_PHASE_QUERY;
    enum pgcensus_phase phase = claim_peek(question->pool, &question->claim);
    question_note_opening(question);
    return phase == PGCENSUS_PHASE_NONE ? PGCENSUS_PHASE_CONNECT : phase;
}

void question_end(struct question *question, enum pgcensus_class error_class,
                  const char *reason, nsec now)
{
    switch (question->state) {
    case QUESTION_ASKING:
        question_take_rest(question);
        __attribute__((fallthrough));
    case QUESTION_CLAIMING:
    case QUESTION_OPENING:
    case QUESTION_CHECKING:
    case QUESTION_ROLE:
    case QUESTION_LEAVING:
        result_refused(&question->result, error_class, note_phase(question), reason);
        question->result.total = attempt_length(question, now);
        note_end(question);
        break;
    case QUESTION_CLOSING: /* what matters is there */
    case QUESTION_PAUSING: /* how it failed is known */
        break;
    case QUESTION_RESTING:
    case QUESTION_DONE:
        return;
    }
    if (question->pool)
        pool_discard(question->pool, &question->claim, now);
    question_finish(question, now);
}
