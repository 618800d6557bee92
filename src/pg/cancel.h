/* Statements that were given up: each is cancelled on its server, and its
 * connection is closed after that.
 *
 * No claimant waits for that: it has its answer, and the connection lives on
 * here for a moment.  Closing a connection in the middle of an answer leaves
 * "could not send data to client" and "connection to client lost" in the
 * server's log, where they are alarms; cancelling first leaves "canceling
 * statement due to user request".  The transaction is undone before we leave,
 * so that a pooler keeps its own connection.
 *
 * A cancel cannot hit a later statement, since the connection gets none. */
#ifndef PG_CANCEL_H
#define PG_CANCEL_H

#include "io/workers.h"

struct session;

/* The longest time for one connection, and the longest silence of a server that
 * has not yet taken the request.  What is not done by then is closed as it is. */
#define CANCEL_PATIENCE NSEC_PER_SEC
#define CANCEL_SILENCE (400 * NSEC_PER_MSEC)

enum cancel_state {
    CANCEL_WAITING, /* for its turn: the number of requests at once is limited */
    CANCEL_ASKING,  /* the request is on its way */
    CANCEL_READING, /* the request is through; the rest of the answer is thrown away */
    CANCEL_LEAVING, /* we have sent Terminate, and wait for the server to close */
    CANCEL_STATES,
};

/* All given-up statements of an engine. */
struct cancels {
    struct loop *loop;
    struct workers *workers;
    size_t most;            /* connections at once; any more are closed as they are */
    nsec patience, silence; /* as above; for tests on a slow machine */
    struct list lists[CANCEL_STATES];
};

/* loop and workers outlive it. */
void cancels_init(struct cancels *cancels, struct loop *loop, struct workers *workers,
                  size_t most);
/* Closes all remaining connections at once. */
void cancels_fini(struct cancels *cancels);

/* Takes over a session with a statement under way. undo: the SQL that ends a
 * transaction which the statement leaves open, a short static text; NULL:
 * ROLLBACK. */
void cancels_take(struct cancels *cancels, struct session *session, const char *undo);
/* True if none is left, at the latest CANCEL_PATIENCE after the last one was taken. */
bool cancels_done(const struct cancels *cancels);

#endif
