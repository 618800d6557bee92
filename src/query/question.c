/* How a node is asked.
 *
 * An attempt is: get a connection, learn what matters of the node, open the envelope,
 * ask, close the envelope.  The attempt (fleet/attempt.h) gets the connection and
 * decides what a failure means; the statement is never sent unless everything before it
 * went well.
 *
 * A failure can be the good end of a question: a node that turns out to be unwell, or
 * to have the other role, was only to be left alone. */
#include "query/question_private.h"

#include "base/text.h"
#include "fleet/envelope.h"
#include "fleet/verdict.h"
#include "pg/failure.h"
#include "query/result.h"

#define ROLLBACK_PATIENCE NSEC_PER_SEC

void question_enter(struct question *question, enum question_state state)
{
    question->state = state;
    question->task.deadline = NEVER;
}

void question_send(struct question *question, enum question_state state,
                   struct pg_statement statement, nsec timeout, nsec now)
{
    question_enter(question, state);
    attempt_send(&question->attempt, statement, timeout, now);
}

/* ---- ends ---- */

/* A connection that stays is given back as it was found; any other is closed, which
 * rolls back and ends whatever runs on the server. */
void question_finish(struct question *question, nsec now)
{
    if (question->plan->options->keep)
        attempt_release(&question->attempt, now);
    else
        attempt_discard(&question->attempt, now);
    loop_remove(&question->task);
    question_enter(question, QUESTION_DONE);
    launch_finish(question->launch, &question->entry);
}

/* A pooler closes its connection to a server whose client went away in a transaction,
 * so it is told, too. */
void question_close(struct question *question, nsec now)
{
    const struct pg_conn *conn = question_conn(question);
    bool stays =
        question->plan->options->keep || question->node->options.identity.via_pooler;
    if (!stays || pg_conn_state(conn) != PG_READY || pg_conn_is_clean(conn)) {
        question_finish(question, now);
        return;
    }
    question_send(question, QUESTION_CLOSING,
                  attempt_statement(envelope_close(question->node)), ROLLBACK_PATIENCE,
                  now);
}

/* How far the opening came; only if it was opened for us. */
static void note_opening(struct question *question)
{
    const struct claim *claim = &question->attempt.claim;
    struct pgcensus_query_result *result = &question->result;
    text_copy(result->hostaddr, sizeof result->hostaddr, claim->address);
    result->attempts = question->attempt.count;
    result->connect = attempt_opening(&question->attempt);
}

static void record_failure(struct question *question,
                           const struct pgcensus_failure *failure, nsec now)
{
    result_failed(&question->result, failure);
    question->result.total = attempt_length(&question->attempt, now);
    if (question->state == QUESTION_ASKING)
        result_ended(&question->result, question->plan->options,
                     pg_conn_state(question_conn(question)) == PG_READY);
}

void question_refuse(struct question *question, enum pgcensus_class error_class,
                     const char *why, nsec now)
{
    struct pgcensus_query_result *result = &question->result;
    result_refused(result, error_class,
                   result->attempted ? PGCENSUS_PHASE_QUERY : PGCENSUS_PHASE_NONE, why);
    if (result->attempted)
        result->total = attempt_length(&question->attempt, now);
    question_finish(question, now);
}

/* ---- attempts ---- */

/* An attempt has begun, or has begun anew on another connection. */
static void wait_for_connection(struct question *question)
{
    result_blank(&question->result, question->node->index);
    verdict_blank(&question->health, question->node->index);
    question->result.attempted = true;
    question->result.attempts = question->attempt.count;
    question_enter(question, QUESTION_CLAIMING);
}

static void begin_attempt(struct question *question, nsec now)
{
    attempt_begin(&question->attempt, now);
    wait_for_connection(question);
}

static void end_failed(struct question *question, nsec now)
{
    if (question->attempt.claim.state == CLAIM_GRANTED)
        question_close(question, now);
    else
        question_finish(question, now);
}

static void fail_attempt(struct question *question,
                         const struct pgcensus_failure *failure, nsec now)
{
    record_failure(question, failure, now);
    if (question->plan->check && !question->result.sent)
        question->result.status = PGCENSUS_QUERY_SKIPPED;
    switch (attempt_fail(&question->attempt, failure, now)) {
    case ATTEMPT_OVER:
        end_failed(question, now);
        break;
    case ATTEMPT_AGAIN:
        wait_for_connection(question);
        break;
    case ATTEMPT_LATER:
        question_enter(question, QUESTION_PAUSING);
        question->task.deadline = question->attempt.resumes;
        break;
    }
}

void question_fail_asking(struct question *question, nsec now)
{
    const struct pg_conn *conn = question_conn(question);
    struct pgcensus_failure failure = *pg_conn_failure(conn);
    if (pg_conn_timing(conn)->query < question->node->options.statement.timeout)
        result_blame_limit(&failure);
    fail_attempt(question, &failure, now);
}

/* ---- the answer ---- */

/* A server or pooler that ended it in between may have done what was to be undone. */
static bool left_envelope(const struct question *question)
{
    return question->enveloped &&
           pg_conn_transaction(question_conn(question)) == PG_TRANSACTION_NONE;
}

static void take_answer(struct question *question, nsec now)
{
    struct pgcensus_query_result *result = &question->result;
    const struct pg_conn *conn = question_conn(question);
    result->query = pg_conn_timing(conn)->query;
    if (left_envelope(question)) {
        result_refused(result, PGCENSUS_CLASS_PROTOCOL, PGCENSUS_PHASE_QUERY,
                       "the read-only transaction was over before the answer; the "
                       "statement may have written");
        result->total = attempt_length(&question->attempt, now);
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
    enum claim_state state = attempt_claimed(&question->attempt);
    if (state == CLAIM_WAITING)
        return;
    note_opening(question);
    if (state == CLAIM_FAILED)
        fail_attempt(question, &question->attempt.claim.failure, now);
    else
        question_greet(question, now);
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
        if (pg_conn_state(question_conn(question)) != PG_BUSY)
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
                    struct node_home *home, struct launch *launch, struct plan *plan,
                    nsec now)
{
    struct attempt_options attempts = {
        .retry = node->options.retry,
        .length = NEVER, /* each step has its own time */
        .all = node->options.probe.limit,
        .latest = NEVER,
    };
    if (plan->options->retries >= 0)
        attempts.retry.max_retries = (unsigned)plan->options->retries;
    *question = (struct question){
        .launch = launch, .entry = question->entry, .node = node, .plan = plan};
    task_init(&question->task, question_step);
    result_blank(&question->result, node->index);
    launch_enter(launch, &question->entry);
    if (plan->options->write && !node->options.identity.allow_write) {
        question_refuse(question, PGCENSUS_CLASS_CONFIG, "allow_write is not set here",
                        now);
        return;
    }
    attempt_init(&question->attempt, &question->task, node, node_pool(node, home),
                 &attempts, now);
    if (!question->attempt.pool || !loop_add(home->loop, &question->task)) {
        question_refuse(question, PGCENSUS_CLASS_LOCAL, "out of memory", now);
        return;
    }
    begin_attempt(question, now);
}

bool question_lacks(const struct question *question)
{
    const struct pgcensus_query_result *result = &question->result;
    bool may_have_written = question->plan->options->write && result->sent;
    return result->failed && result->failure.error_class == PGCENSUS_CLASS_LOCAL &&
           !question->attempt.claim.starved && result->n_rows == 0 && !may_have_written;
}

/* Whether it is still open what becomes of it. */
static bool is_undecided(const struct question *question)
{
    switch (question->state) {
    case QUESTION_CLAIMING:
    case QUESTION_OPENING:
    case QUESTION_CHECKING:
    case QUESTION_ROLE:
    case QUESTION_LEAVING:
    case QUESTION_ASKING:
        return true;
    case QUESTION_CLOSING: /* what matters is there */
    case QUESTION_PAUSING: /* how it failed is known */
    case QUESTION_RESTING:
    case QUESTION_DONE:
        break;
    }
    return false;
}

/* False: it is not under way.  What is there by now is taken. */
static bool begin_end(struct question *question)
{
    if (question->state == QUESTION_ASKING)
        question_take_rest(question);
    return question->state != QUESTION_RESTING && question->state != QUESTION_DONE;
}

static void end_at_once(struct question *question, nsec now)
{
    attempt_discard(&question->attempt, now);
    question_finish(question, now);
}

void question_strike(struct question *question, const char *why, nsec now)
{
    struct pgcensus_failure failure;
    if (!begin_end(question))
        return;
    if (is_undecided(question)) {
        attempt_strike(&question->attempt, why, &failure);
        note_opening(question);
        record_failure(question, &failure, now);
    }
    end_at_once(question, now);
}

void question_end(struct question *question, enum pgcensus_class error_class,
                  enum pgcensus_subject subject, const char *reason, nsec now)
{
    struct pgcensus_failure failure;
    if (!begin_end(question))
        return;
    if (is_undecided(question)) {
        pg_failure_set(&failure, error_class, attempt_phase(&question->attempt), "",
                       NULL, "%s", reason);
        failure.subject = subject;
        note_opening(question);
        record_failure(question, &failure, now);
    }
    end_at_once(question, now);
}
