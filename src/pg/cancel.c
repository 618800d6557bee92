/* A statement that was given up ends in these steps:
 *
 *     WAITING ──▶ ASKING ──▶ READING ──▶ LEAVING ──▶ closed
 *
 * While it is ASKING the connection is not read.  Once the request is through,
 * the rest of the answer is read and thrown away until the server is ready, its
 * transaction is undone, and then libpq sends Terminate and the server closes.
 * This keeps the server's log clean: closing a socket with unread bytes resets
 * it, and a backend that is writing then reports a lost client.  It also keeps
 * a pooler's connection to the server, which the pooler closes when a client
 * leaves in an answer or a transaction.
 *
 * The rest of the answer is not read by libpq, which would keep a row of a
 * gigabyte until it is complete (cancel_rest.c).  Under TLS we cannot see when
 * the server is ready, so Terminate is sent at once, which suffices without a
 * pooler. */
#include "pg/cancel.h"

#include "base/memory.h"
#include "pg/cancel_request.h"
#include "pg/cancel_rest.h"
#include "pg/session.h"

#include <fcntl.h>

/* A late cancel may hit the statement that undoes, so that is sent a second time. */
enum { REQUESTS_AT_ONCE = 32, UNDOES = 2 };

struct cancel {
    struct task task;
    struct list_node node; /* in cancels->lists[state] */
    enum cancel_state state;
    struct cancels *cancels;
    struct session *session;        /* until LEAVING */
    struct cancel_request *request; /* ASKING; NULL: none can be made */
    struct cancel_rest rest;        /* from READING on */
    const char *undo;
    unsigned undone; /* how often undo was sent */
    int fd;          /* LEAVING: the connection, which is ours now */
    nsec end;        /* when its time is up */
};

static struct cancel *first(struct cancels *cancels, enum cancel_state state)
{
    return container_of(list_first(&cancels->lists[state]), struct cancel, node);
}

static void cancel_free(struct cancel *cancel)
{
    list_remove(&cancel->cancels->lists[cancel->state], &cancel->node);
    loop_remove(&cancel->task);
    cancel_request_free(cancel->request);
    session_free(cancel->session);
    if (cancel->fd >= 0)
        close(cancel->fd);
    free(cancel);
}

static void cancel_enter(struct cancel *cancel, enum cancel_state state)
{
    struct list *lists = cancel->cancels->lists;
    list_remove(&lists[cancel->state], &cancel->node);
    cancel->state = state;
    list_push_back(&lists[state], &cancel->node);
}

/* After a sign of life the server may be silent again for a while, within its time. */
static void allow_silence(struct cancel *cancel, nsec now)
{
    nsec until = clock_add(now, cancel->cancels->silence);
    cancel->task.deadline = until < cancel->end ? until : cancel->end;
}

static void cancel_ask(struct cancel *cancel, nsec now)
{
    cancel_enter(cancel, CANCEL_ASKING);
    allow_silence(cancel, now);
    cancel->request = cancel_request_new(cancel->session->pg, cancel->cancels->workers,
                                         &cancel->task);
    if (!cancel->request)
        cancel->task.deadline = now; /* its step closes the connection */
    loop_update(&cancel->task);
}

static void ask_next(struct cancels *cancels, nsec now)
{
    while (cancels->lists[CANCEL_WAITING].n > 0 &&
           cancels->lists[CANCEL_ASKING].n < REQUESTS_AT_ONCE)
        cancel_ask(first(cancels, CANCEL_WAITING), now);
}

static void cancel_end(struct cancel *cancel, nsec now)
{
    struct cancels *cancels = cancel->cancels;
    cancel_free(cancel);
    ask_next(cancels, now);
}

/* libpq sends Terminate and closes; the connection stays open under another number. */
static void cancel_leave(struct cancel *cancel, nsec now)
{
    cancel_enter(cancel, CANCEL_LEAVING);
    cancel->fd = fcntl(session_fd(cancel->session), F_DUPFD_CLOEXEC, 0);
    session_free(take_ptr(cancel->session));
    if (cancel->fd < 0)
        cancel_end(cancel, now);
    else
        cancel->task.fd = cancel->fd;
}

static void heed(struct cancel *cancel, enum cancel_rest_state state, nsec now)
{
    int fd = session_fd(cancel->session);
    switch (state) {
    case CANCEL_REST_COMES:
        break;
    case CANCEL_REST_LEFT:
        cancel->task.again = true;
        break;
    case CANCEL_REST_OPEN:
        if (cancel->undone++ >= UNDOES ||
            !cancel_rest_ask(&cancel->rest, fd, cancel->undo))
            cancel_leave(cancel, now);
        break;
    case CANCEL_REST_OVER:
        cancel_leave(cancel, now);
        break;
    }
}

static void begin_to_read(struct cancel *cancel, nsec now)
{
    struct session *session = cancel->session;
    cancel_enter(cancel, CANCEL_READING);
    cancel_request_free(take_ptr(cancel->request));
    session_end_relay(session);
    cancel->task.fd = session_fd(session);
    cancel->task.events = POLLIN;
    cancel->task.deadline = cancel->end;
    ask_next(cancel->cancels, now);
    if (cancel_rest_is_legible(session))
        heed(cancel, cancel_rest_take(session), now);
    else
        cancel_leave(cancel, now);
}

static void cancel_step_asking(struct cancel *cancel, short revents, nsec now)
{
    if (cancel->request && cancel_request_step(cancel->request, revents))
        begin_to_read(cancel, now);
    else if (now >= cancel->task.deadline)
        cancel_end(cancel, now);
    else if (revents)
        allow_silence(cancel, now);
}

static void step_reading(struct cancel *cancel, nsec now)
{
    enum cancel_rest_state state =
        cancel_rest_read(&cancel->rest, session_fd(cancel->session));
    bool is_ready = state == CANCEL_REST_OPEN || state == CANCEL_REST_OVER;
    if (!is_ready && now >= cancel->end)
        cancel_end(cancel, now);
    else
        heed(cancel, state, now);
}

static void cancel_step_leaving(struct cancel *cancel, nsec now)
{
    if (!cancel_rest_drop(cancel->fd) || now >= cancel->end)
        cancel_end(cancel, now);
}

static void cancel_step(struct task *task, short revents, nsec now)
{
    struct cancel *cancel = container_of(task, struct cancel, task);
    switch (cancel->state) {
    case CANCEL_WAITING:
        if (now >= cancel->end)
            cancel_end(cancel, now);
        break;
    case CANCEL_ASKING:
        cancel_step_asking(cancel, revents, now);
        break;
    case CANCEL_READING:
        step_reading(cancel, now);
        break;
    case CANCEL_LEAVING:
        cancel_step_leaving(cancel, now);
        break;
    case CANCEL_STATES:
        assert(!"a state of a cancel");
    }
}

/* ---- all of them ---- */

void cancels_init(struct cancels *cancels, struct loop *loop, struct workers *workers,
                  size_t most)
{
    *cancels = (struct cancels){.loop = loop,
                                .workers = workers,
                                .most = most,
                                .patience = CANCEL_PATIENCE,
                                .silence = CANCEL_SILENCE};
    for (int i = 0; i < CANCEL_STATES; i++)
        list_init(&cancels->lists[i]);
}

void cancels_fini(struct cancels *cancels)
{
    for (int i = 0; i < CANCEL_STATES; i++)
        while (cancels->lists[i].n > 0)
            cancel_free(first(cancels, (enum cancel_state)i));
}

static size_t count_cancels(const struct cancels *cancels)
{
    size_t n = 0;
    for (int i = 0; i < CANCEL_STATES; i++)
        n += cancels->lists[i].n;
    return n;
}

void cancels_take(struct cancels *cancels, struct session *session, const char *undo)
{
    nsec now = loop_now(cancels->loop);
    struct cancel *cancel =
        count_cancels(cancels) < cancels->most ? memory_new(struct cancel) : NULL;
    if (!cancel) {
        session_free(session);
        return;
    }
    task_init(&cancel->task, cancel_step);
    cancel->cancels = cancels;
    cancel->session = session;
    cancel->undo = undo ? undo : "ROLLBACK";
    cancel->fd = -1;
    cancel->task.deadline = cancel->end = clock_add(now, cancels->patience);
    list_push_back(&cancels->lists[CANCEL_WAITING], &cancel->node);
    if (loop_add(cancels->loop, &cancel->task))
        ask_next(cancels, now);
    else
        cancel_free(cancel);
}

bool cancels_done(const struct cancels *cancels)
{
    return count_cancels(cancels) == 0;
}
