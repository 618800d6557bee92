/* How a statement that was given up ends:
 *
 *     WAITING ──▶ ASKING ──▶ LEAVING ──▶ closed
 *
 * While it is ASKING the connection is not read.  Once the request is through, libpq
 * says goodbye, and what the server still has to say is read and thrown away until it
 * closes.  That is what keeps its log clean: a socket that is closed with unread bytes
 * in it is reset, and a backend that is writing then has lost its client.
 *
 * The surprise: what is thrown away is not read by libpq, which would keep a row of a
 * gigabyte until it is complete.  Nobody needs to understand it, under TLS either, so
 * it is read off the bare socket. */
#include "pg/cancel.h"

#include "base/memory.h"
#include "pg/cancel_request.h"
#include "pg/session.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

enum { REQUESTS_AT_ONCE = 32, PIECE = 64 * 1024, PIECES_A_STEP = 16 };

struct cancel {
    struct task task;
    struct list_node node; /* in cancels->lists[state] */
    enum cancel_state state;
    struct cancels *cancels;
    struct session *session;        /* until LEAVING */
    struct cancel_request *request; /* ASKING; NULL: none can be made */
    int fd;                         /* LEAVING: the connection, which is ours now */
    nsec end;                       /* of its time */
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

/* After a sign of life it gets another while, within its time. */
static void allow_silence(struct cancel *cancel, nsec now)
{
    nsec until = clock_add(now, cancel->cancels->silence);
    cancel->task.deadline = until < cancel->end ? until : cancel->end;
}

static void ask(struct cancel *cancel, nsec now)
{
    cancel_enter(cancel, CANCEL_ASKING);
    allow_silence(cancel, now);
    cancel->request =
        cancel_request_new(cancel->session->pg, cancel->cancels->crew, &cancel->task);
    if (!cancel->request)
        cancel->task.deadline = now; /* its step closes the connection */
    loop_update(&cancel->task);
}

static void ask_next(struct cancels *cancels, nsec now)
{
    while (cancels->lists[CANCEL_WAITING].n > 0 &&
           cancels->lists[CANCEL_ASKING].n < REQUESTS_AT_ONCE)
        ask(first(cancels, CANCEL_WAITING), now);
}

static void end(struct cancel *cancel, nsec now)
{
    struct cancels *cancels = cancel->cancels;
    cancel_free(cancel);
    ask_next(cancels, now);
}

/* libpq says goodbye, on a connection that stays open since it has another number. */
static void leave(struct cancel *cancel, nsec now)
{
    cancel_enter(cancel, CANCEL_LEAVING);
    cancel_request_free(take_ptr(cancel->request));
    session_widen(cancel->session);
    cancel->fd = fcntl(session_fd(cancel->session), F_DUPFD_CLOEXEC, 0);
    session_free(take_ptr(cancel->session));
    if (cancel->fd < 0) {
        end(cancel, now);
        return;
    }
    cancel->task.fd = cancel->fd;
    cancel->task.events = POLLIN;
    cancel->task.deadline = cancel->end;
    ask_next(cancel->cancels, now);
}

static void step_asking(struct cancel *cancel, short revents, nsec now)
{
    if (cancel->request && cancel_request_step(cancel->request, revents))
        leave(cancel, now);
    else if (now >= cancel->task.deadline)
        end(cancel, now);
    else if (revents)
        allow_silence(cancel, now);
}

/* False: the server has closed, or is out of reach. */
static bool throw_away(int fd)
{
    char bytes[PIECE];
    for (int i = 0; i < PIECES_A_STEP; i++) {
        ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (n <= 0)
            return n < 0 && (errno == EAGAIN || errno == EINTR);
    }
    return true;
}

static void cancel_step(struct task *task, short revents, nsec now)
{
    struct cancel *cancel = container_of(task, struct cancel, task);
    switch (cancel->state) {
    case CANCEL_WAITING:
        if (now >= cancel->end)
            end(cancel, now);
        break;
    case CANCEL_ASKING:
        step_asking(cancel, revents, now);
        break;
    case CANCEL_LEAVING:
        if (!throw_away(cancel->fd) || now >= cancel->end)
            end(cancel, now);
        break;
    case CANCEL_STATES:
        assert(!"a state of a cancel");
    }
}

/* ---- all of them ---- */

void cancels_init(struct cancels *cancels, struct loop *loop, struct crew *crew,
                  size_t most)
{
    *cancels = (struct cancels){.loop = loop,
                                .crew = crew,
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

static size_t count(const struct cancels *cancels)
{
    size_t n = 0;
    for (int i = 0; i < CANCEL_STATES; i++)
        n += cancels->lists[i].n;
    return n;
}

void cancels_take(struct cancels *cancels, struct session *session)
{
    nsec now = loop_now(cancels->loop);
    struct cancel *cancel =
        count(cancels) < cancels->most ? memory_new(struct cancel) : NULL;
    if (!cancel) {
        session_free(session);
        return;
    }
    task_init(&cancel->task, cancel_step);
    cancel->cancels = cancels;
    cancel->session = session;
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
    return count(cancels) == 0;
}
