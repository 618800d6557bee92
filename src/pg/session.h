/* One PGconn and all that must live as long as it does, so that a worker thread
 * can keep it when its owner has lost patience. */
#ifndef PG_SESSION_H
#define PG_SESSION_H

#include "io/workers.h"
#include "pg/notices.h"
#include "pg/relay.h"

#include <libpq-fe.h>

struct session {
    PGconn *pg;                       /* not to be touched while it is lent */
    PostgresPollingStatusType polled; /* what the last session_poll() came to */
    bool memory_ran_out;              /* when that failed */
    bool lent;
    struct worker_job job;

    struct relay relay;
    size_t unfinished; /* bytes that passed it since a notice or a result came */

    /* Where other notices go; NULL: nowhere, what is said now was not asked for.  Never
     * set while it is lent. */
    struct pgcensus_notices *notices;
    const struct secrets *secrets; /* for those; may be NULL */

    /* The last 57P0x that came as a notice: why the server is about to leave. */
    char shutdown_notice[6];
    char shutdown_text[256];
};

/* Starts to connect; look at PQstatus().  NULL: no memory. */
struct session *session_new(const char *const *keywords, const char *const *values);
/* Never blocks; one that is lent is left to the workers. */
void session_free(struct session *session);

/* A statement is under way, as far as libpq knows. */
bool session_is_asked(struct session *session);

/* What to poll for it. */
int session_fd(const struct session *session);
/* From now on what libpq reads is bounded and counted, if descriptors can be had. */
void session_begin_relay(struct session *session);
/* Back to libpq's own reading, before something is sent. */
void session_end_relay(struct session *session);
/* Lets the next portion in, where the session is narrow and until so many bytes are
 * unfinished: when libpq has taken all of those, one message is too long. */
void session_forward(struct session *session, size_t most);
bool session_is_relayed(const struct session *session);
/* The next portion of at most so many bytes, not counted as unfinished; its size. */
size_t session_forward_uncounted(struct session *session, size_t most);
/* Narrow, and libpq has not taken all of the last portion: poll() would not see it. */
bool session_pending(struct session *session);

/* PQconnectPoll(), as far as it goes without waiting. */
void session_poll(struct session *session);
/* The same on a thread; the waiter is woken when it is back.  False: no thread. */
bool session_lend(struct session *session, struct workers *workers,
                  struct task *waiter);
/* While it is lent: see worker_job_waited(). */
nsec session_waited(const struct session *session, nsec now, bool *ret_waits);
/* Whether it is ours (again). */
bool session_returned(struct session *session);

#endif
