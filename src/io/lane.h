/* The jobs of one kind, and how many of them run at once.  Neither lock nor thread:
 * those are the crew's.
 *
 * The limit goes up by one whenever all calls have lasted longer than CREW_PATIENCE and
 * another job is queued, and down again as those end.  So calls that hang cost the
 * others CREW_PATIENCE, and calls that compute do not crowd the cores. */
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
    struct list queued, running; /* oldest first */
    unsigned usual, limit;       /* of what runs at once */
};

static inline struct crew_job *job_of(struct list_node *node)
{
    return container_of(node, struct crew_job, node);
}

void lane_init(struct lane *lane, unsigned usual);
/* How many of the queued jobs may start now. */
size_t lane_startable(const struct lane *lane);
/* The oldest that may start, which now runs; NULL if none. */
struct crew_job *lane_take(struct lane *lane, nsec now);
/* A running job leaves. */
void lane_leave(struct lane *lane, struct crew_job *job, nsec now);

/* When the limit is due to go up, as things stand; NEVER if it is not. */
nsec lane_widens_at(const struct lane *lane, nsec now);
void lane_widen(struct lane *lane, nsec now);
/* Calls that were abandoned or last too long. */
unsigned lane_stuck(const struct lane *lane, nsec now);
/* Calls that were abandoned and have not ended. */
unsigned lane_abandoned(const struct lane *lane);
/* How long the next job has been waiting; 0: none waits. */
nsec lane_lag(const struct lane *lane, nsec now);

#endif
