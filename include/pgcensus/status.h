/* Statuses, states, roles, error classes and phases, with their names.
 *
 * Every enum starts with a zero that is safe: "we do not know".  The _name()
 * functions return the names of the JSON documents, which never change. */
#ifndef PGCENSUS_STATUS_H
#define PGCENSUS_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Time inside pgcensus: nanoseconds on CLOCK_MONOTONIC, or a length of time. */
typedef int64_t nsec;

#define PGCENSUS_UNKNOWN_TIME ((nsec)-1) /* a length that was not measured */

/* The verdict of one check.  "down" means that SELECT 1 was tried and did not
 * succeed, whatever the cause; "unknown" that we cannot say. */
enum pgcensus_status {
    PGCENSUS_UNKNOWN,
    PGCENSUS_OK,
    PGCENSUS_WARN,
    PGCENSUS_DOWN,
    PGCENSUS_DISABLED, /* enabled: false in the configuration, not checked */
};

/* The state of a node over time; the transitions are in src/health/state.c. */
enum pgcensus_state {
    PGCENSUS_CONNECTING, /* never answered yet in this run */
    PGCENSUS_HEALTHY,
    PGCENSUS_UNHEALTHY,    /* known bad, the next attempt is scheduled */
    PGCENSUS_RECONNECTING, /* a new connection is being tried */
    PGCENSUS_FAILED,       /* max_attempts used up; only reset or reload helps */
    PGCENSUS_SUSPENDED,    /* suspended by an operator, not checked */
    PGCENSUS_DISCONNECTED, /* removed, or we are shutting down */
};

enum pgcensus_role {
    PGCENSUS_ROLE_UNKNOWN,
    PGCENSUS_PRIMARY,
    PGCENSUS_STANDBY,
};

/* The class of an error. behaviour: SQLSTATE and errno policy in src/pg/sqlstate.c. */
enum pgcensus_class {
    PGCENSUS_CLASS_NONE,
    PGCENSUS_CLASS_DNS,
    PGCENSUS_CLASS_REFUSED,
    PGCENSUS_CLASS_UNREACHABLE,
    PGCENSUS_CLASS_TIMEOUT,
    PGCENSUS_CLASS_TLS,
    PGCENSUS_CLASS_AUTH,
    PGCENSUS_CLASS_CONFIG,
    PGCENSUS_CLASS_NOT_READY, /* 57P03 */
    PGCENSUS_CLASS_SATURATED, /* 53300 */
    PGCENSUS_CLASS_LOST,      /* the connection ended under us */
    PGCENSUS_CLASS_PROTOCOL,  /* the server is no PostgreSQL */
    PGCENSUS_CLASS_QUERY,     /* the statement failed, the node is up */
    PGCENSUS_CLASS_LIMIT,     /* more rows or bytes than allowed */
    PGCENSUS_CLASS_CANCELLED, /* we were told to stop; says nothing of the node */
    PGCENSUS_CLASS_LOCAL,     /* our files, memory or threads ran out */
    PGCENSUS_CLASS_INTERNAL,  /* our bug */
};

/* The phase that an attempt had reached. */
enum pgcensus_phase {
    PGCENSUS_PHASE_NONE,
    PGCENSUS_PHASE_RESOLVE,
    PGCENSUS_PHASE_CONNECT,
    PGCENSUS_PHASE_TLS,
    PGCENSUS_PHASE_AUTH,
    PGCENSUS_PHASE_QUERY,
    PGCENSUS_PHASE_STREAM,
};

const char *pgcensus_status_name(enum pgcensus_status status);
const char *pgcensus_state_name(enum pgcensus_state state);
/* "primary", "standby"; NULL for the unknown role, which JSON prints as null. */
const char *pgcensus_role_name(enum pgcensus_role role);
/* NULL for CLASS_NONE and PHASE_NONE. */
const char *pgcensus_class_name(enum pgcensus_class error_class);
const char *pgcensus_phase_name(enum pgcensus_phase phase);
/* Finds the role of that name; false if there is none. */
bool pgcensus_role_find(const char *name, enum pgcensus_role *ret_role);

/* The worse of two verdicts: down > warn > unknown > ok > disabled. */
enum pgcensus_status pgcensus_status_worst(enum pgcensus_status a,
                                           enum pgcensus_status b);

/* What of a program's own orders a text is about.  The text calls it by its name below,
 * so that a program can put there what its users call it: an option, a button. */
enum pgcensus_subject {
    PGCENSUS_SUBJECT_NONE,
    PGCENSUS_SUBJECT_FACTS, /* of struct pgcensus_check_options: basic, and not full */
    PGCENSUS_SUBJECT_MAX_ROWS, /* of struct pgcensus_query_options … */
    PGCENSUS_SUBJECT_MAX_BYTES,
    PGCENSUS_SUBJECT_READER_TIMEOUT,
    PGCENSUS_SUBJECT_FAIL_FAST,
    PGCENSUS_SUBJECT_PARAMS,
    PGCENSUS_SUBJECT_DIFF,   /* what was asked of pgcensus_diff(): the reference … */
    PGCENSUS_SUBJECT_KEY,    /* … and the key */
    PGCENSUS_SUBJECT_REDUCE, /* the statement for pgcensus_reduce() */
};

/* "max_rows", …; NULL for NONE. */
const char *pgcensus_subject_name(enum pgcensus_subject subject);

/* A failure of a node, as a value that may be copied.  Its texts are plain
 * UTF-8 for people, already free of secrets and of control bytes, one line
 * each.  Detail and hint lie behind the message's end, in the same array, so
 * that nothing has to be freed; a text that does not fit ends with "…". */
struct pgcensus_failure {
    enum pgcensus_class error_class; /* CLASS_NONE: nothing failed */
    enum pgcensus_phase phase;
    char sqlstate[6];            /* "" if the server named none */
    bool retryable;              /* trying the same again may help */
    uint16_t detail_at, hint_at; /* where they begin in message; 0: there is none */
    unsigned position; /* in the statement, in characters from 1; 0: unknown */
    char message[768];
    enum pgcensus_subject subject; /* that the message is about */
};

/* The server's DETAIL and HINT; NULL if there is none. */
const char *pgcensus_failure_detail(const struct pgcensus_failure *failure);
const char *pgcensus_failure_hint(const struct pgcensus_failure *failure);

/* Our own operation could not be done: bad configuration, no memory, unwritable
 * file.  Filled only by functions that return false or NULL. */
enum pgcensus_trouble {
    PGCENSUS_TROUBLE_NONE,
    PGCENSUS_TROUBLE_USAGE,
    PGCENSUS_TROUBLE_CONFIG,
    PGCENSUS_TROUBLE_SELECTION, /* no node selected */
    PGCENSUS_TROUBLE_OUTPUT,
    PGCENSUS_TROUBLE_MEMORY,
    PGCENSUS_TROUBLE_SYSTEM,
    PGCENSUS_TROUBLE_INTERRUPTED,
    PGCENSUS_TROUBLE_INTERNAL,
    PGCENSUS_TROUBLE_READER, /* as OUTPUT: the reader of a pipe has left */
};

struct pgcensus_error {
    enum pgcensus_trouble trouble;
    char message[1024];
    enum pgcensus_subject subject; /* that the message is about */
};

/* "usage", "config", …: the "class" of the pgcensus.error/1 document. */
const char *pgcensus_trouble_name(enum pgcensus_trouble trouble);

#endif
