/* Calls that may take long, taken off the loop: name lookups and logins under TLS or
 * SCRAM, where a library computes for milliseconds, or for as long as a hostile server
 * likes.
 *
 * A job is handed to a thread and comes back by a wake-up of its task.  The claimant
 * keeps its own deadline; when it passes, it abandons the job, and the crew disposes of
 * it whenever the call ends, if it ends.  The crew starts threads as they are needed:
 * jobs that compute get as many as there are cores, jobs that wait for a network or a
 * disk get CREW_ERRANDS.  A call that lasts does not count any more:
 *
 *  - an errand after CREW_PATIENCE; if all last, as many again may begin, so there are
 *    CREW_MOST_ERRANDS within a third of a second.
 *  - one that computes when it has used a core for half of CREW_PATIENCE, or lasted ten
 *    times as long.  One that only waits for a core on a busy machine does count; more
 *    threads would make all of them slower.  From then on it runs when nobody else
 * wants the core (nice 19).
 *
 * How long a job waited for a thread is known, so that it is charged to nobody. */
#ifndef IO_CREW_H
#define IO_CREW_H

#include "io/loop.h"

#include <stdbool.h>

enum { CREW_ERRANDS = 32, CREW_MOST_ERRANDS = 1024, CREW_MOST_COMPUTING = 256 };
#define CREW_PATIENCE (50 * NSEC_PER_MSEC)

struct worker;
struct crew;

struct crew_job {
    void (*work)(struct crew_job *job);    /* on a thread of the crew */
    void (*dispose)(struct crew_job *job); /* after work, if it was abandoned: on
                                              whatever thread it ran; frees the job */
    struct task *waiter;                   /* woken when done; may be NULL */
    bool errand;         /* waits for others rather than computes: name lookups */
    const void *account; /* whose it is, for crew_abandoned(); may be NULL */

    /* the crew's own */
    struct crew *crew; /* NULL: not in its hands */
    struct list_node node;
    int state;
    bool aside;              /* runs, and does not count */
    nsec submitted, started; /* by the clock of the loop; started: 0 until then */
    struct worker *worker;   /* that runs it */
};

/* cores: 0 asks the system.  Threads are made lazily, with small stacks and
 * all signals blocked.  NULL: no memory or no descriptor. */
struct crew *crew_new(struct loop *loop, unsigned cores);
/* Every job must be done or abandoned.  Returns at once, with all threads at an end but
 * those that are still inside a call; they clean up after themselves. */
void crew_free(struct crew *crew);
AUTO_DEFINE(struct crew *, crew_free)

/* False if no thread could be had at all: the caller does the work itself or fails. */
bool crew_submit(struct crew *crew, struct crew_job *job);
bool crew_job_done(const struct crew_job *job);
/* Gives the job away: dispose() will be called exactly once, now or later.  Must not be
 * called for a job that is done or was never submitted. */
void crew_abandon(struct crew_job *job);
/* How long it waited for a thread, from `since` on if that is later.  *ret_waits: it
 * still does, and that is until now. */
nsec crew_job_waited(const struct crew_job *job, nsec since, nsec now, bool *ret_waits);
/* Threads inside a call that was abandoned or lasts longer than CREW_PATIENCE. */
unsigned crew_stuck(struct crew *crew);
/* Those of them that were abandoned; account: only those for it, or NULL. */
unsigned crew_abandoned(struct crew *crew, const void *account);
/* A thread is inside a call, or soon will be: as long as this is so the process must
 * not run exit handlers. */
bool crew_busy(struct crew *crew);
/* How long the next job that computes has been waiting for a core; 0: none waits.  For
 * those who would start more work (health/pace.h). */
nsec crew_lag(struct crew *crew, nsec now);

#endif
