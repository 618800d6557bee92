#include "io/lane.h"

void lane_init(struct lane *lane, unsigned usual)
{
    list_init(&lane->queued);
    list_init(&lane->running);
    lane->usual = lane->limit = usual < CREW_MOST ? usual : CREW_MOST;
}

size_t lane_startable(const struct lane *lane)
{
    size_t room = lane->limit > lane->running.n ? lane->limit - lane->running.n : 0;
    return room < lane->queued.n ? room : lane->queued.n;
}

struct crew_job *lane_take(struct lane *lane, nsec now)
{
    if (!lane_startable(lane))
        return NULL;
    struct crew_job *job = job_of(list_first(&lane->queued));
    list_remove(&lane->queued, &job->node);
    list_push_back(&lane->running, &job->node);
    job->state = JOB_RUNNING;
    job->since = now;
    return job;
}

static bool lasts_long(const struct crew_job *job, nsec now)
{
    return now - job->since >= CREW_PATIENCE;
}

void lane_leave(struct lane *lane, struct crew_job *job, nsec now)
{
    list_remove(&lane->running, &job->node);
    if (lane->limit > lane->usual && lasts_long(job, now))
        lane->limit--;
}

nsec lane_widens_at(const struct lane *lane, nsec now)
{
    if (lane->queued.n == 0 || lane->limit >= CREW_MOST)
        return NEVER;
    /* Threads are on their way to what may start; look again when they are there. */
    if (lane_startable(lane))
        return now + CREW_PATIENCE;
    return job_of(list_last(&lane->running))->since + CREW_PATIENCE;
}

void lane_widen(struct lane *lane, nsec now)
{
    if (lane_widens_at(lane, now) <= now)
        lane->limit++;
}

unsigned lane_stuck(const struct lane *lane, nsec now)
{
    unsigned n = 0;
    list_each (&lane->running, node, after) {
        const struct crew_job *job = job_of(node);
        n += job->state == JOB_ABANDONED || lasts_long(job, now);
    }
    return n;
}

unsigned lane_abandoned(const struct lane *lane)
{
    unsigned n = 0;
    list_each (&lane->running, node, after)
        n += job_of(node)->state == JOB_ABANDONED;
    return n;
}

nsec lane_lag(const struct lane *lane, nsec now)
{
    if (lane->queued.n == 0)
        return 0;
    nsec lag = now - job_of(list_first(&lane->queued))->since;
    return lag > 0 ? lag : 0;
}
