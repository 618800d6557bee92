#include "io/worker.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

static nsec spent(const struct worker *worker)
{
    struct timespec time;
    if (clock_gettime(worker->clock, &time) != 0)
        return 0;
    return (nsec)time.tv_sec * NSEC_PER_SEC + time.tv_nsec;
}

void worker_init(struct worker *worker)
{
    *worker = (struct worker){.id = gettid(), .clock = CLOCK_THREAD_CPUTIME_ID};
    pthread_getcpuclockid(pthread_self(), &worker->clock);
}

void worker_begin(struct worker *worker)
{
    worker->begun = spent(worker);
}

nsec worker_computed(const struct worker *worker)
{
    return spent(worker) - worker->begun;
}

/* On Linux a priority is that of a thread. */
void worker_humble(struct worker *worker)
{
    if (!worker->humble)
        setpriority(PRIO_PROCESS, (id_t)worker->id, 19);
    worker->humble = true;
}
