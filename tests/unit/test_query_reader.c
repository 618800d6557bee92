/* Queries whose rows nobody takes, on a fake network and a fake clock. */
#include "fake_fleet.h"

#include "tests/test.h"

#include <fcntl.h>
#include <pgcensus/query.h>
#include <string.h>
#include <unistd.h>

static const struct pgcensus_query_options plain = {
    .sql = "SELECT x", .retries = -1, .stop_fd = -1};

/* A pipe that is full; its reader. */
struct reader {
    int ends[2];
};

static void reader_open(struct reader *reader)
{
    assert_int_equal(pipe2(reader->ends, O_NONBLOCK), 0);
    while (write(reader->ends[1], "", 1) == 1)
        ;
}

static void reader_takes(const struct reader *reader)
{
    char byte;
    while (read(reader->ends[0], &byte, 1) == 1)
        ;
}

static void reader_close(struct reader *reader)
{
    close(reader->ends[0]);
    close(reader->ends[1]);
}
AUTO_DEFINE_VALUE(struct reader, reader_close)

/* Node 0 is done, and its only row comes out, as soon as that may be. */
static void take_rest(struct pgcensus_query *query)
{
    struct pgcensus_query_event event;
    enum pgcensus_query_turn turn;
    size_t rows = 0;
    pgcensus_query_hold(query, -1);
    while ((turn = pgcensus_query_next(query, SEC, &event)) != PGCENSUS_QUERY_END) {
        if (turn == PGCENSUS_QUERY_ROWS) {
            assert_int_equal(event.index, 0);
            rows += event.rows->n_rows;
            pgcensus_rows_free(event.rows);
        } else if (turn == PGCENSUS_QUERY_NODE && event.index == 0) {
            assert_int_equal(event.result->status, PGCENSUS_QUERY_OK);
        }
    }
    assert_int_equal(rows, 1);
}

static int setup(void **state)
{
    fake_fleet_plan();
    return 0;
}

static void a_reader_that_is_slow_holds_rows_only(void **state)
{
    const char *hosts[] = {"ok", "refused"};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 2);
    struct pgcensus_query *query = pgcensus_query_start(fleet, &plain, NULL);
    struct pgcensus_query_event event;
    AUTO(reader_close) struct reader reader;
    reader_open(&reader);
    pgcensus_query_hold(query, reader.ends[1]);
    assert_int_equal(pgcensus_query_next(query, 60 * SEC, &event), PGCENSUS_QUERY_NODE);
    assert_int_equal(event.index, 1);
    assert_int_equal(pgcensus_query_next(query, 60 * SEC, &event), PGCENSUS_QUERY_TICK);
    reader_takes(&reader);
    assert_int_equal(pgcensus_query_next(query, 60 * SEC, &event), PGCENSUS_QUERY_TICK);
    take_rest(query);
    pgcensus_query_free(query);
    pgcensus_fleet_free(fleet);
}

/* Turns, and holds again and again, as one does who tries to write; that is no new
 * patience. */
static enum pgcensus_query_turn turn_held(struct pgcensus_query *query, int fd,
                                          nsec until,
                                          struct pgcensus_query_event *ret_event)
{
    enum pgcensus_query_turn turn = PGCENSUS_QUERY_TICK;
    while (turn == PGCENSUS_QUERY_TICK && fake_now < until) {
        pgcensus_query_hold(query, fd);
        turn = pgcensus_query_next(query, 100 * MSEC, ret_event);
    }
    return turn;
}

/* What has come to an end stays. */
static void a_reader_that_takes_nothing_ends_what_is_under_way(void **state)
{
    const char *hosts[] = {"ok", "mute"};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 2);
    struct pgcensus_query_options options = plain;
    struct pgcensus_query_event event;
    AUTO(reader_close) struct reader reader;
    options.streams = true;
    options.reader_timeout = 2 * SEC;
    struct pgcensus_query *query = pgcensus_query_start(fleet, &options, NULL);
    reader_open(&reader);
    nsec began = fake_now;
    assert_int_equal(turn_held(query, reader.ends[1], began + 60 * SEC, &event),
                     PGCENSUS_QUERY_NODE);
    assert_int_equal(event.index, 1);
    assert_int_equal(fake_now - began, 2 * SEC);
    assert_int_equal(event.result->failure.error_class, PGCENSUS_CLASS_CANCELLED);
    assert_non_null(strstr(event.result->failure.message, "took nothing for 2s"));
    take_rest(query);
    pgcensus_query_free(query);
    pgcensus_fleet_free(fleet);
}

static void a_reader_that_takes_something_gets_its_patience_anew(void **state)
{
    const char *hosts[] = {"ok", "mute"};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 2);
    struct pgcensus_query_options options = plain;
    struct pgcensus_query_event event;
    options.streams = true;
    options.reader_timeout = 2 * SEC;
    struct pgcensus_query *query = pgcensus_query_start(fleet, &options, NULL);
    for (int i = 0; i < 4; i++) {
        AUTO(reader_close) struct reader reader;
        reader_open(&reader);
        assert_int_equal(turn_held(query, reader.ends[1], fake_now + SEC, &event),
                         PGCENSUS_QUERY_TICK);
        reader_takes(&reader);
        assert_int_equal(pgcensus_query_next(query, SEC, &event), PGCENSUS_QUERY_TICK);
    }
    take_rest(query);
    pgcensus_query_free(query);
    pgcensus_fleet_free(fleet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_reader_that_is_slow_holds_rows_only, setup),
        cmocka_unit_test_setup(a_reader_that_takes_nothing_ends_what_is_under_way,
                               setup),
        cmocka_unit_test_setup(a_reader_that_takes_something_gets_its_patience_anew,
                               setup),
    };
    return cmocka_run_group_tests_name("query_reader", tests, NULL, NULL);
}
