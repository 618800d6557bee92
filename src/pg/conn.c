/* The machine as a whole: states, what it publishes, failures.
 *
 * Invariants.  After every call `wants` holds what the state waits for, always
 * with a deadline while an answer is due.  PG_BROKEN has given its session
 * away, so the descriptor is closed, or a statement that runs is being
 * cancelled, before the owner sees the failure.
 *
 * BROKEN asks for exactly one more step: opening and sending can break at once,
 * inside the owner's call, and an owner that only looks after steps would miss
 * it. */
#include "pg/conn_private.h"

#include "base/memory.h"
#include "pg/cancel.h"
#include "pg/conninfo.h"
#include "pg/sqlstate.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <string.h>

/* ---- abilities of libpq ---- */

/* libpq would ask the terminal for the password of an encrypted client key, and hang.
 * Its own hook gives it `sslpassword`, or an empty one, which fails at once. */
static int give_key_password(char *buf, int size, PGconn *pg)
{
    return PQdefaultSSLKeyPassHook_OpenSSL(buf, size, pg);
}

void pg_env_init(struct pg_env *env, struct resolver *resolver, struct workers *workers,
                 const struct secrets *secrets)
{
    *env =
        (struct pg_env){.resolver = resolver, .workers = workers, .secrets = secrets};
    static const char *const keywords[] = {"require_auth", "oauth_issuer"};
    bool known[ARRAY_SIZE(keywords)] = {false};
    pg_conninfo_knows(keywords, ARRAY_SIZE(keywords), known);
    env->abilities.require_auth = known[0];
    env->abilities.oauth = known[1];
    PQsetSSLKeyPassHook_OpenSSL(give_key_password);
    /* OpenSSL must not clean up at exit: a worker thread may still compute when
     * main() returns. */
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
}

/* ---- life ---- */

struct pg_conn *pg_conn_new(const struct pg_env *env, const struct pg_target *target,
                            struct task *task)
{
    struct pg_conn *conn = memory_new(struct pg_conn);
    if (!conn)
        return NULL;
    conn->env = env;
    conn->target = target;
    conn->task = task;
    conn_want(conn, -1, 0, NEVER);
    return conn;
}

/* Gives the session away.  A statement that is under way, and was sent as a
 * whole, is cancelled first. */
static void part(struct pg_conn *conn)
{
    glance_forget(&conn->opening.glance);
    struct session *session = take_ptr(conn->session);
    struct cancels *cancels = conn->env->cancels;
    bool asked = conn->run.flushed && session && session_is_asked(session);
    if (cancels && asked) {
        session->notices = NULL; /* they do not outlive the connection */
        cancels_take(cancels, session, conn->run.undo);
    } else {
        session_free(session);
    }
}

void pg_conn_free(struct pg_conn *conn)
{
    if (!conn)
        return;
    resolver_forget(conn->env->resolver, &conn->opening.lookup);
    part(conn);
    rowset_free(conn->run.rows);
    pgcensus_notices_fini(&conn->run.notices);
    free(conn);
}

void pg_conn_open(struct pg_conn *conn, nsec now, nsec deadline, bool bare)
{
    assert(conn->state == PG_CLOSED);
    conn->opening.deadline = deadline;
    conn->bare = bare;
    conn->timing = (struct pg_timing){PGCENSUS_UNKNOWN_TIME, PGCENSUS_UNKNOWN_TIME,
                                      PGCENSUS_UNKNOWN_TIME, PGCENSUS_UNKNOWN_TIME,
                                      PGCENSUS_UNKNOWN_TIME, 0};
    conn_open_begin(conn, now);
}

enum pg_conn_state pg_conn_step(struct pg_conn *conn, short revents, nsec now)
{
    switch (conn->state) {
    case PG_CLOSED:
        break;
    case PG_RESOLVING:
        conn_step_resolving(conn, now);
        break;
    case PG_TCP:
    case PG_TLS:
    case PG_AUTH:
        conn_step_login(conn, revents, now);
        break;
    case PG_READY:
        conn_step_ready(conn, revents);
        break;
    case PG_BUSY:
        conn_step_busy(conn, revents, now);
        break;
    case PG_BROKEN:
        conn_want(conn, -1, 0, NEVER);
        break;
    }
    return conn->state;
}

/* ---- what is published ---- */

void conn_enter(struct pg_conn *conn, enum pg_conn_state state)
{
    conn->state = state;
    if (state != PG_BROKEN)
        return;
    assert(conn->failed);
    part(conn);
    conn_want(conn, -1, 0, NEVER);
    conn->wants.again = true;
}

void conn_want(struct pg_conn *conn, int fd, short events, nsec deadline)
{
    conn->wants = (struct pg_wants){.fd = fd, .events = events, .deadline = deadline};
}

enum pg_conn_state pg_conn_state(const struct pg_conn *conn)
{
    return conn->state;
}

const struct pg_wants *pg_conn_wants(const struct pg_conn *conn)
{
    return &conn->wants;
}

enum pgcensus_phase pg_conn_phase(const struct pg_conn *conn)
{
    switch (conn->state) {
    case PG_RESOLVING:
        return PGCENSUS_PHASE_RESOLVE;
    case PG_TCP:
        return PGCENSUS_PHASE_CONNECT;
    case PG_TLS:
        /* With "prefer", a server that has not yet said yes to TLS is one that
         * does not answer at all. */
        return conn->opening.mode == PG_SSL_PREFER && !conn->opening.tls_answered
                   ? PGCENSUS_PHASE_AUTH
                   : PGCENSUS_PHASE_TLS;
    case PG_AUTH:
        return PGCENSUS_PHASE_AUTH;
    case PG_BUSY:
        return conn->run.streaming ? PGCENSUS_PHASE_STREAM : PGCENSUS_PHASE_QUERY;
    case PG_BROKEN:
        return conn->failure.phase;
    case PG_CLOSED:
    case PG_READY:
        break;
    }
    return PGCENSUS_PHASE_NONE;
}

enum pg_transaction pg_conn_transaction(const struct pg_conn *conn)
{
    if (conn->state != PG_READY)
        return PG_TRANSACTION_UNKNOWN;
    switch (PQtransactionStatus(conn->session->pg)) {
    case PQTRANS_IDLE:
        return PG_TRANSACTION_NONE;
    case PQTRANS_INTRANS:
        return PG_TRANSACTION_OPEN;
    case PQTRANS_INERROR:
        return PG_TRANSACTION_FAILED;
    case PQTRANS_ACTIVE:
    case PQTRANS_UNKNOWN:
        break;
    }
    return PG_TRANSACTION_UNKNOWN;
}

bool pg_conn_is_clean(const struct pg_conn *conn)
{
    return pg_conn_transaction(conn) == PG_TRANSACTION_NONE;
}

/* ---- waiting for a thread ---- */

nsec pg_conn_queued(const struct pg_conn *conn, nsec now, bool *ret_waits)
{
    nsec waited = conn->opening.excused;
    *ret_waits = false;
    if (conn->state == PG_RESOLVING)
        waited = resolver_waited(&conn->opening.lookup, now, ret_waits);
    else if (conn->session && conn->session->lent)
        waited = session_waited(conn->session, now, ret_waits);
    else if ((*ret_waits = conn->opening.glance.state == GLANCE_WAITING))
        waited = conn->opening.excused + now - conn->opening.glance.since;
    return conn->timing.queued + waited - conn->opening.excused;
}

bool pg_conn_starved(const struct pg_conn *conn)
{
    return conn->state == PG_BROKEN && conn->starved &&
           conn->failure.error_class == PGCENSUS_CLASS_LOCAL;
}

void conn_excuse(struct pg_conn *conn, nsec waited)
{
    struct opening *opening = &conn->opening;
    nsec length = waited - opening->excused;
    if (length <= 0)
        return;
    opening->excused = waited;
    opening->began += length;
    opening->deadline = clock_add(opening->deadline, length);
    opening->address_began += length;
    opening->address_deadline = clock_add(opening->address_deadline, length);
    opening->phase_began += length;
    conn->timing.queued += length;
}

void conn_starve(struct pg_conn *conn, const char *what, nsec patience,
                 const char *others, nsec now)
{
    bool waits;
    conn->timing.queued = pg_conn_queued(conn, now, &waits);
    conn->starved = true;
    conn_fail(conn, PGCENSUS_CLASS_LOCAL, NULL,
              "%s within %s: all threads of ours were busy with other %s", what,
              conn_length(patience).text, others);
}

/* ---- failures ---- */

static void keep_failure(struct pg_conn *conn, const struct pgcensus_failure *failure)
{
    conn->opening.ended = failure->error_class;
    memcpy(conn->opening.sqlstate, failure->sqlstate, sizeof failure->sqlstate);
    /* With several addresses, keep the failure of the latest phase, which says
     * most.  A shortage of ours never replaces what a node said. */
    bool says_nothing = conn->failed && failure->error_class == PGCENSUS_CLASS_LOCAL;
    if (!conn->failed || (!says_nothing && failure->phase >= conn->failure.phase))
        conn->failure = *failure;
    conn->failed = true;
}

void conn_fail(struct pg_conn *conn, enum pgcensus_class error_class,
               const char *sqlstate, const char *format, ...)
{
    struct pgcensus_failure failure;
    va_list args;
    va_start(args, format);
    pg_failure_vset(&failure, error_class, pg_conn_phase(conn), sqlstate,
                    conn->env->secrets, format, args);
    va_end(args);
    keep_failure(conn, &failure);
}

void conn_fail_told(struct pg_conn *conn, enum pgcensus_class error_class,
                    const struct pg_told *told)
{
    struct pgcensus_failure failure;
    pg_failure_tell(&failure, error_class, pg_conn_phase(conn), conn->env->secrets,
                    told);
    keep_failure(conn, &failure);
}

void conn_fail_errno(struct pg_conn *conn, int error)
{
    conn_fail(conn, pg_errno_class(error), NULL, "%s (%s)", pg_errno_text(error),
              conn_place(conn).text);
}

bool pg_conn_failed(const struct pg_conn *conn)
{
    return conn->failed;
}

const struct pgcensus_failure *pg_conn_failure(const struct pg_conn *conn)
{
    return &conn->failure;
}

/* ---- words and lengths ---- */

nsec conn_since(const struct pg_conn *conn, nsec then, nsec now)
{
    if (now <= then)
        now = loop_now(conn->task->loop);
    return now > then ? now - then : 0; /* the loop lost time meanwhile */
}

struct conn_place conn_place(const struct pg_conn *conn)
{
    struct conn_place place;
    pg_target_describe(conn->target, conn_address(conn), place.text, sizeof place.text);
    return place;
}

struct conn_length conn_length(nsec length)
{
    struct conn_length words;
    double msec = (double)((length + NSEC_PER_MSEC / 2) / NSEC_PER_MSEC);
    if (msec < 1000)
        snprintf(words.text, sizeof words.text, "%g ms", msec);
    else
        snprintf(words.text, sizeof words.text, "%g s", msec / 1000);
    return words;
}
