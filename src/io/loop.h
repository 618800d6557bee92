/* The only place that waits: poll(), deadlines, wake-ups.
 *
 * A task is a machine embedded in the struct that it moves.  After every step
 * it has published what it waits for in its own fields; the loop reads them and
 * waits for all of them at once.  Invariants:
 *  - step() is only ever called by the loop, never by another task: wake, never call.
 *  - a task may be added, removed or woken from inside any step, itself included.
 *  - each task steps at most once a turn; one that wants to go on asks for `again`.
 *  - a deadline is only reported after the descriptor was looked at once more, so a
 *    late loop does not invent time-outs.
 *  - time in which we stood still is charged to no task: a loop that is
 *    stopped, suspended or blocked for longer than LOOP_SLACK takes all of it
 *    out of its own clock, so that every deadline moves at once and no latency
 *    contains it. */
#ifndef IO_LOOP_H
#define IO_LOOP_H

#include "base/auto.h"
#include "base/clock.h"
#include "base/list.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

struct loop;

#define LOOP_SLACK (250 * NSEC_PER_MSEC)

struct task {
    /* Moves the machine as far as it goes without waiting.  revents: what poll() said
     * of fd, 0 when woken or when the deadline passed (compare with now). */
    void (*step)(struct task *task, short revents, nsec now);

    /* what it waits for; written by the task, read by the loop after each step */
    int fd;        /* -1: none */
    short events;  /* POLLIN, POLLOUT; 0 still sees POLLERR and POLLHUP */
    bool again;    /* step me in the next turn without waiting; reset by the loop */
    bool idle;     /* fd seldom says anything, see io/idle_set.h; outside of a step,
                    * loop_update() or loop_remove() comes before it is closed */
    nsec deadline; /* NEVER: none */

    /* the loop's own */
    struct loop *loop;
    size_t poll_at, heap_at; /* SIZE_MAX: not there */
    bool in_idle_set;
    struct list_node ready_node; /* in the list of the next turn */
};

void task_init(struct task *task, void (*step)(struct task *, short, nsec));

struct loop *loop_new(void);       /* NULL: no memory */
void loop_free(struct loop *loop); /* every task must have been removed */
AUTO_DEFINE(struct loop *, loop_free)

/* The task is stepped once in the next turn.  False: no memory. */
bool loop_add(struct loop *loop, struct task *task);
/* Fine if it is in no loop. */
void loop_remove(struct task *task);
/* Re-reads what the task waits for; needed after a change outside of its step.
 * Fine if it is in no loop. */
void loop_update(struct task *task);
/* Steps the task in the next turn, whatever it waits for.  Fine if it is in no loop. */
void loop_wake(struct task *task);

/* Waits at most until `until`, then steps every task that is due, once.  False only
 * when poll() itself failed, which is a bug or no memory in the kernel.  Never called
 * from inside a step. */
bool loop_turn(struct loop *loop, nsec until);

/* The clock of this loop, and of all that lives on it: CLOCK_MONOTONIC without
 * the time that was lost.  Never goes back between two steps; inside a step
 * that was stopped half way it may, so a length is at least 0 and not negative.
 * NULL: nothing was lost.  Only for the thread that turns the loop. */
nsec loop_now(const struct loop *loop);
/* The time taken out of that clock so far. */
nsec loop_lost(const struct loop *loop);
/* attentive: the owner turns the loop again at once, so time that passes
 * between two turns is lost as well.  Otherwise that time counts: a program may
 * turn the loop once a second and still wants its deadlines to pass. */
void loop_attend(struct loop *loop, bool attentive);

/* About ourselves, for judging measurements. */
struct loop_load {
    nsec last_turn;       /* time spent stepping in the last turn */
    nsec worst_turn;      /* since the last reset */
    size_t tasks, polled; /* polled: without those in the idle set */
    uint64_t turns;
};
struct loop_load loop_load(const struct loop *loop);
void loop_load_reset(struct loop *loop);

#endif
