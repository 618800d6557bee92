#include "io/deadlines.h"

#include "base/memory.h"

enum { ROOT = 0 };

void deadlines_fini(struct deadlines *deadlines)
{
    free(deadlines->heap);
}

bool deadlines_reserve(struct deadlines *deadlines, size_t n)
{
    return memory_grow(&deadlines->heap, &deadlines->cap, n, sizeof *deadlines->heap);
}

static void heap_put(struct deadlines *deadlines, size_t at, struct deadline deadline)
{
    deadlines->heap[at] = deadline;
    deadline.task->heap_at = at;
}

static void sift_up(struct deadlines *deadlines, size_t at, struct deadline deadline)
{
    while (at > ROOT) {
        size_t parent = (at - 1) / 2;
        if (deadlines->heap[parent].at <= deadline.at)
            break;
        heap_put(deadlines, at, deadlines->heap[parent]);
        at = parent;
    }
    heap_put(deadlines, at, deadline);
}

static void sift_down(struct deadlines *deadlines, size_t at, struct deadline deadline)
{
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= deadlines->n)
            break;
        if (child + 1 < deadlines->n &&
            deadlines->heap[child + 1].at < deadlines->heap[child].at)
            child++;
        if (deadline.at <= deadlines->heap[child].at)
            break;
        heap_put(deadlines, at, deadlines->heap[child]);
        at = child;
    }
    heap_put(deadlines, at, deadline);
}

static void heap_place(struct deadlines *deadlines, size_t at, struct deadline deadline)
{
    if (at > ROOT && deadline.at < deadlines->heap[(at - 1) / 2].at)
        sift_up(deadlines, at, deadline);
    else
        sift_down(deadlines, at, deadline);
}

static void take_out(struct deadlines *deadlines, size_t at)
{
    deadlines->heap[at].task->heap_at = SIZE_MAX;
    struct deadline last = deadlines->heap[--deadlines->n];
    if (at < deadlines->n)
        heap_place(deadlines, at, last);
}

void deadlines_set(struct deadlines *deadlines, struct task *task, nsec at)
{
    struct deadline deadline = {.at = at, .task = task};
    bool is_in = task->heap_at != SIZE_MAX;
    if (at == NEVER) {
        if (is_in)
            take_out(deadlines, task->heap_at);
    } else if (!is_in) {
        sift_up(deadlines, deadlines->n++, deadline);
    } else if (deadlines->heap[task->heap_at].at != at) {
        heap_place(deadlines, task->heap_at, deadline);
    }
}

nsec deadlines_first(const struct deadlines *deadlines)
{
    return deadlines->n ? deadlines->heap[ROOT].at : NEVER;
}

struct task *deadlines_pop(struct deadlines *deadlines, nsec now)
{
    if (deadlines_first(deadlines) > now || deadlines->n == 0)
        return NULL;
    struct task *task = deadlines->heap[ROOT].task;
    take_out(deadlines, ROOT);
    return task;
}
