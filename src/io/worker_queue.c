#include "io/worker_queue.h"

void worker_queue_init(struct worker_queue *queue, unsigned usual, unsigned most,
                       bool grows)
{
    list_init(&queue->queued);
    list_init(&queue->counted);
    list_init(&queue->aside);
    queue->usual = usual < most ? usual : most;
    queue->most = most;
    queue->grows = grows;
}

void worker_queue_join(struct worker_queue *queue, struct worker_job *job, nsec now)
{
    job->state = JOB_QUEUED;
    job->aside = false;
    job->submitted = now;
    job->started = 0;
    list_push_back(&queue->queued, &job->node);
}

static size_t smaller_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t worker_queue_startable(const struct worker_queue *queue)
{
    bool doubles = queue->grows && queue->aside.n > queue->usual;
    size_t may_count = doubles ? queue->aside.n : queue->usual;
    size_t left = queue->most - smaller_of(queue->most, queue->aside.n);
    may_count = smaller_of(may_count, left);
    return smaller_of(may_count - smaller_of(may_count, queue->counted.n),
                      queue->queued.n);
}

struct worker_job *worker_queue_take(struct worker_queue *queue, nsec now)
{
    if (!worker_queue_startable(queue))
        return NULL;
    struct worker_job *job = job_of(list_first(&queue->queued));
    list_remove(&queue->queued, &job->node);
    list_push_back(&queue->counted, &job->node);
    job->state = JOB_RUNNING;
    job->started = now;
    return job;
}

void worker_queue_leave(struct worker_queue *queue, struct worker_job *job)
{
    list_remove(job->aside ? &queue->aside : &queue->counted, &job->node);
}

void worker_queue_set_aside(struct worker_queue *queue, struct worker_job *job)
{
    if (job->aside)
        return;
    list_remove(&queue->counted, &job->node);
    list_push_back(&queue->aside, &job->node);
    job->aside = true;
}

bool worker_queue_lasts(const struct worker_job *job, nsec now)
{
    return now - job->started >= WORKERS_PATIENCE;
}

nsec worker_queue_looks_at(const struct worker_queue *queue, nsec now)
{
    const struct list_node *oldest = list_first(&queue->counted);
    if (queue->queued.n == 0 || queue->counted.n + queue->aside.n >= queue->most)
        return NEVER;
    /* Threads are on their way to what may start; look again when they are there. */
    if (worker_queue_startable(queue) || !oldest)
        return now + WORKERS_PATIENCE;
    nsec at = container_of(oldest, struct worker_job, node)->started + WORKERS_PATIENCE;
    /* The oldest job lasts, but has computed too little to be set aside. */
    return at > now ? at : now + WORKERS_PATIENCE / 5;
}

static unsigned count_stuck(const struct list *running, nsec now)
{
    unsigned n = 0;
    list_each (running, node, after) {
        const struct worker_job *job = job_of(node);
        n += job->state == JOB_ABANDONED || worker_queue_lasts(job, now);
    }
    return n;
}

unsigned worker_queue_stuck(const struct worker_queue *queue, nsec now)
{
    return count_stuck(&queue->counted, now) + count_stuck(&queue->aside, now);
}

nsec worker_queue_lag(const struct worker_queue *queue, nsec now)
{
    if (queue->queued.n == 0)
        return 0;
    nsec lag = now - job_of(list_first(&queue->queued))->submitted;
    return lag > 0 ? lag : 0;
}

/* Only jobs set aside need a look: abandoning a running job sets it aside. */
unsigned worker_queue_abandoned(const struct worker_queue *queue, const void *account)
{
    unsigned n = 0;
    list_each (&queue->aside, node, after) {
        const struct worker_job *job = job_of(node);
        n += job->state == JOB_ABANDONED && (!account || job->account == account);
    }
    return n;
}
