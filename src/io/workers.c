/* Threads for calls that may take long.
 *
 * Everything shared stands under one lock.  A job goes queued → running →
 * finished → done; the last step is taken on the loop's side, so a job that is
 * done is in none of our lists.  An abandoned job is disposed of by
 * workers_abandon() if no thread runs it, otherwise by its thread when the call
 * ends.
 *
 * A thread that leaves waits for the one that left before it, and workers_free() for
 * the last: OpenSSL tears down per-thread state when a thread ends, and must not do so
 * while exit() tears down the rest.  Only a thread inside a call that does not end is
 * left behind; it keeps the workers' memory alive, and nothing else.
 *
 * Jobs that compute and blocking jobs have queues with limits of their own but
 * share the threads. */
#include "io/workers.h"

#include "base/memory.h"
#include "io/worker.h"
#include "io/worker_patience.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>

/* A TLS handshake or a lookup needs some 100 kB.  But we do not know what the
 * system's name service modules (LDAP, sssd, winbind) need, and the
 * thread-local storage of all libraries comes off the same mapping.  Untouched
 * pages cost nothing. */
enum { STACK_SIZE = 1024 * 1024 };

struct workers {
    pthread_mutex_t lock;
    pthread_cond_t more; /* for idle threads: look again */
    pthread_cond_t left; /* for workers_free(): a thread is gone */
    struct worker_queue computing, blocking;
    struct list finished;
    unsigned threads, idle;
    unsigned busy; /* threads inside work() or dispose() */
    unsigned refs; /* threads, and one for the owner */
    nsec behind;   /* the loop's clock, behind that of the threads */
    bool closing;
    bool orphaned; /* workers_free() is over: threads that leave now are not joined */
    bool anybody_left;
    pthread_t last_left; /* not joined yet */

    /* the loop's side only */
    struct task task; /* its descriptor tells of finished jobs */
    unsigned in_hands;
};

static struct worker_queue *worker_queue_of(struct workers *workers,
                                            const struct worker_job *job)
{
    return job->blocking ? &workers->blocking : &workers->computing;
}

static nsec workers_now(const struct workers *workers)
{
    return clock_now() - workers->behind;
}

/* ---- a thread; holds the lock except inside the call ---- */

static void do_job(struct workers *workers, struct worker_job *job,
                   struct worker *worker)
{
    workers->busy++;
    job->worker = worker;
    worker_begin(worker);
    pthread_mutex_unlock(&workers->lock);
    job->work(job);
    pthread_mutex_lock(&workers->lock);
    worker_queue_leave(worker_queue_of(workers, job), job);
    job->worker = NULL;
    if (job->state == JOB_ABANDONED) {
        pthread_mutex_unlock(&workers->lock);
        job->dispose(job);
        pthread_mutex_lock(&workers->lock);
    } else {
        job->state = JOB_FINISHED;
        list_push_back(&workers->finished, &job->node);
    }
    workers->busy--;
    bool tells = workers->finished.n == 1 || workers->computing.queued.n > 0;
    if (tells && !workers->closing)
        eventfd_write(workers->task.fd, 1); /* there may be room for another thread */
}

/* Unlocks, and destroys the pool if that was its last user. */
static void release_workers(struct workers *workers)
{
    bool last = --workers->refs == 0;
    pthread_mutex_unlock(&workers->lock);
    if (!last)
        return;
    pthread_cond_destroy(&workers->more);
    pthread_cond_destroy(&workers->left);
    pthread_mutex_destroy(&workers->lock);
    free(workers);
}

/* At most as many idle threads stay as there are cores; the others end. */
static bool may_wait(const struct workers *workers)
{
    return !workers->closing && workers->idle < workers->computing.usual;
}

static void worker_leave(struct workers *workers)
{
    workers->threads--;
    pthread_cond_signal(&workers->left);
    bool follows = workers->anybody_left;
    pthread_t before = workers->last_left, self = pthread_self();
    if (workers->orphaned) {
        pthread_detach(self);
    } else {
        workers->anybody_left = true;
        workers->last_left = self;
    }
    release_workers(workers);
    if (follows)
        pthread_join(before, NULL);
}

static void *thread_main(void *arg)
{
    struct workers *workers = arg;
    struct worker worker;
    worker_init(&worker);
    pthread_mutex_lock(&workers->lock);
    while (!worker.humble) {
        /* Blocking jobs first: they use their core only for a moment. */
        nsec now = workers_now(workers);
        struct worker_job *job = worker_queue_take(&workers->blocking, now);
        if (!job)
            job = worker_queue_take(&workers->computing, now);
        if (job) {
            do_job(workers, job, &worker);
        } else if (may_wait(workers)) {
            workers->idle++;
            pthread_cond_wait(&workers->more, &workers->lock);
            workers->idle--;
        } else {
            break;
        }
    }
    worker_leave(workers);
    return NULL;
}

/* ---- the loop's side ---- */

static bool start_thread(struct workers *workers)
{
    pthread_attr_t attr;
    if (pthread_attr_init(&attr) != 0)
        return false;
    pthread_attr_setstacksize(&attr, STACK_SIZE);

    /* A new thread inherits the mask: signals are for the thread that has the loop. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    bool started = pthread_create(&thread, &attr, thread_main, workers) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    if (started) {
        workers->threads++;
        workers->refs++;
    }
    return started;
}

/* Wakes or starts a thread for each job that may start.  A thread that has not
 * come yet does not count as busy, and its job still counts as startable. */
static void call_threads(struct workers *workers)
{
    size_t wanted = worker_queue_startable(&workers->computing) +
                    worker_queue_startable(&workers->blocking);
    for (size_t i = 0; i < wanted && i < workers->idle; i++)
        pthread_cond_signal(&workers->more);
    for (size_t i = workers->threads - workers->busy; i < wanted; i++)
        if (!start_thread(workers))
            return;
}

static void set_alarm(struct workers *workers, nsec now)
{
    nsec computing = worker_queue_looks_at(&workers->computing, now);
    nsec blocking = worker_queue_looks_at(&workers->blocking, now);
    workers->task.deadline = computing < blocking ? computing : blocking;
}

/* Threads have a clock of their own, which does not know what the loop has lost. */
static void set_clock(struct workers *workers)
{
    workers->behind = loop_lost(workers->task.loop);
}

static void hand_back(struct workers *workers)
{
    struct list_node *node;
    while ((node = list_first(&workers->finished))) {
        struct worker_job *job = job_of(node);
        list_remove(&workers->finished, node);
        job->state = JOB_DONE;
        job->workers = NULL;
        workers->in_hands--;
        if (job->waiter)
            loop_wake(job->waiter);
    }
}

static void workers_step(struct task *task, short revents, nsec now)
{
    struct workers *workers = container_of(task, struct workers, task);
    pthread_mutex_lock(&workers->lock);
    eventfd_t ignored;
    eventfd_read(task->fd, &ignored);
    set_clock(workers);
    hand_back(workers);
    if (workers->computing.queued.n > 0)
        patience_with_computing(&workers->computing, now);
    patience_with_blocking(&workers->blocking, now);
    call_threads(workers);
    set_alarm(workers, now);
    pthread_mutex_unlock(&workers->lock);
}

/* The cores that we may use, which taskset and containers can make fewer. */
static unsigned count_cores(void)
{
    cpu_set_t cores;
    if (sched_getaffinity(0, sizeof cores, &cores) == 0)
        return (unsigned)CPU_COUNT(&cores);
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (unsigned)n : 1;
}

struct workers *workers_new(struct loop *loop, unsigned cores)
{
    AUTO(free) struct workers *workers = memory_new(struct workers);
    AUTO(close) int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (!workers || fd < 0)
        return NULL;
    pthread_mutex_init(&workers->lock, NULL);
    pthread_cond_init(&workers->more, NULL);
    pthread_cond_init(&workers->left, NULL);
    worker_queue_init(&workers->computing, cores ? cores : count_cores(),
                      WORKERS_MOST_COMPUTING,
                      /* grows= */ false);
    worker_queue_init(&workers->blocking, WORKERS_BLOCKING, WORKERS_MOST_BLOCKING,
                      /* grows= */ true);
    list_init(&workers->finished);
    workers->refs = 1;
    task_init(&workers->task, workers_step);
    workers->task.fd = fd;
    workers->task.events = POLLIN;
    if (!loop_add(loop, &workers->task))
        return NULL;
    fd = -1;
    return take_ptr(workers);
}

void workers_free(struct workers *workers)
{
    if (!workers)
        return;
    assert(workers->in_hands == 0);
    loop_remove(&workers->task);
    pthread_mutex_lock(&workers->lock);
    close(workers->task.fd);
    workers->closing = true;
    pthread_cond_broadcast(&workers->more);
    while (workers->threads > workers->busy)
        pthread_cond_wait(&workers->left, &workers->lock);
    bool join = workers->anybody_left;
    pthread_t last = workers->last_left;
    workers->anybody_left = false;
    workers->orphaned = true;
    release_workers(workers);
    if (join)
        pthread_join(last, NULL);
}

bool workers_submit(struct workers *workers, struct worker_job *job)
{
    assert(!job->workers);
    struct worker_queue *queue = worker_queue_of(workers, job);
    nsec now = loop_now(workers->task.loop);
    pthread_mutex_lock(&workers->lock);
    set_clock(workers);
    worker_queue_join(queue, job, now);
    call_threads(workers);
    bool taken = workers->threads > 0;
    if (taken) {
        job->workers = workers;
        workers->in_hands++;
        set_alarm(workers, now);
    } else {
        list_remove(&queue->queued, &job->node);
        job->state = JOB_NEW;
    }
    pthread_mutex_unlock(&workers->lock);
    loop_update(&workers->task);
    return taken;
}

/* Without the lock: only the loop's side writes job->workers, and state is read
 * only when that is NULL, which is after the thread's last write. */
bool worker_job_done(const struct worker_job *job)
{
    return !job->workers && job->state == JOB_DONE;
}

void workers_abandon(struct worker_job *job)
{
    struct workers *workers = job->workers;
    assert(workers);
    pthread_mutex_lock(&workers->lock);
    struct worker_queue *queue = worker_queue_of(workers, job);
    bool runs = job->state == JOB_RUNNING;
    if (runs)
        patience_lost(queue, job);
    else if (job->state == JOB_QUEUED)
        list_remove(&queue->queued, &job->node);
    else if (job->state == JOB_FINISHED)
        list_remove(&workers->finished, &job->node);
    job->workers = NULL;
    job->state = JOB_ABANDONED;
    workers->in_hands--;
    pthread_mutex_unlock(&workers->lock);
    if (!runs)
        job->dispose(job);
}

/* Only the loop's side writes `submitted`, and a thread writes `started` once,
 * under the lock; after the job both stay as they are. */
nsec worker_job_waited(const struct worker_job *job, nsec since, nsec now,
                       bool *ret_waits)
{
    struct workers *workers = job->workers;
    if (workers)
        pthread_mutex_lock(&workers->lock);
    nsec until = job->started;
    *ret_waits = workers && job->state == JOB_QUEUED;
    if (workers)
        pthread_mutex_unlock(&workers->lock);
    if (*ret_waits)
        until = now;
    if (since < job->submitted)
        since = job->submitted;
    return until > since ? until - since : 0;
}

unsigned workers_abandoned(struct workers *workers, const void *account)
{
    pthread_mutex_lock(&workers->lock);
    unsigned n = worker_queue_abandoned(&workers->computing, account) +
                 worker_queue_abandoned(&workers->blocking, account);
    pthread_mutex_unlock(&workers->lock);
    return n;
}

unsigned workers_stuck(struct workers *workers)
{
    nsec now = loop_now(workers->task.loop);
    pthread_mutex_lock(&workers->lock);
    unsigned n = worker_queue_stuck(&workers->computing, now) +
                 worker_queue_stuck(&workers->blocking, now);
    pthread_mutex_unlock(&workers->lock);
    return n;
}

bool workers_busy(struct workers *workers)
{
    pthread_mutex_lock(&workers->lock);
    bool busy = workers->busy > 0 || workers->in_hands > 0;
    pthread_mutex_unlock(&workers->lock);
    return busy;
}

nsec workers_lag(struct workers *workers, nsec now)
{
    pthread_mutex_lock(&workers->lock);
    nsec lag = worker_queue_lag(&workers->computing, now);
    pthread_mutex_unlock(&workers->lock);
    return lag;
}
