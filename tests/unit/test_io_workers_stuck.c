/* Calls that do not end, and jobs that nobody wants any more.  Made to be run under the
 * thread sanitizer as well. */
#include "io/worker.h"
#include "workers_stage.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- calls that hang ---- */

/* The last ones may have begun just now. */
static void turn_until_stuck(struct stage *stage, unsigned n)
{
    nsec give_up = clock_now() + PATIENCE;
    while (workers_stuck(stage->workers) != n) {
        assert_true(clock_now() < give_up);
        assert_true(loop_turn(stage->loop, clock_now() + NSEC_PER_MSEC));
    }
}

static void stuck_threads_get_stand_ins(void **state)
{
    enum { HOSTILE = 5 };
    struct stage stage;
    start_stage(&stage, 2);
    struct chore *hostile[HOSTILE];
    for (size_t i = 0; i < HOSTILE; i++)
        hostile[i] = submit(&stage, hang, false);
    struct chore *honest = submit(&stage, pass, false);
    turn_until_done(&stage, honest);
    assert_int_equal(stage.inside, HOSTILE);
    turn_until_stuck(&stage, HOSTILE);
    assert_int_equal(workers_lag(stage.workers, clock_now()), 0);
    for (size_t i = 0; i < HOSTILE; i++)
        sem_post(&stage.gate);
    for (size_t i = 0; i < HOSTILE; i++) {
        turn_until_done(&stage, hostile[i]);
        free(hostile[i]);
    }
    assert_int_equal(workers_stuck(stage.workers), 0);
    free(honest);
    end_stage(&stage);
}

static void a_call_is_busy_from_the_beginning_to_the_end(void **state)
{
    struct stage stage;
    start_stage(&stage, 1);
    assert_false(workers_busy(stage.workers));
    struct chore *chore = submit(&stage, hang, true);
    assert_true(workers_busy(stage.workers)); /* whether or not a thread has come yet */
    turn_until(&stage, &stage.inside, 1);
    workers_abandon(&chore->job);
    assert_true(workers_busy(stage.workers));
    sem_post(&stage.gate);
    turn_until(&stage, &stage.disposed, 1);
    while (workers_busy(stage.workers))
        sched_yield();
    end_stage(&stage);
}

static void stuck_errands_get_stand_ins(void **state)
{
    enum { SILENT = WORKERS_BLOCKING + 4 };
    struct stage stage;
    start_stage(&stage, 1);
    struct chore *silent[SILENT];
    for (size_t i = 0; i < SILENT; i++)
        silent[i] = submit(&stage, hang, true);
    struct chore *honest = submit(&stage, pass, true);
    turn_until_done(&stage, honest);
    for (size_t i = 0; i < SILENT; i++)
        sem_post(&stage.gate);
    for (size_t i = 0; i < SILENT; i++) {
        turn_until_done(&stage, silent[i]);
        free(silent[i]);
    }
    free(honest);
    end_stage(&stage);
}

/* As many as a silent name server can make of a large fleet. */
static void a_thousand_stuck_errands_get_stand_ins(void **state)
{
    enum { SILENT = 600 };
    struct stage stage;
    start_stage(&stage, 1);
    static struct chore *silent[SILENT];
    for (size_t i = 0; i < SILENT; i++)
        silent[i] = submit(&stage, hang, true);
    struct chore *honest = submit(&stage, pass, true);
    nsec begun = clock_now();
    turn_until_done(&stage, honest);
    bool waits;
    nsec waited = worker_job_waited(&honest->job, 0, clock_now(), &waits);
    assert_false(waits);
    /* four times it doubled; that there were 570 in a row would take 28 s */
    assert_in_range(waited, 4 * WORKERS_PATIENCE, clock_now() - begun);
    assert_true(waited < PATIENCE / 2);
    for (size_t i = 0; i < SILENT; i++)
        sem_post(&stage.gate);
    for (size_t i = 0; i < SILENT; i++) {
        turn_until_done(&stage, silent[i]);
        free(silent[i]);
    }
    free(honest);
    end_stage(&stage);
}

static void burn(struct worker_job *job)
{
    struct stage *stage = enter(job);
    while (sem_trywait(&stage->gate) != 0)
        ;
    leave(stage);
}

static void who_computes_for_long_is_put_behind_others(void **state)
{
    struct stage stage;
    int usual = getpriority(PRIO_PROCESS, 0);
    start_stage(&stage, 1);
    struct chore *hostile = submit(&stage, burn, false);
    turn_until(&stage, &stage.inside, 1);
    pid_t thread = hostile->job.worker->id;
    struct chore *honest = submit(&stage, pass, false);
    turn_until_done(&stage, honest);
    assert_int_equal(getpriority(PRIO_PROCESS, (id_t)thread), 19);
    assert_int_equal(getpriority(PRIO_PROCESS, 0), usual);
    sem_post(&stage.gate);
    turn_until_done(&stage, hostile);
    free(hostile);
    free(honest);
    end_stage(&stage);
}

static void look_at_priority(struct worker_job *job)
{
    struct stage *stage = enter(job);
    stage->priority = getpriority(PRIO_PROCESS, (id_t)gettid());
    leave(stage);
}

static void who_was_abandoned_is_put_behind_others(void **state)
{
    struct stage stage;
    int account, usual = getpriority(PRIO_PROCESS, 0);
    start_stage(&stage, 1);
    struct chore *chore = submit(&stage, hang, false);
    turn_until(&stage, &stage.inside, 1);
    chore->job.account = &account;
    pid_t thread = chore->job.worker->id;
    assert_int_equal(workers_abandoned(stage.workers, &account), 0);
    workers_abandon(&chore->job);
    assert_int_equal(getpriority(PRIO_PROCESS, (id_t)thread), 19);
    assert_int_equal(workers_abandoned(stage.workers, &account), 1);
    sem_post(&stage.gate);
    turn_until(&stage, &stage.disposed, 1);
    /* the next one has a thread that was never put back */
    struct chore *next = submit(&stage, look_at_priority, false);
    turn_until_done(&stage, next);
    assert_int_equal(stage.priority, usual);
    assert_int_equal(workers_abandoned(stage.workers, &account), 0);
    free(next);
    end_stage(&stage);
}

static void waiting_for_a_thread_is_known(void **state)
{
    struct stage stage;
    bool waits;
    start_stage(&stage, 1);
    struct chore *first = submit(&stage, hang, false);
    turn_until(&stage, &stage.inside, 1);
    struct chore *second = submit(&stage, pass, false);
    nsec begun = second->job.submitted;
    assert_int_equal(worker_job_waited(&second->job, 0, begun + 7, &waits), 7);
    assert_int_equal(worker_job_waited(&second->job, begun + 5, begun + 7, &waits), 2);
    assert_true(waits);
    assert_true(worker_job_waited(&first->job, 0, begun + PATIENCE, &waits) < PATIENCE);
    assert_false(waits);
    sem_post(&stage.gate);
    turn_until_done(&stage, second);
    nsec waited = worker_job_waited(&second->job, 0, begun + PATIENCE, &waits);
    assert_int_equal(waited, second->job.started - begun);
    assert_false(waits);
    turn_until_done(&stage, first);
    free(first);
    free(second);
    end_stage(&stage);
}

static void errands_do_not_wait_for_cores(void **state)
{
    struct stage stage;
    start_stage(&stage, 1);
    struct chore *hostile = submit(&stage, hang, false);
    turn_until(&stage, &stage.inside, 1);
    struct chore *chore = submit(&stage, pass, true);
    turn_until_done(&stage, chore);
    sem_post(&stage.gate);
    turn_until_done(&stage, hostile);
    free(hostile);
    free(chore);
    end_stage(&stage);
}

static void lag_is_the_wait_of_the_next(void **state)
{
    struct stage stage;
    start_stage(&stage, 1);
    struct chore *first = submit(&stage, hang, false);
    turn_until(&stage, &stage.inside, 1);
    struct chore *second = submit(&stage, hang, false);
    nsec later = second->job.submitted + 7 * NSEC_PER_SEC;
    assert_int_equal(workers_lag(stage.workers, later), 7 * NSEC_PER_SEC);
    assert_int_equal(workers_lag(stage.workers, 0), 0);
    sem_post(&stage.gate);
    sem_post(&stage.gate);
    turn_until_done(&stage, first);
    turn_until_done(&stage, second);
    free(first);
    free(second);
    end_stage(&stage);
}

/* ---- abandoned ---- */

static void abandoned_before_it_began(void **state)
{
    struct stage stage;
    start_stage(&stage, 1);
    struct chore *hostile = submit(&stage, hang, false);
    turn_until(&stage, &stage.inside, 1);
    struct chore *chore = submit(&stage, pass, false);
    workers_abandon(&chore->job);
    assert_int_equal(stage.disposed, 1);
    sem_post(&stage.gate);
    turn_until_done(&stage, hostile);
    assert_int_equal(stage.worked, 1);
    free(hostile);
    end_stage(&stage);
}

static void abandoned_while_it_runs(void **state)
{
    struct stage stage;
    start_stage(&stage, 1);
    struct chore *chore = submit(&stage, hang, false);
    turn_until(&stage, &stage.inside, 1);
    workers_abandon(&chore->job);
    assert_int_equal(stage.disposed, 0);
    assert_int_equal(workers_stuck(stage.workers), 1);
    sem_post(&stage.gate);
    turn_until(&stage, &stage.disposed, 1);
    assert_int_equal(workers_stuck(stage.workers), 0);
    assert_int_equal(stage.woken, 0);
    end_stage(&stage);
}

/* The thread has finished it, the loop has not turned since. */
static void abandoned_when_it_had_ended(void **state)
{
    struct stage stage;
    start_stage(&stage, 1);
    struct chore *chore = submit(&stage, pass, false);
    while (atomic_load(&stage.worked) == 0)
        sched_yield();
    workers_abandon(&chore->job);
    while (atomic_load(&stage.disposed) == 0)
        sched_yield();
    assert_true(loop_turn(stage.loop, 0));
    assert_int_equal(stage.disposed, 1);
    assert_int_equal(stage.woken, 0);
    end_stage(&stage);
}

static void the_crew_leaves_without_those_who_are_stuck(void **state)
{
    struct stage stage;
    start_stage(&stage, 2);
    struct chore *a = submit(&stage, hang, false), *b = submit(&stage, hang, true);
    turn_until(&stage, &stage.inside, 2);
    workers_abandon(&a->job);
    workers_abandon(&b->job);
    workers_free(stage.workers);
    stage.workers = NULL;
    assert_int_equal(stage.disposed, 0);
    sem_post(&stage.gate);
    sem_post(&stage.gate);
    turn_until(&stage, &stage.disposed, 2);
    end_stage(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stuck_threads_get_stand_ins),
        cmocka_unit_test(a_call_is_busy_from_the_beginning_to_the_end),
        cmocka_unit_test(stuck_errands_get_stand_ins),
        cmocka_unit_test(a_thousand_stuck_errands_get_stand_ins),
        cmocka_unit_test(who_computes_for_long_is_put_behind_others),
        cmocka_unit_test(who_was_abandoned_is_put_behind_others),
        cmocka_unit_test(waiting_for_a_thread_is_known),
        cmocka_unit_test(errands_do_not_wait_for_cores),
        cmocka_unit_test(lag_is_the_wait_of_the_next),
        cmocka_unit_test(abandoned_before_it_began),
        cmocka_unit_test(abandoned_while_it_runs),
        cmocka_unit_test(abandoned_when_it_had_ended),
        cmocka_unit_test(the_crew_leaves_without_those_who_are_stuck),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
