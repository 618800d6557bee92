/* One PGconn and all that must live as long as it does, so that a thread of the crew
 * can keep it when its owner has lost patience. */
#ifndef PG_SESSION_H
#define PG_SESSION_H

#include "io/crew.h"

#include <libpq-fe.h>

struct session {
    PGconn *pg;                       /* not to be touched while it is lent */
    PostgresPollingStatusType polled; /* what the last session_poll() came to */
    bool lent;
    struct crew_job job;

    /* The last 57P0x that came as a notice: why the server is about to leave. */
    char farewell[6];
    char farewell_text[256];
};

/* Starts to connect; look at PQstatus().  NULL: no memory. */
struct session *session_new(const char *const *keywords, const char *const *values);
/* Never blocks; one that is lent is left to the crew. */
void session_free(struct session *session);

/* PQconnectPoll(), as far as it goes without waiting. */
void session_poll(struct session *session);
/* The same on a thread; the waiter is woken when it is back.  False: no thread. */
bool session_lend(struct session *session, struct crew *crew, struct task *waiter);
/* Whether it is ours (again). */
bool session_returned(struct session *session);

#endif
