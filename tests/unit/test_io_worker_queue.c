/* When a queue lets one more through: by hand, with times of our own. */
#include "io/worker_queue.h"
#include "tests/test.h"

#include <string.h>

enum { MOST = 64, MANY = 2 * MOST };

struct stage {
    struct worker_queue queue;
    struct worker_job jobs[MANY];
};

/* A queue with all of its jobs queued. */
static void fill(struct stage *stage, unsigned usual, bool grows, size_t n)
{
    memset(stage, 0, sizeof *stage);
    worker_queue_init(&stage->queue, usual, MOST, grows);
    for (size_t i = 0; i < n; i++)
        worker_queue_join(&stage->queue, &stage->jobs[i], 0);
}

static size_t take_all(struct worker_queue *queue, nsec now)
{
    size_t n = 0;
    while (worker_queue_take(queue, now))
        n++;
    return n;
}

static void set_all_aside(struct stage *stage)
{
    for (size_t i = 0; i < MANY; i++)
        if (stage->jobs[i].state == JOB_RUNNING)
            worker_queue_set_aside(&stage->queue, &stage->jobs[i]);
}

static void lets_the_usual_number_run(void **state)
{
    struct stage stage;
    fill(&stage, 2, false, 5);
    assert_int_equal(worker_queue_startable(&stage.queue), 2);
    assert_ptr_equal(worker_queue_take(&stage.queue, 7), &stage.jobs[0]);
    assert_int_equal(stage.jobs[0].started, 7);
    assert_ptr_equal(worker_queue_take(&stage.queue, 8), &stage.jobs[1]);
    assert_null(worker_queue_take(&stage.queue, 9));
    worker_queue_leave(&stage.queue, &stage.jobs[0]);
    assert_ptr_equal(worker_queue_take(&stage.queue, 9), &stage.jobs[2]);
}

static void one_begins_for_each_that_was_set_aside(void **state)
{
    struct stage stage;
    fill(&stage, 2, false, 5);
    take_all(&stage.queue, 0);
    worker_queue_set_aside(&stage.queue, &stage.jobs[1]);
    worker_queue_set_aside(&stage.queue, &stage.jobs[1]);
    assert_int_equal(take_all(&stage.queue, 1), 1);
    set_all_aside(&stage);
    assert_int_equal(take_all(&stage.queue, 2), 2);
}

static void doubles_when_all_last(void **state)
{
    struct stage stage;
    fill(&stage, 2, true, MANY);
    assert_int_equal(take_all(&stage.queue, 0), 2);
    for (size_t expected = 2; expected < MOST / 2; expected *= 2) {
        set_all_aside(&stage);
        assert_int_equal(take_all(&stage.queue, 0), expected);
    }
}

static void looks_when_the_oldest_lasts(void **state)
{
    struct stage stage;
    fill(&stage, 2, false, 5);
    assert_int_equal(worker_queue_looks_at(&stage.queue, 3), 3 + WORKERS_PATIENCE);
    worker_queue_take(&stage.queue, 5);
    worker_queue_take(&stage.queue, 10);
    assert_int_equal(worker_queue_looks_at(&stage.queue, 11), 5 + WORKERS_PATIENCE);
    assert_true(worker_queue_lasts(&stage.jobs[0], 5 + WORKERS_PATIENCE));
    assert_false(worker_queue_lasts(&stage.jobs[1], 5 + WORKERS_PATIENCE));
    /* it lasts, and was not set aside: soon again */
    nsec again = worker_queue_looks_at(&stage.queue, 5 + WORKERS_PATIENCE) -
                 (5 + WORKERS_PATIENCE);
    assert_in_range(again, 1, WORKERS_PATIENCE);
    worker_queue_set_aside(&stage.queue, &stage.jobs[0]);
    worker_queue_take(&stage.queue, 20);
    assert_int_equal(worker_queue_looks_at(&stage.queue, 20), 10 + WORKERS_PATIENCE);
}

static void does_not_look_for_nobody(void **state)
{
    struct stage stage;
    fill(&stage, 2, false, 2);
    take_all(&stage.queue, 0);
    assert_int_equal(worker_queue_looks_at(&stage.queue, 5 * WORKERS_PATIENCE), NEVER);
}

static void narrows_as_long_calls_end(void **state)
{
    struct stage stage;
    fill(&stage, 1, true, 4);
    take_all(&stage.queue, 0);
    set_all_aside(&stage);
    take_all(&stage.queue, 0);
    set_all_aside(&stage);
    assert_int_equal(worker_queue_startable(&stage.queue), 2);
    worker_queue_leave(&stage.queue, &stage.jobs[0]);
    worker_queue_leave(&stage.queue, &stage.jobs[1]);
    assert_int_equal(worker_queue_startable(&stage.queue), 1);
}

static void has_an_end(void **state)
{
    struct stage stage;
    fill(&stage, 1, true, MANY);
    for (size_t i = 0; i < MANY; i++) {
        take_all(&stage.queue, 0);
        assert_true(stage.queue.counted.n + stage.queue.aside.n <= MOST);
        set_all_aside(&stage);
    }
    assert_int_equal(stage.queue.aside.n, MOST);
    assert_int_equal(worker_queue_looks_at(&stage.queue, WORKERS_PATIENCE), NEVER);
    assert_int_equal(worker_queue_stuck(&stage.queue, WORKERS_PATIENCE), MOST);
}

static void counts_the_stuck(void **state)
{
    struct stage stage;
    fill(&stage, 3, false, 3);
    take_all(&stage.queue, 0);
    assert_int_equal(worker_queue_stuck(&stage.queue, 1), 0);
    stage.jobs[1].state = JOB_ABANDONED;
    worker_queue_set_aside(&stage.queue, &stage.jobs[1]);
    assert_int_equal(worker_queue_stuck(&stage.queue, 1), 1);
    assert_int_equal(worker_queue_stuck(&stage.queue, WORKERS_PATIENCE), 3);
}

static void counts_the_abandoned_of_one_account(void **state)
{
    struct stage stage;
    fill(&stage, 3, false, 3);
    int a, b;
    stage.jobs[0].account = stage.jobs[1].account = &a;
    stage.jobs[2].account = &b;
    take_all(&stage.queue, 0);
    set_all_aside(&stage);
    assert_int_equal(worker_queue_abandoned(&stage.queue, &a), 0);
    stage.jobs[0].state = stage.jobs[2].state = JOB_ABANDONED;
    assert_int_equal(worker_queue_abandoned(&stage.queue, &a), 1);
    worker_queue_leave(&stage.queue, &stage.jobs[0]);
    assert_int_equal(worker_queue_abandoned(&stage.queue, &a), 0);
    assert_int_equal(worker_queue_abandoned(&stage.queue, &b), 1);
}

static void lag_is_the_wait_of_the_next(void **state)
{
    struct stage stage;
    fill(&stage, 1, false, 0);
    assert_int_equal(worker_queue_lag(&stage.queue, 9), 0);
    worker_queue_join(&stage.queue, &stage.jobs[0], 4);
    worker_queue_join(&stage.queue, &stage.jobs[1], 6);
    assert_int_equal(worker_queue_lag(&stage.queue, 9), 5);
    worker_queue_take(&stage.queue, 9);
    assert_int_equal(worker_queue_lag(&stage.queue, 9), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lets_the_usual_number_run),
        cmocka_unit_test(one_begins_for_each_that_was_set_aside),
        cmocka_unit_test(doubles_when_all_last),
        cmocka_unit_test(looks_when_the_oldest_lasts),
        cmocka_unit_test(does_not_look_for_nobody),
        cmocka_unit_test(narrows_as_long_calls_end),
        cmocka_unit_test(has_an_end),
        cmocka_unit_test(counts_the_stuck),
        cmocka_unit_test(counts_the_abandoned_of_one_account),
        cmocka_unit_test(lag_is_the_wait_of_the_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
