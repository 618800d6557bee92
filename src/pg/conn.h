/* One connection to one node as a stepping machine over nonblocking libpq.
 *
 * It never waits and never calls back: after every step it has published what it waits
 * for, and its owner (a pool's slot) waits and then looks at the state.  One PGconn is
 * one address; a name with several addresses, or a lower sslmode that is allowed, is
 * several PGconns one after the other inside one opening, under one deadline.
 *
 * The rules of nonblocking libpq that are kept here, each measured, are in src/pg/
 * README.md with the symptom that each prevents. */
#ifndef PG_CONN_H
#define PG_CONN_H

#include "base/rowset.h"
#include "base/secrets.h"
#include "io/glance.h"
#include "io/resolve.h"
#include "io/workers.h"
#include "pg/notices.h"
#include "pg/target.h"

#include <pgcensus/fleet.h>

struct cancels;
struct pg_conn;

enum pg_conn_state {
    PG_CLOSED,    /* before open and after close */
    PG_RESOLVING, /* the name is being looked up */
    PG_TCP,       /* connect() is under way */
    PG_TLS,       /* between our SSLRequest and the end of the TLS handshake */
    PG_AUTH,      /* startup packet, authentication, parameters */
    PG_READY,     /* open and idle; a result may be waiting to be taken */
    PG_BUSY,      /* a statement is being sent, or its answer read */
    PG_BROKEN,    /* pg_conn_failure() says why; only close helps */
};

/* What it waits for, in the words of struct task. */
struct pg_wants {
    int fd;
    short events;
    bool again;
    nsec deadline;
};

/* What the libpq that runs can do beyond the one we require.  New keywords have no
 * macro, and the library may be newer than the headers, so it is asked, once. */
struct pg_abilities {
    bool require_auth;
    bool oauth; /* would ask a person with a browser, or libcurl, which waits */
};

/* What a connection needs of the house; all outlive it. */
struct pg_env {
    struct resolver *resolver;
    struct workers *workers;
    const struct secrets *secrets; /* may be NULL */
    struct pg_abilities abilities;
    struct glances *glances; /* at files for TLS; NULL: they are not looked at */
    struct cancels *cancels; /* of what is given up; NULL: it is closed at once */
};

/* Fills it in, asks libpq what it can do, and tells it to fail on an encrypted client
 * key instead of asking the terminal for its password. */
void pg_env_init(struct pg_env *env, struct resolver *resolver, struct workers *workers,
                 const struct secrets *secrets);

/* task: woken when a lookup or a computation is done.  target must outlive it. */
struct pg_conn *pg_conn_new(const struct pg_env *env, const struct pg_target *target,
                            struct task *task);
/* Any state.  Never blocks; a computation that does not end is left to the workers, and
 * a statement that is under way to env->cancels. */
void pg_conn_free(struct pg_conn *conn);
AUTO_DEFINE(struct pg_conn *, pg_conn_free)

/* From PG_CLOSED; deadline is absolute.  bare: the server is known to refuse who we
 * are (application_name) and our encoding, so they are not said at startup. */
void pg_conn_open(struct pg_conn *conn, nsec now, nsec deadline, bool bare);

/* Whose a limit is, behind its number in what is said of it: " (limits.max_rows)". */
struct pg_limit_owners {
    const char *rows, *bytes, *row_bytes;
};

/* What several statements may keep together, as far as it is left.  Below 0: they keep
 * more than that, and read no more until it is not so; who gives up which rows is
 * decided elsewhere. */
struct pg_budget {
    int64_t rows, bytes;
};

struct pg_statement {
    const char *sql; /* is copied, and params, too */
    bool extended;   /* extended protocol: exactly one statement */
    const char *const *params;
    int n_params;
    size_t max_rows, max_bytes; /* over one of them: LIMIT; 0: 1 row, 1 MiB */
    bool drains;   /* over a limit, rows are dropped until the statement is through; the
                      connection stays.  False: it is given up, which ends it there */
    nsec patience; /* that a timeout speaks of; 0: what is left until the deadline */
    size_t max_row_bytes; /* 0: as max_bytes */
    size_t batch; /* rows may be taken while they arrive, and from so many bytes on no
                     more are read until they are; 0: all at the end */
    struct pg_budget *budget;             /* NULL: none; must live as sql does */
    const struct pg_limit_owners *owners; /* NULL: limits that nobody can change */
    const char *undo; /* ends the transaction that it is in, if it is given up; lives
                         for ever; NULL: ROLLBACK */
    bool of_user; /* sent as the user wrote it: positions in it are told, and what the
                     server says besides is kept */
};

/* From PG_READY. */
void pg_conn_send(struct pg_conn *conn, const struct pg_statement *statement, nsec now,
                  nsec deadline);

/* Goes as far as it can without waiting; returns the state.  In PG_READY it looks
 * whether the server said goodbye.  open and send may end in PG_BROKEN at once; they
 * then want one more step (`again`), so that nobody misses it. */
enum pg_conn_state pg_conn_step(struct pg_conn *conn, short revents, nsec now);
enum pg_conn_state pg_conn_state(const struct pg_conn *conn);
const struct pg_wants *pg_conn_wants(const struct pg_conn *conn);

/* After PG_BUSY has become PG_READY or PG_BROKEN: what came of the statement.  failure:
 * of the statement (query class, node is up) or of the connection.  The rowset may be
 * there together with a failure (partial).  Moves ownership; NULL if none.
 *
 * Of a statement with a batch, rows can be taken in PG_BUSY, too: those that are there;
 * only the last ones have a command.  The time that a full batch waits to be taken is
 * not the server's, and moves the deadline. */
struct rowset *pg_conn_take_rows(struct pg_conn *conn);
bool pg_conn_has_rows(const struct pg_conn *conn);
/* What the server has said of it so far; moves ownership, so that it is asked once. */
struct pgcensus_notices pg_conn_take_notices(struct pg_conn *conn);
/* PG_BUSY, and the batch is full: nothing more is read until it is taken. */
bool pg_conn_is_full(const struct pg_conn *conn);
/* The budget is overdrawn, so it does not go on. */
bool pg_conn_owes(const struct pg_conn *conn);
/* The rows that are kept here, to be looked at or cut; NULL: none.  What is cut is paid
 * back to the budget by whoever cuts. */
struct rowset *pg_conn_rows(const struct pg_conn *conn);
/* Of a statement that drains: no more rows are kept, for that reason. */
void pg_conn_drop_rest(struct pg_conn *conn, const char *why);
const struct pgcensus_failure *pg_conn_failure(const struct pg_conn *conn);
bool pg_conn_failed(const struct pg_conn *conn);

/* Where the last answer has left the session. */
enum pg_transaction {
    PG_TRANSACTION_NONE,
    PG_TRANSACTION_OPEN,
    PG_TRANSACTION_FAILED, /* open, but nothing helps any more except ROLLBACK */
    PG_TRANSACTION_UNKNOWN,
};
enum pg_transaction pg_conn_transaction(const struct pg_conn *conn);
/* Nothing of the last statement is left on the server: no transaction is open.  Only
 * then may somebody else use the connection. */
bool pg_conn_is_clean(const struct pg_conn *conn);

/* How long the opening has waited for a thread of ours so far; what its owner has for a
 * deadline is later by so much.  *ret_waits: it does just now. */
nsec pg_conn_queued(const struct pg_conn *conn, nsec now, bool *ret_waits);
/* It ended so: the failure says nothing of the node, and it is no shortage that fewer
 * connections would cure. */
bool pg_conn_starved(const struct pg_conn *conn);

/* The phase that is under way, for those who lose patience from outside. */
enum pgcensus_phase pg_conn_phase(const struct pg_conn *conn);

/* Of the opening; lengths, PGCENSUS_UNKNOWN_TIME where not reached. */
struct pg_timing {
    nsec resolve, tcp, tls, auth;
    nsec query;  /* of the last statement, send to last byte */
    nsec queued; /* how long the opening waited for a thread of ours, in none of the
                    others; 0: not at all */
};
const struct pg_timing *pg_conn_timing(const struct pg_conn *conn);

/* Facts that come with the login. */
const char *pg_conn_address(const struct pg_conn *conn); /* "10.0.0.13", "" if none */
void pg_conn_transport(const struct pg_conn *conn,
                       struct pgcensus_transport *ret_transport);
/* A parameter that the server reported, or NULL; never trust it to be UTF-8. */
const char *pg_conn_parameter(const struct pg_conn *conn, const char *name);
int pg_conn_server_version(const struct pg_conn *conn); /* 150020, 0 unknown */
/* A login of this opening was refused for more than it must say; the next one was bare.
 */
bool pg_conn_was_refused(const struct pg_conn *conn);
/* Of the process that serves us, as the login told it; a pooler tells a key of its own.
 */
int pg_conn_backend_pid(const struct pg_conn *conn);
bool pg_conn_asked_md5(const struct pg_conn *conn);

#endif
