/* What becomes of the nodes of a fleet while it is watched: what is known of them, and
 * how they come and go.  On a fake network and a fake clock. */
#include "fake_fleet.h"

#include "fleet/inside.h"
#include "tests/test.h"

#include <pgcensus/nodes.h>
#include <stdio.h>

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

/* ---- nodes come and go ---- */

static struct pgcensus_handle handle_of(const char *name)
{
    struct pgcensus_handle handle;
    size_t index;
    assert_true(pgcensus_fleet_find(fleet, name, &index));
    assert_true(pgcensus_fleet_handle(fleet, index, &handle));
    return handle;
}

static struct pgcensus_handle add(const char *name, const char *host)
{
    struct node_options options = fake_node(name, host);
    assert_true(fleet_add(fleet, &options, NULL));
    return handle_of(name);
}

static void rename_host(const char *name, const char *host)
{
    struct node_options options = fake_node(name, host);
    assert_true(fleet_renew(fleet, &options, NULL));
}

static void remove_node(const char *name)
{
    assert_true(pgcensus_fleet_remove(fleet, handle_of(name), NULL));
}

static char words[4096];

/* Kinds and names since the last call: "node.added n1, check.ok n1, …". */
static const char *story(void)
{
    struct pgcensus_event event;
    size_t used = 0;
    words[0] = '\0';
    while (pgcensus_fleet_event(fleet, &event) && used < sizeof words)
        used += (size_t)snprintf(words + used, sizeof words - used, "%s%s %s",
                                 used ? ", " : "", pgcensus_event_name(event.kind),
                                 pgcensus_event_node(fleet, &event));
    return words;
}

static void a_node_that_comes_is_checked_at_once(void **state)
{
    watch("ok");
    live(6 * SEC);
    add("n1", "ok-1");
    pgcensus_fleet_turn(fleet, 0, -1);
    fake_run_until(fleet->engine->home.loop, fake_now + 20 * MSEC);
    assert_string_equal(story(), "node.added n1, check.ok n1, node.connected n1, "
                                 "node.health n1");
    assert_int_equal(snapshot(1).state, PGCENSUS_HEALTHY);
    assert_false(
        fleet_add(fleet, &(struct node_options){.identity = {.name = "n1"}}, NULL));
}

static void a_node_that_goes_closes_its_connections(void **state)
{
    watch("ok");
    live(6 * SEC);
    story();
    assert_true(fake_conns.n > 0);
    struct pgcensus_handle handle = handle_of("n0");
    remove_node("n0");
    assert_int_equal(fake_conns.n, 0);
    assert_string_equal(story(),
                        "node.disconnected n0, node.health n0, node.removed n0");
    size_t index;
    assert_false(pgcensus_fleet_find(fleet, "n0", &index));
    assert_null(pgcensus_fleet_node(fleet, 0));
    assert_null(pgcensus_fleet_last(fleet, 0));
    struct pgcensus_node_snapshot is;
    struct pgcensus_error error;
    assert_false(pgcensus_fleet_snapshot(fleet, 0, &is));
    assert_false(pgcensus_fleet_has(fleet, handle));
    assert_false(pgcensus_fleet_remove(fleet, handle, &error));
    assert_int_equal(error.trouble, PGCENSUS_TROUBLE_SELECTION);
    live(60 * SEC);
    assert_int_equal(fake_conns.n, 0);
}

static void a_check_of_a_node_that_is_gone_changes_nothing(void **state)
{
    watch("ok");
    add("n1", "silent");
    pgcensus_fleet_turn(fleet, 0, -1); /* it is being checked */
    story();
    remove_node("n1");
    struct pgcensus_handle again = add("n1", "ok-2");
    live(10 * SEC);
    assert_int_equal(snapshot(again.index).state, PGCENSUS_HEALTHY);
    assert_int_equal(snapshot(again.index).failures, 0);
}

static void an_index_is_not_given_away_while_an_event_is_about_it(void **state)
{
    struct pgcensus_cursor slow = {0};
    struct pgcensus_event event;
    watch("ok");
    struct pgcensus_handle first = add("n1", "ok-1");
    remove_node("n1");
    struct pgcensus_handle second = add("n2", "ok-2");
    assert_int_not_equal(first.index, second.index);
    while (pgcensus_events_next(fleet, &slow, &event))
        if (event.index == first.index)
            assert_string_equal(pgcensus_event_node(fleet, &event), "n1");

    struct pgcensus_event of_first = {.index = first.index,
                                      .generation = first.generation};
    assert_non_null(pgcensus_event_node(fleet, &of_first));
    for (int i = 0; i < 4000; i++) { /* edges, until n1's are pushed out */
        assert_true(pgcensus_fleet_suspend(fleet, second, NULL));
        assert_true(pgcensus_fleet_resume(fleet, second, NULL));
    }
    for (int i = 0; i < 400; i++)
        live(30 * SEC); /* samples */
    remove_node("n0");
    struct pgcensus_handle third = add("n3", "ok-3");
    assert_int_equal(third.index, first.index);
    assert_true(third.generation > second.generation);
    assert_null(pgcensus_event_node(fleet, &of_first));
    assert_false(pgcensus_fleet_has(fleet, first));
}

static void what_is_not_watched_leaves_its_index_at_once(void **state)
{
    const char *const hosts[] = {"ok", "ok-1", "ok-2"};
    fleet = fake_fleet(hosts, 3);
    remove_node("n1");
    assert_int_equal(pgcensus_fleet_size(fleet), 3);
    assert_int_equal(add("n3", "ok-3").index, 1);
    assert_int_equal(add("n4", "ok-4").index, 3);
}

static struct pgcensus_check *begin_round(void)
{
    struct pgcensus_check_options options = {.jobs = 1, .retries = 0, .stop_fd = -1};
    struct pgcensus_check *check = pgcensus_check_start(fleet, &options, NULL);
    assert_non_null(check);
    return check;
}

static void a_round_goes_on_while_nodes_come_and_go(void **state)
{
    const char *const hosts[] = {"ok-0", "ok-1", "ok-2", "ok-3"};
    const struct pgcensus_node_result *result;
    struct fake_harvest harvest = {.n = 0};
    fleet = fake_fleet(hosts, 4);
    remove_node("n3"); /* vacant before it begins */
    struct pgcensus_check *check = begin_round();
    nsec opened = 11 * MSEC; /* and the answer takes two more */
    assert_int_equal(pgcensus_check_next(check, opened, &result), PGCENSUS_TURN_TICK);
    remove_node("n0"); /* is being asked */
    remove_node("n1"); /* will not be */
    add("n4", "ok-4"); /* is not known to the round */
    assert_true(fake_conns.n == 1);
    rename_host("n2", "refused"); /* and this is where it is by then */
    fake_harvest_rest(&harvest, check);
    assert_int_equal(harvest.n, 3);
    assert_int_equal(harvest.results[0].status, PGCENSUS_OK);
    assert_int_equal(harvest.results[1].status, PGCENSUS_UNKNOWN);
    assert_string_equal(harvest.results[1].failure.message, "the node was removed");
    assert_int_equal(harvest.results[2].failure.error_class, PGCENSUS_CLASS_REFUSED);
    assert_string_equal(pgcensus_fleet_node(fleet, 1)->name, "n1");
    pgcensus_check_free(check);
    assert_null(pgcensus_fleet_node(fleet, 1));
    assert_int_equal(fake_conns.n, 0);

    check = begin_round();
    harvest = (struct fake_harvest){.n = 0};
    fake_harvest_rest(&harvest, check);
    assert_int_equal(harvest.n, 2);
    pgcensus_check_free(check);
}

static void a_renewed_node_stays_the_node_that_it_was(void **state)
{
    watch("ok");
    live(6 * SEC);
    struct pgcensus_handle handle = handle_of("n0");
    story();
    uint64_t opened = fake_opened;
    rename_host("n0", "standby");
    list_each (&fake_conns, link, after) /* the idle ones are closed */
        assert_string_equal(container_of(link, struct pg_conn, node)->target->host,
                            "standby");
    assert_true(pgcensus_fleet_has(fleet, handle));
    assert_int_equal(snapshot(0).state, PGCENSUS_HEALTHY);
    assert_null(pgcensus_fleet_last(fleet, 0)); /* what is said of the old place */
    live(100 * MSEC);
    assert_true(fake_opened > opened);
    assert_int_equal(pgcensus_fleet_last(fleet, 0)->role, PGCENSUS_STANDBY);
    assert_string_equal(pgcensus_fleet_node(fleet, 0)->host, "standby");
    assert_int_equal(snapshot(0).pool.closed_generation, 1);
}

static void a_check_of_the_old_place_changes_nothing(void **state)
{
    watch("silent");
    live(snapshot(0).next_check + SEC); /* it is being asked, for 4 s more */
    assert_null(pgcensus_fleet_last(fleet, 0));
    rename_host("n0", "ok");
    live(4 * SEC);
    assert_int_equal(snapshot(0).state, PGCENSUS_HEALTHY);
    assert_int_equal(snapshot(0).failures, 0);
    live(10 * SEC);
    assert_int_equal(snapshot(0).failures, 0);
}

static void bad_news_begin_anew_when_the_node_is_renewed(void **state)
{
    watch("auth");
    live(10 * SEC);
    assert_int_equal(snapshot(0).state, PGCENSUS_UNHEALTHY);
    story();
    rename_host("n0", "ok");
    assert_int_equal(snapshot(0).state, PGCENSUS_CONNECTING);
    live(100 * MSEC);
    assert_int_equal(snapshot(0).state, PGCENSUS_HEALTHY);
}

static void what_is_disabled_is_not_watched(void **state)
{
    struct node_options options = fake_node("n0", "ok");
    watch("ok");
    live(6 * SEC);
    story();
    options.identity.enabled = false;
    assert_true(fleet_renew(fleet, &options, NULL));
    assert_string_equal(story(),
                        "node.disconnected n0, node.health n0, node.removed n0");
    live(60 * SEC);
    assert_int_equal(fake_conns.n, 0);
    assert_false(pgcensus_fleet_suspend(fleet, handle_of("n0"), NULL));
    options.identity.enabled = true;
    assert_true(fleet_renew(fleet, &options, NULL));
    live(100 * MSEC);
    assert_int_equal(snapshot(0).state, PGCENSUS_HEALTHY);
}

static void a_suspended_node_is_left_alone(void **state)
{
    watch("ok");
    live(6 * SEC);
    struct pgcensus_handle handle = handle_of("n0");
    story();
    assert_true(pgcensus_fleet_suspend(fleet, handle, NULL));
    assert_string_equal(story(), "node.disconnected n0, node.health n0");
    assert_int_equal(fake_conns.n, 0);
    uint64_t opened = fake_opened;
    live(600 * SEC);
    assert_int_equal(fake_opened, opened);
    assert_int_equal(snapshot(0).state, PGCENSUS_SUSPENDED);
    rename_host("n0", "ok-2"); /* that is no reason to ask it */
    live(60 * SEC);
    assert_int_equal(fake_opened, opened);
    assert_true(pgcensus_fleet_resume(fleet, handle, NULL));
    live(100 * MSEC);
    assert_int_equal(snapshot(0).state, PGCENSUS_HEALTHY);
}

static void a_check_that_was_under_way_when_it_was_suspended_says_nothing(void **state)
{
    watch("ok");
    live(6 * SEC);
    live(snapshot(0).next_check - MSEC);
    pgcensus_fleet_turn(fleet, 2 * MSEC, -1); /* asked, and not answered */
    story();
    assert_true(pgcensus_fleet_suspend(fleet, handle_of("n0"), NULL));
    live(60 * SEC);
    assert_int_equal(snapshot(0).state, PGCENSUS_SUSPENDED);
    assert_int_equal(fake_conns.n, 0);
}

/* While we are behind ourselves, so many are due that each has to wait for a while. */
static void add_crowd(const char *name)
{
    for (int i = 0; i < 30; i++) {
        char full[24];
        snprintf(full, sizeof full, "%s%d", name, i);
        struct node_options options = fake_node(full, "mute");
        options.probe.total = options.probe.timeout = 3600 * SEC;
        assert_true(fleet_add(fleet, &options, NULL));
    }
}

/* Connections to that host. */
static size_t connections(const char *host)
{
    size_t n = 0;
    list_each (&fake_conns, link, after)
        n += !strcmp(container_of(link, struct pg_conn, node)->target->host, host);
    return n;
}

static void a_check_that_waits_for_its_start_is_put_off_as_well(void **state)
{
    const nsec soon = 20 * MSEC;
    watch("mute");
    add_crowd("early");
    live(6 * SEC);
    fake_last_turn = 50 * MSEC;
    add_crowd("a");
    struct pgcensus_handle handle = add("n1", "ok");
    live(soon);
    assert_true(pgcensus_fleet_suspend(fleet, handle, NULL));
    live(10 * SEC);
    assert_int_equal(connections("ok"), 0);

    assert_true(pgcensus_fleet_resume(fleet, handle, NULL));
    live(SEC);
    assert_int_equal(snapshot(handle.index).state, PGCENSUS_HEALTHY);

    add_crowd("b");
    handle = add("n2", "ok");
    live(soon);
    rename_host("n2", "standby");
    live(SEC);
    assert_int_equal(snapshot(handle.index).checks, 1);
    assert_int_equal(pgcensus_fleet_last(fleet, handle.index)->role, PGCENSUS_STANDBY);

    add_crowd("c");
    add("n3", "ok-3");
    live(soon);
    remove_node("n3");
    live(SEC);
    assert_int_equal(connections("ok-3"), 0);
}

static void a_failed_node_is_tried_again_after_a_reset(void **state)
{
    struct node_options options = fake_node("n0", "ok");
    options.health.max_attempts = options.reconnect.max_attempts = 2;
    fleet = fleet_new(NULL, NULL);
    assert_true(fleet_add(fleet, &options, NULL));
    struct pgcensus_handle handle = handle_of("n0");
    assert_false(pgcensus_fleet_reset(fleet, handle, NULL)); /* not watched yet */
    fake_down = true;
    assert_true(pgcensus_fleet_monitor(fleet, NULL));
    live(120 * SEC);
    assert_int_equal(snapshot(0).state, PGCENSUS_FAILED);
    fake_down = false;
    live(120 * SEC);
    assert_int_equal(snapshot(0).state, PGCENSUS_FAILED);
    assert_true(pgcensus_fleet_reset(fleet, handle, NULL));
    assert_int_equal(snapshot(0).state, PGCENSUS_CONNECTING);
    live(100 * MSEC);
    assert_int_equal(snapshot(0).state, PGCENSUS_HEALTHY);
}

static void after_the_end_no_node_comes(void **state)
{
    watch("ok");
    pgcensus_fleet_stop(fleet, 0);
    struct node_options options = fake_node("n1", "ok");
    assert_false(fleet_add(fleet, &options, NULL));
    options.identity.name = "n0";
    assert_false(fleet_renew(fleet, &options, NULL));
    remove_node("n0"); /* one may still go */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_latest_result_is_kept),
        TEST(a_node_that_comes_is_checked_at_once),
        TEST(a_node_that_goes_closes_its_connections),
        TEST(a_check_of_a_node_that_is_gone_changes_nothing),
        TEST(an_index_is_not_given_away_while_an_event_is_about_it),
        TEST(what_is_not_watched_leaves_its_index_at_once),
        TEST(a_round_goes_on_while_nodes_come_and_go),
        TEST(a_renewed_node_stays_the_node_that_it_was),
        TEST(a_check_of_the_old_place_changes_nothing),
        TEST(bad_news_begin_anew_when_the_node_is_renewed),
        TEST(what_is_disabled_is_not_watched),
        TEST(a_suspended_node_is_left_alone),
        TEST(a_check_that_was_under_way_when_it_was_suspended_says_nothing),
        TEST(a_check_that_waits_for_its_start_is_put_off_as_well),
        TEST(a_failed_node_is_tried_again_after_a_reset),
        TEST(after_the_end_no_node_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
