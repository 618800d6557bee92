/* When a lane lets one more through: by hand, with times of our own. */
#include "io/lane.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

enum { MANY = 2 * CREW_MOST };

struct stage {
    struct lane lane;
    struct crew_job jobs[MANY];
};

/* A lane with all of its jobs queued. */
static void fill(struct stage *stage, unsigned usual, size_t n)
{
    memset(stage, 0, sizeof *stage);
    lane_init(&stage->lane, usual);
    for (size_t i = 0; i < n; i++)
        list_push_back(&stage->lane.queued, &stage->jobs[i].node);
}

static size_t take_all(struct lane *lane, nsec now)
{
    size_t n = 0;
    while (lane_take(lane, now))
        n++;
    return n;
}

static void test_lets_the_usual_number_run(void **state)
{
    struct stage stage;
    fill(&stage, 2, 5);
    assert_int_equal(lane_startable(&stage.lane), 2);
    assert_ptr_equal(lane_take(&stage.lane, 7), &stage.jobs[0]);
    assert_int_equal(stage.jobs[0].since, 7);
    assert_ptr_equal(lane_take(&stage.lane, 8), &stage.jobs[1]);
    assert_null(lane_take(&stage.lane, 9));
    lane_leave(&stage.lane, &stage.jobs[0], 9);
    assert_ptr_equal(lane_take(&stage.lane, 9), &stage.jobs[2]);
}

static void test_widens_when_all_last_long(void **state)
{
    struct stage stage;
    fill(&stage, 2, 5);
    lane_take(&stage.lane, 0);
    lane_take(&stage.lane, 10);
    assert_int_equal(lane_widens_at(&stage.lane, 11), 10 + CREW_PATIENCE);
    lane_widen(&stage.lane, 9 + CREW_PATIENCE);
    assert_int_equal(lane_startable(&stage.lane), 0);
    lane_widen(&stage.lane, 10 + CREW_PATIENCE);
    assert_int_equal(take_all(&stage.lane, 11 + CREW_PATIENCE), 1);
    assert_int_equal(lane_widens_at(&stage.lane, 0), 11 + 2 * CREW_PATIENCE);
}

static void test_does_not_widen_for_nobody(void **state)
{
    struct stage stage;
    fill(&stage, 2, 2);
    take_all(&stage.lane, 0);
    assert_int_equal(lane_widens_at(&stage.lane, 5 * CREW_PATIENCE), NEVER);
    lane_widen(&stage.lane, 5 * CREW_PATIENCE);
    assert_int_equal(stage.lane.limit, 2);
}

static void test_narrows_as_long_calls_end(void **state)
{
    struct stage stage;
    fill(&stage, 1, 3);
    lane_take(&stage.lane, 0);
    lane_widen(&stage.lane, CREW_PATIENCE);
    lane_take(&stage.lane, CREW_PATIENCE);
    lane_leave(&stage.lane, &stage.jobs[1], CREW_PATIENCE + 1);
    assert_int_equal(stage.lane.limit, 2);
    lane_leave(&stage.lane, &stage.jobs[0], CREW_PATIENCE + 2);
    assert_int_equal(stage.lane.limit, 1);
}

static void test_has_an_end(void **state)
{
    struct stage stage;
    fill(&stage, 1, MANY);
    nsec now = 0;
    for (size_t i = 0; i < MANY; i++) {
        take_all(&stage.lane, now);
        now += CREW_PATIENCE;
        lane_widen(&stage.lane, now);
    }
    assert_int_equal(stage.lane.running.n, CREW_MOST);
    assert_int_equal(lane_widens_at(&stage.lane, now), NEVER);
    assert_int_equal(lane_stuck(&stage.lane, now), CREW_MOST);
}

static void test_counts_the_stuck(void **state)
{
    struct stage stage;
    fill(&stage, 3, 3);
    take_all(&stage.lane, 0);
    assert_int_equal(lane_stuck(&stage.lane, 1), 0);
    stage.jobs[1].state = JOB_ABANDONED;
    assert_int_equal(lane_stuck(&stage.lane, 1), 1);
    assert_int_equal(lane_stuck(&stage.lane, CREW_PATIENCE), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lets_the_usual_number_run),
        cmocka_unit_test(test_widens_when_all_last_long),
        cmocka_unit_test(test_does_not_widen_for_nobody),
        cmocka_unit_test(test_narrows_as_long_calls_end),
        cmocka_unit_test(test_has_an_end),
        cmocka_unit_test(test_counts_the_stuck),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
