/* One attempt at one server: from connect() to the end of the login.
 *
 * libpq drives the protocol; before each of its steps conn_look() decides
 * whether it may take it, and on which thread.  A step that may compute for
 * long (a TLS handshake, a SCRAM proof) is lent to a worker; meanwhile the
 * session is not touched and only the deadline moves us.
 *
 * With sslmode=prefer we stop libpq from falling back.  After any failure under
 * TLS, even a wrong password, it connects anew inside PQconnectPoll() and logs
 * in a second time in the clear.  Its status then goes back to
 * CONNECTION_STARTED: there we stop, with the first error. */
#include "pg/conn_private.h"
#include "pg/sqlstate.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* ---- reasons of a failure ---- */

/* Tries to open a file, because libpq's texts hide EMFILE ("could not read root
 * certificate file"). */
static bool files_ran_out(void)
{
    AUTO(close) int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return fd < 0 && (errno == EMFILE || errno == ENFILE);
}

static bool says_not_verified(const char *text)
{
    return strstr(text, "certificate verify failed") ||
           strstr(text, "does not match host name");
}

static void fail_by_own_words(struct pg_conn *conn, const char *message)
{
    enum pgcensus_class error_class = pg_text_class(message, pg_conn_phase(conn));
    bool may_be_ours =
        error_class == PGCENSUS_CLASS_TLS || error_class == PGCENSUS_CLASS_CONFIG;
    int error = pg_text_errno(message);
    if (may_be_ours && files_ran_out())
        conn_fail(conn, PGCENSUS_CLASS_LOCAL, NULL, "%s", pg_errno_text(EMFILE));
    else if (may_be_ours && conn->session->memory_ran_out)
        conn_fail(conn, PGCENSUS_CLASS_LOCAL, NULL, "%s", pg_errno_text(ENOMEM));
    else if (error && error_class == pg_errno_class(error))
        conn_fail_errno(conn, error);
    else
        conn_fail(conn, error_class, NULL, "%s",
                  *message ? message : "failed without a reason");
    if (error_class == PGCENSUS_CLASS_TLS && says_not_verified(message))
        conn->opening.outcome = PG_TLS_NOT_VERIFIED;
}

void conn_login_fail(struct pg_conn *conn)
{
    PGconn *pg = conn->session->pg;
    char message[1024];
    struct pg_told told;
    bool has_told = pg_told_parse(PQerrorMessage(pg), &told);
    snprintf(message, sizeof message, "%.*s", told.message.n, told.message.text);
    if (has_told) {
        bool from_pooler = strcmp(told.sqlstate, "08P01") == 0;
        conn_fail_told(conn,
                       from_pooler ? pg_pooler_class(message)
                                   : pg_sqlstate_class(told.sqlstate, true),
                       &told);
    } else if (PQconnectionNeedsPassword(pg)) {
        conn_fail(conn, PGCENSUS_CLASS_AUTH, NULL,
                  "the server asked for a password, and there is none");
    } else {
        fail_by_own_words(conn, message);
    }
}

/* ---- going on ---- */

static void leave_phase(struct pg_conn *conn, nsec now)
{
    struct opening *opening = &conn->opening;
    nsec length = conn_since(conn, opening->phase_began, now);
    if (conn->state == PG_TCP)
        conn->timing.tcp = length;
    else if (conn->state == PG_AUTH)
        conn->timing.auth = length;
    else if (opening->tls_answered)
        conn->timing.tls = length;
    else /* no TLS: the request for it was a part of the login */
        return;
    opening->phase_began += length;
}

static void become_ready(struct pg_conn *conn)
{
    PGconn *pg = conn->session->pg;
    /* This comes before anything is sent: in libpq's blocking mode
     * PQsendQuery() and even PQfinish() wait for ever for a peer that stopped
     * reading. */
    PQsetnonblocking(pg, 1);
    conn->failed = false;
    conn->failure = (struct pgcensus_failure){0};
    conn_read_login_facts(conn);
    conn_enter_ready(conn);
}

/* True if libpq has connected anew, without TLS.  Usually it waits for that
 * connection; if the connection is there at once, libpq talks without TLS to a
 * server that has said yes to it. */
static bool has_fallen_back(const struct pg_conn *conn, ConnStatusType status)
{
    if (status == CONNECTION_STARTED)
        return conn->state != PG_TCP;
    return conn->opening.tls_answered && status != CONNECTION_SSL_STARTUP &&
           status != CONNECTION_BAD && !PQsslInUse(conn->session->pg);
}

/* Enters the state that the last poll has brought. */
static void follow_poll(struct pg_conn *conn, nsec now)
{
    PGconn *pg = conn->session->pg;
    ConnStatusType status = PQstatus(pg);
    bool fell_back = has_fallen_back(conn, status);
    if (conn->session->polled == PGRES_POLLING_FAILED || fell_back) {
        conn_login_fail(conn);
        conn_open_next(conn, now);
        return;
    }
    if (conn->session->polled == PGRES_POLLING_OK) {
        leave_phase(conn, now);
        become_ready(conn);
        return;
    }
    enum pg_conn_state state = status == CONNECTION_STARTED       ? PG_TCP
                               : status == CONNECTION_SSL_STARTUP ? PG_TLS
                                                                  : PG_AUTH;
    if (state != conn->state) {
        /* An address that accepts may take all the time that is left: a slow
         * login would be as slow at the next address. */
        if (conn->state == PG_TCP)
            conn->opening.address_deadline = conn->opening.deadline;
        leave_phase(conn, now);
        conn_enter(conn, state);
    }
    /* Read the descriptor anew: libpq may have another socket, even with the
     * same number. */
    conn_want(conn, session_fd(conn->session),
              conn->session->polled == PGRES_POLLING_READING ? POLLIN : POLLOUT,
              conn->opening.address_deadline);
    conn->wants.again = session_pending(conn->session);
}

static void advance(struct pg_conn *conn, short revents, nsec now)
{
    struct session *session = conn->session;
    conn->opening.holding = false;
    switch (conn_look(conn, revents, now)) {
    case LOOK_WAIT:
        return;
    case LOOK_REFUSE:
        conn_open_next(conn, now);
        return;
    case LOOK_LEND:
        conn->opening.excused = 0;
        if (session_lend(session, conn->env->workers, conn->task)) {
            conn_want(conn, -1, 0, conn->opening.address_deadline);
            return;
        }
        break; /* there is no thread: compute here, although it delays the loop */
    case LOOK_PASS:
        break;
    }
    session_poll(session);
    follow_poll(conn, now);
}

/* Under TLS we cannot tell what takes so long: libpq reads files of ours in the
 * same call. */
static const char *what_lasts(const struct pg_conn *conn)
{
    if (!conn->session->lent)
        return "";
    return conn->state == PG_TLS
               ? ": still reading TLS files or computing the login that the server "
                 "asked for"
               : ": still computing the login that the server asked for";
}

static void run_out_of_time(struct pg_conn *conn, nsec now)
{
    struct opening *opening = &conn->opening;
    nsec length = opening->address_deadline - opening->address_began;
    bool waits;
    pg_conn_queued(conn, now, &waits);
    if (opening->glance.state == GLANCE_WAITING)
        conn_file_hangs(conn, conn_length(length).text);
    else if (waits)
        conn_starve(conn, "its login was not computed", length, "logins", now);
    else
        conn_fail(conn, PGCENSUS_CLASS_TIMEOUT, NULL, "timeout after %s (%s)%s",
                  conn_length(length).text, pgcensus_phase_name(pg_conn_phase(conn)),
                  what_lasts(conn));
    conn_open_next(conn, now);
}

/* Whether the session is back.  The time that it waited for a thread is added
 * to the deadlines when it is back, or when its time would be up. */
static bool is_back(struct pg_conn *conn, nsec now)
{
    bool waits, is_back = session_returned(conn->session);
    nsec waited = session_waited(conn->session, now, &waits);
    if (!waits)
        conn_excuse(conn, waited);
    if (!is_back)
        conn_want(conn, -1, 0, conn->opening.address_deadline);
    return is_back;
}

void conn_step_login(struct pg_conn *conn, short revents, nsec now)
{
    struct opening *opening = &conn->opening;
    struct session *session = conn->session;
    if (session->lent) {
        if (is_back(conn, now))
            follow_poll(conn, now);
    } else if (revents & POLLNVAL) {
        conn_fail(conn, PGCENSUS_CLASS_INTERNAL, NULL, "descriptor %d is not open",
                  conn->wants.fd);
        conn_enter(conn, PG_BROKEN);
    } else if (revents || session_pending(session) ||
               opening->glance.state != GLANCE_NONE ||
               (opening->holding && now >= conn->wants.deadline)) {
        advance(conn, revents, now);
    }
    bool still_opening = conn->session && conn->state != PG_READY;
    if (still_opening && now >= opening->address_deadline)
        run_out_of_time(conn, now);
}
