/* There are two ways to send it; the libpq that we are built with decides.
 *
 * Invariant: while a job is lent, a thread has libpq's part of the request, and nothing
 * here looks at it.  A request that is freed meanwhile is abandoned to that thread. */
#include "pg/cancel_request.h"

#include "base/memory.h"

struct cancel_request {
    struct worker_job job;
    struct workers *workers;
    struct task *task;
    bool lent; /* a thread has it: job and libpq's part belong to that thread */
#ifdef LIBPQ_HAS_ASYNC_CANCEL
    PGcancelConn *pg;
    PostgresPollingStatusType polled;
    bool computes; /* there is TLS */
#else
    PGcancel *pg;
#endif
};

static void dispose_request(struct worker_job *job);

static struct cancel_request *request_new(struct workers *workers, struct task *task,
                                          void (*work)(struct worker_job *job))
{
    struct cancel_request *request = memory_new(struct cancel_request);
    if (!request)
        return NULL;
    request->workers = workers;
    request->task = task;
    request->job.work = work;
    request->job.dispose = dispose_request;
    request->job.waiter = task;
    return request;
}

/* Whether a thread still has it. */
static bool is_out(struct cancel_request *request)
{
    if (request->lent && worker_job_done(&request->job))
        request->lent = false;
    return request->lent;
}

static void lend(struct cancel_request *request)
{
    request->task->fd = -1;
    request->lent = workers_submit(request->workers, &request->job);
}

#ifdef LIBPQ_HAS_ASYNC_CANCEL

static void cancel_request_finish(struct cancel_request *request)
{
    PQcancelFinish(request->pg);
    free(request);
}

static void poll_cancel(struct worker_job *job)
{
    struct cancel_request *request = container_of(job, struct cancel_request, job);
    request->polled = PQcancelPoll(request->pg);
}

struct cancel_request *cancel_request_new(PGconn *pg, struct workers *workers,
                                          struct task *task)
{
    AUTO(cancel_request_free)
    struct cancel_request *request = request_new(workers, task, poll_cancel);
    if (!request)
        return NULL;
    request->polled = PGRES_POLLING_WRITING;
    request->computes = PQsslInUse(pg) || PQgssEncInUse(pg);
    request->pg = PQcancelCreate(pg);
    if (!request->pg || !PQcancelStart(request->pg))
        return NULL;
    task->fd = PQcancelSocket(request->pg);
    task->events = POLLOUT;
    return take_ptr(request);
}

static bool want(struct cancel_request *request)
{
    bool reading = request->polled == PGRES_POLLING_READING;
    if (!reading && request->polled != PGRES_POLLING_WRITING)
        return true;
    request->task->fd = PQcancelSocket(request->pg);
    request->task->events = reading ? POLLIN : POLLOUT;
    return false;
}

bool cancel_request_step(struct cancel_request *request, short revents)
{
    bool was_out = request->lent;
    if (is_out(request))
        return false;
    if (was_out)
        return want(request);
    if (!revents)
        return false;
    if (request->computes)
        lend(request);
    if (request->lent)
        return false;
    poll_cancel(&request->job);
    return want(request);
}

#else

/* No request is made while this many calls are abandoned: servers that take a
 * request and never close would otherwise fill the pool with threads. */
enum { MOST_ABANDONED = 16 };

static void cancel_request_finish(struct cancel_request *request)
{
    PQfreeCancel(request->pg);
    free(request);
}

static void call_pqcancel(struct worker_job *job)
{
    struct cancel_request *request = container_of(job, struct cancel_request, job);
    char why_not[256];
    PQcancel(request->pg, why_not, sizeof why_not);
}

struct cancel_request *cancel_request_new(PGconn *pg, struct workers *workers,
                                          struct task *task)
{
    if (PQsslInUse(pg) || PQgssEncInUse(pg) ||
        workers_abandoned(workers, NULL) >= MOST_ABANDONED)
        return NULL;
    AUTO(cancel_request_free)
    struct cancel_request *request = request_new(workers, task, call_pqcancel);
    if (!request)
        return NULL;
    request->job.blocking = true;
    request->pg = PQgetCancel(pg);
    if (!request->pg)
        return NULL;
    lend(request);
    return request->lent ? take_ptr(request) : NULL;
}

bool cancel_request_step(struct cancel_request *request, short revents)
{
    return !is_out(request);
}

#endif

static void dispose_request(struct worker_job *job)
{
    cancel_request_finish(container_of(job, struct cancel_request, job));
}

void cancel_request_free(struct cancel_request *request)
{
    if (request && is_out(request))
        workers_abandon(&request->job);
    else if (request)
        cancel_request_finish(request);
}
