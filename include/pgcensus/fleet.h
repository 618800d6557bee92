/* All nodes at once: their connections, their checks, their state.
 *
 * A fleet has no callbacks and no global state: it moves only inside the
 * functions below, each of which returns in bounded time.  They return values
 * without pointers into the fleet, except for identities, which live as long as
 * the fleet, unless the node is removed or renewed: see <pgcensus/nodes.h>. */
#ifndef PGCENSUS_FLEET_H
#define PGCENSUS_FLEET_H

#include <pgcensus/config.h>
#include <pgcensus/events.h>
#include <pgcensus/facts.h>
#include <pgcensus/rows.h>
#include <pgcensus/status.h>

struct pgcensus_fleet;
struct pgcensus_check;

/* Closes every connection and cancels running statements, see
 * pgcensus_fleet_part().  NULL is fine. */
void pgcensus_fleet_free(struct pgcensus_fleet *fleet);

size_t pgcensus_fleet_size(const struct pgcensus_fleet *fleet);
const struct pgcensus_identity *pgcensus_fleet_node(const struct pgcensus_fleet *fleet,
                                                    size_t index);
/* False if no node has that name. */
bool pgcensus_fleet_find(const struct pgcensus_fleet *fleet, const char *name,
                         size_t *ret_index);

/* Replaces each secret of the configuration in a text by "***", as in every
 * text of the library; a text that then does not fit in size bytes is cut. */
void pgcensus_fleet_redact(const struct pgcensus_fleet *fleet, char *text, size_t size);

/* A statement that was given up is cancelled on its server, and its connection
 * closed after that, while the fleet moves.  Waits until all of these are
 * closed, a second at most. */
void pgcensus_fleet_part(struct pgcensus_fleet *fleet);

/* True while a thread is inside a library call, which may never end (a silent
 * resolver, a hostile SCRAM count).  If it is still true when no check or query
 * is under way, flush your output and leave by _exit(): exit handlers of other
 * libraries may not be safe beside such a thread.  OpenSSL is safe if pgcensus
 * initialised it, because it then does not clean up at exit, so returning from
 * main() is fine; it is not safe if it was initialised before the first fleet. */
bool pgcensus_fleet_abandoned(const struct pgcensus_fleet *fleet);

/* How long this program stood still while it should have waited for nodes: it
 * was stopped, the machine was suspended, the terminal blocked it.  That time
 * is charged to no node: it moved every deadline, and no latency contains it. */
nsec pgcensus_fleet_lost(const struct pgcensus_fleet *fleet);

/* ---- one round of checks ---- */

/* Lengths of time are PGCENSUS_UNKNOWN_TIME if the phase was not reached. */
struct pgcensus_latency {
    nsec resolve, tcp, tls, auth, query;
    nsec total;  /* to the answer, or to the failure */
    nsec queued; /* waited for a thread of ours, in none of the others */
};

struct pgcensus_transport {
    bool known; /* false: never connected */
    bool unix_socket;
    char tls[16];         /* "TLSv1.3", "" without TLS */
    char cipher[64];      /* "" without TLS */
    const char *verified; /* static: "full", "ca", "none"; NULL without TLS */
    nsec cert_expires_at; /* of the server's, wall clock since 1970; 0 without TLS */
};

/* Why a status is not "ok". */
struct pgcensus_reason {
    char code[32]; /* an error class, "role", the name of a metric … */
    char message[192];
    char value[32], limit[32];     /* "" for none */
    enum pgcensus_subject subject; /* that the message is about */
};

/* The failure or the role, two for the past, and one for each metric. */
enum { PGCENSUS_MOST_REASONS = 12 };

/* The results of earlier runs and of this one for a node; see <pgcensus/recall.h>. */
struct pgcensus_past {
    bool known; /* false: nothing is remembered */
    enum pgcensus_state state;
    nsec since;                   /* when it entered that state, wall clock */
    unsigned failures, successes; /* in a row; one of them is 0 */
    unsigned changes;             /* among the last 20 possible ones */
    bool flapping;
};

/* All that one check learnt about one node.  A plain value. */
struct pgcensus_node_result {
    size_t index; /* into the fleet */
    enum pgcensus_status status;
    enum pgcensus_role role;
    int read_only;     /* 1, 0, -1 unknown */
    char hostaddr[64]; /* the address that was used, "" if none */
    char server_version[32];
    int server_version_num; /* 150020; 0 unknown */
    struct pgcensus_transport transport;
    bool attempted; /* false: latency and transport say nothing */
    struct pgcensus_latency latency;
    unsigned attempts;
    bool superuser; /* the login role is one; worth a note */
    bool md5_login; /* the server asked for an MD5 password */
    bool failed;    /* failure is meaningful */
    struct pgcensus_failure failure;
    /* NULL: not asked, or not answered.  Lives as long as the check. */
    const struct pgcensus_facts *facts;
    char facts_reason[160]; /* why there are none, if they were asked for */
    struct pgcensus_lag lag;
    struct pgcensus_past past;
    bool held; /* failed, but healthy before and within `fall`: warn, not down */
    struct pgcensus_reason reasons[PGCENSUS_MOST_REASONS];
    size_t n_reasons;
};

struct pgcensus_check_options {
    unsigned jobs; /* nodes in flight; 0: as many as descriptors allow, ≤ 1000 */
    int retries;   /* of a node whose failure is retryable; -1: as configured */
    nsec deadline; /* length of the whole round; 0: none */
    nsec spent;    /* part of the deadline that is over before the start */
    enum pgcensus_facts_level facts;
    int stop_fd;    /* readable → next() returns soon (a signal pipe); -1: none */
    bool attentive; /* next() is called again as soon as it returns, so time in between
                       is lost as well; see pgcensus_fleet_lost() */
};

/* Starts a round over all enabled nodes.  Disabled nodes come out first, at once.
 * One round at a time per fleet.  NULL: no memory. */
struct pgcensus_check *
pgcensus_check_start(struct pgcensus_fleet *fleet,
                     const struct pgcensus_check_options *options,
                     struct pgcensus_error *ret_error);

enum pgcensus_turn {
    PGCENSUS_TURN_END,  /* every node has come out exactly once */
    PGCENSUS_TURN_NODE, /* *ret_result is the next one, in order of arrival */
    PGCENSUS_TURN_TICK, /* max_wait passed, or stop_fd became readable */
};

/* Waits at most max_wait for the next result.  *ret_result is valid until the next
 * call. */
enum pgcensus_turn pgcensus_check_next(struct pgcensus_check *check, nsec max_wait,
                                       const struct pgcensus_node_result **ret_result);

/* Starts no more nodes and cancels running checks: all remaining nodes come out
 * of next() at once, as unknown, class cancelled, with that reason
 * ("interrupted"). */
void pgcensus_check_stop(struct pgcensus_check *check, const char *reason);

void pgcensus_check_free(struct pgcensus_check *check);

/* ---- one statement on one node ---- */

struct pgcensus_answer {
    bool failed;
    struct pgcensus_failure failure;
    nsec latency;               /* query phase */
    struct pgcensus_rows *rows; /* NULL if there are none */
};

/* Runs one statement on one node over its pool and waits for the answer, at
 * most timeout.  False only if it could not be tried (memory, stopping, no such
 * index); if the node refuses, the answer has failed.  Free with
 * pgcensus_answer_fini(). */
bool pgcensus_fleet_ask(struct pgcensus_fleet *fleet, size_t index, const char *sql,
                        nsec timeout, struct pgcensus_answer *ret_answer,
                        struct pgcensus_error *ret_error);
void pgcensus_answer_fini(struct pgcensus_answer *answer);

/* ---- watching ---- */

/* Begins periodic checks of every enabled node (each at its own interval, the first
 * ones spread) and keeps the pools at their minimum. */
bool pgcensus_fleet_monitor(struct pgcensus_fleet *fleet,
                            struct pgcensus_error *ret_error);
/* Moves the fleet for at most max_wait; returns earlier when there are events
 * that no reader has read yet, see <pgcensus/events.h>, or stop_fd (-1: none)
 * became readable. */
void pgcensus_fleet_turn(struct pgcensus_fleet *fleet, nsec max_wait, int stop_fd);

struct pgcensus_pool_stats {
    unsigned total, idle, busy, connecting, waiting, min, max;
    uint64_t acquired, opened, failed; /* since the start */
    uint64_t closed_idle, closed_lifetime, closed_lost, closed_generation, closed_other;
    nsec wait_total; /* sum of all waits for a connection */
};

struct pgcensus_node_snapshot {
    enum pgcensus_state state;
    nsec since; /* length of time in this state */
    unsigned consecutive_failures;
    unsigned retry_attempt; /* 0 unless down */
    nsec next_check;        /* length of time to it; PGCENSUS_UNKNOWN_TIME: none */
    nsec latency_last, latency_average, latency_min, latency_max;
    uint64_t checks, failures;
    struct pgcensus_pool_stats pool;
    struct pgcensus_failure failure; /* of the last check; CLASS_NONE: it was fine */
    const struct pgcensus_node_result *last; /* see pgcensus_fleet_last() */
    nsec last_age; /* since that check ended; PGCENSUS_UNKNOWN_TIME: none has */
};

/* False: there is no node at that index. */
bool pgcensus_fleet_snapshot(const struct pgcensus_fleet *fleet, size_t index,
                             struct pgcensus_node_snapshot *ret_snapshot);

/* The result of the latest periodic check of a node; NULL before the first has
 * ended.  The fleet owns it, with its facts if it has some, and changes it only
 * inside functions that move the fleet or renew the node: use it before, or
 * copy it. */
const struct pgcensus_node_result *
pgcensus_fleet_last(const struct pgcensus_fleet *fleet, size_t index);

/* Stops checks, refuses new work, waits at most `drain` for running work, then
 * cancels and closes everything.  The fleet can only be freed afterwards. */
void pgcensus_fleet_stop(struct pgcensus_fleet *fleet, nsec drain);

#endif
