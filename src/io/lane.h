/* The jobs of one kind, and how many of them run at once.  Neither lock nor thread:
 * those are the crew's.
 *
 * Only jobs that have just begun count against the usual number.  One that lasts is set
 * aside: it goes on, but another one may begin in its place.  So calls that hang cost
 * the others the patience with one call and not the call; and calls that compute do not
 * crowd the cores, because they are set aside by what they computed. */
#ifndef IO_LANE_H
#define IO_LANE_H

#include "io/crew.h"

enum job_state {
    JOB_NEW,
    JOB_QUEUED,
    JOB_RUNNING,
    JOB_FINISHED, /* the loop's side has not heard of it yet */
    JOB_DONE,
    JOB_ABANDONED, /* while it runs */
};

struct lane {
    struct list queued;
    struct list counted, aside; /* those that run; oldest first */
    unsigned usual, most;       /* of counted, of both */
    bool grows; /* as many may be counted as were set aside, so that it doubles */
};

static inline struct crew_job *job_of(struct list_node *node)
{
    return container_of(node, struct crew_job, node);
}

void lane_init(struct lane *lane, unsigned usual, unsigned most, bool grows);
void lane_join(struct lane *lane, struct crew_job *job, nsec now);
/* How many of the queued jobs may start now. */
size_t lane_startable(const struct lane *lane);
/* The oldest that may start, which now runs; NULL if none. */
struct crew_job *lane_take(struct lane *lane, nsec now);
/* A running job leaves. */
void lane_leave(struct lane *lane, struct crew_job *job);
/* A job that runs does not count any more. */
void lane_set_aside(struct lane *lane, struct crew_job *job);

/* When somebody should look again who is to be set aside, as things stand; NEVER: no
 * job waits for that. */
nsec lane_looks_at(const struct lane *lane, nsec now);
/* Has run for so long that it may be. */
bool lane_lasts(const struct crew_job *job, nsec now);
/* Calls that were abandoned or last too long. */
unsigned lane_stuck(const struct lane *lane, nsec now);
/* How long the next job has been waiting; 0: none waits. */
nsec lane_lag(const struct lane *lane, nsec now);
/* Calls that were abandoned and have not ended; account: only those for it, or NULL. */
unsigned lane_abandoned(const struct lane *lane, const void *account);

#endif
