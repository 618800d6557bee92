/* One PGconn and all that must live as long as it does, so that a worker thread
 * can keep it when its owner has given it up. */
#ifndef PG_SESSION_H
#define PG_SESSION_H

#include "io/workers.h"
#include "pg/notices.h"
#include "pg/relay.h"

#include <libpq-fe.h>

struct session {
    PGconn *pg;                       /* only the thread may use it while it is lent */
    PostgresPollingStatusType polled; /* the result of the last session_poll() */
    bool memory_ran_out;              /* that failed for want of memory */
    bool lent;
    struct worker_job job;

    struct relay relay;
    size_t unfinished; /* bytes through the relay since the last notice or result */

    /* Takes the notices of the user's statement; NULL: they are dropped,
     * because none is under way.  Never set while it is lent. */
    struct pgcensus_notices *notices;
    const struct secrets *secrets; /* to be replaced in notices; may be NULL */

    /* The last 57P0x that came as a notice: why the server is about to leave. */
    char shutdown_notice[6];
    char shutdown_text[256];
};

/* Starts to connect; look at PQstatus().  NULL: no memory. */
struct session *session_new(const char *const *keywords, const char *const *values);
/* Never blocks; a session that is lent is left to the workers. */
void session_free(struct session *session);

/* A statement is under way, as far as libpq knows. */
bool session_is_asked(struct session *session);

/* The descriptor to poll. */
int session_fd(const struct session *session);
/* From now on libpq's reads are bounded and counted, if there are free descriptors. */
void session_begin_relay(struct session *session);
/* Ends that, before something is sent. */
void session_end_relay(struct session *session);
/* Passes the next portion on, if there is a relay, and until `most` bytes are
 * unfinished.  Once libpq has read all of those, a single message is too long. */
void session_forward(struct session *session, size_t most);
bool session_is_relayed(const struct session *session);
/* Passes on a portion of at most `most` bytes that does not count as
 * unfinished; returns its size. */
size_t session_forward_uncounted(struct session *session, size_t most);
/* True if libpq has not read all of the relay's last portion; poll() would not
 * report that. */
bool session_pending(struct session *session);

/* PQconnectPoll(), as far as it goes without waiting. */
void session_poll(struct session *session);
/* session_poll() on a thread; the waiter is woken when it is back.  False: no
 * thread. */
bool session_lend(struct session *session, struct workers *workers,
                  struct task *waiter);
/* While it is lent: see worker_job_waited(). */
nsec session_waited(const struct session *session, nsec now, bool *ret_waits);
/* Whether the session is not lent, or is back. */
bool session_returned(struct session *session);

#endif
