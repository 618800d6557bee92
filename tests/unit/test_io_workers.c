/* Jobs, how many of them run at once, and what they may ask of the system.  Made to be
 * run under the thread sanitizer as well. */
#include "scarce_threads.h"
#include "workers_stage.h"

#include <pthread.h>
#include <signal.h>

/* ---- the usual course ---- */

static void a_job_comes_back_by_a_wake_up(void **state)
{
    struct stage stage;
    start_stage(&stage, 2);
    struct chore *chore = submit(&stage, pass, false);
    assert_false(worker_job_done(&chore->job));
    turn_until_done(&stage, chore);
    assert_true(loop_turn(stage.loop, 0));
    assert_int_equal(stage.worked, 1);
    assert_int_equal(stage.woken, 1);
    assert_int_equal(stage.disposed, 0);
    free(chore);
    end_stage(&stage);
}

static void a_job_can_be_submitted_again(void **state)
{
    struct stage stage;
    start_stage(&stage, 1);
    struct chore *chore = submit(&stage, pass, false);
    for (unsigned i = 1; i <= 3; i++) {
        turn_until_done(&stage, chore);
        assert_int_equal(stage.worked, i);
        if (i < 3)
            assert_true(workers_submit(stage.workers, &chore->job));
    }
    free(chore);
    end_stage(&stage);
}

static void a_thousand_jobs(void **state)
{
    enum { MANY = 1000 };
    struct stage stage;
    start_stage(&stage, 2);
    struct chore *chores[MANY];
    for (size_t i = 0; i < MANY; i++)
        chores[i] = submit(&stage, pass, i % 2);
    for (size_t i = 0; i < MANY; i++) {
        turn_until_done(&stage, chores[i]);
        free(chores[i]);
    }
    assert_int_equal(stage.worked, MANY);
    assert_true(stage.most_inside <= 2 + WORKERS_BLOCKING);
    end_stage(&stage);
}

/* ---- how many at once ---- */

static void computing_uses_all_cores(void **state)
{
    struct stage stage;
    start_stage(&stage, 2);
    stage.company = 2;
    struct chore *a = submit(&stage, meet, false), *b = submit(&stage, meet, false);
    turn_until_done(&stage, a);
    turn_until_done(&stage, b);
    assert_int_equal(stage.most_inside, 2);
    free(a);
    free(b);
    end_stage(&stage);
}

static void computing_uses_no_more_than_all_cores(void **state)
{
    enum { MANY = 50 };
    struct stage stage;
    start_stage(&stage, 1);
    struct chore *chores[MANY];
    for (size_t i = 0; i < MANY; i++)
        chores[i] = submit(&stage, pass, false);
    for (size_t i = 0; i < MANY; i++) {
        turn_until_done(&stage, chores[i]);
        free(chores[i]);
    }
    /* a pause of the machine inside a job may widen the queue */
    assert_true(stage.most_inside <= 2);
    end_stage(&stage);
}

static void errands_go_in_a_crowd(void **state)
{
    struct stage stage;
    start_stage(&stage, 1);
    struct chore *chores[WORKERS_BLOCKING];
    for (size_t i = 0; i < WORKERS_BLOCKING; i++)
        chores[i] = submit(&stage, hang, true);
    turn_until(&stage, &stage.inside, WORKERS_BLOCKING);
    for (size_t i = 0; i < WORKERS_BLOCKING; i++)
        sem_post(&stage.gate);
    for (size_t i = 0; i < WORKERS_BLOCKING; i++) {
        turn_until_done(&stage, chores[i]);
        free(chores[i]);
    }
    end_stage(&stage);
}

/* The threads of jobs that were just submitted are on their way, and are not called
 * again. */
static void a_thread_for_each_and_no_more(void **state)
{
    struct stage stage;
    start_stage(&stage, 2);
    threads_started = 0;
    struct chore *chores[WORKERS_BLOCKING + 2];
    for (size_t i = 0; i < ARRAY_SIZE(chores); i++)
        chores[i] = submit(&stage, hang, i < WORKERS_BLOCKING);
    assert_int_equal(threads_started, WORKERS_BLOCKING + 2);
    for (size_t i = 0; i < ARRAY_SIZE(chores); i++)
        sem_post(&stage.gate);
    for (size_t i = 0; i < ARRAY_SIZE(chores); i++) {
        turn_until_done(&stage, chores[i]);
        free(chores[i]);
    }
    end_stage(&stage);
}

/* ---- the system ---- */

static void no_threads_at_all(void **state)
{
    struct stage stage;
    start_stage(&stage, 2);
    struct chore chore = {
        .job = {.work = pass, .dispose = dispose, .waiter = &stage.waiter},
        .stage = &stage,
    };
    no_threads = true;
    assert_false(workers_submit(stage.workers, &chore.job));
    assert_false(worker_job_done(&chore.job));
    no_threads = false;
    assert_true(workers_submit(stage.workers, &chore.job));
    turn_until_done(&stage, &chore);
    end_stage(&stage);
}

static void one_thread_does_the_work_of_many(void **state)
{
    struct stage stage;
    start_stage(&stage, 4);
    struct chore *first = submit(&stage, hang, false);
    turn_until(&stage, &stage.inside, 1);
    no_threads = true;
    struct chore *second = submit(&stage, pass, false);
    struct chore *third = submit(&stage, pass, true);
    sem_post(&stage.gate);
    turn_until_done(&stage, second);
    turn_until_done(&stage, third);
    turn_until_done(&stage, first);
    no_threads = false;
    assert_int_equal(stage.most_inside, 1);
    free(first);
    free(second);
    free(third);
    end_stage(&stage);
}

static atomic_bool term_was_blocked;

static void look_at_mask(struct worker_job *job)
{
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    term_was_blocked = sigismember(&mask, SIGTERM) && sigismember(&mask, SIGINT);
    pass(job);
}

static void threads_leave_signals_to_the_loop(void **state)
{
    struct stage stage;
    start_stage(&stage, 1);
    struct chore *chore = submit(&stage, look_at_mask, false);
    turn_until_done(&stage, chore);
    assert_true(term_was_blocked);
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    assert_false(sigismember(&mask, SIGTERM));
    free(chore);
    end_stage(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_comes_back_by_a_wake_up),
        cmocka_unit_test(a_job_can_be_submitted_again),
        cmocka_unit_test(a_thousand_jobs),
        cmocka_unit_test(computing_uses_all_cores),
        cmocka_unit_test(computing_uses_no_more_than_all_cores),
        cmocka_unit_test(errands_go_in_a_crowd),
        cmocka_unit_test(a_thread_for_each_and_no_more),
        cmocka_unit_test(no_threads_at_all),
        cmocka_unit_test(one_thread_does_the_work_of_many),
        cmocka_unit_test(threads_leave_signals_to_the_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
