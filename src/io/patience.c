#include "io/patience.h"

#include "io/worker.h"

void patience_with_errands(struct lane *lane, nsec now)
{
    list_each (&lane->counted, node, after)
        if (lane_lasts(job_of(node), now))
            lane_set_aside(lane, job_of(node));
}

static bool computes_for_long(const struct crew_job *job, nsec now)
{
    return worker_computed(job->worker) >= CREW_PATIENCE / 2 ||
           now - job->started >= 10 * CREW_PATIENCE;
}

/* A computation gets no core that somebody else wants. */
void patience_lost(struct lane *lane, struct crew_job *job)
{
    if (!job->errand)
        worker_humble(job->worker);
    lane_set_aside(lane, job);
}

void patience_with_computing(struct lane *lane, nsec now)
{
    list_each (&lane->counted, node, after) {
        struct crew_job *job = job_of(node);
        if (lane_lasts(job, now) && computes_for_long(job, now))
            patience_lost(lane, job);
    }
}
