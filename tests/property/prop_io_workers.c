/* Jobs abandoned at any moment: before a thread has them, inside the call, just as it
 * ends, after it.  Each must come back done or be disposed of, and never both; a job
 * that is freed twice or not at all is for the address sanitizer, a race for the thread
 * sanitizer. */
#include "io/workers.h"
#include "tests/property/walk.h"
#include "tests/test.h"

#include <sched.h>
#include <stdatomic.h>

enum { AT_ONCE = 30, MOVES = 3000, WALKS = 10 };

static atomic_uint disposed;

struct chore {
    struct worker_job job;
    struct task waiter;
    unsigned spins;
    bool woken;
};

static void work(struct worker_job *job)
{
    for (unsigned n = container_of(job, struct chore, job)->spins; n > 0; n--)
        sched_yield();
}

static void dispose(struct worker_job *job)
{
    free(container_of(job, struct chore, job));
    atomic_fetch_add(&disposed, 1);
}

static void waiter_step(struct task *task, short revents, nsec now)
{
    struct chore *chore = container_of(task, struct chore, waiter);
    chore->woken = worker_job_done(&chore->job);
}

static struct chore *submit(struct loop *loop, struct workers *workers, struct rng *rng)
{
    struct chore *chore = calloc(1, sizeof *chore);
    assert_non_null(chore);
    chore->spins = (unsigned)rng_below(rng, 20);
    chore->job = (struct worker_job){.work = work,
                                     .dispose = dispose,
                                     .waiter = &chore->waiter,
                                     .blocking = rng_below(rng, 2)};
    task_init(&chore->waiter, waiter_step);
    assert_true(loop_add(loop, &chore->waiter));
    assert_true(workers_submit(workers, &chore->job));
    return chore;
}

/* 1 if the job came back done, 0 if it was given away. */
static unsigned settle(struct chore *chore)
{
    loop_remove(&chore->waiter);
    if (worker_job_done(&chore->job)) {
        free(chore);
        return 1;
    }
    workers_abandon(&chore->job);
    return 0;
}

static void walk(struct rng *rng)
{
    struct loop *loop = loop_new();
    struct workers *workers = workers_new(loop, 1 + (unsigned)rng_below(rng, 3));
    assert_non_null(workers);
    struct chore *chores[AT_ONCE] = {NULL};
    unsigned submitted = 0, returned = 0;
    atomic_store(&disposed, 0);

    for (int move = 0; move < MOVES; move++) {
        struct chore **chore = &chores[rng_below(rng, AT_ONCE)];
        if (rng_below(rng, 3) == 0) {
            assert_true(loop_turn(loop, clock_now() + (nsec)rng_below(rng, 100000)));
        } else if (!*chore) {
            *chore = submit(loop, workers, rng);
            submitted++;
        } else if ((*chore)->woken || rng_below(rng, 2)) {
            returned += settle(*chore);
            *chore = NULL;
        }
    }
    for (size_t i = 0; i < AT_ONCE; i++)
        if (chores[i])
            returned += settle(chores[i]);
    workers_free(workers);
    loop_free(loop);

    nsec give_up = clock_now() + 20 * NSEC_PER_SEC;
    while (returned + atomic_load(&disposed) < submitted && clock_now() < give_up)
        sched_yield();
    assert_int_equal(returned + atomic_load(&disposed), submitted);
}

static void each_job_is_settled_once(void **state)
{
    struct rng rng = walk_begin("crew");
    for (int i = 0; i < WALKS; i++)
        walk(&rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_job_is_settled_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
