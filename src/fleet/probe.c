/* How a node is checked.
 *
 * An attempt is: get a connection, ask, be done, all before one deadline.  The latency
 * that it reports is what the node took: opening and answering.  What passes between
 * the two while we are busy with other nodes is ours and is left out.
 *
 * The surprise: a used connection that turns out to be lost is no failure of the node,
 * only of our memory of it; the server may have been restarted an hour ago.  The
 * question is asked once more on a fresh connection, within the same attempt.  A fresh
 * connection that is lost counts. */
#include "fleet/probe_private.h"

#include "base/text.h"
#include "fleet/envelope.h"
#include "fleet/verdict.h"
#include "health/retry.h"
#include "pg/failure.h"

#include <assert.h>
#include <string.h>

/* Of an answer; a server with hundreds of slots has more to say of itself. */
enum { MOST_ROWS = 100, MOST_BYTES = 64 << 10, MOST_FACT_BYTES = 1 << 20 };

void probe_group_init(struct probe_group *group, struct task *owner)
{
    list_init(&group->under_way);
    list_init(&group->finished);
    group->owner = owner;
}

static void probe_enter(struct probe *probe, enum probe_state state)
{
    probe->state = state;
    probe->task.deadline = NEVER;
}

/* Gives back what it held.  The connection of a round is closed at once: its
 * descriptor is what the next node waits for. */
void probe_end(struct probe *probe, nsec now)
{
    if (probe->pool)
        pool_release(probe->pool, &probe->claim, now);
    if (!probe->node->watch)
        node_drop_check_pool(probe->node);
    buf_fini(&probe->statement);
    loop_remove(&probe->task);
    list_remove(&probe->group->under_way, &probe->link);
    list_push_back(&probe->group->finished, &probe->link);
    probe_enter(probe, PROBE_DONE);
    loop_wake(probe->group->owner);
}

/* ---- attempts ---- */

static void claim_connection(struct probe *probe, nsec now)
{
    probe_enter(probe, PROBE_CLAIMING);
    pool_claim(probe->pool, &probe->claim, &probe->task, now, probe->deadline,
               probe->renewed);
    probe->task.again = probe->claim.state != CLAIM_WAITING;
}

/* An attempt has its own time, and all of them together may have theirs. */
void probe_set_deadline(struct probe *probe, nsec patience, nsec now)
{
    probe->patience = patience;
    probe->deadline = clock_add(now, patience);
    if (probe->limit < probe->deadline) {
        probe->patience = probe->node->options.probe.limit;
        probe->deadline = probe->limit;
    }
}

static void begin_attempt(struct probe *probe, nsec now)
{
    unsigned attempts = probe->result.attempts + 1;
    verdict_blank(&probe->result, probe->node->index);
    probe->result.attempted = true;
    probe->result.attempts = attempts;
    probe->tries++;
    probe->renewed = false;
    pardon_begin(&probe->pardon, probe->task.loop);
    probe->began = now;
    probe_set_deadline(probe, probe->node->options.probe.total, now);
    claim_connection(probe, now);
}

/* How far the opening came; only if it was opened for us. */
static void note_opening(struct probe *probe)
{
    const struct claim *claim = &probe->claim;
    struct pgcensus_latency *latency = &probe->result.latency;
    text_copy(probe->result.hostaddr, sizeof probe->result.hostaddr, claim->address);
    if (claim->state == CLAIM_GRANTED && !claim->fresh)
        return;
    probe->result.attempts += claim->refused;
    latency->resolve = claim->timing.resolve;
    latency->tcp = claim->timing.tcp;
    latency->tls = claim->timing.tls;
    latency->auth = claim->timing.auth;
    latency->queued = claim->timing.queued;
}

/* Of the attempt, so far; without what was no doing of the node's. */
static nsec attempt_length(const struct probe *probe, nsec now)
{
    nsec length = now - probe->began - probe->result.latency.queued;
    return length > 0 ? length : 0;
}

/* A thread of ours came late, and that is not charged to the node. */
static void excuse(struct probe *probe)
{
    nsec queued = probe->result.latency.queued;
    probe->deadline = clock_add(probe->deadline, queued);
    probe->limit = clock_add(probe->limit, queued);
}

static void fail_attempt(struct probe *probe, const struct pgcensus_failure *failure,
                         nsec now)
{
    nsec delay;
    if (now < probe->plan.latest &&
        pardon_take(&probe->pardon, probe->task.loop, failure)) {
        pool_discard(probe->pool, &probe->claim, now);
        probe->tries--;
        begin_attempt(probe, now);
        return;
    }
    probe->result.latency.total = attempt_length(probe, now);
    verdict_failed(&probe->result, failure);
    if (retry_again(&probe->plan.retry, probe->tries, failure,
                    /* safe_to_repeat= */ true, &delay) &&
        clock_add(now, delay) < probe->plan.latest) {
        pool_discard(probe->pool, &probe->claim, now);
        probe_enter(probe, PROBE_PAUSING);
        probe->task.deadline = clock_add(now, delay);
    } else {
        probe_end(probe, now);
    }
}

/* ---- one step for each state ---- */

/* A question of somebody's own goes by the extended protocol, which takes exactly one
 * statement; ours go the way that every pooler and proxy knows. */
void probe_send(struct probe *probe, enum probe_state state, const char *sql,
                nsec timeout, nsec now)
{
    AUTO(buf_fini) struct buf isolated = BUF_INIT;
    nsec deadline = clock_add(now, timeout);
    bool is_last = probe->deadline <= deadline;
    bool of_user = state == PROBE_ASKING && strcmp(sql, "SELECT 1") != 0;
    if (probe->isolated && !probe->enveloped)
        buf_add_format(&isolated, "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; %s",
                       sql);
    struct pg_statement statement = {
        .sql = isolated.len ? isolated.bytes : sql,
        .extended = of_user && !probe->node->options.identity.simple,
        .of_user = of_user,
        .undo = envelope_close(probe->node),
        .max_rows = MOST_ROWS,
        .max_bytes = state == PROBE_FACTS ? MOST_FACT_BYTES : MOST_BYTES,
        .patience = is_last ? probe->patience : timeout,
    };
    probe_enter(probe, state);
    probe->sent = probe_clock(probe);
    claim_send(&probe->claim, &statement, now, is_last ? probe->deadline : deadline);
}

static bool is_stale(const struct probe *probe, const struct pgcensus_failure *failure,
                     nsec now)
{
    return failure->error_class == PGCENSUS_CLASS_LOST && !probe->claim.fresh &&
           !probe->renewed && now < probe->deadline;
}

void probe_fail_asking(struct probe *probe, const struct pgcensus_failure *failure,
                       nsec now)
{
    if (is_stale(probe, failure, now)) {
        pool_discard(probe->pool, &probe->claim, now);
        probe->renewed = true;
        claim_connection(probe, now);
    } else {
        fail_attempt(probe, failure, now);
    }
}

static void step_claiming(struct probe *probe, nsec now)
{
    switch (probe->claim.state) {
    case CLAIM_WAITING:
        return;
    case CLAIM_GRANTED:
        note_opening(probe);
        excuse(probe);
        verdict_login(&probe->result, claim_conn(&probe->claim));
        probe_ask(probe, now);
        return;
    case CLAIM_FAILED:
        note_opening(probe);
        fail_attempt(probe, &probe->claim.failure, now);
        return;
    case CLAIM_NONE:
        assert(!"a claim that nobody made");
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
        probe_step_opening(probe, now);
        break;
    case PROBE_ASKING:
        probe_step_asking(probe, now);
        break;
    case PROBE_LEAVING:
        probe_step_leaving(probe, now);
        break;
    case PROBE_FACTS:
        probe_step_facts(probe, now);
        break;
    case PROBE_ROLE:
        probe_step_role(probe, now);
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
                 struct probe_group *group, const struct probe_plan *plan, nsec now)
{
    nsec limit = node->options.probe.limit;
    *probe = (struct probe){
        .group = group, .node = node, .plan = *plan, .statement = BUF_INIT};
    probe->limit = limit ? clock_add(now, limit) : NEVER;
    if (probe->limit < probe->plan.latest)
        probe->plan.latest = probe->limit;
    task_init(&probe->task, probe_step);
    verdict_blank(&probe->result, node->index);
    list_push_back(&group->under_way, &probe->link);
    probe->pool = node_check_pool(node, home);
    if (!probe->pool || !loop_add(home->loop, &probe->task)) {
        verdict_cancelled(&probe->result, PGCENSUS_CLASS_LOCAL, "out of memory");
        probe_end(probe, now);
        return;
    }
    begin_attempt(probe, now);
}

/* Where it stands, for a failure that comes from outside. */
static enum pgcensus_phase note_phase(struct probe *probe)
{
    if (probe->state != PROBE_CLAIMING)
        return PGCENSUS_PHASE_QUERY;
    enum pgcensus_phase phase = claim_peek(probe->pool, &probe->claim);
    note_opening(probe);
    return phase == PGCENSUS_PHASE_NONE ? PGCENSUS_PHASE_CONNECT : phase;
}

/* A node that waited for a thread of ours to the end was not asked. */
static void set_strike(struct probe *probe, const char *why,
                       struct pgcensus_failure *ret_failure)
{
    enum pgcensus_phase phase = note_phase(probe);
    bool starved = probe->state == PROBE_CLAIMING && probe->claim.starved;
    pg_failure_set(ret_failure, starved ? PGCENSUS_CLASS_LOCAL : PGCENSUS_CLASS_TIMEOUT,
                   phase, "", NULL,
                   starved ? "not begun, and %s: all threads of ours were busy"
                           : "timeout: %s",
                   why);
}

void probe_strike(struct probe *probe, const char *why, nsec now)
{
    struct pgcensus_failure failure;
    switch (probe->state) {
    case PROBE_CLAIMING:
    case PROBE_OPENING:
    case PROBE_ASKING:
        set_strike(probe, why, &failure);
        probe->result.latency.total = attempt_length(probe, now);
        verdict_failed(&probe->result, &failure);
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
        pg_failure_set(&failure, PGCENSUS_CLASS_CANCELLED, note_phase(probe), "", NULL,
                       "%s", reason);
        probe->result.latency.total = attempt_length(probe, now);
        verdict_failed(&probe->result, &failure);
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
