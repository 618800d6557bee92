/* Calls that do not end, and jobs that nobody wants any more.  Made to be run under the
 * thread sanitizer as well. */
#include "crew_stage.h"

#include <sched.h>

/* ---- calls that hang ---- */

static void test_stuck_threads_get_stand_ins(void **state)
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
    assert_int_equal(crew_stuck(stage.crew), HOSTILE);
    assert_int_equal(crew_lag(stage.crew, clock_now()), 0);
    for (size_t i = 0; i < HOSTILE; i++)
        sem_post(&stage.gate);
    for (size_t i = 0; i < HOSTILE; i++) {
        turn_until_done(&stage, hostile[i]);
        free(hostile[i]);
    }
    assert_int_equal(crew_stuck(stage.crew), 0);
    free(honest);
    end_stage(&stage);
}

static void test_a_call_is_busy_from_the_beginning_to_the_end(void **state)
{
    struct stage stage;
    start_stage(&stage, 1);
    assert_false(crew_busy(stage.crew));
    struct chore *chore = submit(&stage, hang, true);
    assert_true(crew_busy(stage.crew)); /* whether or not a thread has come yet */
    turn_until(&stage, &stage.inside, 1);
    crew_abandon(&chore->job);
    assert_true(crew_busy(stage.crew));
    sem_post(&stage.gate);
    turn_until(&stage, &stage.disposed, 1);
    while (crew_busy(stage.crew))
        sched_yield();
    end_stage(&stage);
}

static void test_stuck_errands_get_stand_ins(void **state)
{
    enum { SILENT = CREW_ERRANDS + 4 };
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

static void test_errands_do_not_wait_for_cores(void **state)
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

static void test_lag_is_the_wait_of_the_next(void **state)
{
    struct stage stage;
    start_stage(&stage, 1);
    struct chore *first = submit(&stage, hang, false);
    turn_until(&stage, &stage.inside, 1);
    struct chore *second = submit(&stage, hang, false);
    nsec later = second->job.since + 7 * NSEC_PER_SEC;
    assert_int_equal(crew_lag(stage.crew, later), 7 * NSEC_PER_SEC);
    assert_int_equal(crew_lag(stage.crew, 0), 0);
    sem_post(&stage.gate);
    sem_post(&stage.gate);
    turn_until_done(&stage, first);
    turn_until_done(&stage, second);
    free(first);
    free(second);
    end_stage(&stage);
}

/* ---- abandoned ---- */

static void test_abandoned_before_it_began(void **state)
{
    struct stage stage;
    start_stage(&stage, 1);
    struct chore *hostile = submit(&stage, hang, false);
    turn_until(&stage, &stage.inside, 1);
    struct chore *chore = submit(&stage, pass, false);
    crew_abandon(&chore->job);
    assert_int_equal(stage.disposed, 1);
    sem_post(&stage.gate);
    turn_until_done(&stage, hostile);
    assert_int_equal(stage.worked, 1);
    free(hostile);
    end_stage(&stage);
}

static void test_abandoned_while_it_runs(void **state)
{
    struct stage stage;
    start_stage(&stage, 1);
    struct chore *chore = submit(&stage, hang, false);
    turn_until(&stage, &stage.inside, 1);
    crew_abandon(&chore->job);
    assert_int_equal(stage.disposed, 0);
    assert_int_equal(crew_stuck(stage.crew), 1);
    sem_post(&stage.gate);
    turn_until(&stage, &stage.disposed, 1);
    assert_int_equal(crew_stuck(stage.crew), 0);
    assert_int_equal(stage.woken, 0);
    end_stage(&stage);
}

/* The thread has finished it, the loop has not turned since. */
static void test_abandoned_when_it_had_ended(void **state)
{
    struct stage stage;
    start_stage(&stage, 1);
    struct chore *chore = submit(&stage, pass, false);
    while (atomic_load(&stage.worked) == 0)
        sched_yield();
    crew_abandon(&chore->job);
    while (atomic_load(&stage.disposed) == 0)
        sched_yield();
    assert_true(loop_turn(stage.loop, 0));
    assert_int_equal(stage.disposed, 1);
    assert_int_equal(stage.woken, 0);
    end_stage(&stage);
}

static void test_the_crew_leaves_without_those_who_are_stuck(void **state)
{
    struct stage stage;
    start_stage(&stage, 2);
    struct chore *a = submit(&stage, hang, false), *b = submit(&stage, hang, true);
    turn_until(&stage, &stage.inside, 2);
    crew_abandon(&a->job);
    crew_abandon(&b->job);
    crew_free(stage.crew);
    stage.crew = NULL;
    assert_int_equal(stage.disposed, 0);
    sem_post(&stage.gate);
    sem_post(&stage.gate);
    turn_until(&stage, &stage.disposed, 2);
    end_stage(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stuck_threads_get_stand_ins),
        cmocka_unit_test(test_a_call_is_busy_from_the_beginning_to_the_end),
        cmocka_unit_test(test_stuck_errands_get_stand_ins),
        cmocka_unit_test(test_errands_do_not_wait_for_cores),
        cmocka_unit_test(test_lag_is_the_wait_of_the_next),
        cmocka_unit_test(test_abandoned_before_it_began),
        cmocka_unit_test(test_abandoned_while_it_runs),
        cmocka_unit_test(test_abandoned_when_it_had_ended),
        cmocka_unit_test(test_the_crew_leaves_without_those_who_are_stuck),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
