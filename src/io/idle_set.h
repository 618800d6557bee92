/* Descriptors that seldom become ready, such as those of idle connections.
 *
 * poll() looks at every entry at every wake-up, so some thousand idle
 * connections would cost more than the few busy ones.  They wait in an epoll
 * set instead, which is one entry of poll().  Where the system has no epoll
 * there is no set, and the loop polls them like any other.
 *
 * The owner of a task takes it out before its descriptor is closed or replaced: epoll
 * knows the open file behind a number, and would report one that lives on under another
 * number (dup()) for a task that is gone. */
#ifndef IO_IDLE_SET_H
#define IO_IDLE_SET_H

#include "io/loop.h"

struct idle_set {
    int fd;       /* readable while a member has something to say; -1: no set */
    bool refused; /* the system has none, or no descriptor for it */
};

#define IDLE_SET_INIT ((struct idle_set){.fd = -1})

void idle_set_fini(struct idle_set *set);
/* Opens the set when the first task joins.  False: the task has to be polled. */
bool idle_set_join(struct idle_set *set, struct task *task);
void idle_set_leave(struct idle_set *set, struct task *task);
/* The members that are ready, at most `room` of them; the others are reported
 * next time. */
size_t idle_set_ready(struct idle_set *set, struct task **ret_ready, size_t room);

#endif
