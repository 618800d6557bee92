/* One turn: wait for everything at once, queue the tasks that are due, step each.
 *
 * Everything may change under a step: it may add, remove, wake or free any task, its
 * own included.  Three things make that safe.  The queue of this turn and that of the
 * next are one list with a marker between them, so that leaving it never depends on
 * which of the two a task is in.  The task that is being stepped is named in
 * loop->stepping, and removing it clears that name, so nothing is read of it
 * afterwards.  What poll() said is kept in the array of descriptors, not in a copy, so
 * it disappears together with the task.
 *
 * The array has no holes: the last entry moves into a gap.  poll() refuses more
 * entries than there may be open files, even unused ones, and its cost is their
 * number.  So tasks that expect nothing wait in an idle set, which is one entry
 * of poll().
 *
 * A task that is out of time gets one more look at its descriptor right before
 * the step.  Other steps of the same turn may have taken long, and an answer
 * that arrived meanwhile is an answer.
 *
 * Lost time.  A process that is stopped (SIGSTOP, Ctrl-Z, a virtual machine that
 * pauses) finds all deadlines passed when it goes on, and every answer needs more than
 * the one look.  So the loop measures how late it is: poll() never waits for longer
 * than HEARTBEAT, and a step should last microseconds.  No time stamp is made while
 * poll() waits, so taking that time out leaves the clock in order. */
#include "io/loop.h"

#include "base/memory.h"
#include "io/deadlines.h"
#include "io/idle_set.h"

#include <errno.h>
#include <stdint.h>

/* The longest part of a stop that may be charged to a node, because it looks
 * like waiting. */
#define HEARTBEAT (100 * NSEC_PER_MSEC)

struct loop {
    struct pollfd *fds; /* n_polled of both, side by side */
    struct task **polled;
    size_t n_polled, cap_fds, cap_polled;

    struct idle_set idle;
    struct task idle_task; /* its place in fds, once there is one; never steps */

    struct deadlines deadlines;

    struct list ready;         /* this turn's | turn_end | the next turn's */
    struct list_node turn_end; /* linked only during a turn */
    struct task *stepping;     /* NULL again if it was removed meanwhile */

    nsec lost;      /* behind CLOCK_MONOTONIC */
    bool attentive; /* the owner turns it again at once */
    nsec left;      /* when the last turn ended; 0: there was none */

    size_t n_tasks;
    nsec last_turn, worst_turn;
    uint64_t turns;
};

struct loop *loop_new(void)
{
    struct loop *loop = memory_new(struct loop);
    if (!loop)
        return NULL;
    list_init(&loop->ready);
    loop->idle = IDLE_SET_INIT;
    task_init(&loop->idle_task, NULL);
    loop->idle_task.events = POLLIN;
    return loop;
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    assert(loop->n_tasks == 0);
    idle_set_fini(&loop->idle);
    free(loop->fds);
    free(loop->polled);
    deadlines_fini(&loop->deadlines);
    free(loop);
}

void task_init(struct task *task, void (*step)(struct task *, short, nsec))
{
    *task = (struct task){
        .step = step,
        .fd = -1,
        .deadline = NEVER,
        .poll_at = SIZE_MAX,
        .heap_at = SIZE_MAX,
    };
}

/* ---- what a task waits for ---- */

static void stop_polling(struct loop *loop, struct task *task)
{
    if (task->poll_at == SIZE_MAX)
        return;
    size_t gap = task->poll_at, last = --loop->n_polled;
    loop->fds[gap] = loop->fds[last];
    loop->polled[gap] = loop->polled[last];
    loop->polled[gap]->poll_at = gap;
    task->poll_at = SIZE_MAX;
}

/* Forgets what poll() said so far: the number may be another socket by now, and
 * that socket must not count as connected because the old one hung up.  poll()
 * repeats what is still true. */
static void start_polling(struct loop *loop, struct task *task)
{
    if (task->poll_at == SIZE_MAX) {
        task->poll_at = loop->n_polled++;
        loop->polled[task->poll_at] = task;
    }
    loop->fds[task->poll_at] = (struct pollfd){.fd = task->fd, .events = task->events};
}

static void make_ready(struct task *task)
{
    if (!list_linked(&task->ready_node))
        list_push_back(&task->loop->ready, &task->ready_node);
}

static void leave_idle_set(struct loop *loop, struct task *task)
{
    if (task->in_idle_set)
        idle_set_leave(&loop->idle, task);
    task->in_idle_set = false;
}

static void join_idle_set(struct loop *loop, struct task *task)
{
    struct task *set = &loop->idle_task;
    task->in_idle_set = idle_set_join(&loop->idle, task);
    if (!task->in_idle_set || set->loop)
        return;
    set->loop = loop;
    set->fd = loop->idle.fd;
    start_polling(loop, set);
}

void loop_update(struct task *task)
{
    struct loop *loop = task->loop;
    if (!loop)
        return;
    leave_idle_set(loop, task);
    if (task->fd >= 0 && task->idle)
        join_idle_set(loop, task);
    if (task->fd >= 0 && !task->in_idle_set)
        start_polling(loop, task);
    else
        stop_polling(loop, task);
    deadlines_set(&loop->deadlines, task, task->deadline);
    if (task->again) {
        task->again = false;
        make_ready(task);
    }
}

bool loop_add(struct loop *loop, struct task *task)
{
    assert(!task->loop);
    size_t n = loop->n_tasks + 1; /* the idle set's */
    if (!memory_grow(&loop->fds, &loop->cap_fds, n, sizeof *loop->fds) ||
        !memory_grow(&loop->polled, &loop->cap_polled, n, sizeof *loop->polled) ||
        !deadlines_reserve(&loop->deadlines, n + 1))
        return false;
    loop->n_tasks++;
    task->loop = loop;
    loop_update(task);
    make_ready(task);
    return true;
}

void loop_remove(struct task *task)
{
    struct loop *loop = task->loop;
    if (!loop)
        return;
    stop_polling(loop, task);
    leave_idle_set(loop, task);
    deadlines_set(&loop->deadlines, task, NEVER);
    if (list_linked(&task->ready_node))
        list_remove(&loop->ready, &task->ready_node);
    if (loop->stepping == task)
        loop->stepping = NULL;
    task->loop = NULL;
    loop->n_tasks--;
}

void loop_wake(struct task *task)
{
    if (task->loop)
        make_ready(task);
}

/* ---- its clock ---- */

nsec loop_now(const struct loop *loop)
{
    return clock_now() - (loop ? loop->lost : 0);
}

nsec loop_lost(const struct loop *loop)
{
    return loop->lost;
}

void loop_attend(struct loop *loop, bool attentive)
{
    loop->attentive = attentive;
    loop->left = 0;
}

/* The present time.  Where it is far later than `due`, the process stood still,
 * and that time is taken out of the clock. */
static nsec now_or_lost(struct loop *loop, nsec due)
{
    nsec now = loop_now(loop);
    if (now - due <= LOOP_SLACK)
        return now;
    loop->lost += now - due;
    return due;
}

/* ---- a turn ---- */

/* How many descriptors have something to say; -1 if poll() failed. */
static int wait_for_any(struct loop *loop, nsec until)
{
    nsec first = deadlines_first(&loop->deadlines);
    nsec now = loop_now(loop);
    if (loop->attentive && loop->left)
        now = now_or_lost(loop, loop->left);
    if (first < until)
        until = first;
    for (;;) {
        nsec due = loop->ready.n || until < now ? now : until;
        if (due > now + HEARTBEAT)
            due = now + HEARTBEAT;
        int n = poll(loop->fds, loop->n_polled, clock_poll_timeout(now, due));
        bool failed = n < 0 && errno != EINTR;
        now = now_or_lost(loop, due);
        if (failed || n > 0 || (n == 0 && (loop->ready.n || now >= until)))
            return n;
    }
}

/* Queues the idle tasks that are ready; their steps look at the descriptors again. */
static void queue_idle(struct loop *loop)
{
    enum { AT_ONCE = 64 };
    struct task *ready[AT_ONCE];
    size_t n = idle_set_ready(&loop->idle, ready, AT_ONCE);
    for (size_t i = 0; i < n; i++)
        make_ready(ready[i]);
}

static void queue_due(struct loop *loop, int n_said, nsec now)
{
    for (size_t i = 0; n_said > 0 && i < loop->n_polled; i++) {
        if (!loop->fds[i].revents)
            continue;
        if (loop->polled[i] == &loop->idle_task)
            queue_idle(loop);
        else
            make_ready(loop->polled[i]);
        n_said--;
    }
    struct task *task;
    while ((task = deadlines_pop(&loop->deadlines, now)))
        make_ready(task);
}

static short last_look(const struct task *task)
{
    struct pollfd look = {.fd = task->fd, .events = task->events};
    return poll(&look, 1, 0) > 0 ? look.revents : 0;
}

/* now: when the previous step began.  Returns when this one began. */
static nsec step(struct loop *loop, struct task *task, nsec now)
{
    short revents = task->poll_at == SIZE_MAX ? 0 : loop->fds[task->poll_at].revents;
    now = now_or_lost(loop, now);
    if (task->in_idle_set || (!revents && task->fd >= 0 && task->deadline <= now))
        revents = last_look(task);
    leave_idle_set(loop, task); /* its step may close or replace the descriptor */

    loop->stepping = task;
    task->step(task, revents, now);
    if (loop->stepping == task)
        loop_update(task);
    loop->stepping = NULL;
    return now;
}

/* Returns the time at the end of the last step. */
static nsec step_all_due(struct loop *loop, nsec now)
{
    list_push_back(&loop->ready, &loop->turn_end);
    struct list_node *node;
    while ((node = list_first(&loop->ready)) != &loop->turn_end) {
        list_remove(&loop->ready, node);
        now = step(loop, container_of(node, struct task, ready_node), now);
    }
    list_remove(&loop->ready, &loop->turn_end);
    return now_or_lost(loop, now);
}

bool loop_turn(struct loop *loop, nsec until)
{
    assert(!list_linked(&loop->turn_end));
    int n_said = wait_for_any(loop, until);
    if (n_said < 0)
        return false;
    nsec begun = loop_now(loop);
    queue_due(loop, n_said, begun);
    loop->left = step_all_due(loop, begun);

    loop->turns++;
    loop->last_turn = loop->left - begun;
    if (loop->last_turn > loop->worst_turn)
        loop->worst_turn = loop->last_turn;
    return true;
}

struct loop_load loop_load(const struct loop *loop)
{
    return (struct loop_load){
        .last_turn = loop->last_turn,
        .worst_turn = loop->worst_turn,
        .tasks = loop->n_tasks,
        .polled = loop->n_polled,
        .turns = loop->turns,
    };
}

void loop_load_reset(struct loop *loop)
{
    loop->worst_turn = 0;
}
