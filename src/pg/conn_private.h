/* The inside of pg/conn.h, for its own files only.
 *
 *   conn.c        states, what is published, failures conn_open.c   which way
 *   is tried next: addresses, modes, with or without extras conn_login.c  one
 *   way: from connect() to the end of the login conn_look.c   looks at input
 *   before libpq may read conn_query.c  a statement and its answer conn_said.c
 *   its errors, and why the server leaves conn_rows.c   the rows of an answer,
 *   within limits conn_flood.c  parameters without end in an answer
 *   conn_facts.c  what the login told us
 *
 * conn_enter() alone writes ->state. */
#ifndef PG_CONN_PRIVATE_H
#define PG_CONN_PRIVATE_H

#include "pg/conn.h"
#include "pg/failure.h"
#include "pg/greeting.h"
#include "pg/guard.h"
#include "pg/negotiate.h"
#include "pg/session.h"

AUTO_DEFINE(PGresult *, PQclear)

struct opening {
    nsec began, deadline;
    struct lookup lookup;
    nsec excused; /* part of the present wait for a thread that has moved the deadlines
                   */
    size_t address, n_addresses; /* the present one, and their number */

    /* of this address */
    nsec address_began, address_deadline;
    enum pg_sslmode mode;

    /* of this attempt */
    nsec phase_began;
    struct guard_policy guard;
    bool guarded;      /* we look at the server's bytes before libpq reads them */
    bool tls_answered; /* it said yes to TLS */
    size_t file;       /* the TLS file that is tried now */
    bool missing;      /* the TLS file before it does not exist */
    struct glance glance;
    bool counted; /* each message of the greeting is seen before libpq reads it */
    struct greeting greeting;
    bool let_in;  /* the server accepted our login (plaintext only) */
    bool holding; /* a message is incomplete; look again at wants.deadline */
    /* how it ended */
    enum pg_tls_outcome outcome;
    enum pgcensus_class ended;
    char sqlstate[6];
};

struct statement_run {
    const char *sql;  /* the user's; NULL: a statement of ours */
    const char *undo; /* see struct pg_statement */
    nsec began, deadline, patience;
    size_t max_rows, max_bytes, max_row_bytes, batch;
    struct pg_budget *budget;
    const struct pg_limit_owners *owners;
    unsigned reads;
    size_t flooded; /* bytes of parameters, which are no rows */
    bool flushed, streaming;
    bool ended; /* the server has reported its end */
    bool drains;
    char over[96];          /* drains: why rows are dropped; "": none are */
    bool behind;            /* results were left for the next step */
    size_t n_rows, n_bytes; /* of all batches */
    nsec full_since;        /* the batch waits to be taken; 0: it does not */
    struct rowset *rows;
    struct pgcensus_notices notices; /* of the user's statement */
};

struct pg_conn {
    const struct pg_env *env;
    const struct pg_target *target;
    struct task *task;
    enum pg_conn_state state;
    struct pg_wants wants;
    struct session *session; /* NULL in CLOSED, RESOLVING and BROKEN */
    struct opening opening;
    struct statement_run run;
    bool bare;    /* sends only the required startup parameters */
    bool refused; /* … because the server refused the others in this opening */
    bool asked_md5;
    bool starved; /* no thread of ours began in time */
    struct pg_timing timing;
    struct pgcensus_transport transport;
    int server_version;
    bool failed;
    struct pgcensus_failure failure;
};

/* conn.c */
void conn_enter(struct pg_conn *conn, enum pg_conn_state state);
void conn_want(struct pg_conn *conn, int fd, short events, nsec deadline);
/* Sets the failure of the present attempt.  One of a later phase replaces those
 * of other attempts. */
void conn_fail(struct pg_conn *conn, enum pgcensus_class error_class,
               const char *sqlstate, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* As conn_fail(), with the server's message, detail, hint and position. */
void conn_fail_told(struct pg_conn *conn, enum pgcensus_class error_class,
                    const struct pg_told *told);
/* "connection reset by the server (10.0.0.13:5432)" */
void conn_fail_errno(struct pg_conn *conn, int error);
/* The time from then to now; `now` may be that of a turn that began before. */
nsec conn_since(const struct pg_conn *conn, nsec then, nsec now);
/* "10.0.0.13:5432" */
struct conn_place {
    char text[160];
};
struct conn_place conn_place(const struct pg_conn *conn);
/* "5 s", "250 ms" */
struct conn_length {
    char text[32];
};
struct conn_length conn_length(nsec length);

/* conn_open.c */
void conn_open_begin(struct pg_conn *conn, nsec now);
void conn_step_resolving(struct pg_conn *conn, nsec now);
/* This attempt has failed, and conn_fail() knows why: tries the next one, or breaks. */
void conn_open_next(struct pg_conn *conn, nsec now);

/* The opening has waited that long for threads, in all: its deadlines move by that. */
void conn_excuse(struct pg_conn *conn, nsec waited);
/* Fails because no thread of ours was free in time: "its name was not looked up
 * within 5 s: all threads of ours were busy with other names" */
void conn_starve(struct pg_conn *conn, const char *what, nsec patience,
                 const char *others, nsec now);

/* conn_login.c */
void conn_step_login(struct pg_conn *conn, short revents, nsec now);
/* Fails for the reason that libpq has in its error text. */
void conn_login_fail(struct pg_conn *conn);

/* conn_look.c */
enum conn_look_result {
    LOOK_PASS,   /* libpq may go on */
    LOOK_LEND,   /* libpq may go on, on a thread: it may compute or wait for long */
    LOOK_WAIT,   /* not yet; wants holds what it waits for */
    LOOK_REFUSE, /* the attempt is over, conn_fail() was called */
};
enum conn_look_result conn_look(struct pg_conn *conn, short revents, nsec now);

/* conn_files.c */
/* Tries the files for TLS.  LOOK_LEND: libpq may open them.  Called again after
 * LOOK_WAIT. */
enum conn_look_result conn_look_at_files(struct pg_conn *conn, nsec now);
/* Fails because a file was not read in time; patience in words. */
void conn_file_hangs(struct pg_conn *conn, const char *patience);

/* conn_flood.c */
/* Lets the next portion in.  Parameters, which no statement of ours changes,
 * come in small pieces, and not for long.  False: the connection is broken now. */
bool conn_pass_on(struct pg_conn *conn, size_t most);
/* Measures our own cost of reading one portion. */
struct conn_cost {
    bool unknown;
    size_t unfinished; /* bytes of a long row that had come before */
    nsec began;        /* by clock_cpu() */
};
struct conn_cost conn_cost_begin(const struct pg_conn *conn);
/* The portion has been read.  False: it cost too much, and the connection is
 * broken now. */
bool conn_pay(struct pg_conn *conn, const struct conn_cost *cost);

/* conn_query.c */
/* Enters READY.  If the server ended the connection together with its last
 * answer, both were read at once and poll() reports nothing more, so then it
 * asks for one more step. */
void conn_enter_ready(struct pg_conn *conn);
void conn_step_busy(struct pg_conn *conn, short revents, nsec now);
/* BUSY: publishes what it waits for, after a change outside of its step. */
void conn_want_more(struct pg_conn *conn, nsec now);
/* Breaks the connection, whatever the server does; the first failure stays. */
void conn_give_up(struct pg_conn *conn, enum pgcensus_class error_class,
                  const char *message);
void conn_step_ready(struct pg_conn *conn, short revents);

/* conn_said.c */
/* The connection has ended.  The failure is libpq's text, unless the server
 * gave a reason before. */
void conn_lose(struct pg_conn *conn, const char *text);
/* Keeps the error of the statement; the first one stays. */
void conn_note_error(struct pg_conn *conn, const PGresult *result);
/* listens: notices from now on belong to the user's statement. */
void conn_listen(struct pg_conn *conn, bool listens);

/* conn_rows.c */
/* False: the connection is broken now.  A statement that drains says at its end, with
 * conn_report_truncation(), that rows were dropped. */
bool conn_keep_rows(struct pg_conn *conn, const PGresult *result, nsec now);
/* Gives up because the limit in bytes is exceeded; owner: see struct
 * pg_limit_owners. */
void conn_exceed(struct pg_conn *conn, const char *words, size_t limit,
                 const char *owner);
void conn_report_truncation(struct pg_conn *conn);

/* conn_facts.c */
void conn_read_login_facts(struct pg_conn *conn);
const char *conn_address(const struct pg_conn *conn); /* NULL: a unix socket */

#endif
