/* How a node is checked.
 *
 * The attempt (fleet/attempt.h) gets the connection and decides what a failure means;
 * here is what is asked, and what the answers say.  The latency that is reported is
 * what the node took: opening and answering.  What passes between the two while we are
 * busy with other nodes is ours and is left out.
 *
 * Our own SELECT 1 can fail because of what a role was set to, and that is no verdict
 * on the node.  A standby refuses the isolation `serializable`, so the question names a
 * lower one; a statement_timeout of a millisecond strikes now and then, so it is asked
 * again. */
#include "fleet/probe_private.h"

#include "base/text.h"
#include "fleet/envelope.h"
#include "fleet/verdict.h"
#include "pg/failure.h"

#include <string.h>

/* Of the answer to the question: whether the node is well takes few words. */
enum { MOST_BYTES = 64 << 10 };
enum { MOST_STRIKES = 3 };

static void probe_enter(struct probe *probe, enum probe_state state)
{
    probe->state = state;
    probe->task.deadline = NEVER;
}

void probe_end(struct probe *probe, nsec now)
{
    attempt_release(&probe->attempt, now);
    buf_fini(&probe->statement);
    loop_remove(&probe->task);
    probe_enter(probe, PROBE_DONE);
    launch_finish(probe->launch, &probe->entry);
}

/* ---- attempts ---- */

/* An attempt has begun, or has begun anew on another connection. */
static void wait_for_connection(struct probe *probe)
{
    verdict_blank(&probe->result, probe->node->index);
    probe->result.attempted = true;
    probe->result.attempts = probe->attempt.count;
    probe_enter(probe, PROBE_CLAIMING);
}

static void begin_attempt(struct probe *probe, nsec now)
{
    attempt_begin(&probe->attempt, now);
    wait_for_connection(probe);
}

/* How far the opening came; only if it was opened for us. */
static void note_opening(struct probe *probe)
{
    const struct claim *claim = &probe->attempt.claim;
    struct pgcensus_latency *latency = &probe->result.latency;
    text_copy(probe->result.hostaddr, sizeof probe->result.hostaddr, claim->address);
    probe->result.attempts = probe->attempt.count;
    if (claim->state == CLAIM_GRANTED && !claim->fresh)
        return;
    latency->resolve = claim->timing.resolve;
    latency->tcp = claim->timing.tcp;
    latency->tls = claim->timing.tls;
    latency->auth = claim->timing.auth;
    latency->queued = probe->attempt.queued;
}

static void record_failure(struct probe *probe, const struct pgcensus_failure *failure,
                           nsec now)
{
    probe->result.latency.total = attempt_length(&probe->attempt, now);
    verdict_failed(&probe->result, failure);
}

static void fail_attempt(struct probe *probe, const struct pgcensus_failure *failure,
                         nsec now)
{
    record_failure(probe, failure, now);
    switch (attempt_fail(&probe->attempt, failure, now)) {
    case ATTEMPT_OVER:
        probe_end(probe, now);
        break;
    case ATTEMPT_AGAIN:
        wait_for_connection(probe);
        break;
    case ATTEMPT_LATER:
        probe_enter(probe, PROBE_PAUSING);
        probe->task.deadline = probe->attempt.resumes;
        break;
    }
}

/* What came is not what should have come. */
static void refuse_answer(struct probe *probe, enum pgcensus_class error_class,
                          const char *why, nsec now)
{
    struct pgcensus_failure failure;
    pg_failure_set(&failure, error_class, PGCENSUS_PHASE_QUERY, "", NULL, "%s", why);
    fail_attempt(probe, &failure, now);
}

/* ---- asking ---- */

static struct pg_conn *conn_of(const struct probe *probe)
{
    return claim_conn(&probe->attempt.claim);
}

/* Whatever it is, on a standby it fails in the isolation that the role may have. */
void probe_send(struct probe *probe, enum probe_state state,
                struct pg_statement statement, nsec timeout, nsec now)
{
    AUTO(buf_fini) struct buf isolated = BUF_INIT;
    if (probe->isolated)
        buf_add_format(&isolated, "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; %s",
                       statement.sql);
    if (isolated.len)
        statement.sql = isolated.bytes;
    probe_enter(probe, state);
    probe->sent = probe_clock(probe);
    attempt_send(&probe->attempt, statement, timeout, now);
}

/* A question of the user's goes by the extended protocol, which takes exactly one
 * statement; ours go the way that every pooler and proxy knows. */
struct pg_statement probe_question(const struct node *node)
{
    struct pg_statement question = attempt_statement(node->options.probe.query);
    question.of_user = strcmp(question.sql, "SELECT 1") != 0;
    question.extended = question.of_user && !node->options.identity.simple;
    question.max_bytes = MOST_BYTES;
    return question;
}

static void send_question(struct probe *probe, nsec now)
{
    probe_send(probe, PROBE_ASKING, probe_question(probe->node),
               probe->node->options.probe.timeout, now);
}

static void open_envelope(struct probe *probe, nsec now)
{
    nsec timeout = probe->node->options.probe.timeout;
    struct envelope_wish wish = {.limit = timeout + ENVELOPE_GRACE};
    buf_clear(&probe->statement);
    envelope_open(&wish, probe->node, conn_of(probe), &probe->statement);
    if (probe->statement.broken)
        refuse_answer(probe, PGCENSUS_CLASS_LOCAL, "out of memory", now);
    else
        probe_send(probe, PROBE_OPENING, attempt_statement(probe->statement.bytes),
                   timeout, now);
}

static void ask(struct probe *probe, nsec now)
{
    probe->enveloped = probe->isolated = false;
    probe->struck = 0;
    if (probe_question(probe->node).extended)
        open_envelope(probe, now);
    else
        send_question(probe, now);
}

/* ---- the answer ---- */

/* True: the question failed because of the role's settings, and was sent again. */
static bool asks_again(struct probe *probe, nsec now)
{
    const struct pg_conn *conn = conn_of(probe);
    const char *sqlstate = pg_conn_failure(conn)->sqlstate;
    bool refused = strcmp(sqlstate, "0A000") == 0 && !probe->isolated;
    bool struck = strcmp(sqlstate, "57014") == 0 && ++probe->struck < MOST_STRIKES;
    if (probe_question(probe->node).of_user || pg_conn_state(conn) != PG_READY ||
        now >= probe->attempt.deadline || (!refused && !struck))
        return false;
    probe->isolated |= refused;
    send_question(probe, now);
    return true;
}

/* A server that is merely ready again has not answered. */
static bool is_answer(const struct rowset *rows)
{
    return rows && (rows->rows.n_columns || rows->rows.command[0]);
}

static void note_latency(struct probe *probe)
{
    struct pgcensus_latency *latency = &probe->result.latency;
    nsec opening = attempt_opening(&probe->attempt);
    latency->query = pg_conn_timing(conn_of(probe))->query;
    latency->total = latency->query;
    if (opening != PGCENSUS_UNKNOWN_TIME)
        latency->total += opening;
}

/* ---- one step for each state ---- */

static void step_claiming(struct probe *probe, nsec now)
{
    enum claim_state state = attempt_claimed(&probe->attempt);
    if (state == CLAIM_WAITING)
        return;
    note_opening(probe);
    if (state == CLAIM_FAILED) {
        fail_attempt(probe, &probe->attempt.claim.failure, now);
    } else {
        verdict_login(&probe->result, conn_of(probe));
        ask(probe, now);
    }
}

static void step_opening(struct probe *probe, nsec now)
{
    struct pg_conn *conn = conn_of(probe);
    AUTO(rowset_free) struct rowset *rows = pg_conn_take_rows(conn);
    struct pgcensus_failure failure = *pg_conn_failure(conn);
    const char *why = envelope_impossible(&failure);
    if (pg_conn_failed(conn) && envelope_concede(probe->node, conn)) {
        open_envelope(probe, now);
    } else if (pg_conn_failed(conn) && !why) {
        fail_attempt(probe, &failure, now);
    } else if (pg_conn_failed(conn)) {
        refuse_answer(probe, PGCENSUS_CLASS_CONFIG, why, now);
    } else if (!envelope_holds(conn, rows)) {
        refuse_answer(
            probe, PGCENSUS_CLASS_PROTOCOL,
            "the server did not open a read-only transaction; check.query was not sent",
            now);
    } else {
        probe->enveloped = true;
        send_question(probe, now);
    }
}

static void step_asking(struct probe *probe, nsec now)
{
    struct pg_conn *conn = conn_of(probe);
    AUTO(rowset_free) struct rowset *rows = pg_conn_take_rows(conn);
    struct pgcensus_failure failure = *pg_conn_failure(conn);
    if (pg_conn_failed(conn)) {
        if (!asks_again(probe, now))
            fail_attempt(probe, &failure, now);
    } else if (!is_answer(rows)) {
        refuse_answer(probe, PGCENSUS_CLASS_PROTOCOL, "no answer to the question", now);
    } else if (probe->enveloped && pg_conn_transaction(conn) == PG_TRANSACTION_NONE) {
        refuse_answer(probe, PGCENSUS_CLASS_PROTOCOL,
                      "the read-only transaction was over before the answer; "
                      "check.query may have written",
                      now);
    } else {
        note_latency(probe);
        if (probe->enveloped)
            probe_send(probe, PROBE_LEAVING,
                       attempt_statement(envelope_close(probe->node)),
                       probe->node->options.probe.timeout, now);
        else
            probe_go_on(probe, now);
    }
}

/* What the answer was is known; what becomes of the transaction changes nothing. */
static void step_leaving(struct probe *probe, nsec now)
{
    probe->enveloped = false;
    if (pg_conn_state(conn_of(probe)) == PG_READY) {
        probe_go_on(probe, now);
        return;
    }
    verdict_answered(&probe->result, &probe->node->options);
    probe_end(probe, now);
}

/* Something was sent in this state, and its answer is there. */
static void step_answered(struct probe *probe, nsec now)
{
    switch (probe->state) {
    case PROBE_OPENING:
        step_opening(probe, now);
        break;
    case PROBE_ASKING:
        step_asking(probe, now);
        break;
    case PROBE_LEAVING:
        step_leaving(probe, now);
        break;
    case PROBE_FACTS:
        probe_step_facts(probe, now);
        break;
    case PROBE_ROLE:
        probe_step_role(probe, now);
        break;
    case PROBE_RESTING:
    case PROBE_CLAIMING:
    case PROBE_PAUSING:
    case PROBE_DONE:
        break;
    }
}

static void probe_step(struct task *task, short revents, nsec now)
{
    struct probe *probe = container_of(task, struct probe, task);
    switch (probe->state) {
    case PROBE_CLAIMING:
        step_claiming(probe, now);
        break;
    case PROBE_OPENING:
    case PROBE_ASKING:
    case PROBE_LEAVING:
    case PROBE_FACTS:
    case PROBE_ROLE:
        if (pg_conn_state(conn_of(probe)) != PG_BUSY)
            step_answered(probe, now);
        break;
    case PROBE_PAUSING:
        if (now >= probe->task.deadline)
            begin_attempt(probe, now);
        break;
    case PROBE_RESTING:
    case PROBE_DONE:
        break;
    }
}

/* ---- from outside ---- */

void probe_begin(struct probe *probe, struct node *node, struct node_home *home,
                 struct launch *launch, const struct probe_plan *plan, nsec now)
{
    const struct probe_options *options = &node->options.probe;
    const struct attempt_options attempts = {plan->retry, options->total,
                                             options->limit, plan->latest};
    *probe = (struct probe){.launch = launch,
                            .entry = probe->entry,
                            .node = node,
                            .facts_level = plan->facts,
                            .statement = BUF_INIT};
    task_init(&probe->task, probe_step);
    attempt_init(&probe->attempt, &probe->task, node, node_check_pool(node, home),
                 &attempts, now);
    verdict_blank(&probe->result, node->index);
    launch_enter(launch, &probe->entry);
    if (!probe->attempt.pool || !loop_add(home->loop, &probe->task)) {
        verdict_cancelled(&probe->result, PGCENSUS_CLASS_LOCAL, "out of memory");
        probe_end(probe, now);
        return;
    }
    begin_attempt(probe, now);
}

bool probe_lacks(const struct probe *probe)
{
    return probe->result.failed && !probe->attempt.claim.starved &&
           probe->result.failure.error_class == PGCENSUS_CLASS_LOCAL;
}

void probe_strike(struct probe *probe, const char *why, nsec now)
{
    struct pgcensus_failure failure;
    switch (probe->state) {
    case PROBE_CLAIMING:
    case PROBE_OPENING:
    case PROBE_ASKING:
        attempt_strike(&probe->attempt, why, &failure);
        note_opening(probe);
        record_failure(probe, &failure, now);
        break;
    case PROBE_FACTS:
        verdict_no_facts(&probe->result, why);
        verdict_answered(&probe->result, &probe->node->options);
        break;
    case PROBE_LEAVING:
    case PROBE_ROLE:
        verdict_answered(&probe->result, &probe->node->options);
        break;
    case PROBE_PAUSING: /* its last failure is the better answer */
        break;
    case PROBE_RESTING:
    case PROBE_DONE:
        return;
    }
    probe_end(probe, now);
}

void probe_cancel(struct probe *probe, const char *reason, nsec now)
{
    struct pgcensus_failure failure;
    switch (probe->state) {
    case PROBE_CLAIMING:
    case PROBE_OPENING:
    case PROBE_ASKING:
    case PROBE_LEAVING:
    case PROBE_ROLE:
        pg_failure_set(&failure, PGCENSUS_CLASS_CANCELLED,
                       attempt_phase(&probe->attempt), "", NULL, "%s", reason);
        note_opening(probe);
        record_failure(probe, &failure, now);
        break;
    case PROBE_FACTS: /* that it is well is known */
        verdict_no_facts(&probe->result, reason);
        verdict_answered(&probe->result, &probe->node->options);
        break;
    case PROBE_PAUSING: /* how it failed is known */
        break;
    case PROBE_RESTING:
    case PROBE_DONE:
        return;
    }
    probe_end(probe, now);
}
