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
    nsec begun;  /* of what it computed, before its present job */
    bool humble; /* runs only when nobody else wants the core, for the rest of its life:
                    there is no way back without privileges */
};

/* Of the thread that calls. */
void worker_init(struct worker *worker);
/* A job begins. */
void worker_begin(struct worker *worker);
/* For that job, so far.  Of any thread; the worker's must not have ended. */
nsec worker_computed(const struct worker *worker);
void worker_humble(struct worker *worker);

#endif
