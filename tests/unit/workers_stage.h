/* A loop, workers, and what became of the jobs.
 *
 * Nothing here sleeps and hopes: a job that should hang waits for a gate that the test
 * opens, and the test turns the loop until something is so, at most for PATIENCE. */
#ifndef UNIT_CREW_STAGE_H
#define UNIT_CREW_STAGE_H

#include "io/workers.h"

#include "tests/test.h"

#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>

#define PATIENCE (20 * NSEC_PER_SEC)

struct stage {
    struct loop *loop;
    struct workers *workers;
    struct task waiter;
    unsigned woken;
    atomic_uint worked, disposed, inside, most_inside;
    unsigned company; /* of meet(): how many must be inside at once */
    sem_t gate;
    atomic_int priority; /* that a job saw */
};

struct chore {
    struct worker_job job;
    struct stage *stage;
};

static inline void waiter_step(struct task *task, short revents, nsec now)
{
    container_of(task, struct stage, waiter)->woken++;
}

static inline void start_stage(struct stage *stage, unsigned cores)
{
    *stage = (struct stage){.loop = loop_new()};
    assert_non_null(stage->loop);
    stage->workers = workers_new(stage->loop, cores);
    assert_non_null(stage->workers);
    task_init(&stage->waiter, waiter_step);
    assert_true(loop_add(stage->loop, &stage->waiter));
    assert_true(loop_turn(stage->loop, 0));
    stage->woken = 0;
    sem_init(&stage->gate, 0, 0);
}

static inline void end_stage(struct stage *stage)
{
    workers_free(stage->workers);
    loop_remove(&stage->waiter);
    loop_free(stage->loop);
    sem_destroy(&stage->gate);
}

static inline void turn_until(struct stage *stage, atomic_uint *what, unsigned n)
{
    nsec give_up = clock_now() + PATIENCE;
    while (atomic_load(what) < n) {
        assert_true(clock_now() < give_up);
        assert_true(loop_turn(stage->loop, clock_now() + NSEC_PER_MSEC));
    }
}

static inline void turn_until_done(struct stage *stage, const struct chore *chore)
{
    nsec give_up = clock_now() + PATIENCE;
    while (!worker_job_done(&chore->job)) {
        assert_true(clock_now() < give_up);
        assert_true(loop_turn(stage->loop, clock_now() + 100 * NSEC_PER_MSEC));
    }
}

/* ---- what jobs do ---- */

static inline struct stage *enter(struct worker_job *job)
{
    struct stage *stage = container_of(job, struct chore, job)->stage;
    unsigned inside = atomic_fetch_add(&stage->inside, 1) + 1;
    unsigned most = atomic_load(&stage->most_inside);
    while (inside > most &&
           !atomic_compare_exchange_weak(&stage->most_inside, &most, inside))
        ;
    return stage;
}

static inline void leave(struct stage *stage)
{
    atomic_fetch_sub(&stage->inside, 1);
    atomic_fetch_add(&stage->worked, 1);
}

static inline void pass(struct worker_job *job)
{
    leave(enter(job));
}

static inline void hang(struct worker_job *job)
{
    struct stage *stage = enter(job);
    while (sem_wait(&stage->gate) != 0)
        ;
    leave(stage);
}

/* Ends when as many are inside as were promised. */
static inline void meet(struct worker_job *job)
{
    struct stage *stage = enter(job);
    nsec give_up = clock_now() + PATIENCE;
    while (atomic_load(&stage->most_inside) < stage->company && clock_now() < give_up)
        sched_yield();
    leave(stage);
}

static inline void dispose(struct worker_job *job)
{
    struct chore *chore = container_of(job, struct chore, job);
    struct stage *stage = chore->stage;
    free(chore);
    atomic_fetch_add(&stage->disposed, 1);
}

static inline struct chore *submit(struct stage *stage,
                                   void (*work)(struct worker_job *), bool is_errand)
{
    struct chore *chore = calloc(1, sizeof *chore);
    assert_non_null(chore);
    chore->stage = stage;
    chore->job = (struct worker_job){.work = work,
                                     .dispose = dispose,
                                     .waiter = &stage->waiter,
                                     .blocking = is_errand};
    assert_true(workers_submit(stage->workers, &chore->job));
    return chore;
}

#endif
