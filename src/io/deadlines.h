/* The deadlines of all tasks, earliest first: a binary heap in an array.
 *
 * Each entry keeps its own copy of the deadline.  A step writes task->deadline
 * long before the loop reads it; a heap that compared those fields would be out
 * of order in between. */
#ifndef IO_DEADLINES_H
#define IO_DEADLINES_H

#include "io/loop.h"

struct deadline {
    nsec at;
    struct task *task;
};

struct deadlines {
    struct deadline *heap;
    size_t n, cap;
};

void deadlines_fini(struct deadlines *deadlines);
/* Room for n entries; setting one cannot fail within it. */
bool deadlines_reserve(struct deadlines *deadlines, size_t n);
/* `at` NEVER takes the task out. */
void deadlines_set(struct deadlines *deadlines, struct task *task, nsec at);
/* The earliest deadline; NEVER if there is none. */
nsec deadlines_first(const struct deadlines *deadlines);
/* Takes out the earliest task that is due at now, or returns NULL. */
struct task *deadlines_pop(struct deadlines *deadlines, nsec now);

#endif
