/* Chooses the attempt that is made next.
 *
 * One opening may need several PGconns: a name has several addresses, a server
 * may refuse optional startup parameters (proxies do), and a lower sslmode may
 * be allowed. libpq would do some of that by itself, but with a blocking lookup
 * per name, without a deadline, and with a second login after a wrong password.
 *
 * Invariants: no attempt is made twice, all of them end by one absolute
 * deadline, a dead address leaves time for those behind it, and nothing is
 * tried again after the server judged our credentials. */
#include "pg/conn_private.h"
#include "pg/keywords.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

#define SHORTEST_SHARE (250 * NSEC_PER_MSEC)

/* ---- one address ---- */

static bool is_loopback(const char *address)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (inet_pton(AF_INET, address, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
    if (inet_pton(AF_INET6, address, &v6) != 1)
        return false;
    return IN6_IS_ADDR_LOOPBACK(&v6) ||
           (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == IN_LOOPBACKNET);
}

static void begin_address(struct pg_conn *conn, size_t address, nsec now)
{
    struct opening *opening = &conn->opening;
    opening->address = address;
    opening->mode = conn->target->sslmode;
    opening->address_began = address == 0 ? opening->began : now;
    opening->address_deadline = opening->deadline;
    if (opening->deadline == NEVER)
        return;
    nsec share = (opening->deadline - now) / (nsec)(opening->n_addresses - address);
    if (share < SHORTEST_SHARE)
        share = SHORTEST_SHARE;
    if (share < opening->deadline - now)
        opening->address_deadline = now + share;
}

static void start_session(struct pg_conn *conn)
{
    struct opening *opening = &conn->opening;
    const struct pg_target *target = conn->target;
    const char *address = conn_address(conn);
    struct login_options attempt = {
        .address = address,
        .mode = opening->mode,
        .local = !address || is_loopback(address),
        .bare = conn->bare,
    };
    opening->guard = (struct guard_policy){
        .cleartext_allowed = attempt.local,
        .gss_allowed = target->gss,
        .max_iterations = target->max_scram_iterations ? target->max_scram_iterations
                                                       : PG_MAX_SCRAM_ITERATIONS,
    };
    struct keyword_list list;
    if (keyword_list_init(&list, target, &conn->env->abilities, &attempt))
        conn->session = session_new(list.keywords, list.values);
    if (!conn->session)
        return;
    conn->session->job.account = target->account;
    conn->session->job.blocking = target->gss; /* libpq waits for a KDC */
}

/* True while a computation of this account that was given up still runs.  It
 * runs for as long as the server likes, so a node gets only one of them at a
 * time. */
static bool computes_still(struct pg_conn *conn)
{
    const void *account = conn->target->account;
    if (!account || !workers_abandoned(conn->env->workers, account))
        return false;
    conn_enter(conn, PG_AUTH);
    conn_fail(conn, PGCENSUS_CLASS_TIMEOUT, NULL,
              "not asked again: still computing the login that the server asked for "
              "the last time, or reading files for TLS");
    return true;
}

/* Begins one attempt at the present address.  False: it failed at once. */
static bool start_attempt(struct pg_conn *conn)
{
    struct opening *opening = &conn->opening;
    opening->guarded = true;
    opening->tls_answered = opening->counted = opening->holding = opening->let_in =
        false;
    opening->outcome = PG_TLS_BROKEN;
    opening->greeting = (struct greeting){0};
    opening->file = 0;
    opening->missing = false;
    opening->phase_began = loop_now(conn->task->loop);

    if (computes_still(conn))
        return false;
    conn_enter(conn, PG_TCP);
    start_session(conn);
    if (!conn->session) {
        conn_fail(conn, PGCENSUS_CLASS_LOCAL, NULL, "out of memory");
        return false;
    }
    if (PQstatus(conn->session->pg) == CONNECTION_BAD) {
        conn_login_fail(conn);
        return false;
    }
    conn_want(conn, PQsocket(conn->session->pg), POLLOUT, opening->address_deadline);
    return true;
}

/* ---- the next attempt ---- */

/* True if the refusal is about our login, the database or the server's state,
 * so that a bare startup would not help.  Poolers send 08P01 for all of these,
 * and only their message tells. */
static bool is_real_refusal(const struct pg_conn *conn)
{
    static const char *const real[] = {"28", "3D", "42501", "53", "57"};
    const struct opening *opening = &conn->opening;
    const char *message = conn->failure.message;
    if (strcmp(opening->sqlstate, "08P01") == 0)
        return opening->ended == PGCENSUS_CLASS_CONFIG
                   ? strstr(message, "database") != NULL
                   : opening->ended != PGCENSUS_CLASS_LOST;
    for (size_t i = 0; i < ARRAY_SIZE(real); i++)
        if (strncmp(opening->sqlstate, real[i], strlen(real[i])) == 0)
            return true;
    /* a database that allows no connections */
    return strcmp(opening->sqlstate, "55000") == 0 && conn->target->dbname &&
           strstr(message, conn->target->dbname);
}

/* Whether the optional startup parameters may be the reason: the login was
 * refused, with any SQLSTATE, before credentials were asked for or accepted. */
static bool refuses_extras(const struct pg_conn *conn)
{
    const struct opening *opening = &conn->opening;
    const PGconn *pg = conn->session ? conn->session->pg : NULL;
    bool judged = opening->let_in || conn->target->gss || !pg ||
                  PQconnectionUsedPassword(pg) || PQconnectionNeedsPassword(pg);
    return !conn->bare && opening->sqlstate[0] && !judged && !is_real_refusal(conn);
}

/* Whether another address of the same name may do better.  Not after a server
 * judged our credentials: one wrong password must not become two. */
static bool depends_on_address(enum pgcensus_class error_class)
{
    switch (error_class) {
    case PGCENSUS_CLASS_REFUSED:
    case PGCENSUS_CLASS_UNREACHABLE:
    case PGCENSUS_CLASS_TIMEOUT:
    case PGCENSUS_CLASS_LOST:
    case PGCENSUS_CLASS_PROTOCOL:
    case PGCENSUS_CLASS_LOCAL: /* an address family that this machine does not have */
        return true;
    case PGCENSUS_CLASS_NONE:
    case PGCENSUS_CLASS_DNS:
    case PGCENSUS_CLASS_TLS:
    case PGCENSUS_CLASS_AUTH:
    case PGCENSUS_CLASS_CONFIG:
    case PGCENSUS_CLASS_NOT_READY:
    case PGCENSUS_CLASS_SATURATED:
    case PGCENSUS_CLASS_QUERY:
    case PGCENSUS_CLASS_LIMIT:
    case PGCENSUS_CLASS_CANCELLED:
    case PGCENSUS_CLASS_INTERNAL:
        break;
    }
    return false;
}

static bool choose_next(struct pg_conn *conn, nsec now)
{
    struct opening *opening = &conn->opening;
    if (now >= opening->deadline)
        return false;
    bool cured = refuses_extras(conn);
    conn->bare |= cured;
    conn->refused |= cured;
    if (cured || pg_negotiate_next(opening->mode, conn->target->sslmode_min,
                                   opening->outcome, &opening->mode)) {
        conn->failed = false; /* the next attempt changes the reason of this failure */
        return true;
    }
    if (opening->address + 1 >= opening->n_addresses ||
        !depends_on_address(opening->ended))
        return false;
    begin_address(conn, opening->address + 1, now);
    return true;
}

void conn_open_next(struct pg_conn *conn, nsec now)
{
    while (choose_next(conn, now)) {
        session_free(take_ptr(conn->session));
        if (start_attempt(conn))
            return;
    }
    conn_enter(conn, PG_BROKEN);
}

/* ---- names ---- */

static void open_addresses(struct pg_conn *conn, size_t n, nsec now)
{
    assert(n > 0);
    conn->opening.n_addresses = n;
    begin_address(conn, 0, now);
    if (!start_attempt(conn))
        conn_open_next(conn, now);
}

void conn_open_begin(struct pg_conn *conn, nsec now)
{
    const struct pg_target *target = conn->target;
    conn->opening.began = now;
    if (pg_target_is_unix(target) || target->hostaddr ||
        resolve_is_address(target->host)) {
        open_addresses(conn, 1, now);
        return;
    }
    conn_enter(conn, PG_RESOLVING);
    conn->opening.excused = 0;
    resolver_ask(conn->env->resolver, &conn->opening.lookup, target->host, conn->task,
                 now);
    conn_step_resolving(conn, now);
}

void conn_step_resolving(struct pg_conn *conn, nsec now)
{
    struct opening *opening = &conn->opening;
    const char *host = conn->target->host;
    bool waits;
    nsec waited = resolver_waited(&opening->lookup, now, &waits);
    if (!waits)
        conn_excuse(conn, waited);
    switch (opening->lookup.state) {
    case LOOKUP_FOUND:
        conn->timing.resolve = conn_since(conn, opening->began, now);
        open_addresses(conn, opening->lookup.addresses->n, now);
        return;
    case LOOKUP_NONE:
    case LOOKUP_WAITING:
        if (now < opening->deadline) {
            conn_want(conn, -1, 0, opening->deadline);
            return;
        }
        if (waits)
            conn_starve(conn, "its name was not looked up",
                        opening->deadline - opening->began, "names", now);
        resolver_forget(conn->env->resolver, &opening->lookup);
        if (waits)
            break;
        conn_fail(conn, PGCENSUS_CLASS_DNS, NULL,
                  "timeout after %s (resolve): no answer about \"%s\"",
                  conn_length(opening->deadline - opening->began).text, host);
        break;
    case LOOKUP_FAILED:
        conn_fail(conn, PGCENSUS_CLASS_DNS, NULL, "cannot resolve \"%s\": %s", host,
                  opening->lookup.reason);
        break;
    case LOOKUP_LOCAL:
        conn_fail(conn, PGCENSUS_CLASS_LOCAL, NULL, "cannot resolve \"%s\": %s", host,
                  opening->lookup.reason);
        break;
    }
    conn_enter(conn, PG_BROKEN);
}
