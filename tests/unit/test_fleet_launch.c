/* What may start, and what a shortage of ours does, told with entries that do nothing.
 */
#include "fake_fleet.h"

#include "fleet/descriptors.h"
#include "fleet/engine.h"
#include "fleet/inside.h"
#include "fleet/launch.h"
#include "tests/test.h"

#include <sys/resource.h>

static struct pgcensus_fleet *fleet;
static struct task owner;
static struct launch launch;
static struct launch_entry entries[64];

static void owner_step(struct task *task, short revents, nsec now)
{
}

static int setup(void **state)
{
    fake_fleet_plan();
    fake_last_turn = 0;
    fleet = fleet_new(NULL, NULL);
    task_init(&owner, owner_step);
    for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
        entries[i] = (struct launch_entry){0};
    launch_init(&launch, fleet->engine, &owner, 8);
    return 0;
}

static int teardown(void **state)
{
    pgcensus_fleet_free(fleet);
    return 0;
}

static void start(size_t from, size_t n)
{
    for (size_t i = from; i < from + n; i++)
        launch_enter(&launch, &entries[i]);
}

/* True: it is deferred. */
static bool finish(size_t i, bool lacks)
{
    launch_finish(&launch, &entries[i]);
    assert_ptr_equal(launch_next_finished(&launch), &entries[i]);
    return launch_settle(&launch, &entries[i], lacks, fake_now);
}

static void a_handful_starts_at_once(void **state)
{
    launch_init(&launch, fleet->engine, &owner, 40);
    unsigned n = launch_allow(&launch, NEVER, fake_now);
    assert_in_range(n, 2, 39);
    start(0, n);
    assert_int_equal(launch_again(&launch, true, fake_now), fake_now);
    start(n, 40 - n);
    assert_int_equal(launch_allow(&launch, NEVER, fake_now), 0);
    assert_int_equal(launch_again(&launch, true, fake_now), NEVER);
    assert_false(launch_has_place(&launch));
}

static void being_behind_slows_but_never_stops(void **state)
{
    launch_init(&launch, fleet->engine, &owner, 64);
    assert_true(launch_allow(&launch, NEVER, fake_now) > 0);
    start(0, 40);
    fake_last_turn = 50 * MSEC;
    assert_int_equal(launch_allow(&launch, NEVER, fake_now), 0);
    assert_int_equal(launch_again(&launch, true, fake_now),
                     fake_now + RETRY_START_AFTER);
    fake_now += MAX_START_DELAY;
    assert_int_equal(launch_allow(&launch, NEVER, fake_now), 1);
    assert_int_equal(launch_allow(&launch, NEVER, fake_now), 0);
    assert_int_equal(launch_allow(&launch, fake_now, fake_now), 0);
    assert_int_equal(launch_allow(&launch, fake_now - MAX_DUE_DELAY, fake_now), 1);
    assert_int_equal(launch_allow(&launch, fake_now - MAX_DUE_DELAY, fake_now), 1);
}

static void a_shortage_shrinks_the_jobs_to_what_fits(void **state)
{
    start(0, 8);
    assert_true(finish(7, true));
    assert_true(finish(6, true));
    assert_int_equal(launch.jobs, 6);
    assert_false(launch_has_place(&launch));
    assert_false(finish(0, false));
    assert_int_equal(launch.jobs, 7);
    for (size_t i = 1; i < 6; i++)
        assert_false(finish(i, false));
    assert_int_equal(launch.jobs, 8);
}

static void what_is_deferred_waits_and_comes_back(void **state)
{
    start(0, 2);
    assert_true(finish(0, true));
    assert_false(finish(1, false));
    assert_null(launch_next_deferred(&launch, fake_now));
    nsec again = launch_again(&launch, false, fake_now);
    assert_in_range(again, fake_now + MSEC, fake_now + 50 * MSEC);
    assert_null(launch_next_deferred(&launch, again - 1));
    assert_ptr_equal(launch_next_deferred(&launch, again), &entries[0]);
    start(0, 1);
    assert_false(finish(0, false));
    assert_int_equal(launch.deferred.n, 0);
}

static void the_second_failure_alone_is_believed(void **state)
{
    start(0, 1);
    assert_true(finish(0, true));
    assert_ptr_equal(launch_next_deferred(&launch, fake_now + SEC), &entries[0]);
    start(0, 1);
    assert_false(finish(0, true));
}

/* Something else was under way for a while, and may have taken what it lacked. */
static void company_is_an_excuse_but_not_for_ever(void **state)
{
    unsigned deferred = 0;
    start(0, 1);
    start(1, 1);
    while (finish(0, true)) {
        deferred++;
        launch.jobs = 8;
        assert_ptr_equal(launch_next_deferred(&launch, fake_now + SEC), &entries[0]);
        start(0, 1);
    }
    assert_int_equal(deferred, 3);
    assert_false(finish(1, false));
}

static void where_places_are_kept_no_newcomer_takes_them(void **state)
{
    for (int keeps = 0; keeps < 2; keeps++) {
        launch_init(&launch, fleet->engine, &owner, 2);
        launch.keeps_places = keeps;
        entries[0] = entries[1] = (struct launch_entry){0};
        start(0, 2);
        assert_true(finish(0, true));
        launch.jobs = 2;
        assert_int_equal(launch_has_place(&launch), !keeps);
        assert_true(launch_has_room(&launch));
        assert_false(finish(1, false));
        assert_ptr_equal(launch_drop_deferred(&launch), &entries[0]);
    }
}

static void what_everything_waits_for_needs_no_room(void **state)
{
    launch.keeps_places = true;
    start(0, 3);
    assert_true(finish(0, true));
    nsec ready = entries[0].ready;
    assert_int_equal(launch.jobs, 2);
    assert_null(launch_next_deferred(&launch, ready));
    assert_false(launch_take_deferred(&launch, &entries[0], ready - 1));
    assert_true(launch_take_deferred(&launch, &entries[0], ready));
    assert_false(entries[0].is_deferred);
}

static void one_by_one_is_one_at_a_time(void **state)
{
    launch.one_by_one = true;
    fake_last_turn = 50 * MSEC;
    assert_int_equal(launch_allow(&launch, NEVER, fake_now), 1);
    start(0, 1);
    assert_int_equal(launch_allow(&launch, NEVER, fake_now), 0);
    assert_false(launch_has_place(&launch));
}

static void without_memory_newcomers_wait_for_room(void **state)
{
    start(0, 3);
    assert_true(launch_shrink(&launch));
    assert_int_equal(launch.jobs, 3);
    for (size_t i = 0; i < 3; i++)
        assert_false(finish(i, false));
    assert_false(launch_shrink(&launch));
}

static unsigned jobs_of(unsigned wanted)
{
    launch_init(&launch, fleet->engine, &owner, wanted);
    return launch.jobs;
}

static void jobs_are_what_is_wanted_and_possible(void **state)
{
    struct rlimit old;
    getrlimit(RLIMIT_NOFILE, &old);
    struct rlimit low = {256, old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    unsigned free = descriptors_free();
    assert_int_equal(jobs_of(0), free);
    assert_int_equal(jobs_of(free + 1), free);
    assert_int_equal(jobs_of(7), 7);
    low.rlim_cur = 20;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    assert_int_equal(jobs_of(0), 1);
    setrlimit(RLIMIT_NOFILE, &old);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_handful_starts_at_once),
        TEST(being_behind_slows_but_never_stops),
        TEST(a_shortage_shrinks_the_jobs_to_what_fits),
        TEST(what_is_deferred_waits_and_comes_back),
        TEST(the_second_failure_alone_is_believed),
        TEST(company_is_an_excuse_but_not_for_ever),
        TEST(where_places_are_kept_no_newcomer_takes_them),
        TEST(what_everything_waits_for_needs_no_room),
        TEST(one_by_one_is_one_at_a_time),
        TEST(without_memory_newcomers_wait_for_room),
        TEST(jobs_are_what_is_wanted_and_possible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
