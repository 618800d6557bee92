/* A statement and its answer.
 *
 * Every step is bounded: a portion in a few reads, after each a limited number
 * of results or bytes, then `again`.  A server that sends empty results without
 * end never lets libpq become busy, so a loop without a budget would serve no
 * other node and miss its deadline.  While results are left nothing more is
 * read, or libpq's buffer would grow.
 *
 * Rows are kept as they come (conn_rows.c) and are provisional until the end.
 * The first error counts: after a FATAL libpq adds "server closed the
 * connection", and after that "invalid socket".
 *
 * A statement's own failure leaves the connection READY.  After a timeout, a
 * limit or COPY we do not know the server's state, so the connection is closed,
 * and what runs there is cancelled before (cancel.c). */
#include "pg/conn_private.h"

#include <stdint.h>
#include <string.h>

enum {
    RESULTS_A_READ = 256,
    READS_A_STEP = 16,
    BYTES_A_READ = 256 * 1024,
    DEFAULT_ROWS = 1,
    DEFAULT_BYTES = 1024 * 1024,
    UNASKED_BYTES = 64 * 1024,
    SEALED_BYTES = 18 * 1024,
};

/* A libpq before the minor releases of August 2026 can leave decrypted bytes inside
 * OpenSSL, where poll() does not see them; asking again finds them. */
#define TLS_POKE (100 * NSEC_PER_MSEC)

/* ---- the end of a statement ---- */

void conn_give_up(struct pg_conn *conn, enum pgcensus_class error_class,
                  const char *message)
{
    if (!conn->failed)
        conn_fail(conn, error_class, NULL, "%s", message);
    conn_enter(conn, PG_BROKEN);
}

/* libpq keeps NOTIFYs until they are asked for: 208 MB in 4 s were seen.
 * Asking also parses the input, so that a shutdown notice in it is received.
 * True: some came. */
static bool drop_notifies(PGconn *pg)
{
    bool any = false;
    for (PGnotify *notify; (notify = PQnotifies(pg)); any = true)
        PQfreemem(notify);
    return any;
}

void conn_enter_ready(struct pg_conn *conn)
{
    struct session *session = conn->session;
    session_end_relay(session);
    session->unfinished = 0;
    conn_listen(conn, false);
    conn_enter(conn, PG_READY);
    conn_want(conn, session_fd(session), POLLIN, NEVER);
    conn->wants.again = session->shutdown_notice[0] != '\0';
}

/* A server that is ready without having reported the statement's end has lost
 * an unknown part of its answer on the way. */
static void miss_end(struct pg_conn *conn)
{
    const struct statement_run *run = &conn->run;
    if (!conn->failed && !run->ended)
        conn_fail(conn, PGCENSUS_CLASS_PROTOCOL, NULL, "%s",
                  run->n_rows ? "the answer has no end" : "no answer to the question");
}

static void finish_statement(struct pg_conn *conn, nsec now)
{
    PGconn *pg = conn->session->pg;
    conn->timing.query = conn_since(conn, conn->run.began, now);
    if (PQstatus(pg) != CONNECTION_OK) {
        conn_lose(conn, PQerrorMessage(pg));
        return;
    }
    miss_end(conn);
    conn_report_truncation(conn);
    conn_enter_ready(conn);
}

/* ---- results ---- */

static void note_command(struct pg_conn *conn, PGresult *result)
{
    struct statement_run *run = &conn->run;
    run->ended = true;
    if (!run->rows)
        run->rows = rowset_new();
    if (!run->rows) {
        conn_give_up(conn, PGCENSUS_CLASS_LOCAL, "out of memory");
        return;
    }
    snprintf(run->rows->rows.command, sizeof run->rows->rows.command, "%s",
             PQcmdStatus(result));
}

static void take_result(struct pg_conn *conn, PGresult *result, nsec now)
{
    switch (PQresultStatus(result)) {
    case PGRES_SINGLE_TUPLE:
        conn_keep_rows(conn, result, now);
        break;
    case PGRES_TUPLES_OK:
        if (conn_keep_rows(conn, result, now))
            note_command(conn, result);
        break;
    case PGRES_COMMAND_OK:
        note_command(conn, result);
        break;
    case PGRES_EMPTY_QUERY:
        if (!conn->failed)
            conn_fail(conn, PGCENSUS_CLASS_QUERY, NULL, "the statement is empty");
        break;
    case PGRES_FATAL_ERROR:
    case PGRES_NONFATAL_ERROR:
        conn_note_error(conn, result);
        break;
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH:
        conn_give_up(conn, PGCENSUS_CLASS_QUERY, "COPY is not supported");
        break;
    case PGRES_BAD_RESPONSE:
    case PGRES_PIPELINE_SYNC:
    case PGRES_PIPELINE_ABORTED:
#ifdef LIBPQ_HAS_CHUNK_MODE
    case PGRES_TUPLES_CHUNK: /* we never ask for chunks */
#endif
    default: /* a status of a newer libpq */
        conn_give_up(conn, PGCENSUS_CLASS_PROTOCOL,
                     "the server's answer makes no sense");
        break;
    }
}

/* Takes the results that are there, within the budget.  True: some may be left. */
static bool take_results(struct pg_conn *conn, nsec now)
{
    PGconn *pg = conn->session->pg;
    size_t before = conn->run.rows ? conn->run.rows->bytes : 0;
    for (unsigned n = 0; n < RESULTS_A_READ && !pg_conn_owes(conn); n++) {
        if (PQisBusy(pg)) {
            if (drop_notifies(pg))
                conn->session->unfinished = 0; /* they were complete messages */
            return false;
        }
        AUTO(PQclear) PGresult *result = PQgetResult(pg);
        if (!result) {
            finish_statement(conn, now);
            return false;
        }
        conn->session->unfinished = 0;
        take_result(conn, result, now);
        if (conn->state != PG_BUSY)
            return false;
        if (conn->run.full_since ||
            (conn->run.rows && conn->run.rows->bytes - before > BYTES_A_READ))
            break;
    }
    drop_notifies(pg);
    return true;
}

/* ---- bytes ---- */

/* Bytes are counted before TLS.  A record is up to 1/128 larger than its
 * payload and cannot be decoded until it is complete, so we allow that much
 * above max_row_bytes.  A row that is only a little too long is found when it
 * is complete. */
static size_t most_unfinished(const struct statement_run *run)
{
    size_t most = run->max_row_bytes, sealed = SEALED_BYTES + most / 128;
    return most > SIZE_MAX - sealed ? SIZE_MAX : most + sealed;
}

/* left: libpq has not read all of the last portion.  False: the connection is
 * broken now. */
static bool read_more(struct pg_conn *conn, bool left, nsec now)
{
    struct session *session = conn->session;
    struct statement_run *run = &conn->run;
    size_t most = most_unfinished(run);
    /* A usual answer needs one read, which libpq's buffer bounds. */
    if (run->reads++ > 0 && run->flushed)
        session_begin_relay(session);
    if (!left && session->unfinished >= most) {
        conn_exceed(conn, "a row of more than", run->max_row_bytes,
                    run->owners->row_bytes);
        return false;
    }
    if (!left && !conn_pass_on(conn, most))
        return false;
    if (PQconsumeInput(session->pg))
        return true;
    /* The results before the end may hold the reason. */
    while (conn->state == PG_BUSY && !PQisBusy(session->pg)) {
        AUTO(PQclear) PGresult *result = PQgetResult(session->pg);
        if (!result)
            break;
        take_result(conn, result, now);
    }
    if (conn->state == PG_BUSY)
        conn_lose(conn, PQerrorMessage(session->pg));
    return false;
}

/* While not all is sent, reading goes on: otherwise a server that is writing
 * would wait for us, and we for it.  False: the connection is broken now. */
static bool send_more(struct pg_conn *conn, nsec now)
{
    if (conn->run.flushed)
        return true;
    int left = PQflush(conn->session->pg);
    if (left < 0) {
        read_more(conn, /* left= */ false, now);
        if (conn->state == PG_BUSY)
            conn_lose(conn, PQerrorMessage(conn->session->pg));
        return false;
    }
    conn->run.flushed = left == 0;
    return true;
}

void conn_want_more(struct pg_conn *conn, nsec now)
{
    const struct statement_run *run = &conn->run;
    if (run->full_since) { /* nothing is read until the batch is taken */
        conn_want(conn, -1, 0, NEVER);
        return;
    }
    nsec deadline = run->deadline;
    if (PQsslInUse(conn->session->pg) && clock_add(now, TLS_POKE) < deadline)
        deadline = now + TLS_POKE;
    short events = run->behind ? 0 : POLLIN;
    if (!run->flushed)
        events |= POLLOUT;
    conn_want(conn, session_fd(conn->session), events, deadline);
    conn->wants.again = run->behind || session_pending(conn->session);
}

/* Reads a portion for as long as each read of it brings rows; a flood of other
 * messages gets one read a step. said: something has come or may have come.
 * False: the statement is over, or the connection broken. */
static bool receive(struct pg_conn *conn, bool said, nsec now)
{
    struct statement_run *run = &conn->run;
    bool left = session_pending(conn->session);
    bool reads = !run->behind && (said || left);
    size_t n = 0, n_rows;
    do {
        struct conn_cost cost = conn_cost_begin(conn);
        n_rows = run->n_rows;
        if (reads && !read_more(conn, left, now))
            return false;
        run->behind = take_results(conn, now);
        if (conn->state != PG_BUSY || !conn_pay(conn, &cost))
            return false;
        left = session_pending(conn->session);
        reads = left && !run->behind;
    } while (reads && run->n_rows > n_rows && ++n < READS_A_STEP);
    return true;
}

void conn_step_busy(struct pg_conn *conn, short revents, nsec now)
{
    struct statement_run *run = &conn->run;
    if (run->full_since)
        return;
    bool poke = now >= conn->wants.deadline;
    if (revents & POLLNVAL) {
        conn_give_up(conn, PGCENSUS_CLASS_INTERNAL, "the descriptor is not open");
        return;
    }
    if (!send_more(conn, now) || !receive(conn, revents & ~POLLOUT || poke, now))
        return;
    bool late = now >= run->deadline && !run->full_since;
    if (late && !conn->failed)
        conn_fail(conn, PGCENSUS_CLASS_TIMEOUT, NULL, "timeout after %s (%s)",
                  conn_length(run->patience).text,
                  pgcensus_phase_name(pg_conn_phase(conn)));
    if (late)
        conn_enter(conn, PG_BROKEN);
    else
        conn_want_more(conn, now);
}

void conn_step_ready(struct pg_conn *conn, short revents)
{
    struct session *session = conn->session;
    bool alive = true;
    if (revents || session_pending(session)) {
        session_begin_relay(
            session); /* no statement is under way, so it cannot be much */
        session_forward(session, UNASKED_BYTES);
        alive = PQconsumeInput(session->pg);
        drop_notifies(session->pg);
        if (alive && !session_pending(session))
            session_end_relay(session);
    }
    conn_want(conn, session_fd(session), POLLIN, NEVER);
    conn->wants.again = session_pending(session);
    bool talks = session->unfinished >= UNASKED_BYTES;
    bool leaves =
        !alive || PQstatus(session->pg) != CONNECTION_OK || session->shutdown_notice[0];
    if (!talks && !leaves)
        return;
    conn->failed = false; /* the failure was that of the statement before */
    if (leaves)
        conn_lose(conn, PQerrorMessage(session->pg));
    else
        conn_give_up(conn, PGCENSUS_CLASS_PROTOCOL,
                     "the server talks without being asked");
}

static const struct pg_limit_owners nobody = {"", "", ""};

void pg_conn_send(struct pg_conn *conn, const struct pg_statement *statement, nsec now,
                  nsec deadline)
{
    PGconn *pg = conn->session->pg;
    session_end_relay(conn->session);
    conn->session->unfinished = 0;
    rowset_free(conn->run.rows);
    pgcensus_notices_fini(&conn->run.notices);
    conn->run = (struct statement_run){
        .began = loop_now(conn->task->loop),
        .deadline = deadline,
        .patience = statement->patience ? statement->patience : deadline - now,
        .max_rows = statement->max_rows ? statement->max_rows : DEFAULT_ROWS,
        .max_bytes = statement->max_bytes ? statement->max_bytes : DEFAULT_BYTES,
        .max_row_bytes = statement->max_row_bytes,
        .batch = statement->batch,
        .budget = statement->budget,
        .owners = statement->owners ? statement->owners : &nobody,
        .drains = statement->drains,
        .undo = statement->undo,
        .sql = statement->of_user ? statement->sql : NULL,
    };
    if (!conn->run.max_row_bytes)
        conn->run.max_row_bytes = conn->run.max_bytes;
    conn->failed = false;
    conn->failure = (struct pgcensus_failure){0};
    conn->timing.query = PGCENSUS_UNKNOWN_TIME;
    conn_enter(conn, PG_BUSY);
    conn_listen(conn, statement->of_user);
    /* Rows come as they arrive, not when the last one is there; and one by one,
     * because a chunk of many rows would look like one row that is too long. */
    int sent = statement->extended
                   ? PQsendQueryParams(pg, statement->sql, statement->n_params, NULL,
                                       statement->params, NULL, NULL, 0)
                   : PQsendQuery(pg, statement->sql);
    if (!sent || !PQsetSingleRowMode(pg)) {
        conn_lose(conn, PQerrorMessage(pg));
        return;
    }
    if (send_more(conn, now))
        conn_want_more(conn, now);
}
