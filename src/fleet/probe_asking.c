/* The question itself, and the envelope of one that is somebody's own.
 *
 * The surprise: our own SELECT 1 can fail because of what a role was set to, and that
 * is no verdict on the node.  A standby refuses the isolation `serializable`, so the
 * question names a lower one; a statement_timeout of a millisecond strikes now and
 * then, so it is asked again. */
#include "fleet/envelope.h"
#include "fleet/probe_private.h"
#include "fleet/verdict.h"
#include "pg/failure.h"

#include <string.h>

enum { MOST_STRIKES = 3 };

static bool is_own(const struct probe *probe)
{
    return strcmp(probe->node->options.probe.query, "SELECT 1") != 0;
}

static void send_question(struct probe *probe, nsec now)
{
    probe_send(probe, PROBE_ASKING, probe->node->options.probe.query,
               probe->node->options.probe.timeout, now);
}

static void fail(struct probe *probe, enum pgcensus_class error_class, const char *why,
                 nsec now)
{
    struct pgcensus_failure failure;
    pg_failure_set(&failure, error_class, PGCENSUS_PHASE_QUERY, "", NULL, "%s", why);
    probe_fail_asking(probe, &failure, now);
}

/* ---- the envelope ---- */

static void open_envelope(struct probe *probe, nsec now)
{
    struct envelope_wish wish = {.limit = probe->node->options.probe.timeout +
                                          ENVELOPE_GRACE};
    buf_clear(&probe->statement);
    envelope_open(&wish, probe->node, claim_conn(&probe->claim), &probe->statement);
    if (probe->statement.broken)
        fail(probe, PGCENSUS_CLASS_LOCAL, "out of memory", now);
    else
        probe_send(probe, PROBE_OPENING, probe->statement.bytes,
                   probe->node->options.probe.timeout, now);
}

void probe_ask(struct probe *probe, nsec now)
{
    probe->enveloped = probe->isolated = false;
    probe->struck = 0;
    if (is_own(probe) && !probe->node->options.identity.simple)
        open_envelope(probe, now);
    else
        send_question(probe, now);
}

void probe_step_opening(struct probe *probe, nsec now)
{
    struct pg_conn *conn = claim_conn(&probe->claim);
    if (pg_conn_state(conn) == PG_BUSY)
        return;
    AUTO(rowset_free) struct rowset *rows = pg_conn_take_rows(conn);
    struct pgcensus_failure failure = *pg_conn_failure(conn);
    const char *why = envelope_impossible(&failure);
    if (pg_conn_failed(conn) && envelope_concede(probe->node, conn)) {
        open_envelope(probe, now);
    } else if (pg_conn_failed(conn) && !why) {
        probe_fail_asking(probe, &failure, now);
    } else if (pg_conn_failed(conn)) {
        fail(probe, PGCENSUS_CLASS_CONFIG, why, now);
    } else if (!envelope_holds(conn, rows)) {
        fail(
            probe, PGCENSUS_CLASS_PROTOCOL,
            "the server did not open a read-only transaction; check.query was not sent",
            now);
    } else {
        probe->enveloped = true;
        send_question(probe, now);
    }
}

/* What the answer was is known; what becomes of the transaction changes nothing. */
void probe_step_leaving(struct probe *probe, nsec now)
{
    if (pg_conn_state(claim_conn(&probe->claim)) == PG_BUSY)
        return;
    probe->enveloped = false;
    if (pg_conn_state(claim_conn(&probe->claim)) == PG_READY) {
        probe_go_on(probe, now);
        return;
    }
    verdict_answered(&probe->result, &probe->node->options);
    probe_end(probe, now);
}

/* ---- the answer ---- */

/* True: the question failed because of the role's settings, and was sent again. */
static bool asks_again(struct probe *probe, nsec now)
{
    const struct pg_conn *conn = claim_conn(&probe->claim);
    const char *sqlstate = pg_conn_failure(conn)->sqlstate;
    bool refused = strcmp(sqlstate, "0A000") == 0 && !probe->isolated;
    bool struck = strcmp(sqlstate, "57014") == 0 && ++probe->struck < MOST_STRIKES;
    if (is_own(probe) || pg_conn_state(conn) != PG_READY || now >= probe->deadline ||
        (!refused && !struck))
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
    latency->query = pg_conn_timing(claim_conn(&probe->claim))->query;
    latency->total = latency->query;
    if (!probe->claim.fresh)
        return;
    /* What a thread waited may contain time that the loop has given back. */
    nsec opening = probe->claim.granted - probe->claim.since - latency->queued;
    latency->total += opening > 0 ? opening : 0;
}

void probe_step_asking(struct probe *probe, nsec now)
{
    struct pg_conn *conn = claim_conn(&probe->claim);
    if (pg_conn_state(conn) == PG_BUSY)
        return;
    AUTO(rowset_free) struct rowset *rows = pg_conn_take_rows(conn);
    struct pgcensus_failure failure = *pg_conn_failure(conn);
    if (pg_conn_failed(conn)) {
        if (!asks_again(probe, now))
            probe_fail_asking(probe, &failure, now);
    } else if (!is_answer(rows)) {
        fail(probe, PGCENSUS_CLASS_PROTOCOL, "no answer to the question", now);
    } else if (probe->enveloped && pg_conn_transaction(conn) == PG_TRANSACTION_NONE) {
        fail(probe, PGCENSUS_CLASS_PROTOCOL,
             "the read-only transaction was over before the answer; check.query may "
             "have written",
             now);
    } else {
        note_latency(probe);
        if (probe->enveloped)
            probe_send(probe, PROBE_LEAVING, envelope_close(probe->node),
                       probe->node->options.probe.timeout, now);
        else
            probe_go_on(probe, now);
    }
}
