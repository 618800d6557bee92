/* Looks at the input before libpq may take its next step.
 *
 * While a server speaks plaintext, every read of libpq is preceded by a peek:
 * the answer to SSLRequest decides whether TLS was refused before anything was
 * sent, and the requests of a login pass the guard.  Under TLS nothing can be
 * seen, so each step is lent to a thread instead. */
#include "pg/conn_private.h"

#include "base/text.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum { PEEK = 4096 }; /* an authentication request has at most 2000 bytes */
enum { GREETING_PIECE = 2048 };
#define HOLD_FOR (5 * NSEC_PER_MSEC)

/* ---- words ---- */

static void fail_as_closed(struct pg_conn *conn)
{
    conn_fail(conn, PGCENSUS_CLASS_LOST, NULL, "the server closed the connection (%s)",
              conn_place(conn).text);
}

/* Fails with the first line of what the server sent instead, as far as it was
 * peeked. */
static void fail_as_stranger(struct pg_conn *conn, const unsigned char *bytes, size_t n)
{
    char excerpt[64];
    const unsigned char *end = memchr(bytes, '\n', n);
    size_t length = end ? (size_t)(end - bytes) : n;
    if (length > 0 && bytes[length - 1] == '\r')
        length--;
    text_copy_safe(excerpt, sizeof excerpt, bytes, length);
    conn_fail(conn, PGCENSUS_CLASS_PROTOCOL, NULL,
              "expected a PostgreSQL server, got \"%s\"", excerpt);
}

/* ---- looking ---- */

/* 0: there is nothing to look at, and *ret_look is the result. */
static size_t peek_bytes(struct pg_conn *conn, unsigned char *bytes, size_t size,
                         enum conn_look_result *ret_look)
{
    int fd = session_fd(conn->session);
    ssize_t n = recv(fd, bytes, size, MSG_PEEK | MSG_DONTWAIT);
    if (n > 0)
        return (size_t)n;
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        conn_want(conn, fd, POLLIN, conn->opening.address_deadline);
        *ret_look = LOOK_WAIT;
        return 0;
    }
    if (n == 0)
        fail_as_closed(conn);
    else
        conn_fail_errno(conn, errno);
    *ret_look = LOOK_REFUSE;
    return 0;
}

static enum conn_look_result look_at_answer(struct pg_conn *conn)
{
    struct opening *opening = &conn->opening;
    unsigned char bytes[64];
    enum conn_look_result look;
    size_t n = peek_bytes(conn, bytes, sizeof bytes, &look);
    if (n == 0)
        return look;
    switch (guard_look_answer(bytes, n)) {
    case GUARD_TLS_YES:
        opening->tls_answered = true;
        return LOOK_LEND;
    case GUARD_TLS_NO:
        if (opening->mode <= PG_SSL_PREFER)
            return LOOK_PASS;
        opening->outcome = PG_TLS_NOT_OFFERED;
        conn_fail(conn, PGCENSUS_CLASS_TLS, NULL,
                  "the server has no TLS, and sslmode is %s",
                  pg_sslmode_name(opening->mode));
        return LOOK_REFUSE;
    case GUARD_TLS_ERROR:
        opening->tls_answered = true; /* for the phase: the server refused TLS */
        conn_fail(conn, PGCENSUS_CLASS_TLS, NULL,
                  "the server answered the request for TLS with an error");
        return LOOK_REFUSE;
    case GUARD_TLS_INJECTED:
        opening->tls_answered = true;
        conn_fail(
            conn, PGCENSUS_CLASS_TLS, NULL,
            "unencrypted bytes before the TLS handshake: is somebody in between?");
        return LOOK_REFUSE;
    case GUARD_TLS_PROTOCOL:
        fail_as_stranger(conn, bytes, n);
        return LOOK_REFUSE;
    }
    return LOOK_REFUSE;
}

/* Waits for the rest of an incomplete message by the clock, and for the end of
 * the connection.  POLLIN would wake us at once, again and again, for the part
 * that is there. */
static enum conn_look_result hold_login(struct pg_conn *conn, short revents, nsec now)
{
    if (revents & (POLLRDHUP | POLLHUP | POLLERR)) {
        fail_as_closed(conn);
        return LOOK_REFUSE;
    }
    nsec deadline = conn->opening.address_deadline;
    nsec again = clock_add(now, HOLD_FOR);
    conn_want(conn, session_fd(conn->session), POLLRDHUP,
              again < deadline ? again : deadline);
    conn->opening.holding = true;
    return LOOK_WAIT;
}

static enum conn_look_result refuse_greeting(struct pg_conn *conn, const char *excess)
{
    conn_fail(conn, PGCENSUS_CLASS_PROTOCOL, NULL,
              "the login does not come to its end: %s", excess);
    return LOOK_REFUSE;
}

/* The server lets us in.  Usually all that it then sends is there already; if
 * not, it is counted from here on.  bytes: peeked, from the start of a message. */
static enum conn_look_result begin_greeting(struct pg_conn *conn,
                                            const unsigned char *bytes, size_t n)
{
    struct greeting *greeting = &conn->opening.greeting;
    *greeting = (struct greeting){0};
    greeting_count(greeting, bytes, n);
    if (greeting->over)
        return LOOK_PASS;
    *greeting = (struct greeting){0};
    session_begin_relay(conn->session);
    conn->opening.counted = session_is_relayed(conn->session);
    if (conn->opening.counted)
        session_forward_uncounted(
            conn->session,
            greeting_count(greeting, bytes, n < GREETING_PIECE ? n : GREETING_PIECE));
    return LOOK_PASS;
}

/* Counts the next bytes and passes them on, once libpq has read those before. */
static enum conn_look_result look_at_counted(struct pg_conn *conn, short revents,
                                             nsec now)
{
    struct greeting *greeting = &conn->opening.greeting;
    unsigned char bytes[GREETING_PIECE];
    enum conn_look_result look;
    if (session_pending(conn->session))
        return LOOK_PASS;
    size_t n = peek_bytes(conn, bytes, sizeof bytes, &look);
    if (n == 0)
        return look;
    n = greeting_count(greeting, bytes, n);
    const char *excess = greeting_excess(greeting);
    if (excess)
        return refuse_greeting(conn, excess);
    if (n == 0)
        return hold_login(conn, revents, now);
    session_forward_uncounted(conn->session, n);
    return LOOK_PASS;
}

static enum conn_look_result look_at_login(struct pg_conn *conn, short revents,
                                           nsec now)
{
    struct opening *opening = &conn->opening;
    unsigned char bytes[PEEK];
    enum conn_look_result look;
    size_t n = peek_bytes(conn, bytes, sizeof bytes, &look);
    if (n == 0)
        return look;
    struct guard_view view = guard_look(&opening->guard, bytes, n);
    switch (view.verdict) {
    case GUARD_PASS:
        opening->guard.in_sasl = view.sasl;
        opening->guarded = !view.done;
        opening->let_in = view.let_in;
        conn->asked_md5 |= view.md5;
        return view.done ? begin_greeting(conn, bytes, n) : LOOK_PASS;
    case GUARD_COMPUTE:
        return LOOK_LEND;
    case GUARD_HOLD:
        return hold_login(conn, revents, now);
    case GUARD_CLEARTEXT:
        conn_fail(conn, PGCENSUS_CLASS_AUTH, NULL,
                  "refused to send the password in clear text without TLS (%s)",
                  conn_place(conn).text);
        return LOOK_REFUSE;
    case GUARD_GSS:
        conn_fail(
            conn, PGCENSUS_CLASS_AUTH, NULL,
            "the server asked for Kerberos, which is not turned on for this node");
        return LOOK_REFUSE;
    case GUARD_ITERATIONS:
        conn_fail(conn, PGCENSUS_CLASS_AUTH, NULL,
                  "the server asked for %u SCRAM iterations, more than the %u allowed",
                  view.iterations, opening->guard.max_iterations);
        return LOOK_REFUSE;
    case GUARD_PROTOCOL:
        fail_as_stranger(conn, bytes, n);
        return LOOK_REFUSE;
    }
    return LOOK_REFUSE;
}

/* Parameters and notices after the login.  In plaintext they are counted;
 * otherwise libpq gets them in small pieces, and under TLS on a thread. */
static enum conn_look_result look_at_greeting(struct pg_conn *conn, short revents,
                                              nsec now)
{
    struct session *session = conn->session;
    if (conn->opening.counted)
        return look_at_counted(conn, revents, now);
    session_begin_relay(session);
    conn->opening.greeting.bytes += session_forward_uncounted(session, GREETING_PIECE);
    const char *excess = greeting_excess(&conn->opening.greeting);
    if (excess)
        return refuse_greeting(conn, excess);
    return PQsslInUse(session->pg) ? LOOK_LEND : LOOK_PASS;
}

static enum conn_look_result look_at_connect(struct pg_conn *conn)
{
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(PQsocket(conn->session->pg), SOL_SOCKET, SO_ERROR, &error, &size) <
        0)
        error = errno;
    if (!error)
        return LOOK_PASS;
    conn_fail_errno(conn, error);
    return LOOK_REFUSE;
}

enum conn_look_result conn_look(struct pg_conn *conn, short revents, nsec now)
{
    PGconn *pg = conn->session->pg;
    struct opening *opening = &conn->opening;
    ConnStatusType status = PQstatus(pg);
    if (conn->state == PG_TCP)
        return look_at_connect(conn);
    /* A long refusal is counted, too; meanwhile libpq's status is that of
     * waiting for an answer. */
    if (status == CONNECTION_AUTH_OK || opening->counted)
        return look_at_greeting(conn, revents, now);
    if (PQsslInUse(pg) || PQgssEncInUse(pg))
        return LOOK_LEND;
    if (status == CONNECTION_SSL_STARTUP) {
        /* With sslnegotiation=direct libpq sends no SSLRequest, and wants to write. */
        opening->tls_answered |= conn->session->polled == PGRES_POLLING_WRITING;
        enum conn_look_result look =
            opening->tls_answered ? LOOK_LEND : look_at_answer(conn);
        return look == LOOK_LEND ? conn_look_at_files(conn, now) : look;
    }
    enum conn_look_result look = LOOK_PASS;
    if (status == CONNECTION_AWAITING_RESPONSE && opening->guarded)
        look = look_at_login(conn, revents, now);
    /* Kerberos asks its own servers, and blocks until they answer. */
    return look == LOOK_PASS && conn->target->gss ? LOOK_LEND : look;
}
