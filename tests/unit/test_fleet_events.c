#include "fleet/events.h"
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);

static size_t allocated; /* bytes, by the library */

void *__wrap_calloc(size_t n, size_t size)
{
    allocated += n * size;
    return __real_calloc(n, size);
}

static void add(struct events *events, enum pgcensus_event_kind kind, size_t index)
{
    struct pgcensus_event event = {.kind = kind, .index = (uint32_t)index};
    events_add(events, &event, NULL);
}

static void add_samples(struct events *events, size_t n)
{
    for (size_t i = 0; i < n; i++)
        add(events, PGCENSUS_EVENT_CHECK_OK, i);
}

static void they_come_out_in_order_and_numbered(void **state)
{
    AUTO(events_free) struct events *events = events_new(4, 4, 2048);
    struct pgcensus_cursor cursor = {0};
    struct pgcensus_event event;
    for (size_t round = 0; round < 5; round++) {
        add(events, PGCENSUS_EVENT_CHECK_OK, 0);
        add(events, PGCENSUS_EVENT_NODE_CONNECTED, 1);
        add(events, PGCENSUS_EVENT_CHECK_OK, 2);
        assert_true(events_waiting(events));
        for (size_t i = 0; i < 3; i++) {
            assert_true(events_next(events, &cursor, &event));
            assert_int_equal(event.index, i);
            assert_int_equal(event.seq, 3 * round + i + 1);
            assert_true(event.time > 0);
        }
        assert_false(events_next(events, &cursor, &event));
        assert_false(events_waiting(events));
    }
    assert_int_equal(cursor.missed_edges + cursor.missed_samples, 0);
}

static void samples_push_no_edge_out(void **state)
{
    AUTO(events_free) struct events *events = events_new(4, 4, 2048);
    struct pgcensus_cursor cursor = {0};
    struct pgcensus_event event;
    add(events, PGCENSUS_EVENT_NODE_HEALTH, 7);
    add_samples(events, 1000);
    add(events, PGCENSUS_EVENT_RETRY_EXHAUSTED, 8);
    assert_true(events_next(events, &cursor, &event));
    assert_int_equal(event.index, 7);
    for (size_t i = 996; i < 1000; i++) {
        assert_true(events_next(events, &cursor, &event));
        assert_int_equal(event.index, i);
    }
    assert_true(events_next(events, &cursor, &event));
    assert_int_equal(event.index, 8);
    assert_false(events_next(events, &cursor, &event));
    assert_int_equal(cursor.missed_samples, 996);
    assert_int_equal(cursor.missed_edges, 0);
}

static void each_reader_has_its_own_position(void **state)
{
    AUTO(events_free) struct events *events = events_new(4, 4, 2048);
    struct pgcensus_cursor fast = {0}, slow = {0}, late;
    struct pgcensus_event event;
    for (size_t i = 0; i < 10; i++) {
        add(events, PGCENSUS_EVENT_NODE_HEALTH, i);
        assert_true(events_next(events, &fast, &event));
        assert_int_equal(event.index, i);
    }
    events_cursor(events, &late);
    for (size_t i = 6; i < 10; i++) {
        assert_true(events_next(events, &slow, &event));
        assert_int_equal(event.index, i);
        assert_int_equal(event.seq, i + 1);
    }
    assert_false(events_next(events, &slow, &event));
    assert_int_equal(slow.missed_edges, 6);
    assert_int_equal(fast.missed_edges, 0);
    assert_false(events_next(events, &late, &event));
    add(events, PGCENSUS_EVENT_NODE_HEALTH, 10);
    assert_true(events_next(events, &late, &event));
    assert_int_equal(event.index, 10);
    assert_int_equal(late.missed_edges, 0);
}

static void they_wait_until_one_reader_has_come_to_them(void **state)
{
    AUTO(events_free) struct events *events = events_new(4, 4, 2048);
    struct pgcensus_cursor reader = {0}, never = {0}, late;
    struct pgcensus_event event;
    assert_false(events_waiting(events));
    add(events, PGCENSUS_EVENT_CHECK_OK, 0);
    add(events, PGCENSUS_EVENT_CHECK_OK, 1);
    assert_true(events_next(events, &reader, &event));
    assert_true(events_waiting(events));
    events_cursor(events, &late);
    assert_true(events_waiting(events));
    assert_false(events_next(events, &late, &event)); /* nothing is new to it */
    assert_false(events_waiting(events));
    assert_true(events_next(events, &never, &event)); /* far behind, and that is fine */
    assert_false(events_waiting(events));
}

static void a_growing_fleet_loses_nothing(void **state)
{
    AUTO(events_free) struct events *events = events_new_for(1);
    struct pgcensus_cursor cursor = {0};
    struct pgcensus_event event;
    for (size_t i = 0; i < 5000; i++)
        add(events, PGCENSUS_EVENT_NODE_ADDED, i);
    events_widen(events, 3000);
    for (size_t i = 5000; i < 10000; i++)
        add(events, PGCENSUS_EVENT_NODE_ADDED, i);
    for (size_t i = 5000 - 4099; i < 10000; i++) {
        assert_true(events_next(events, &cursor, &event));
        assert_int_equal(event.index, i);
    }
    assert_false(events_next(events, &cursor, &event));
    assert_int_equal(cursor.missed_edges, 5000 - 4099);
}

static struct pgcensus_failure failure(const char *message)
{
    struct pgcensus_failure failure = {.error_class = PGCENSUS_CLASS_AUTH,
                                       .phase = PGCENSUS_PHASE_AUTH,
                                       .sqlstate = "28P01"};
    snprintf(failure.message, sizeof failure.message, "%s", message);
    return failure;
}

static void words_are_kept_apart_and_make_room(void **state)
{
    AUTO(events_free) struct events *events = events_new(8, 8, 2048);
    struct pgcensus_cursor cursor = {0};
    struct pgcensus_event event = {.kind = PGCENSUS_EVENT_NODE_HEALTH,
                                   .from = PGCENSUS_HEALTHY,
                                   .to = PGCENSUS_UNHEALTHY};
    char text[64];
    struct pgcensus_failure first = failure("password authentication failed");
    events_add(events, &event, &first);
    for (int i = 0; i < 1000; i++) /* one text only */
        events_add(events,
                   &(struct pgcensus_event){.kind = PGCENSUS_EVENT_CHECK_FAILED},
                   &first);
    assert_true(events_next(events, &cursor, &event));
    assert_int_equal(event.error_class, PGCENSUS_CLASS_AUTH);
    assert_true(events_text(events, &event, text, sizeof text));
    assert_string_equal(text, "password authentication failed");
    assert_true(events_text(events, &event, text, 9));
    assert_string_equal(text, "password");

    for (int i = 0; i < 1000; i++) {
        snprintf(text, sizeof text, "something else, for the time no. %d", i);
        struct pgcensus_failure other = failure(text);
        events_add(events,
                   &(struct pgcensus_event){.kind = PGCENSUS_EVENT_CHECK_FAILED},
                   &other);
    }
    assert_false(events_text(events, &event, text, sizeof text));
    assert_string_equal(text, "auth, auth, SQLSTATE 28P01");
}

static void what_did_not_fail_has_no_words(void **state)
{
    AUTO(events_free) struct events *events = events_new(4, 4, 2048);
    struct pgcensus_cursor cursor = {0};
    struct pgcensus_failure none = {.error_class = PGCENSUS_CLASS_NONE};
    struct pgcensus_event event = {.kind = PGCENSUS_EVENT_CHECK_OK};
    char text[8] = "before";
    events_add(events, &event, &none);
    assert_true(events_next(events, &cursor, &event));
    assert_true(events_text(events, &event, text, sizeof text));
    assert_string_equal(text, "");
    assert_null(pgcensus_event_because(&event));
}

static void ten_thousand_nodes_take_four_megabytes(void **state)
{
    enum { NODES = 10000 };
    struct pgcensus_cursor cursor = {0};
    struct pgcensus_event event;
    char text[64];
    allocated = 0;
    AUTO(events_free) struct events *events = events_new_for(NODES);
    for (size_t i = 0; i < NODES; i++) {
        snprintf(text, sizeof text, "connection refused (10.0.%zu.%zu:5432)", i / 256,
                 i % 256);
        struct pgcensus_failure refused = failure(text);
        for (int times = 0; times < 3; times++) {
            event = (struct pgcensus_event){.kind = PGCENSUS_EVENT_NODE_HEALTH,
                                            .index = (uint32_t)i};
            events_add(events, &event, &refused);
            event.kind = PGCENSUS_EVENT_CHECK_FAILED;
            events_add(events, &event, &refused);
        }
    }
    assert_in_range(allocated, NODES, 4000000);
    size_t edges = 0, with_words = 0;
    while (events_next(events, &cursor, &event)) {
        edges += event.kind == PGCENSUS_EVENT_NODE_HEALTH;
        with_words += events_text(events, &event, text, sizeof text);
    }
    assert_int_equal(edges, 3 * NODES);
    assert_int_equal(cursor.missed_edges, 0);
    assert_true(cursor.missed_samples > 0);
    assert_true(with_words > 3 * NODES);
    assert_in_range(allocated, NODES, 4000000);
}

static void nobody_needs_to_watch(void **state)
{
    struct pgcensus_cursor cursor;
    struct pgcensus_event event;
    add(NULL, PGCENSUS_EVENT_NODE_ADDED, 1);
    assert_false(events_waiting(NULL));
    events_cursor(NULL, &cursor);
    assert_false(events_next(NULL, &cursor, &event));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_come_out_in_order_and_numbered),
        cmocka_unit_test(samples_push_no_edge_out),
        cmocka_unit_test(each_reader_has_its_own_position),
        cmocka_unit_test(they_wait_until_one_reader_has_come_to_them),
        cmocka_unit_test(a_growing_fleet_loses_nothing),
        cmocka_unit_test(words_are_kept_apart_and_make_room),
        cmocka_unit_test(what_did_not_fail_has_no_words),
        cmocka_unit_test(ten_thousand_nodes_take_four_megabytes),
        cmocka_unit_test(nobody_needs_to_watch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
