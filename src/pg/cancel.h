/* Statements that were given up: each is cancelled on its server, and its connection
 * closed after that.
 *
 * Nobody waits for that: the answer is out, and the connection lives on here for a
 * moment.  One that is merely closed in the middle of an answer leaves "could not send
 * data to client" and "connection to client lost" in the server's log, where they are
 * alarms; one that is cancelled first leaves "canceling statement due to user request".
 * Its transaction is undone before we leave, so that a pooler keeps its own connection.
 *
 * A cancel cannot hit a later statement, since the connection gets none. */
#ifndef PG_CANCEL_H
#define PG_CANCEL_H

#include "io/workers.h"

struct session;

/* How long one takes at most, and how long a server may be silent that has not even
 * taken the request: what is not done by then is closed as it is. */
#define CANCEL_PATIENCE NSEC_PER_SEC
#define CANCEL_SILENCE (400 * NSEC_PER_MSEC)

enum cancel_state {
    CANCEL_WAITING, /* for its turn, as only so many requests are under way at once */
    CANCEL_ASKING,  /* the request is on its way */
    CANCEL_READING, /* it is through; what the server still says is thrown away */
    CANCEL_LEAVING, /* we have said goodbye, and wait for the server to close */
    CANCEL_STATES,
};

/* All those of an engine. */
struct cancels {
    struct loop *loop;
    struct workers *workers;
    size_t most;            /* at once; any more are closed as they are */
    nsec patience, silence; /* as above; for tests on a slow machine */
    struct list lists[CANCEL_STATES];
};

/* loop and workers outlive it. */
void cancels_init(struct cancels *cancels, struct loop *loop, struct workers *workers,
                  size_t most);
/* Closes what is left at once. */
void cancels_fini(struct cancels *cancels);

/* Takes the session over, whose statement is under way.  undo: what is said where it
 * leaves a transaction open, a short text that lives for ever; NULL: ROLLBACK. */
void cancels_take(struct cancels *cancels, struct session *session, const char *undo);
/* None is left, which is so CANCEL_PATIENCE after the last one was taken. */
bool cancels_done(const struct cancels *cancels);

#endif
