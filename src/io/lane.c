#include "io/lane.h"

void lane_init(struct lane *lane, unsigned usual, unsigned most, bool grows)
{
    list_init(&lane->queued);
    list_init(&lane->counted);
    list_init(&lane->aside);
    lane->usual = usual < most ? usual : most;
    lane->most = most;
    lane->grows = grows;
}

void lane_join(struct lane *lane, struct crew_job *job, nsec now)
{
    job->state = JOB_QUEUED;
    job->aside = false;
    job->submitted = now;
    job->started = 0;
    list_push_back(&lane->queued, &job->node);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t lane_startable(const struct lane *lane)
{
    bool doubles = lane->grows && lane->aside.n > lane->usual;
    size_t may_count = doubles ? lane->aside.n : lane->usual;
    size_t left = lane->most - smaller(lane->most, lane->aside.n);
    may_count = smaller(may_count, left);
    return smaller(may_count - smaller(may_count, lane->counted.n), lane->queued.n);
}

struct crew_job *lane_take(struct lane *lane, nsec now)
{
    if (!lane_startable(lane))
        return NULL;
    struct crew_job *job = job_of(list_first(&lane->queued));
    list_remove(&lane->queued, &job->node);
    list_push_back(&lane->counted, &job->node);
    job->state = JOB_RUNNING;
    job->started = now;
    return job;
}

void lane_leave(struct lane *lane, struct crew_job *job)
{
    list_remove(job->aside ? &lane->aside : &lane->counted, &job->node);
}

void lane_set_aside(struct lane *lane, struct crew_job *job)
{
    if (job->aside)
        return;
    list_remove(&lane->counted, &job->node);
    list_push_back(&lane->aside, &job->node);
    job->aside = true;
}

bool lane_lasts(const struct crew_job *job, nsec now)
{
    return now - job->started >= CREW_PATIENCE;
}

nsec lane_looks_at(const struct lane *lane, nsec now)
{
    const struct list_node *oldest = list_first(&lane->counted);
    if (lane->queued.n == 0 || lane->counted.n + lane->aside.n >= lane->most)
        return NEVER;
    /* Threads are on their way to what may start; look again when they are there. */
    if (lane_startable(lane) || !oldest)
        return now + CREW_PATIENCE;
    nsec at = container_of(oldest, struct crew_job, node)->started + CREW_PATIENCE;
    /* It lasts, and has computed too little to be set aside. */
    return at > now ? at : now + CREW_PATIENCE / 5;
}

static unsigned count_stuck(const struct list *running, nsec now)
{
    unsigned n = 0;
    list_each (running, node, after) {
        const struct crew_job *job = job_of(node);
        n += job->state == JOB_ABANDONED || lane_lasts(job, now);
    }
    return n;
}

unsigned lane_stuck(const struct lane *lane, nsec now)
{
    return count_stuck(&lane->counted, now) + count_stuck(&lane->aside, now);
}

nsec lane_lag(const struct lane *lane, nsec now)
{
    if (lane->queued.n == 0)
        return 0;
    nsec lag = now - job_of(list_first(&lane->queued))->submitted;
    return lag > 0 ? lag : 0;
}

/* Whoever was abandoned was set aside. */
unsigned lane_abandoned(const struct lane *lane, const void *account)
{
    unsigned n = 0;
    list_each (&lane->aside, node, after) {
        const struct crew_job *job = job_of(node);
        n += job->state == JOB_ABANDONED && (!account || job->account == account);
    }
    return n;
}
