/* Calls that may take long, taken off the loop: name lookups and logins under TLS or
 * SCRAM, where a library computes for milliseconds, or for as long as a hostile server
 * likes.
 *
 * A job is handed to a thread and comes back by a wake-up of its task.  The claimant
 * keeps its own deadline; when it passes, it abandons the job, and the crew disposes of
 * it whenever the call ends, if it ends.  The crew starts threads as they are needed:
 * jobs that compute get as many as there are cores, plus one more whenever all of them
 * are stuck in calls longer than 50 ms and a job waits (at most 64). */
#ifndef IO_CREW_H
#define IO_CREW_H

#include "io/loop.h"

#include <stdbool.h>

struct crew;

struct crew_job {
    void (*work)(struct crew_job *job);    /* on a thread of the crew */
    void (*dispose)(struct crew_job *job); /* after work, if it was abandoned: on
                                              whatever thread it ran; frees the job */
    struct task *waiter; /* woken when done; may be NULL */

    /* the crew's own */
    struct crew *crew;
    struct list_node node;
    int state;
};

/* cores: 0 asks the system.  Threads are made lazily, detached, with small stacks and
 * all signals blocked.  NULL: no memory or no pipe. */
struct crew *crew_new(struct loop *loop, unsigned cores);
/* Returns at once; threads that are still inside a call clean up after themselves. */
void crew_free(struct crew *crew);
AUTO_DEFINE(struct crew *, crew_free)

/* False if no thread could be had at all: the caller does the work itself or fails. */
bool crew_submit(struct crew *crew, struct crew_job *job);
bool crew_job_done(const struct crew_job *job);
/* Gives the job away: dispose() will be called exactly once, now or later.  Must not be
 * called for a job that is done or was never submitted. */
void crew_abandon(struct crew_job *job);
/* Threads that are still inside an abandoned call. */
unsigned crew_stuck(const struct crew *crew);

#endif
