/* One worker thread, as the system sees it: how much it has computed, and how
 * important that is. */
#ifndef IO_WORKER_H
#define IO_WORKER_H

#include "base/clock.h"

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

struct worker {
    pid_t id;
    clockid_t clock;
    nsec begun;  /* CPU time it had used when its present job began */
    bool humble; /* has the lowest priority (nice 19), for the rest of its life: there
                    is no way back without privileges */
};

/* Describes the calling thread. */
void worker_init(struct worker *worker);
/* Marks the begin of a job. */
void worker_begin(struct worker *worker);
/* CPU time used for that job so far.  May be called on any thread; the worker's
 * must not have ended. */
nsec worker_computed(const struct worker *worker);
void worker_humble(struct worker *worker);

#endif
