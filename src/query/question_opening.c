/* What comes before the statement: who answers, is it well, what is its role, and the
 * envelope.
 *
 * Invariant: the statement leaves from one place, send_statement(), and unless it may
 * write that is reached only through an envelope that was seen to be open. */
#include "query/question_private.h"

#include "fleet/envelope.h"
#include "fleet/probe.h"
#include "fleet/verdict.h"
#include "query/result.h"
#include "query/sending.h"

static void go_on(struct question *question, nsec now);

/* ---- the statement and its envelope ---- */

static void send_statement(struct question *question, nsec now)
{
    struct pg_statement statement = sending_statement(question->plan, question->node);
    nsec timeout = question->node->options.statement.timeout;
    question->result.sent = true;
    question_enter(question, QUESTION_ASKING);
    if (question->plan->options->write)
        attempt_send_once(&question->attempt, statement, timeout, now);
    else
        attempt_send(&question->attempt, statement, timeout, now);
}

/* Only its end on the server is seen to, if it may write. */
static void open_envelope(struct question *question, bool read_only, nsec now)
{
    AUTO(buf_fini) struct buf sql = BUF_INIT;
    const struct pg_conn *conn = question_conn(question);
    struct envelope_wish wish = sending_wish(question->plan, question->node);
    question->opens = read_only;
    if (read_only) {
        envelope_open(&wish, question->node, conn, &sql);
    } else if (!envelope_limit(&wish, question->node, conn, &sql)) {
        send_statement(question, now);
        return;
    }
    if (sql.broken) {
        question_refuse(question, PGCENSUS_CLASS_LOCAL, "out of memory", now);
        return;
    }
    question_send(question, QUESTION_OPENING, attempt_statement(sql.bytes),
                  question->node->options.statement.timeout, now);
}

static void fail_envelope(struct question *question, nsec now)
{
    const struct pg_conn *conn = question_conn(question);
    const char *why = envelope_impossible(pg_conn_failure(conn));
    if (envelope_concede(question->node, conn))
        open_envelope(question, question->opens, now);
    else if (why)
        question_refuse(question, PGCENSUS_CLASS_CONFIG, why, now);
    else
        question_fail_asking(question, now);
}

static void take_envelope(struct question *question, nsec now)
{
    struct pg_conn *conn = question_conn(question);
    AUTO(rowset_free) struct rowset *rows = pg_conn_take_rows(conn);
    if (pg_conn_failed(conn)) {
        fail_envelope(question, now);
    } else if (!question->opens) {
        send_statement(question, now);
    } else if (envelope_holds(conn, rows)) {
        question->enveloped = true;
        go_on(question, now);
    } else {
        question_refuse(
            question, PGCENSUS_CLASS_PROTOCOL,
            "the server did not open a read-only transaction; the statement was "
            "not sent",
            now);
    }
}

/* The health check was made in an envelope, and what comes now must not be. */
static void leave_envelope(struct question *question, nsec now)
{
    question->enveloped = false;
    question_send(question, QUESTION_LEAVING,
                  attempt_statement(envelope_close(question->node)),
                  question->node->options.probe.timeout, now);
}

/* ---- is it to be asked? ---- */

static bool is_well(struct question *question)
{
    verdict_answered(&question->health, &question->node->options);
    return question->health.status != PGCENSUS_DOWN;
}

/* True: it is to be asked; else it has ended. */
static bool judge(struct question *question, nsec now)
{
    enum pgcensus_role wanted = question->plan->options->role;
    enum pgcensus_role role = question->health.role;
    bool has_none = question->node->options.identity.simple;
    question->result.role = role;
    if (question->plan->check && !is_well(question)) {
        question_refuse(question, PGCENSUS_CLASS_CONFIG,
                        question->health.reasons[0].message, now);
        question->result.status = PGCENSUS_QUERY_SKIPPED;
        return false;
    }
    if (wanted == PGCENSUS_ROLE_UNKNOWN || role == wanted)
        return true;
    if (role == PGCENSUS_ROLE_UNKNOWN && !has_none) {
        question_refuse(question, PGCENSUS_CLASS_QUERY, "its role could not be learnt",
                        now);
    } else {
        question->result.status = PGCENSUS_QUERY_LEFT_OUT;
        question_close(question, now);
    }
    return false;
}

/* ---- what comes next ---- */

/* Where there is no transaction, what may be sent needs none. */
static void ask_simply(struct question *question, nsec now)
{
    const struct pgcensus_query_options *options = question->plan->options;
    if (options->n_params == 0 && envelope_is_needless(options->sql))
        send_statement(question, now);
    else
        question_refuse(question, PGCENSUS_CLASS_CONFIG,
                        "with protocol: simple only one SHOW … is asked", now);
}

static void ask(struct question *question, nsec now)
{
    bool write = question->plan->options->write;
    if (question->node->options.identity.simple)
        ask_simply(question, now);
    else if (question->enveloped && write)
        leave_envelope(question, now);
    else if (question->enveloped)
        send_statement(question, now);
    else
        open_envelope(question, /* read_only= */ !write, now);
}

/* A check of somebody's own, and whatever else is asked before a statement that must
 * not write, is asked in an envelope; of several, in one. */
static bool needs_envelope(const struct question *question)
{
    return !question->enveloped && !question->node->options.identity.simple &&
           (!question->plan->options->write ||
            (question->checks && probe_question(question->node).of_user));
}

/* Takes the next step that is still to be taken. */
static void go_on(struct question *question, nsec now)
{
    const struct node *node = question->node;
    if ((question->checks || question->asks_role) && needs_envelope(question)) {
        open_envelope(question, /* read_only= */ true, now);
    } else if (question->checks) {
        question->checks = false;
        question_send(question, QUESTION_CHECKING, probe_question(node),
                      node->options.probe.timeout, now);
    } else if (question->asks_role) {
        question->asks_role = false;
        question_send(question, QUESTION_ROLE, attempt_statement(VERDICT_ROLE_SQL),
                      node->options.probe.timeout, now);
    } else if (judge(question, now)) {
        ask(question, now);
    }
}

static void take_role(struct question *question, nsec now)
{
    AUTO(rowset_free)
    struct rowset *rows = pg_conn_take_rows(question_conn(question));
    verdict_asked_role(&question->health, rows);
    go_on(question, now);
}

void question_greet(struct question *question, nsec now)
{
    const struct pgcensus_identity *identity = &question->node->options.identity;
    const struct pg_conn *conn = question_conn(question);
    verdict_login(&question->health, conn);
    question->result.superuser = question->health.superuser;
    question->enveloped = false;
    question->checks = question->plan->check;
    question->asks_role =
        !identity->simple &&
        !verdict_told_role(&question->health, conn, identity->via_pooler) &&
        question->plan->ask_role;
    go_on(question, now);
}

void question_step_opening(struct question *question, nsec now)
{
    if (question->state == QUESTION_OPENING)
        take_envelope(question, now);
    else if (pg_conn_failed(question_conn(question)))
        question_fail_asking(question, now);
    else if (question->state == QUESTION_ROLE)
        take_role(question, now);
    else
        go_on(question, now);
}
