/* Calls that may take long, taken off the loop: name lookups and logins under TLS or
 * SCRAM, where a library computes for milliseconds, or for as long as a hostile server
 * likes.
 *
 * A job is handed to a thread and comes back by a wake-up of its task.  The claimant
 * keeps its own deadline; when it passes, it abandons the job, and the pool disposes of
 * it whenever the call ends, if it ends.  The pool starts threads as they are needed:
 * jobs that compute get as many as there are cores, jobs that wait for a network or a
 * disk get WORKERS_BLOCKING.  A call that lasts does not count any more:
 *
 *  - a blocking job after WORKERS_PATIENCE; if all last, as many again may
 *    begin, so WORKERS_MOST_BLOCKING may run within a third of a second.
 *  - a computing job when it has used a core for half of WORKERS_PATIENCE, or
 *    lasted ten times as long.  From then on it has the lowest priority (nice
 *    19).  One that only waits for a core on a busy machine does count; more
 *    threads would make all of them slower.
 *
 * The time that a job waited for a thread is known, so that it is charged to no
 * node. */
#ifndef IO_WORKERS_H
#define IO_WORKERS_H

#include "io/loop.h"

#include <stdbool.h>

enum {
    WORKERS_BLOCKING = 32,
    WORKERS_MOST_BLOCKING = 1024,
    WORKERS_MOST_COMPUTING = 256
};
#define WORKERS_PATIENCE (50 * NSEC_PER_MSEC)

struct worker;
struct workers;

struct worker_job {
    void (*work)(struct worker_job *job);    /* on a worker thread */
    void (*dispose)(struct worker_job *job); /* after work, if it was abandoned, on the
                                                thread that ran it; frees the job */
    struct task *waiter;                     /* woken when done; may be NULL */
    bool blocking;       /* waits rather than computes, as a name lookup does */
    const void *account; /* its owner, for workers_abandoned(); may be NULL */

    /* the workers' own */
    struct workers *workers; /* NULL: not in their hands */
    struct list_node node;
    int state;
    bool aside;              /* runs, but does not count */
    nsec submitted, started; /* by the clock of the loop; started: 0 until then */
    struct worker *worker;   /* the one that runs it */
};

/* cores: 0 asks the system.  Threads are made lazily, with small stacks and
 * all signals blocked.  NULL: no memory or no descriptor. */
struct workers *workers_new(struct loop *loop, unsigned cores);
/* Every job must be done or abandoned.  Returns at once, with all threads at an end but
 * those that are still inside a call; they clean up after themselves. */
void workers_free(struct workers *workers);
AUTO_DEFINE(struct workers *, workers_free)

/* False if no thread could be had at all: the caller does the work itself or fails. */
bool workers_submit(struct workers *workers, struct worker_job *job);
bool worker_job_done(const struct worker_job *job);
/* Gives the job away: dispose() will be called exactly once, now or later.  Must not be
 * called for a job that is done or was never submitted. */
void workers_abandon(struct worker_job *job);
/* How long it waited for a thread, from `since` on if that is later.
 * *ret_waits: it still waits, so the time counts until now. */
nsec worker_job_waited(const struct worker_job *job, nsec since, nsec now,
                       bool *ret_waits);
/* Threads inside a call that was abandoned or lasts longer than WORKERS_PATIENCE. */
unsigned workers_stuck(struct workers *workers);
/* Threads inside abandoned calls; account: only calls for it, or NULL for all. */
unsigned workers_abandoned(struct workers *workers, const void *account);
/* A thread is inside a call, or soon will be: as long as this is so the process must
 * not run exit handlers. */
bool workers_busy(struct workers *workers);
/* How long the next job that computes has been waiting for a core; 0: none
 * waits.  Tells whether to start more work (health/pace.h). */
nsec workers_lag(struct workers *workers, nsec now);

#endif
