/* One call of getaddrinfo(), as a job for the workers.  It shares no memory
 * with the loop: it writes into an answer of its own, which may be read, and
 * taken, when the job is done. */
#ifndef IO_LOOKUP_JOB_H
#define IO_LOOKUP_JOB_H

#include "io/resolve.h"
#include "io/workers.h"

struct lookup_answer {
    enum lookup_state state;        /* FOUND, FAILED or LOCAL */
    struct address_list *addresses; /* FOUND: a use of them */
    char reason[128];
};

/* Drops the addresses that the answer had. */
void lookup_answer_fail(struct lookup_answer *answer, enum lookup_state state,
                        const char *reason);

struct lookup_job {
    struct worker_job job;
    struct lookup_answer answer;
    char name[];
};

/* Not submitted yet.  NULL: no memory. */
struct lookup_job *lookup_job_new(const char *name, struct task *waiter);
/* In any state; gives the job away if it is in the workers' hands.  NULL is fine. */
void lookup_job_free(struct lookup_job *job);
AUTO_DEFINE(struct lookup_job *, lookup_job_free)

#endif
