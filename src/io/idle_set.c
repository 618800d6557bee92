#include "io/idle_set.h"

#ifdef __linux__
#include <sys/epoll.h>
#include <unistd.h>

enum { AT_ONCE = 64 };

void idle_set_fini(struct idle_set *set)
{
    if (set->fd >= 0)
        close(set->fd);
    *set = IDLE_SET_INIT;
}

static bool is_open(struct idle_set *set)
{
    if (set->fd < 0 && !set->refused) {
        set->fd = epoll_create1(EPOLL_CLOEXEC);
        set->refused = set->fd < 0;
    }
    return set->fd >= 0;
}

/* POLLIN and EPOLLIN are the same number on Linux, and so are the others. */
bool idle_set_join(struct idle_set *set, struct task *task)
{
    struct epoll_event event = {.events = (uint32_t)task->events, .data.ptr = task};
    return is_open(set) && epoll_ctl(set->fd, EPOLL_CTL_ADD, task->fd, &event) == 0;
}

void idle_set_leave(struct idle_set *set, struct task *task)
{
    struct epoll_event none = {0}; /* kernels before 2.6.9 want one */
    int failed = epoll_ctl(set->fd, EPOLL_CTL_DEL, task->fd, &none);
    assert(!failed);
    (void)failed;
}

size_t idle_set_ready(struct idle_set *set, struct task **ret_ready, size_t room)
{
    struct epoll_event events[AT_ONCE];
    int most = room < AT_ONCE ? (int)room : AT_ONCE;
    int n = epoll_wait(set->fd, events, most, 0);
    for (int i = 0; i < n; i++)
        ret_ready[i] = events[i].data.ptr;
    return n > 0 ? (size_t)n : 0;
}

#else

void idle_set_fini(struct idle_set *set)
{
}

bool idle_set_join(struct idle_set *set, struct task *task)
{
    return false;
}

void idle_set_leave(struct idle_set *set, struct task *task)
{
}

size_t idle_set_ready(struct idle_set *set, struct task **ret_ready, size_t room)
{
    return 0;
}

#endif
