/* The inside of pg/conn.h, shared by its files and nobody else.
 *
 *   conn.c        states, what is published, failures
 *   conn_open.c   which way is tried next: addresses, modes, with or without extras
 *   conn_login.c  one way: from connect() to the end of the login
 *   conn_look.c   what is looked at before libpq may read
 *   conn_query.c  a statement and its answer
 *   conn_said.c   its errors, and why the server leaves
 *   conn_rows.c   the rows of an answer, within limits
 *   conn_flood.c  parameters without end in an answer
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
    nsec excused;                /* of the wait for a thread that is under way */
    size_t address, n_addresses; /* the one that is tried, of how many */

    /* of this address */
    nsec address_began, address_deadline;
    enum pg_sslmode mode;

    /* of this attempt */
    nsec phase_began;
    struct guard_policy guard;
    bool guarded;      /* what the server says is looked at before libpq reads it */
    bool tls_answered; /* it said yes to TLS */
    size_t file;       /* of those for TLS: the one that is looked at */
    bool missing;      /* the one before it is not there */
    struct glance glance;
    bool counted; /* each message of the greeting is seen before libpq reads it */
    struct greeting greeting;
    bool let_in;  /* it accepted who we are (plaintext only) */
    bool holding; /* a message is incomplete; look again at wants.deadline */
    /* how it ended */
    enum pg_tls_outcome outcome;
    enum pgcensus_class ended;
    char sqlstate[6];
};

struct statement_run {
    const char *sql;  /* the user's statement; NULL: one of ours */
    const char *undo; /* see struct pg_statement */
    nsec began, deadline, patience;
    size_t max_rows, max_bytes, max_row_bytes, batch;
    struct pg_budget *budget;
    const struct pg_limit_owners *owners;
    unsigned reads;
    size_t flooded; /* bytes of parameters, which are no rows */
    bool flushed, streaming;
    bool ended; /* the server has said how it went */
    bool drains;
    char over[96];          /* drains: why rows are dropped; "": they are not */
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
    bool bare;    /* says no more at startup than it must */
    bool refused; /* … because the server refused it in this opening */
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
/* Of the attempt that is under way: a failure that came further hides those before. */
void conn_fail(struct pg_conn *conn, enum pgcensus_class error_class,
               const char *sqlstate, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same in the words of the server, with what it added. */
void conn_fail_told(struct pg_conn *conn, enum pgcensus_class error_class,
                    const struct pg_told *told);
/* "connection reset by the server (10.0.0.13:5432)" */
void conn_fail_errno(struct pg_conn *conn, int error);
/* How long it took from then to now; `now` may be that of a turn that began before. */
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
/* This way has failed, conn_fail() was told why: takes the next one, or breaks. */
void conn_open_next(struct pg_conn *conn, nsec now);

/* It waited for a thread that long, in all: nothing but its deadlines knows of it. */
void conn_excuse(struct pg_conn *conn, nsec waited);
/* Out of time, and no thread of ours had begun: "its name was not looked up within 5 s:
 * all threads of ours were busy with other names" */
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
    LOOK_WAIT,   /* not yet; wants says what for */
    LOOK_REFUSE, /* this way is over, conn_fail() was told */
};
enum conn_look_result conn_look(struct pg_conn *conn, short revents, nsec now);

/* conn_files.c */
/* LOOK_LEND: libpq may open them.  Called again after LOOK_WAIT. */
enum conn_look_result conn_look_at_files(struct pg_conn *conn, nsec now);
/* Out of time while a file was looked at; patience in words. */
void conn_file_hangs(struct pg_conn *conn, const char *patience);

/* conn_flood.c */
/* Lets the next portion in: parameters that nobody asked for by small pieces, and not
 * for long.  False: the connection is broken now. */
bool conn_pass_on(struct pg_conn *conn, size_t most);
/* What it costs us to read one portion, from here on. */
struct conn_cost {
    bool unknown;
    size_t unfinished; /* bytes that had come before, of a long row */
    nsec began;        /* by clock_cpu() */
};
struct conn_cost conn_cost_begin(const struct pg_conn *conn);
/* It is read.  False: that was too much, and the connection is broken now. */
bool conn_pay(struct pg_conn *conn, const struct conn_cost *cost);

/* conn_query.c */
/* READY.  A goodbye in one breath with the last answer was read with it, and poll()
 * will not tell of it: then it asks for one more step. */
void conn_enter_ready(struct pg_conn *conn);
void conn_step_busy(struct pg_conn *conn, short revents, nsec now);
/* BUSY: says what it waits for, after somebody else than its step changed that. */
void conn_want_more(struct pg_conn *conn, nsec now);
/* The connection is of no use any more, whatever the server does; the first failure
 * stays. */
void conn_give_up(struct pg_conn *conn, enum pgcensus_class error_class,
                  const char *message);
void conn_step_ready(struct pg_conn *conn, short revents);

/* conn_said.c */
/* The connection has ended: in libpq's words, unless the server said more before. */
void conn_lose(struct pg_conn *conn, const char *text);
/* Of the statement; the first one stays. */
void conn_note_error(struct pg_conn *conn, const PGresult *result);
/* Whether what the server says from now on belongs to the user's statement. */
void conn_listen(struct pg_conn *conn, bool listens);

/* conn_rows.c */
/* False: the connection is broken now.  A statement that drains says at its end, with
 * conn_report_truncation(), that rows were dropped. */
bool conn_keep_rows(struct pg_conn *conn, const PGresult *result, nsec now);
/* Gives up for more bytes than that; owner: see struct pg_limit_owners. */
void conn_exceed(struct pg_conn *conn, const char *words, size_t limit,
                 const char *owner);
void conn_report_truncation(struct pg_conn *conn);

/* conn_facts.c */
void conn_read_login_facts(struct pg_conn *conn);
const char *conn_address(const struct pg_conn *conn); /* NULL: a unix socket */

#endif
