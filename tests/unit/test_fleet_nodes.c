/* What becomes of the nodes of a fleet while it is watched: what is known of them, and
 * how they come and go.  On a fake network and a fake clock. */
#include "fake_fleet.h"

#include "fleet/inside.h"
#include "tests/test.h"

#include <string.h>

static struct pgcensus_fleet *fleet;

static int setup(void **state)
{
    fake_fleet_plan();
    fleet = NULL;
    return 0;
}

static int teardown(void **state)
{
    pgcensus_fleet_free(fleet);
    assert_int_equal(fake_conns.n, 0);
    return 0;
}

/* Of one node, "n0". */
static void watch(const char *host)
{
    fleet = fake_fleet(&host, 1);
    rng_init(&fleet->engine->home.rng, 3); /* the same first check every time */
    assert_true(pgcensus_fleet_monitor(fleet, NULL));
}

static void live(nsec length)
{
    nsec until = fake_now + length;
    struct pgcensus_event event;
    while (fake_now < until) {
        pgcensus_fleet_turn(fleet, until - fake_now, -1);
        while (pgcensus_fleet_event(fleet, &event))
            ;
    }
}

static struct pgcensus_node_snapshot snapshot(size_t index)
{
    struct pgcensus_node_snapshot now;
    pgcensus_fleet_snapshot(fleet, index, &now);
    return now;
}

static void the_latest_result_is_kept(void **state)
{
    watch("ok");
    assert_null(pgcensus_fleet_last(fleet, 0));
    assert_null(pgcensus_fleet_last(fleet, 1)); /* there is no such node */
    assert_int_equal(snapshot(0).last_age, PGCENSUS_UNKNOWN_TIME);
    live(6 * SEC);
    const struct pgcensus_node_result *last = pgcensus_fleet_last(fleet, 0);
    assert_int_equal(last->index, 0);
    assert_int_equal(last->status, PGCENSUS_OK);
    assert_int_equal(last->role, PGCENSUS_PRIMARY);
    assert_int_equal(last->server_version_num, 150020);
    assert_ptr_equal(snapshot(0).last, last);
    assert_in_range(snapshot(0).last_age, 0, 6 * SEC);

    fake_down = true;
    fake_say_goodbye(container_of(list_first(&fake_conns), struct pg_conn, node));
    live(2 * SEC);
    last = pgcensus_fleet_last(fleet, 0);
    assert_int_equal(last->status, PGCENSUS_DOWN);
    assert_int_equal(last->failure.error_class, PGCENSUS_CLASS_REFUSED);
    assert_string_equal(last->reasons[0].code, "refused");
    assert_int_equal(last->role,
                     PGCENSUS_ROLE_UNKNOWN); /* it did not say so any more */
    pgcensus_fleet_stop(fleet, SEC);
    assert_ptr_equal(pgcensus_fleet_last(fleet, 0), last);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_latest_result_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
