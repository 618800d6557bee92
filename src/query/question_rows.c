/* Rows on their way from a connection to whoever reads them.
 *
 * The surprise: they are taken off the connection one batch ahead of the reader, since
 * their columns must be known before they are handed out; so two batches of a node can
 * be in memory, and a third, the rest, when its connection was given back before the
 * reader came. */
#include "query/question_private.h"

#include "base/text.h"

/* The first rows, or the end of an answer without any, tell its columns. */
static void note_rows(struct question *question, const struct rowset *rows)
{
    if (!question->shape && rows->columns)
        question->shape = rowset_like(&rows->rows);
    if (rows->rows.n_rows > 0)
        attempt_note_rows(&question->attempt);
    question->result.n_rows += rows->rows.n_rows;
    text_copy(question->result.command, sizeof question->result.command,
              rows->rows.command);
}

static void take_notices(struct question *question)
{
    pgcensus_notices_fini(&question->notices);
    question->notices = pg_conn_take_notices(question_conn(question));
}

static void offer(struct question *question)
{
    if (!list_linked(&question->offer))
        list_push_back(&question->plan->offering, &question->offer);
    loop_wake(question->launch->owner);
}

void question_take_ahead(struct question *question)
{
    const struct pg_conn *conn = question_conn(question);
    bool ended = pg_conn_state(conn) != PG_BUSY;
    if (pg_conn_owes(conn))
        loop_wake(question->launch->owner);
    if (ended)
        take_notices(question);
    else if (question->rows || !pg_conn_has_rows(conn))
        return;
    AUTO(rowset_free) struct rowset *rows = claim_take_rows(&question->attempt.claim);
    if (!rows)
        return;
    note_rows(question, rows);
    if (rows->rows.n_rows == 0)
        return;
    if (question->rows)
        question->last = take_ptr(rows);
    else
        question->rows = take_ptr(rows);
    offer(question);
}

/* What was kept until now is all there will be. */
static void take_all(struct question *question)
{
    AUTO(rowset_free) struct rowset *rows = claim_take_rows(&question->attempt.claim);
    if (rows)
        note_rows(question, rows);
    if (rows && rows->rows.n_rows > 0) {
        question->rows = take_ptr(rows);
        offer(question);
    }
}

void question_cut(struct question *question, const char *why, nsec now)
{
    if (question->rows)
        question->result.n_rows = question->rows->rows.n_rows;
    if (question->state != QUESTION_ASKING ||
        pg_conn_state(question_conn(question)) != PG_BUSY)
        return;
    if (question->plan->options->write) {
        pg_conn_drop_rest(question_conn(question), why);
        return;
    }
    take_all(question);
    question_end(question, PGCENSUS_CLASS_LIMIT, PGCENSUS_SUBJECT_NONE, why, now);
}

void question_take_rest(struct question *question)
{
    question_take_ahead(question);
    if (pg_conn_state(question_conn(question)) == PG_BUSY)
        take_notices(question);
}

struct rowset *question_take_rows(struct question *question)
{
    struct rowset *rows = question->rows;
    question->rows = take_ptr(question->last);
    if (question->state == QUESTION_ASKING)
        question_take_ahead(question);
    if (!question->rows && list_linked(&question->offer))
        list_remove(&question->plan->offering, &question->offer);
    return rows;
}

void question_fini(struct question *question)
{
    if (list_linked(&question->offer))
        list_remove(&question->plan->offering, &question->offer);
    rowset_free(question->rows);
    rowset_free(question->last);
    rowset_free(question->shape);
    pgcensus_notices_fini(&question->notices);
}
