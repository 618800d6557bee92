/* One statement, every node at once.
 *
 * Unless it is told to write, a statement runs in an envelope that is opened
 * before it and rolled back after it: BEGIN READ ONLY, a limit of time on the
 * server, a snapshot that makes the transaction's mode final.  The extended
 * protocol makes sure that it is exactly one statement.  This prevents
 * accidents and is no security boundary: log in as a role with few rights.
 *
 * Rows and results are pulled, as those of a round of checks are. */
#ifndef PGCENSUS_QUERY_H
#define PGCENSUS_QUERY_H

#include <pgcensus/fleet.h>
#include <pgcensus/rows.h>

struct pgcensus_query;

enum pgcensus_query_status {
    PGCENSUS_QUERY_FAILED,   /* no answer; failure says why */
    PGCENSUS_QUERY_OK,       /* answered in full */
    PGCENSUS_QUERY_PARTIAL,  /* some rows came; failure says why not all of them */
    PGCENSUS_QUERY_SKIPPED,  /* not asked: not healthy, or not chosen by "any" */
    PGCENSUS_QUERY_DISABLED, /* enabled: false in the configuration */
    PGCENSUS_QUERY_LEFT_OUT, /* has the other role */
};

const char *pgcensus_query_status_name(enum pgcensus_query_status status);

/* A message that a server sent besides rows, such as a WARNING or a NOTICE. */
struct pgcensus_notice {
    const char *severity; /* static, the server's word in English: "WARNING" … */
    char sqlstate[6];     /* "" if it named none */
    char *message;        /* plain UTF-8 for people, safe, without secrets, one line */
};

/* The notices of one node: the first ones, as many as there is room for. */
struct pgcensus_notices {
    struct pgcensus_notice *items; /* in the order of the server */
    size_t n;
    size_t omitted_warnings, omitted_others; /* the later ones, only counted */
};

/* True for a WARNING or worse; false for NOTICE, INFO, LOG and DEBUG. */
bool pgcensus_notice_warns(const struct pgcensus_notice *notice);
void pgcensus_notices_fini(struct pgcensus_notices *notices);

/* The result of one node.  A plain value, except for its notices. */
struct pgcensus_query_result {
    size_t index; /* into the fleet */
    enum pgcensus_query_status status;
    enum pgcensus_role role; /* UNKNOWN if it was not learnt */
    size_t n_rows;
    bool truncated; /* there would have been more than we are allowed to keep */
    bool attempted; /* false: the lengths say nothing */
    bool sent;      /* the statement was sent, whatever happened then */
    nsec connect;   /* PGCENSUS_UNKNOWN_TIME if the connection was there already */
    nsec query;     /* of the statement, to its last row; UNKNOWN_TIME: not reached */
    nsec total;     /* until the answer or the failure, without pauses of the reader */
    unsigned attempts;
    char hostaddr[64];
    char command[64]; /* "SELECT 1"; "" if it did not complete */
    bool superuser;   /* the login role is one; worth a note */
    bool failed;      /* failure is meaningful */
    struct pgcensus_failure failure;
    /* Also there if the statement failed.  They belong to the query until they
     * are taken. */
    struct pgcensus_notices notices;
};

struct pgcensus_query_options {
    const char *sql;           /* must live until the query is freed; params, too */
    const char *const *params; /* $1 …, as text; NULL for SQL NULL */
    size_t n_params;

    enum pgcensus_role role; /* only nodes that turn out to have it; UNKNOWN: any */
    bool healthy;            /* only nodes that pass their health check first */
    bool any; /* one healthy node, the next one each time; if it fails, a random other
                 one */
    bool canary;    /* the first node alone; the others only if it succeeded */
    bool fail_fast; /* the first failure ends the query */
    /* Values come in the format of each session's settings; otherwise in the
     * same format from every server. */
    bool session_display;
    bool write; /* no envelope; only nodes with allow_write, and never repeated */

    unsigned jobs; /* as for checks */
    int retries;   /* of what may be repeated; -1: as configured */
    nsec deadline; /* of everything; 0: none */
    nsec since;    /* the begin of that time, CLOCK_MONOTONIC; 0: the start */

    /* Rows come out in pieces as they arrive, and a server sends no more until
     * they are taken; otherwise all rows of a node come out at once. */
    bool streams;
    /* If pgcensus_query_hold() lasts for that long, statements under way are
     * given up, class cancelled, because each server keeps a snapshot
     * meanwhile.  0: never. */
    nsec reader_timeout;
    bool in_order; /* nodes come out in inventory order instead of arrival */
    /* Limits of all nodes together, shared max-min fairly; 0: no limit. */
    size_t max_rows;  /* rows that come out */
    size_t max_bytes; /* bytes that are kept, or that come out if rows stream */

    bool keep;      /* connections stay open, for the next query */
    int stop_fd;    /* readable → next() returns soon (a signal pipe); -1: none */
    bool attentive; /* as in struct pgcensus_check_options */
};

/* NULL: no memory, or the fleet is stopping.  A query is freed before its fleet is
 * stopped or freed. */
struct pgcensus_query *
pgcensus_query_start(struct pgcensus_fleet *fleet,
                     const struct pgcensus_query_options *options,
                     struct pgcensus_error *ret_error);

enum pgcensus_query_turn {
    PGCENSUS_QUERY_END,  /* every node has come out exactly once */
    PGCENSUS_QUERY_ROWS, /* of a node that has not come out yet */
    PGCENSUS_QUERY_NODE, /* this node is done */
    PGCENSUS_QUERY_TICK, /* max_wait passed, or stop_fd became readable */
};

struct pgcensus_query_event {
    size_t index;                               /* of the node, for ROWS and NODE */
    struct pgcensus_rows *rows;                 /* ROWS: the caller's, to be freed */
    const struct pgcensus_query_result *result; /* NODE: valid until the next call */
};

/* Waits at most max_wait. */
enum pgcensus_query_turn pgcensus_query_next(struct pgcensus_query *query,
                                             nsec max_wait,
                                             struct pgcensus_query_event *ret_event);

/* Takes the notices of a node that has come out: the caller has to end them
 * with pgcensus_notices_fini(). */
struct pgcensus_notices pgcensus_query_take_notices(struct pgcensus_query *query,
                                                    size_t index);

/* The columns of a node's answer, without rows; NULL if they are unknown or
 * there are none.  If rows stream in order, the first ones wait until the
 * columns of every node are known, as far as possible, so that a header can
 * name them all. */
const struct pgcensus_rows *pgcensus_query_shape(const struct pgcensus_query *query,
                                                 size_t index);

/* For a slow reader: no rows come out until fd can be written again, then
 * next() returns TICK; the loop goes on meanwhile.  -1 ends this. */
void pgcensus_query_hold(struct pgcensus_query *query, int fd);

/* Starts no more nodes and cancels the running statements, also on the servers.
 * All remaining nodes come out of next() at once, class cancelled, with that
 * reason ("interrupted"). */
void pgcensus_query_stop(struct pgcensus_query *query, const char *reason);
void pgcensus_query_free(struct pgcensus_query *query);

/* Why a statement is refused before any node is asked. */
enum pgcensus_refusal {
    PGCENSUS_REFUSAL_NONE,
    PGCENSUS_REFUSAL_EMPTY,
    PGCENSUS_REFUSAL_PSQL,    /* one of psql's own commands */
    PGCENSUS_REFUSAL_SEVERAL, /* more than one statement */
    PGCENSUS_REFUSAL_COPY,
    PGCENSUS_REFUSAL_TRANSACTION, /* about a transaction instead of data */
    PGCENSUS_REFUSAL_SESSION,     /* about a session, and it is not to be a write */
};

/* write: it will be sent without an envelope.  NONE: it is fine. */
enum pgcensus_refusal pgcensus_query_refusal(const char *sql, bool write);
/* In words; NULL for NONE. */
const char *pgcensus_refusal_text(enum pgcensus_refusal refusal);
/* Both at once. */
const char *pgcensus_query_refuses(const char *sql, bool write);

#endif
