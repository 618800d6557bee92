/* One connection to one node as a stepping machine over nonblocking libpq.
 *
 * It never waits and never calls back: after every step it has published what
 * it waits for, and its owner (a pool's slot) waits and then looks at the
 * state.  One PGconn is one address; for a name with several addresses, or for
 * a lower sslmode that is allowed, one opening makes several PGconns one after
 * the other, under one deadline.
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

/* What a connection waits for, as in struct task. */
struct pg_wants {
    int fd;
    short events;
    bool again;
    nsec deadline;
};

/* Abilities of the libpq that runs beyond those of the oldest that we allow.
 * New keywords have no macro, and the library may be newer than the headers, so
 * the library is asked, once. */
struct pg_abilities {
    bool require_auth;
    bool oauth; /* would need a user with a browser, or libcurl, which blocks */
};

/* The services that connections share; all outlive them. */
struct pg_env {
    struct resolver *resolver;
    struct workers *workers;
    const struct secrets *secrets; /* may be NULL */
    struct pg_abilities abilities;
    struct glances *glances; /* for the files of TLS; NULL: they are not tried first */
    struct cancels *cancels; /* takes statements that are given up; NULL: their
                                connections are closed at once */
};

/* Fills it in, asks libpq what it can do, and tells it to fail on an encrypted client
 * key instead of asking the terminal for its password. */
void pg_env_init(struct pg_env *env, struct resolver *resolver, struct workers *workers,
                 const struct secrets *secrets);

/* task: woken when a lookup or a computation is done.  target must outlive it. */
struct pg_conn *pg_conn_new(const struct pg_env *env, const struct pg_target *target,
                            struct task *task);
/* Fine in any state.  Never blocks: a computation that does not end is left to
 * the workers, and a statement that is under way to env->cancels. */
void pg_conn_free(struct pg_conn *conn);
AUTO_DEFINE(struct pg_conn *, pg_conn_free)

/* From PG_CLOSED; deadline is absolute.  bare: the server is known to refuse
 * application_name and client_encoding at startup, so they are not sent. */
void pg_conn_open(struct pg_conn *conn, nsec now, nsec deadline, bool bare);

/* The names of the settings behind the limits, put into messages after the
 * number: " (limits.max_rows)". */
struct pg_limit_owners {
    const char *rows, *bytes, *row_bytes;
};

/* How much more several statements may keep together.  Below 0 they keep too
 * much, and read no more until rows are given up; their owner decides which
 * rows those are. */
struct pg_budget {
    int64_t rows, bytes;
};

struct pg_statement {
    const char *sql; /* copied, as params are */
    bool extended;   /* extended protocol: exactly one statement */
    const char *const *params;
    int n_params;
    size_t max_rows,
        max_bytes; /* beyond one of them it fails, class LIMIT; 0: 1 row, 1 MiB */
    bool drains; /* beyond a limit, rows are dropped until the statement has ended, and
                    the connection stays.  False: it is given up, which ends it on the
                    server */
    nsec patience; /* named in the message of a timeout; 0: the time until the deadline
                    */
    size_t max_row_bytes; /* 0: as max_bytes */
    size_t batch; /* rows may be taken while they arrive, and with so many bytes here no
                     more are read until they are taken; 0: all at the end */
    struct pg_budget *budget;             /* NULL: none; must outlive the statement */
    const struct pg_limit_owners *owners; /* NULL: no setting changes the limits */
    const char
        *undo;    /* ends its transaction if it is given up; static; NULL: ROLLBACK */
    bool of_user; /* sent as the user wrote it: error positions in it are reported, and
                     notices are kept */
};

/* From PG_READY. */
void pg_conn_send(struct pg_conn *conn, const struct pg_statement *statement, nsec now,
                  nsec deadline);

/* Goes as far as it can without waiting; returns the state.  In PG_READY it
 * looks whether the server has ended the connection. open and send may end in
 * PG_BROKEN at once; they then want one more step (`again`), so that the owner
 * sees it. */
enum pg_conn_state pg_conn_step(struct pg_conn *conn, short revents, nsec now);
enum pg_conn_state pg_conn_state(const struct pg_conn *conn);
const struct pg_wants *pg_conn_wants(const struct pg_conn *conn);

/* The rows of the statement, after PG_BUSY has become PG_READY or PG_BROKEN.
 * The failure is that of the statement (class query, the node is up) or of the
 * connection; there may be rows together with a failure (partial).  Moves
 * ownership; NULL if none.
 *
 * With a batch, the rows that have arrived can be taken in PG_BUSY, too; only
 * the last ones have a command.  The time that a full batch waits to be taken
 * is not charged to the server, and moves the deadline. */
struct rowset *pg_conn_take_rows(struct pg_conn *conn);
bool pg_conn_has_rows(const struct pg_conn *conn);
/* The notices of the statement so far.  Moves ownership. */
struct pgcensus_notices pg_conn_take_notices(struct pg_conn *conn);
/* PG_BUSY, and the batch is full: nothing more is read until it is taken. */
bool pg_conn_is_full(const struct pg_conn *conn);
/* The budget is overdrawn, so the statement reads nothing more. */
bool pg_conn_owes(const struct pg_conn *conn);
/* The rows that are kept here, to be looked at or cut; NULL: none.  A caller
 * that cuts rows gives their size back to the budget. */
struct rowset *pg_conn_rows(const struct pg_conn *conn);
/* For a statement that drains: no more rows are kept, for that reason. */
void pg_conn_drop_rest(struct pg_conn *conn, const char *why);
const struct pgcensus_failure *pg_conn_failure(const struct pg_conn *conn);
bool pg_conn_failed(const struct pg_conn *conn);

/* The transaction state after the last answer. */
enum pg_transaction {
    PG_TRANSACTION_NONE,
    PG_TRANSACTION_OPEN,
    PG_TRANSACTION_FAILED, /* open, but the server accepts only ROLLBACK */
    PG_TRANSACTION_UNKNOWN,
};
enum pg_transaction pg_conn_transaction(const struct pg_conn *conn);
/* True if no transaction of the last statement is left open on the server.
 * Only then may another claimant use the connection. */
bool pg_conn_is_clean(const struct pg_conn *conn);

/* How long the opening has waited for a thread of ours so far; its owner's
 * deadline moves by that. *ret_waits: it waits just now. */
nsec pg_conn_queued(const struct pg_conn *conn, nsec now, bool *ret_waits);
/* The opening ended without such a thread: the failure says nothing of the
 * node, and fewer connections would not cure it. */
bool pg_conn_starved(const struct pg_conn *conn);

/* The phase that is under way, for an owner that gives up from outside. */
enum pgcensus_phase pg_conn_phase(const struct pg_conn *conn);

/* The lengths of the phases of an opening; PGCENSUS_UNKNOWN_TIME if not reached. */
struct pg_timing {
    nsec resolve, tcp, tls, auth;
    nsec query;  /* of the last statement, send to last byte */
    nsec queued; /* the wait for a thread of ours, which is in none of the others; 0:
                    none */
};
const struct pg_timing *pg_conn_timing(const struct pg_conn *conn);

/* Facts that come with the login. */
const char *pg_conn_address(const struct pg_conn *conn); /* "10.0.0.13", "" if none */
void pg_conn_transport(const struct pg_conn *conn,
                       struct pgcensus_transport *ret_transport);
/* A parameter that the server reported, or NULL; never trust it to be UTF-8. */
const char *pg_conn_parameter(const struct pg_conn *conn, const char *name);
int pg_conn_server_version(const struct pg_conn *conn); /* 150020, 0 unknown */
/* True if a login of this opening was refused for the parameters that a server
 * need not accept; the next one was bare. */
bool pg_conn_was_refused(const struct pg_conn *conn);
/* The process that serves us, as the login told it; a pooler tells a number of
 * its own. */
int pg_conn_backend_pid(const struct pg_conn *conn);
bool pg_conn_asked_md5(const struct pg_conn *conn);

#endif
