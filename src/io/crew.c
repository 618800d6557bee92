/* Threads for calls that may take long.
 *
 * Everything shared stands under one lock.  A job goes queued → running → finished →
 * done; the last step is taken on the loop's side, so nobody sees a job done that is
 * still in one of our lists.  Abandoned jobs are disposed of by whoever has them: by
 * crew_abandon() while no thread does, else by the thread, when the call ends.
 *
 * A thread that leaves waits for the one that left before it, and crew_free() for the
 * last: OpenSSL tears down per-thread state when a thread ends, and must not do so
 * while exit() tears down the rest.  Only a thread inside a call that does not end is
 * left behind; it keeps the crew's memory alive, and nothing else.
 *
 * The surprise: jobs that compute and errands have lanes with limits of their own but
 * share the threads. */
#include "io/crew.h"

#include "base/memory.h"
#include "io/patience.h"
#include "io/worker.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>

/* A TLS handshake or a lookup needs some 100 kB.  But what the system's name service
 * modules (LDAP, sssd, winbind) need is theirs to know, and the thread-local storage of
 * all libraries comes off the same mapping.  Pages that nobody touches cost nothing. */
enum { STACK_SIZE = 1024 * 1024 };

struct crew {
    pthread_mutex_t lock;
    pthread_cond_t more; /* for idle threads: look again */
    pthread_cond_t left; /* for crew_free(): a thread is gone */
    struct lane computing, errands;
    struct list finished;
    unsigned threads, idle;
    unsigned busy; /* threads inside work() or dispose() */
    unsigned refs; /* threads, and one for the owner */
    nsec behind;   /* the loop's clock, behind that of the threads */
    bool closing;
    bool orphaned; /* crew_free() is over: nobody will join whoever leaves now */
    bool anybody_left;
    pthread_t last_left; /* not joined yet */

    /* the loop's side only */
    struct task task; /* its descriptor tells of finished jobs */
    unsigned in_hands;
};

static struct lane *lane_of(struct crew *crew, const struct crew_job *job)
{
    return job->errand ? &crew->errands : &crew->computing;
}

static nsec crew_now(const struct crew *crew)
{
    return clock_now() - crew->behind;
}

/* ---- a thread; holds the lock except inside the call ---- */

static void do_job(struct crew *crew, struct crew_job *job, struct worker *worker)
{
    crew->busy++;
    job->worker = worker;
    worker_begin(worker);
    pthread_mutex_unlock(&crew->lock);
    job->work(job);
    pthread_mutex_lock(&crew->lock);
    lane_leave(lane_of(crew, job), job);
    job->worker = NULL;
    if (job->state == JOB_ABANDONED) {
        pthread_mutex_unlock(&crew->lock);
        job->dispose(job);
        pthread_mutex_lock(&crew->lock);
    } else {
        job->state = JOB_FINISHED;
        list_push_back(&crew->finished, &job->node);
    }
    crew->busy--;
    bool tells = crew->finished.n == 1 || crew->computing.queued.n > 0;
    if (tells && !crew->closing)
        eventfd_write(crew->task.fd, 1); /* there may be room for another thread */
}

/* Unlocks, and destroys the crew if nobody is left. */
static void release(struct crew *crew)
{
    bool last = --crew->refs == 0;
    pthread_mutex_unlock(&crew->lock);
    if (!last)
        return;
    pthread_cond_destroy(&crew->more);
    pthread_cond_destroy(&crew->left);
    pthread_mutex_destroy(&crew->lock);
    free(crew);
}

/* A crowd that was needed once goes home; as many stay as there are cores. */
static bool may_wait(const struct crew *crew)
{
    return !crew->closing && crew->idle < crew->computing.usual;
}

static void leave(struct crew *crew)
{
    crew->threads--;
    pthread_cond_signal(&crew->left);
    bool follows = crew->anybody_left;
    pthread_t before = crew->last_left, self = pthread_self();
    if (crew->orphaned) {
        pthread_detach(self);
    } else {
        crew->anybody_left = true;
        crew->last_left = self;
    }
    release(crew);
    if (follows)
        pthread_join(before, NULL);
}

static void *thread_main(void *arg)
{
    struct crew *crew = arg;
    struct worker worker;
    worker_init(&worker);
    pthread_mutex_lock(&crew->lock);
    while (!worker.humble) {
        /* Errands first: they leave their core at once. */
        nsec now = crew_now(crew);
        struct crew_job *job = lane_take(&crew->errands, now);
        if (!job)
            job = lane_take(&crew->computing, now);
        if (job) {
            do_job(crew, job, &worker);
        } else if (may_wait(crew)) {
            crew->idle++;
            pthread_cond_wait(&crew->more, &crew->lock);
            crew->idle--;
        } else {
            break;
        }
    }
    leave(crew);
    return NULL;
}

/* ---- the loop's side ---- */

static bool start_thread(struct crew *crew)
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
    bool started = pthread_create(&thread, &attr, thread_main, crew) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    if (started) {
        crew->threads++;
        crew->refs++;
    }
    return started;
}

/* A thread for each job that may start.  Those that were called or started but have
 * not come yet are not busy, and their jobs are still startable. */
static void call_threads(struct crew *crew)
{
    size_t wanted = lane_startable(&crew->computing) + lane_startable(&crew->errands);
    for (size_t i = 0; i < wanted && i < crew->idle; i++)
        pthread_cond_signal(&crew->more);
    for (size_t i = crew->threads - crew->busy; i < wanted; i++)
        if (!start_thread(crew))
            return;
}

static void set_alarm(struct crew *crew, nsec now)
{
    nsec computing = lane_looks_at(&crew->computing, now);
    nsec errands = lane_looks_at(&crew->errands, now);
    crew->task.deadline = computing < errands ? computing : errands;
}

/* Threads have a clock of their own, which does not know what the loop has lost. */
static void set_clock(struct crew *crew)
{
    crew->behind = loop_lost(crew->task.loop);
}

static void hand_back(struct crew *crew)
{
    struct list_node *node;
    while ((node = list_first(&crew->finished))) {
        struct crew_job *job = job_of(node);
        list_remove(&crew->finished, node);
        job->state = JOB_DONE;
        job->crew = NULL;
        crew->in_hands--;
        if (job->waiter)
            loop_wake(job->waiter);
    }
}

static void crew_step(struct task *task, short revents, nsec now)
{
    struct crew *crew = container_of(task, struct crew, task);
    pthread_mutex_lock(&crew->lock);
    eventfd_t ignored;
    eventfd_read(task->fd, &ignored);
    set_clock(crew);
    hand_back(crew);
    if (crew->computing.queued.n > 0)
        patience_with_computing(&crew->computing, now);
    patience_with_errands(&crew->errands, now);
    call_threads(crew);
    set_alarm(crew, now);
    pthread_mutex_unlock(&crew->lock);
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

struct crew *crew_new(struct loop *loop, unsigned cores)
{
    AUTO(free) struct crew *crew = memory_new(struct crew);
    AUTO(close) int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (!crew || fd < 0)
        return NULL;
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->more, NULL);
    pthread_cond_init(&crew->left, NULL);
    lane_init(&crew->computing, cores ? cores : count_cores(), CREW_MOST_COMPUTING,
              /* grows= */ false);
    lane_init(&crew->errands, CREW_ERRANDS, CREW_MOST_ERRANDS, /* grows= */ true);
    list_init(&crew->finished);
    crew->refs = 1;
    task_init(&crew->task, crew_step);
    crew->task.fd = fd;
    crew->task.events = POLLIN;
    if (!loop_add(loop, &crew->task))
        return NULL;
    fd = -1;
    return take_ptr(crew);
}

void crew_free(struct crew *crew)
{
    if (!crew)
        return;
    assert(crew->in_hands == 0);
    loop_remove(&crew->task);
    pthread_mutex_lock(&crew->lock);
    close(crew->task.fd);
    crew->closing = true;
    pthread_cond_broadcast(&crew->more);
    while (crew->threads > crew->busy)
        pthread_cond_wait(&crew->left, &crew->lock);
    bool join = crew->anybody_left;
    pthread_t last = crew->last_left;
    crew->anybody_left = false;
    crew->orphaned = true;
    release(crew);
    if (join)
        pthread_join(last, NULL);
}

bool crew_submit(struct crew *crew, struct crew_job *job)
{
    assert(!job->crew);
    struct lane *lane = lane_of(crew, job);
    nsec now = loop_now(crew->task.loop);
    pthread_mutex_lock(&crew->lock);
    set_clock(crew);
    lane_join(lane, job, now);
    call_threads(crew);
    bool taken = crew->threads > 0;
    if (taken) {
        job->crew = crew;
        crew->in_hands++;
        set_alarm(crew, now);
    } else {
        list_remove(&lane->queued, &job->node);
        job->state = JOB_NEW;
    }
    pthread_mutex_unlock(&crew->lock);
    loop_update(&crew->task);
    return taken;
}

/* Without the lock: only the loop's side writes job->crew, and until it is NULL the
 * answer does not depend on what a thread writes. */
bool crew_job_done(const struct crew_job *job)
{
    return !job->crew && job->state == JOB_DONE;
}

void crew_abandon(struct crew_job *job)
{
    struct crew *crew = job->crew;
    assert(crew);
    pthread_mutex_lock(&crew->lock);
    struct lane *lane = lane_of(crew, job);
    bool runs = job->state == JOB_RUNNING;
    if (runs)
        patience_lost(lane, job);
    else if (job->state == JOB_QUEUED)
        list_remove(&lane->queued, &job->node);
    else if (job->state == JOB_FINISHED)
        list_remove(&crew->finished, &job->node);
    job->crew = NULL;
    job->state = JOB_ABANDONED;
    crew->in_hands--;
    pthread_mutex_unlock(&crew->lock);
    if (!runs)
        job->dispose(job);
}

/* Only the loop's side writes `submitted`, and a thread writes `started` once, under
 * the lock; a job that is in nobody's hands keeps both. */
nsec crew_job_waited(const struct crew_job *job, nsec since, nsec now, bool *ret_waits)
{
    struct crew *crew = job->crew;
    if (crew)
        pthread_mutex_lock(&crew->lock);
    nsec until = job->started;
    *ret_waits = crew && job->state == JOB_QUEUED;
    if (crew)
        pthread_mutex_unlock(&crew->lock);
    if (*ret_waits)
        until = now;
    if (since < job->submitted)
        since = job->submitted;
    return until > since ? until - since : 0;
}

unsigned crew_abandoned(struct crew *crew, const void *account)
{
    pthread_mutex_lock(&crew->lock);
    unsigned n = lane_abandoned(&crew->computing, account) +
                 lane_abandoned(&crew->errands, account);
    pthread_mutex_unlock(&crew->lock);
    return n;
}

unsigned crew_stuck(struct crew *crew)
{
    nsec now = loop_now(crew->task.loop);
    pthread_mutex_lock(&crew->lock);
    unsigned n = lane_stuck(&crew->computing, now) + lane_stuck(&crew->errands, now);
    pthread_mutex_unlock(&crew->lock);
    return n;
}

bool crew_busy(struct crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    bool busy = crew->busy > 0 || crew->in_hands > 0;
    pthread_mutex_unlock(&crew->lock);
    return busy;
}

nsec crew_lag(struct crew *crew, nsec now)
{
    pthread_mutex_lock(&crew->lock);
    nsec lag = lane_lag(&crew->computing, now);
    pthread_mutex_unlock(&crew->lock);
    return lag;
}
