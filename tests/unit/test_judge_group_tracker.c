/* When a group is complete.  This file plays the fleet. */
#include "base/auto.h"
#include "scarce_memory.h"
#include "tests/test.h"

#include <string.h>

#include <pgcensus/pgcensus.h>

enum { MOST = 8 };

/* A letter for each node: its group, - without one, . a node that was removed. */
struct pgcensus_fleet {
    const char *story;
    struct pgcensus_identity identities[MOST];
};

static struct pgcensus_fleet fleet;

AUTO_DEFINE(struct pgcensus_group_tracker *, pgcensus_group_tracker_free)

size_t pgcensus_fleet_size(const struct pgcensus_fleet *any)
{
    return strlen(any->story);
}

const struct pgcensus_identity *pgcensus_fleet_node(const struct pgcensus_fleet *any,
                                                    size_t index)
{
    return any->story[index] == '.' ? NULL : &any->identities[index];
}

static struct pgcensus_group_tracker *track(const char *story)
{
    static char names[MOST][2];
    struct pgcensus_error error;
    fleet.story = story;
    for (size_t i = 0; story[i]; i++) {
        names[i][0] = story[i];
        fleet.identities[i].group = story[i] == '-' ? NULL : names[i];
    }
    struct pgcensus_group_tracker *tracker = pgcensus_group_tracker_new(&fleet, &error);
    assert_non_null(tracker);
    return tracker;
}

static void assert_members(const struct pgcensus_group_tracker *tracker, size_t index,
                           const char *expected)
{
    size_t n;
    char found[MOST + 1] = "";
    const size_t *members = pgcensus_group_tracker_members(tracker, index, &n);
    for (size_t i = 0; i < n; i++)
        found[i] = (char)('0' + members[i]);
    assert_string_equal(found, expected);
}

static void a_group_is_complete_with_its_last_node(void **state)
{
    AUTO(pgcensus_group_tracker_free)
    struct pgcensus_group_tracker *tracker = track("abab");
    assert_false(pgcensus_group_tracker_note(tracker, 3));
    assert_false(pgcensus_group_tracker_note(tracker, 0));
    assert_true(pgcensus_group_tracker_note(tracker, 2));
    assert_members(tracker, 2, "02");
    assert_true(pgcensus_group_tracker_note(tracker, 1));
    assert_members(tracker, 1, "13");
}

static void a_second_result_of_one_node_is_not_one_of_another(void **state)
{
    AUTO(pgcensus_group_tracker_free)
    struct pgcensus_group_tracker *tracker = track("aa");
    assert_false(pgcensus_group_tracker_note(tracker, 0));
    assert_false(pgcensus_group_tracker_note(tracker, 0));
    assert_true(pgcensus_group_tracker_note(tracker, 1));
    assert_true(pgcensus_group_tracker_note(tracker, 0)); /* judged again */
}

static void nodes_without_a_group_belong_together(void **state)
{
    AUTO(pgcensus_group_tracker_free)
    struct pgcensus_group_tracker *tracker = track("-a-");
    assert_members(tracker, 0, "02");
    assert_false(pgcensus_group_tracker_note(tracker, 0));
    assert_true(pgcensus_group_tracker_note(tracker, 1));
    assert_true(pgcensus_group_tracker_note(tracker, 2));
}

static void a_removed_node_is_not_waited_for(void **state)
{
    AUTO(pgcensus_group_tracker_free)
    struct pgcensus_group_tracker *tracker = track("a.a.");
    assert_members(tracker, 0, "02");
    assert_false(pgcensus_group_tracker_note(tracker, 0));
    assert_true(pgcensus_group_tracker_note(tracker, 2));
}

static void every_allocation_of_a_tracker_may_fail(void **state)
{
    pgcensus_group_tracker_free(track("ab"));
    for (unsigned k = 1;; k++) {
        struct pgcensus_error error = {0};
        scarce_memory_begin(k);
        struct pgcensus_group_tracker *tracker =
            pgcensus_group_tracker_new(&fleet, &error);
        bool failed = scarce_memory_end();
        assert_int_equal(failed, !tracker);
        if (failed) {
            assert_int_equal(error.trouble, PGCENSUS_TROUBLE_MEMORY);
            continue;
        }
        pgcensus_group_tracker_free(tracker);
        assert_true(k > 5);
        return;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_is_complete_with_its_last_node),
        cmocka_unit_test(a_second_result_of_one_node_is_not_one_of_another),
        cmocka_unit_test(nodes_without_a_group_belong_together),
        cmocka_unit_test(a_removed_node_is_not_waited_for),
        cmocka_unit_test(every_allocation_of_a_tracker_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
