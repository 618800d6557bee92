/* The jobs of one kind, and how many of them run at once.  It has neither lock
 * nor threads: those are the workers'.
 *
 * Only jobs that have just begun count against the usual number.  One that
 * lasts is set aside: it goes on, but another one may begin in its place.  So a
 * call that hangs delays the others by WORKERS_PATIENCE only; and calls that
 * compute do not crowd the cores, because they are set aside by the CPU time
 * they used. */
#ifndef IO_WORKER_QUEUE_H
#define IO_WORKER_QUEUE_H

#include "io/workers.h"

enum job_state {
    JOB_NEW,
    JOB_QUEUED,
    JOB_RUNNING,
    JOB_FINISHED, /* the loop's side has not heard of it yet */
    JOB_DONE,
    JOB_ABANDONED, /* still runs */
};

struct worker_queue {
    struct list queued;
    struct list counted, aside; /* running jobs, oldest first */
    unsigned usual, most;       /* limits: of counted, of counted and aside */
    bool grows; /* as many may be counted as were set aside, so that it doubles */
};

static inline struct worker_job *job_of(struct list_node *node)
{
    return container_of(node, struct worker_job, node);
}

void worker_queue_init(struct worker_queue *queue, unsigned usual, unsigned most,
                       bool grows);
void worker_queue_join(struct worker_queue *queue, struct worker_job *job, nsec now);
/* How many of the queued jobs may start now. */
size_t worker_queue_startable(const struct worker_queue *queue);
/* Takes the oldest job that may start, and marks it as running; NULL if none. */
struct worker_job *worker_queue_take(struct worker_queue *queue, nsec now);
/* A running job leaves. */
void worker_queue_leave(struct worker_queue *queue, struct worker_job *job);
/* A job that runs does not count any more. */
void worker_queue_set_aside(struct worker_queue *queue, struct worker_job *job);

/* When to look again for jobs to set aside, as things stand; NEVER: no queued
 * job waits for that. */
nsec worker_queue_looks_at(const struct worker_queue *queue, nsec now);
/* The job has run for so long that it may be set aside. */
bool worker_queue_lasts(const struct worker_job *job, nsec now);
/* Calls that were abandoned or last too long. */
unsigned worker_queue_stuck(const struct worker_queue *queue, nsec now);
/* How long the next job has been waiting; 0: none waits. */
nsec worker_queue_lag(const struct worker_queue *queue, nsec now);
/* Calls that were abandoned and have not ended; account: only those for it, or NULL. */
unsigned worker_queue_abandoned(const struct worker_queue *queue, const void *account);

#endif
