/* What comes before the statement: who answers, is it well, what is its role, and the
 * envelope.
 *
 * Invariant: the statement leaves from one place, send_statement(), and unless it may
 * write that is reached only through an envelope that was seen to be open. */
#include "query/question_private.h"

#include "base/text.h"
#include "fleet/envelope.h"
#include "fleet/verdict.h"
#include "query/result.h"
#include "query/sending.h"

/* ---- the statement and its envelope ---- */

static void send_statement(struct question *question, nsec now)
{
    question->result.sent = true;
    question_dispatch(question, QUESTION_ASKING,
                      sending_statement(question->plan, question->node),
                      question->node->options.statement.timeout, now);
}

/* What may write has no envelope, and only its end on the server is seen to. */
static void open_envelope(struct question *question, nsec now)
{
    AUTO(buf_fini) struct buf sql = BUF_INIT;
    const struct pg_conn *conn = claim_conn(&question->claim);
    struct envelope_wish wish = sending_wish(question->plan, question->node);
    if (!question->plan->options->write) {
        envelope_open(&wish, question->node, conn, &sql);
    } else if (!envelope_limit(&wish, question->node, conn, &sql)) {
        send_statement(question, now);
        return;
    }
    if (sql.broken) {
        question_refuse(question, PGCENSUS_CLASS_LOCAL, "out of memory", now);
        return;
    }
    struct pg_statement envelope = {.sql = sql.bytes};
    question_dispatch(question, QUESTION_OPENING, envelope,
                      question->node->options.statement.timeout, now);
}

static void take_envelope(struct question *question, nsec now)
{
    struct pg_conn *conn = claim_conn(&question->claim);
    bool write = question->plan->options->write;
    AUTO(rowset_free) struct rowset *rows = pg_conn_take_rows(conn);
    if (pg_conn_failed(conn) && envelope_concede(question->node, conn))
        open_envelope(question, now);
    else if (pg_conn_failed(conn))
        question_fail_asking(question, now);
    else if (write || envelope_holds(conn, rows))
        send_statement(question, now);
    else
        question_refuse(
            question, PGCENSUS_CLASS_PROTOCOL,
            "the server did not open a read-only transaction; the statement was "
            "not sent",
            now);
}

/* ---- is it to be asked? ---- */

static bool is_well(struct question *question)
{
    verdict_answered(&question->health, &question->node->options);
    return question->health.status != PGCENSUS_DOWN;
}

static void judge(struct question *question, nsec now)
{
    enum pgcensus_role wanted = question->plan->options->role;
    enum pgcensus_role role = question->health.role;
    question->result.role = role;
    if (question->plan->check && !is_well(question)) {
        question_refuse(question, PGCENSUS_CLASS_CONFIG,
                        question->health.reasons[0].message, now);
        question->result.status = PGCENSUS_QUERY_SKIPPED;
    } else if (wanted == PGCENSUS_ROLE_UNKNOWN || role == wanted) {
        open_envelope(question, now);
    } else if (role == PGCENSUS_ROLE_UNKNOWN) {
        question_refuse(question, PGCENSUS_CLASS_QUERY, "its role could not be learnt",
                        now);
    } else {
        question->result.status = PGCENSUS_QUERY_LEFT_OUT;
        question_finish(question, now);
    }
}

static void learn_role(struct question *question, nsec now)
{
    bool told = verdict_told_role(&question->health, claim_conn(&question->claim),
                                  question->node->options.identity.via_pooler);
    if (told || !question->plan->ask_role) {
        judge(question, now);
        return;
    }
    struct pg_statement statement = {.sql = VERDICT_ROLE_SQL};
    question_dispatch(question, QUESTION_ROLE, statement,
                      question->node->options.probe.timeout, now);
}

static void take_role(struct question *question, nsec now)
{
    AUTO(rowset_free)
    struct rowset *rows = pg_conn_take_rows(claim_conn(&question->claim));
    verdict_asked_role(&question->health, rows);
    judge(question, now);
}

void question_greet(struct question *question, nsec now)
{
    question_note_opening(question);
    question->deadline = clock_add(question->deadline, question->queued);
    verdict_login(&question->health, claim_conn(&question->claim));
    question->result.superuser = question->health.superuser;
    if (question->plan->check)
        question_dispatch(question, QUESTION_CHECKING, sending_check(question->node),
                          question->node->options.probe.timeout, now);
    else
        learn_role(question, now);
}

void question_note_opening(struct question *question)
{
    const struct claim *claim = &question->claim;
    struct pgcensus_query_result *result = &question->result;
    text_copy(result->hostaddr, sizeof result->hostaddr, claim->address);
    result->attempts +=
        claim->state != CLAIM_GRANTED || claim->fresh ? claim->refused : 0;
    bool own = claim->state != CLAIM_GRANTED || claim->fresh;
    question->queued = own ? claim->timing.queued : 0;
    if (claim->state == CLAIM_GRANTED && claim->fresh)
        result->connect = claim->granted - claim->since - question->queued;
}

void question_step_opening(struct question *question, nsec now)
{
    if (question->state == QUESTION_OPENING)
        take_envelope(question, now);
    else if (pg_conn_failed(claim_conn(&question->claim)))
        question_fail_asking(question, now);
    else if (question->state == QUESTION_CHECKING)
        learn_role(question, now);
    else
        take_role(question, now);
}
