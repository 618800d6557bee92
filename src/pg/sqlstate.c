/* The policy tables: they map a SQLSTATE, an errno, or a word of pgbouncer to
 * an error class, and say whether to try again.
 *
 * The first row whose prefix fits wins, so exact codes stand above their
 * classes.  There are two columns, because the same code is our configuration's
 * fault during the login, and the statement's fault afterwards, when the node
 * has shown that it is up. */
#include "pg/sqlstate.h"

#include <errno.h>
#include <string.h>

struct code_policy {
    const char *prefix;
    enum pgcensus_class at_login, later;
    bool retryable; /* trying the very same again may help */
};

static const struct code_policy codes[] = {
    /* The server ends a connection, or never lets one begin. */
    {"57P01", PGCENSUS_CLASS_LOST, PGCENSUS_CLASS_LOST, true},
    {"57P02", PGCENSUS_CLASS_LOST, PGCENSUS_CLASS_LOST, true},
    {"57P03", PGCENSUS_CLASS_NOT_READY, PGCENSUS_CLASS_NOT_READY, true},
    {"57P05", PGCENSUS_CLASS_LOST, PGCENSUS_CLASS_LOST, true},
    {"25P03", PGCENSUS_CLASS_LOST, PGCENSUS_CLASS_LOST, true},
    {"25P04", PGCENSUS_CLASS_LOST, PGCENSUS_CLASS_LOST, true},
    {"08", PGCENSUS_CLASS_LOST, PGCENSUS_CLASS_LOST, true},

    /* statement_timeout, or an operator's pg_cancel_backend() */
    {"57014", PGCENSUS_CLASS_TIMEOUT, PGCENSUS_CLASS_TIMEOUT, false},

    /* The server is alive but full.  During a statement this concerns only the
     * statement. */
    {"53300", PGCENSUS_CLASS_SATURATED, PGCENSUS_CLASS_SATURATED, true},
    {"53", PGCENSUS_CLASS_SATURATED, PGCENSUS_CLASS_QUERY, true},

    {"28", PGCENSUS_CLASS_AUTH, PGCENSUS_CLASS_QUERY, false},

    /* No such database, no connections allowed, no such setting, not permitted. */
    {"3D000", PGCENSUS_CLASS_CONFIG, PGCENSUS_CLASS_QUERY, false},
    {"55P03", PGCENSUS_CLASS_NOT_READY, PGCENSUS_CLASS_QUERY, true},
    {"55", PGCENSUS_CLASS_CONFIG, PGCENSUS_CLASS_QUERY, false},
    {"42", PGCENSUS_CLASS_CONFIG, PGCENSUS_CLASS_QUERY, false},
    {"22", PGCENSUS_CLASS_CONFIG, PGCENSUS_CLASS_QUERY, false},
    {"0A", PGCENSUS_CLASS_CONFIG, PGCENSUS_CLASS_QUERY, false},

    /* Serialisation failure and deadlock: the next try may be luckier. */
    {"40", PGCENSUS_CLASS_LOST, PGCENSUS_CLASS_QUERY, true},

    /* A server with a fault of its own (disk, bugs), if that prevents the
     * login.  During a statement the error concerns the statement. */
    {"58", PGCENSUS_CLASS_NOT_READY, PGCENSUS_CLASS_QUERY, true},
    {"XX", PGCENSUS_CLASS_NOT_READY, PGCENSUS_CLASS_QUERY, false},
    /* All other errors during a login come from a login trigger or a hook: the
     * server is up, and has refused us. */
    {"", PGCENSUS_CLASS_AUTH, PGCENSUS_CLASS_QUERY, false},
};

static const struct code_policy *find_policy(const char *sqlstate)
{
    const struct code_policy *policy = codes;
    while (strncmp(sqlstate, policy->prefix, strlen(policy->prefix)) != 0)
        policy++;
    return policy;
}

enum pgcensus_class pg_sqlstate_class(const char *sqlstate, bool during_startup)
{
    const struct code_policy *policy = find_policy(sqlstate);
    return during_startup ? policy->at_login : policy->later;
}

bool pg_sqlstate_retryable(const char *sqlstate)
{
    return find_policy(sqlstate)->retryable;
}

enum pgcensus_class pg_pooler_class(const char *message)
{
    /* pgbouncer 1.12 to 1.24, src/client.c and src/objects.c */
    static const struct {
        const char *words;
        enum pgcensus_class error_class;
    } rows[] = {
        {"no more connections allowed", PGCENSUS_CLASS_SATURATED},
        {"query_wait_timeout", PGCENSUS_CLASS_SATURATED},
        {"unsupported startup parameter", PGCENSUS_CLASS_CONFIG},
        {"no such database", PGCENSUS_CLASS_CONFIG},
        {"no such user", PGCENSUS_CLASS_AUTH},
        {"auth", PGCENSUS_CLASS_AUTH}, /* "password authentication failed" … */
        {"is paused", PGCENSUS_CLASS_NOT_READY},
        {"is disabled", PGCENSUS_CLASS_NOT_READY},
        {"pgbouncer is shutting down", PGCENSUS_CLASS_NOT_READY},
        {"database does not allow connections", PGCENSUS_CLASS_CONFIG},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strstr(message, rows[i].words))
            return rows[i].error_class;
    return PGCENSUS_CLASS_LOST;
}

enum pgcensus_class pg_errno_class(int error)
{
    switch (error) {
    case ECONNREFUSED:
    case ENOENT: /* no socket file, so no server listens there */
        return PGCENSUS_CLASS_REFUSED;
    case ETIMEDOUT:
        return PGCENSUS_CLASS_TIMEOUT;
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
    case ENOTCONN:
        return PGCENSUS_CLASS_LOST;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
        return PGCENSUS_CLASS_LOCAL;
    case EAGAIN: /* a unix socket whose backlog is full: connect() does not wait */
        return PGCENSUS_CLASS_SATURATED;
    }
    /* EHOSTUNREACH, ENETUNREACH, EACCES and EINVAL from the routing table, and
     * EADDRNOTAVAIL and EAFNOSUPPORT of an address family that we do not have … */
    return PGCENSUS_CLASS_UNREACHABLE;
}

const char *pg_errno_text(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return "connection refused";
    case ENOENT:
        return "no such socket";
    case EHOSTUNREACH:
        return "no route to host";
    case ENETUNREACH:
        return "network is unreachable";
    case ECONNRESET:
        return "connection reset by the server";
    case ETIMEDOUT:
        return "connection timed out";
    case EMFILE:
    case ENFILE:
        return "too many open files here";
    }
    return strerror(error);
}

bool pg_class_retryable(enum pgcensus_class error_class)
{
    switch (error_class) {
    case PGCENSUS_CLASS_DNS:
    case PGCENSUS_CLASS_REFUSED:
    case PGCENSUS_CLASS_UNREACHABLE:
    case PGCENSUS_CLASS_TIMEOUT:
    case PGCENSUS_CLASS_NOT_READY:
    case PGCENSUS_CLASS_SATURATED:
    case PGCENSUS_CLASS_LOST:
    case PGCENSUS_CLASS_LOCAL:
        return true;
    case PGCENSUS_CLASS_NONE:
    case PGCENSUS_CLASS_TLS:
    case PGCENSUS_CLASS_AUTH: /* the second wrong password may lock the account */
    case PGCENSUS_CLASS_CONFIG:
    case PGCENSUS_CLASS_PROTOCOL:
    case PGCENSUS_CLASS_QUERY:
    case PGCENSUS_CLASS_LIMIT:
    case PGCENSUS_CLASS_CANCELLED:
    case PGCENSUS_CLASS_INTERNAL:
        return false;
    }
    return false;
}
