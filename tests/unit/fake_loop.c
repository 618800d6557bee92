#include "fake_loop.h"

#include "base/memory.h"

#include <assert.h>

struct loop {
    struct list tasks; /* all of them, by task->ready_node */
    size_t n;
    uint64_t turns;
};

nsec fake_now = NSEC_PER_SEC;
nsec fake_lost;
nsec fake_last_turn;

/* poll_at: 1 when the task was woken; heap_at: the last turn that looked at it. */

void task_init(struct task *task, void (*step)(struct task *, short, nsec))
{
    *task = (struct task){.step = step, .fd = -1, .deadline = NEVER};
}

struct loop *loop_new(void)
{
    struct loop *loop = memory_new(struct loop);
    if (loop)
        list_init(&loop->tasks);
    return loop;
}

void loop_free(struct loop *loop)
{
    assert(!loop || loop->tasks.n == 0);
    free(loop);
}

bool loop_add(struct loop *loop, struct task *task)
{
    assert(!task->loop);
    task->loop = loop;
    task->poll_at = 1;
    task->heap_at = 0;
    list_push_back(&loop->tasks, &task->ready_node);
    return true;
}

void loop_remove(struct task *task)
{
    if (task->loop)
        list_remove(&task->loop->tasks, &task->ready_node);
    task->loop = NULL;
}

void loop_update(struct task *task)
{
}

void loop_wake(struct task *task)
{
    task->poll_at = 1;
}

static short look(const struct task *task)
{
    struct pollfd pfd = {.fd = task->fd, .events = task->events};
    return task->fd >= 0 && poll(&pfd, 1, 0) == 1 ? pfd.revents : 0;
}

static bool is_due(const struct task *task)
{
    return task->poll_at || task->again || task->deadline <= fake_now || look(task);
}

static bool is_any_due(const struct loop *loop)
{
    list_each (&loop->tasks, node, after)
        if (is_due(container_of(node, struct task, ready_node)))
            return true;
    return false;
}

static nsec next_deadline(const struct loop *loop)
{
    nsec next = NEVER;
    list_each (&loop->tasks, node, after) {
        const struct task *task = container_of(node, struct task, ready_node);
        if (task->deadline < next)
            next = task->deadline;
    }
    return next;
}

/* Whoever was looked at goes to the end of the list; whoever is added, behind them. */
static struct task *next_of_turn(struct loop *loop)
{
    struct list_node *first = list_first(&loop->tasks);
    if (!first)
        return NULL;
    struct task *task = container_of(first, struct task, ready_node);
    if (task->heap_at == loop->turns)
        return NULL;
    task->heap_at = loop->turns;
    list_remove(&loop->tasks, first);
    list_push_back(&loop->tasks, first);
    return task;
}

bool loop_turn(struct loop *loop, nsec until)
{
    if (until > fake_now && !is_any_due(loop)) {
        nsec next = next_deadline(loop);
        assert(until != NEVER || next != NEVER); /* else it would wait for ever */
        fake_now = next < until ? next : until;
    }
    loop->turns++;
    for (struct task *task; (task = next_of_turn(loop));) {
        if (!is_due(task))
            continue;
        task->poll_at = 0;
        task->again = false;
        task->step(task, look(task), fake_now);
    }
    return true;
}

void fake_run_until(struct loop *loop, nsec at)
{
    while (fake_now < at || is_any_due(loop))
        loop_turn(loop, at);
}

nsec loop_now(const struct loop *loop)
{
    return fake_now;
}

nsec loop_lost(const struct loop *loop)
{
    return fake_lost;
}

void loop_attend(struct loop *loop, bool attentive)
{
}

struct loop_load loop_load(const struct loop *loop)
{
    return (struct loop_load){
        .tasks = loop->tasks.n, .turns = loop->turns, .last_turn = fake_last_turn};
}

void loop_load_reset(struct loop *loop)
{
}
