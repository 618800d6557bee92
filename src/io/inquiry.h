/* One call of getaddrinfo(), as a job for the crew.  It shares nothing with anybody: it
 * writes into an answer of its own, which may be read, and taken, when the job is done.
 */
#ifndef IO_INQUIRY_H
#define IO_INQUIRY_H

#include "io/crew.h"
#include "io/resolve.h"

struct answer {
    enum lookup_state state;        /* FOUND, FAILED or LOCAL */
    struct address_list *addresses; /* FOUND: a use of them */
    char reason[128];
};

/* Gives up what it had. */
void answer_fail(struct answer *answer, enum lookup_state state, const char *reason);

struct inquiry {
    struct crew_job job;
    struct answer answer;
    char name[];
};

/* Not submitted yet.  NULL: no memory. */
struct inquiry *inquiry_new(const char *name, struct task *waiter);
/* In any state; gives the job away if it is in the crew's hands.  NULL is fine. */
void inquiry_free(struct inquiry *inquiry);
AUTO_DEFINE(struct inquiry *, inquiry_free)

#endif
