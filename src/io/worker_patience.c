#include "io/worker_patience.h"

#include "io/worker.h"

void patience_with_blocking(struct worker_queue *queue, nsec now)
{
    list_each (&queue->counted, node, after)
        if (worker_queue_lasts(job_of(node), now))
            worker_queue_set_aside(queue, job_of(node));
}

static bool computes_for_long(const struct worker_job *job, nsec now)
{
    return worker_computed(job->worker) >= WORKERS_PATIENCE / 2 ||
           now - job->started >= 10 * WORKERS_PATIENCE;
}

/* From now on a computation gets only a core that no other process wants. */
void patience_lost(struct worker_queue *queue, struct worker_job *job)
{
    if (!job->blocking)
        worker_humble(job->worker);
    worker_queue_set_aside(queue, job);
}

void patience_with_computing(struct worker_queue *queue, nsec now)
{
    list_each (&queue->counted, node, after) {
        struct worker_job *job = job_of(node);
        if (worker_queue_lasts(job, now) && computes_for_long(job, now))
            patience_lost(queue, job);
    }
}
