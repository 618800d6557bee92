#include "fleet/events.h"
#include "tests/test.h"

static void add(struct events *events, size_t index)
{
    struct pgcensus_event event = {.kind = PGCENSUS_EVENT_CHECK_OK, .index = index};
    events_add(events, &event);
}

static void they_come_out_in_order_and_numbered(void **state)
{
    AUTO(events_free) struct events *events = events_new(4);
    struct pgcensus_event event;
    for (size_t round = 0; round < 5; round++) {
        for (size_t i = 0; i < 3; i++)
            add(events, i);
        assert_true(events_waiting(events));
        for (size_t i = 0; i < 3; i++) {
            assert_true(events_take(events, &event));
            assert_int_equal(event.index, i);
            assert_int_equal(event.seq, 3 * round + i + 1);
            assert_true(event.time > 0);
        }
        assert_false(events_take(events, &event));
        assert_false(events_waiting(events));
    }
}

static void the_oldest_are_dropped_and_the_gap_shows(void **state)
{
    AUTO(events_free) struct events *events = events_new(4);
    struct pgcensus_event event;
    for (size_t i = 0; i < 10; i++)
        add(events, i);
    for (size_t i = 6; i < 10; i++) {
        assert_true(events_take(events, &event));
        assert_int_equal(event.index, i);
        assert_int_equal(event.seq, i + 1);
    }
    assert_false(events_take(events, &event));
}

static void nobody_needs_to_listen(void **state)
{
    struct pgcensus_event event;
    add(NULL, 1);
    assert_false(events_waiting(NULL));
    assert_false(events_take(NULL, &event));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_come_out_in_order_and_numbered),
        cmocka_unit_test(the_oldest_are_dropped_and_the_gap_shows),
        cmocka_unit_test(nobody_needs_to_listen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
