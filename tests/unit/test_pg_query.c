/* Statements, and servers that answer them oddly, too much, or not at all. */
#include "tests/test.h"
#include "tests/unit/pg_stage.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#define MSEC NSEC_PER_MSEC
#define MANY 1000000

static const struct pg_statement select_one = {.sql = "SELECT 1"};

/* Logged in, and asked select_one with so much patience. */
static enum pg_conn_state ask(struct client *client, nsec patience)
{
    assert_int_equal(client_connect(client), PG_READY);
    client_send(client, &select_one, patience);
    return client_wait(client, 10 * NSEC_PER_SEC);
}

/* Lets the client in and waits for its first statement. */
static bool hear_statement(struct stage *stage, int fd)
{
    AUTO(buf_fini) struct buf body = BUF_INIT;
    char type;
    return let_in(stage, fd) && hear_message(fd, &type, &body);
}

/* It uses more memory by the minute for itself, and looks at all of a buffer whenever
 * something is read into it. */
static bool under_valgrind(void)
{
    const char *preloaded = getenv("LD_PRELOAD");
    return preloaded && strstr(preloaded, "valgrind");
}

static long resident_kb(void)
{
    long total = 0, resident = 0;
    if (under_valgrind())
        return 0;
    AUTO(fclose) FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%ld %ld", &total, &resident) != 2)
        return 0;
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/* ---- answers ---- */

static void answering(struct stage *stage, int fd)
{
    AUTO(buf_fini) struct buf body = BUF_INIT;
    char type;
    if (!let_in(stage, fd))
        return;
    while (hear_message(fd, &type, &body)) {
        bool lacking = type == 'P' && strstr(body.bytes + 1, "$2");
        if (type == 'P') /* extended: parse, bind, describe, execute, sync */
            for (int i = 0; i < 4; i++)
                hear_message(fd, &type, &body);
        if (type == 'S')
            say_message(fd, '1', "", 0), say_message(fd, '2', "", 0);
        if (strstr(body.bytes, "wrong")) {
            say_error(fd, 'E', "ERROR", "42703", "column \"wrong\" does not exist");
        } else if (lacking) {
            say_error(fd, 'E', "ERROR", "08P01", "1 parameters, but 2 are required");
        } else if (strstr(body.bytes, "nothing")) {
            say_message(fd, 'I', "", 0);
        } else {
            say_columns(fd, 1);
            say_row(fd, "1");
            say_complete(fd, "SELECT 1");
        }
        say_ready(fd);
    }
}

static void an_answer_has_its_rows(void **state)
{
    SCENE(scene, answering);
    assert_int_equal(ask(client, NSEC_PER_SEC), PG_READY);
    assert_false(pg_conn_failed(client->conn));
    AUTO(rowset_free) struct rowset *rows = pg_conn_take_rows(client->conn);
    assert_int_equal(rows->rows.n_columns, 1);
    assert_int_equal(rows->rows.n_rows, 1);
    assert_string_equal(rows->columns[0].name, "c");
    assert_int_equal(rows->columns[0].type, 25);
    assert_string_equal(rows->cells[0].text, "1");
    assert_string_equal(rows->rows.command, "SELECT 1");
    assert_true(pg_conn_timing(client->conn)->query > 0);
    assert_null(pg_conn_take_rows(client->conn));
}

static void the_extended_protocol(void **state)
{
    SCENE(scene, answering);
    const char *const params[] = {"x"};
    struct pg_statement statement = {"SELECT $1", true, params, 1, 0, 0};
    assert_int_equal(client_connect(client), PG_READY);
    client_send(client, &statement, NSEC_PER_SEC);
    assert_int_equal(client_wait(client, 5 * NSEC_PER_SEC), PG_READY);
    assert_false(pg_conn_failed(client->conn));
}

static void a_wrong_number_of_parameters(void **state)
{
    SCENE(scene, answering);
    const char *const params[] = {"x"};
    struct pg_statement statement = {"SELECT $1, $2", true, params, 1, 0, 0};
    assert_int_equal(client_connect(client), PG_READY);
    client_send(client, &statement, NSEC_PER_SEC);
    assert_int_equal(client_wait(client, 5 * NSEC_PER_SEC), PG_READY);
    const struct pgcensus_failure *failure = pg_conn_failure(client->conn);
    assert_int_equal(failure->error_class, PGCENSUS_CLASS_QUERY);
    assert_string_equal(failure->sqlstate, "08P01");
    assert_false(failure->retryable);
}

static void a_statements_failure_leaves_the_connection(void **state)
{
    SCENE(scene, answering);
    struct pg_statement wrong = {.sql = "SELECT wrong"};
    assert_int_equal(client_connect(client), PG_READY);
    client_send(client, &wrong, NSEC_PER_SEC);
    assert_int_equal(client_wait(client, 5 * NSEC_PER_SEC), PG_READY);
    assert_failure(client, PGCENSUS_CLASS_QUERY, PGCENSUS_PHASE_QUERY,
                   "ERROR: column \"wrong\" does not exist");
    assert_string_equal(pg_conn_failure(client->conn)->sqlstate, "42703");

    client_send(client, &select_one, NSEC_PER_SEC);
    assert_int_equal(client_wait(client, 5 * NSEC_PER_SEC), PG_READY);
    assert_false(pg_conn_failed(client->conn));
}

static void an_empty_statement(void **state)
{
    SCENE(scene, answering);
    struct pg_statement nothing = {.sql = "-- nothing"};
    assert_int_equal(client_connect(client), PG_READY);
    client_send(client, &nothing, NSEC_PER_SEC);
    assert_int_equal(client_wait(client, 5 * NSEC_PER_SEC), PG_READY);
    assert_failure(client, PGCENSUS_CLASS_QUERY, PGCENSUS_PHASE_QUERY, "empty");
}

static void never_ending(struct stage *stage, int fd)
{
    if (hear_statement(stage, fd) && say_columns(fd, 1) && say_row(fd, "1") &&
        say_ready(fd))
        stay_silent(stage, fd);
}

static void merely_ready(struct stage *stage, int fd)
{
    if (hear_statement(stage, fd) && say_ready(fd))
        stay_silent(stage, fd);
}

/* A part of the answer was lost on the way, and nobody knows how much. */
static void an_answer_without_an_end(void **state)
{
    {
        SCENE(scene, never_ending);
        assert_int_equal(ask(client, NSEC_PER_SEC), PG_READY);
        assert_failure(client, PGCENSUS_CLASS_PROTOCOL, PGCENSUS_PHASE_STREAM,
                       "no end");
    }
    SCENE(scene, merely_ready);
    assert_int_equal(ask(client, NSEC_PER_SEC), PG_READY);
    assert_failure(client, PGCENSUS_CLASS_PROTOCOL, PGCENSUS_PHASE_QUERY, "no answer");
}

static void answering_twice(struct stage *stage, int fd)
{
    if (hear_statement(stage, fd) && say_columns(fd, 1) && say_row(fd, "1") &&
        say_complete(fd, "SELECT 1") && say_columns(fd, 2) &&
        say_complete(fd, "SELECT 0") && say_ready(fd))
        stay_silent(stage, fd);
}

static void results_that_do_not_fit_together(void **state)
{
    SCENE(scene, answering_twice);
    assert_int_equal(ask(client, NSEC_PER_SEC), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_QUERY, PGCENSUS_PHASE_STREAM, "several");
}

static void copying(struct stage *stage, int fd)
{
    if (hear_statement(stage, fd) && say_message(fd, 'H', "\0\0\0", 3))
        stay_silent(stage, fd);
}

static void copy_is_refused(void **state)
{
    SCENE(scene, copying);
    assert_int_equal(ask(client, NSEC_PER_SEC), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_QUERY, PGCENSUS_PHASE_QUERY, "COPY");
}

/* ---- silence and ends ---- */

static void a_hanging_statement_is_closed(void **state)
{
    SCENE(scene, trusting);
    nsec began = clock_now();
    assert_int_equal(ask(client, 200 * MSEC), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_TIMEOUT, PGCENSUS_PHASE_QUERY,
                   "timeout after 200 ms (query)");
    assert_in_range(clock_now() - began, 200 * MSEC, 3000 * MSEC);
    assert_int_equal(pg_conn_wants(client->conn)->fd, -1);
}

static void reading_nothing(struct stage *stage, int fd)
{
    if (!let_in(stage, fd))
        return;
    struct timespec pause = {.tv_nsec = 5000000};
    while (!stage->closing)
        nanosleep(&pause, NULL);
}

static void a_peer_that_stops_reading(void **state)
{
    SCENE(scene, reading_nothing);
    enum { SIZE = 20 * 1024 * 1024 };
    AUTO(free) char *sql = malloc(SIZE);
    memset(sql, ' ', SIZE);
    memcpy(sql, "SELECT", 6);
    sql[SIZE - 1] = '\0';
    struct pg_statement huge = {.sql = sql};
    assert_int_equal(client_connect(client), PG_READY);
    nsec began = clock_now();
    client_send(client, &huge, 200 * MSEC);
    assert_int_equal(pg_conn_wants(client->conn)->events, POLLIN | POLLOUT);
    assert_int_equal(client_wait(client, 5 * NSEC_PER_SEC), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_TIMEOUT, PGCENSUS_PHASE_QUERY, "(query)");
    assert_true(clock_now() - began < 5 * NSEC_PER_SEC);
}

static void breaking_off(struct stage *stage, int fd)
{
    if (hear_statement(stage, fd) && say_columns(fd, 1) && say_row(fd, "one"))
        say_row(fd, "two");
}

static void a_lost_answer_is_partial(void **state)
{
    SCENE(scene, breaking_off);
    struct pg_statement statement = {.sql = "SELECT", .max_rows = 100};
    assert_int_equal(client_connect(client), PG_READY);
    client_send(client, &statement, NSEC_PER_SEC);
    assert_int_equal(client_wait(client, 5 * NSEC_PER_SEC), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_LOST, PGCENSUS_PHASE_STREAM, "server closed");
    AUTO(rowset_free) struct rowset *rows = pg_conn_take_rows(client->conn);
    assert_int_equal(rows->rows.n_rows, 2);
}

static void resetting(struct stage *stage, int fd)
{
    struct linger at_once = {.l_onoff = 1};
    hear_statement(stage, fd);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

static void a_reset_is_a_lost_connection(void **state)
{
    SCENE(scene, resetting);
    assert_int_equal(ask(client, NSEC_PER_SEC), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_LOST, PGCENSUS_PHASE_QUERY,
                   "the server closed the connection");
}

static void terminating(struct stage *stage, int fd)
{
    if (hear_statement(stage, fd) &&
        say_error(fd, 'E', "FATAL", "57P01", "terminating connection due to command"))
        say_error(fd, 'E', "FATAL", "XX000", "and then some more");
}

static void the_first_fatal_wins(void **state)
{
    SCENE(scene, terminating);
    assert_int_equal(ask(client, NSEC_PER_SEC), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_LOST, PGCENSUS_PHASE_QUERY,
                   "FATAL: terminating connection due to command");
    assert_string_equal(pg_conn_failure(client->conn)->sqlstate, "57P01");
}

static void crashing_elsewhere(struct stage *stage, int fd)
{
    if (hear_statement(stage, fd))
        say_error(fd, 'N', "WARNING", "57P02", "because of crash of another process");
}

static void a_reason_that_came_as_a_notice(void **state)
{
    SCENE(scene, crashing_elsewhere);
    assert_int_equal(ask(client, NSEC_PER_SEC), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_LOST, PGCENSUS_PHASE_QUERY,
                   "because of crash of another process");
    assert_string_equal(pg_conn_failure(client->conn)->sqlstate, "57P02");
}

/* ---- too much ---- */

/* The same message for ever, in pieces so large that the server mostly waits. */
static void flood(int fd, const char *message, size_t n)
{
    AUTO(buf_fini) struct buf many = BUF_INIT;
    while (many.len < 65536)
        buf_add(&many, message, n);
    while (say(fd, many.bytes, many.len))
        ;
}

static void sending_rows(struct stage *stage, int fd)
{
    if (hear_statement(stage, fd) && say_columns(fd, 1))
        flood(fd, "D\0\0\0\40\0\1\0\0\0\26a row of some length..", 33);
}

static void announcing_a_huge_row(struct stage *stage, int fd)
{
    uint32_t size = under_valgrind() ? 20000000 : 1900000000;
    uint32_t numbers[] = {htonl(size), htonl(size - 10)};
    if (hear_statement(stage, fd) && say_columns(fd, 1) && say(fd, "D", 1) &&
        say(fd, &numbers[0], 4) && say(fd, "\0\1", 2) && say(fd, &numbers[1], 4))
        flood(fd, "x", 1);
}

static void sending_20000_columns(struct stage *stage, int fd)
{
    if (hear_statement(stage, fd) && say_columns(fd, 20000))
        stay_silent(stage, fd);
}

static void answers_have_limits(void **state)
{
    static const struct {
        script *play;
        size_t max_rows, max_bytes;
        const char *words;
    } rows[] = {
        {sending_rows, 100, 0, "more than 100 rows, says the test"},
        {sending_rows, MANY, 100000, "more than 100000B"},
        {announcing_a_huge_row, MANY, 0, "a row of more than 1MB"},
        {sending_20000_columns, 0, 100000, "more than 100000B"},
    };
    static const struct pg_limit_owners owners = {", says the test", "", ""};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        SCENE(scene, rows[i].play);
        struct pg_statement statement = {.sql = "SELECT",
                                         .max_rows = rows[i].max_rows,
                                         .max_bytes = rows[i].max_bytes,
                                         .owners = &owners};
        assert_int_equal(client_connect(client), PG_READY);
        long before = resident_kb();
        client_send(client, &statement, 60 * NSEC_PER_SEC);
        assert_int_equal(client_wait(client, 90 * NSEC_PER_SEC), PG_BROKEN);
        assert_int_equal(pg_conn_failure(client->conn)->error_class,
                         PGCENSUS_CLASS_LIMIT);
        assert_non_null(strstr(pg_conn_failure(client->conn)->message, rows[i].words));
        assert_true(resident_kb() - before < 64 * 1024);
    }
}

static void sending_many_rows(struct stage *stage, int fd)
{
    if (!hear_statement(stage, fd) || !say_columns(fd, 1))
        return;
    for (int i = 0; i < 5000; i++)
        say_row(fd, "a row");
    if (say_complete(fd, "INSERT 0 5000") && say_ready(fd))
        stay_silent(stage, fd);
}

static void sending_an_error_behind_rows(struct stage *stage, int fd)
{
    if (!hear_statement(stage, fd) || !say_columns(fd, 1))
        return;
    for (int i = 0; i < 5000; i++)
        say_row(fd, "a row");
    if (say_error(fd, 'E', "ERROR", "23505", "there already") && say_ready(fd))
        stay_silent(stage, fd);
}

static void what_drains_is_not_ended_by_a_limit(void **state)
{
    static const struct {
        script *play;
        size_t max_bytes;
        enum pgcensus_class error_class;
        const char *words, *command;
    } rows[] = {
        {sending_many_rows, 0, PGCENSUS_CLASS_LIMIT,
         "more than 100 rows; the statement was done", "INSERT 0 5000"},
        {sending_many_rows, 300, PGCENSUS_CLASS_LIMIT,
         "more than 300B; the statement was done", "INSERT 0 5000"},
        {sending_an_error_behind_rows, 0, PGCENSUS_CLASS_QUERY, "there already", ""},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        SCENE(scene, rows[i].play);
        struct pg_statement statement = {.sql = "INSERT",
                                         .drains = true,
                                         .max_rows = 100,
                                         .max_bytes = rows[i].max_bytes,
                                         .max_row_bytes = 1 << 20};
        assert_int_equal(client_connect(client), PG_READY);
        client_send(client, &statement, 5 * NSEC_PER_SEC);
        assert_int_equal(client_wait(client, 10 * NSEC_PER_SEC), PG_READY);
        const struct pgcensus_failure *failure = pg_conn_failure(client->conn);
        assert_int_equal(failure->error_class, rows[i].error_class);
        assert_non_null(strstr(failure->message, rows[i].words));
        struct rowset *kept = pg_conn_take_rows(client->conn);
        assert_in_range(kept->rows.n_rows, 1, 100);
        assert_string_equal(kept->rows.command, rows[i].command);
        rowset_free(kept);
    }
}

static void flooding_results(struct stage *stage, int fd)
{
    if (hear_statement(stage, fd))
        flood(fd, "C\0\0\0\15SELECT 0\0", 14);
}

static void flooding_notices(struct stage *stage, int fd)
{
    if (hear_statement(stage, fd))
        flood(fd, "N\0\0\0\36SNOTICE\0C00000\0Mone more\0\0", 31);
}

static void flooding_notifies(struct stage *stage, int fd)
{
    if (hear_statement(stage, fd))
        flood(fd, "A\0\0\0\30\0\0\0\1channel\0payload\0", 25);
}

static void floods_end_by_the_deadline(void **state)
{
    script *const plays[] = {flooding_results, flooding_notices, flooding_notifies};
    for (size_t i = 0; i < ARRAY_SIZE(plays); i++) {
        SCENE(scene, plays[i]);
        struct pg_statement generous = {.sql = "SELECT", .max_bytes = (size_t)1 << 40};
        assert_int_equal(client_connect(client), PG_READY);
        long before = resident_kb();
        nsec began = clock_now();
        client_send(client, &generous, 500 * MSEC);
        assert_int_equal(client_wait(client, 10 * NSEC_PER_SEC), PG_BROKEN);
        assert_failure(client, PGCENSUS_CLASS_TIMEOUT, PGCENSUS_PHASE_QUERY, "500 ms");
        assert_true(clock_now() - began < 5 * NSEC_PER_SEC);
        assert_true(client->steps > 20); /* many small ones */
        assert_true(resident_kb() - before < 8 * 1024);
    }
}

static void answering_nonsense(struct stage *stage, int fd)
{
    if (hear_statement(stage, fd) && say_message(fd, '!', "what", 4))
        stay_silent(stage, fd);
}

static void nonsense_is_no_answer(void **state)
{
    SCENE(scene, answering_nonsense);
    assert_int_equal(ask(client, 300 * MSEC), PG_BROKEN);
    assert_true(pg_conn_failed(client->conn));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_has_its_rows),
        cmocka_unit_test(the_extended_protocol),
        cmocka_unit_test(a_wrong_number_of_parameters),
        cmocka_unit_test(a_statements_failure_leaves_the_connection),
        cmocka_unit_test(an_empty_statement),
        cmocka_unit_test(an_answer_without_an_end),
        cmocka_unit_test(results_that_do_not_fit_together),
        cmocka_unit_test(copy_is_refused),
        cmocka_unit_test(a_hanging_statement_is_closed),
        cmocka_unit_test(a_peer_that_stops_reading),
        cmocka_unit_test(a_lost_answer_is_partial),
        cmocka_unit_test(a_reset_is_a_lost_connection),
        cmocka_unit_test(the_first_fatal_wins),
        cmocka_unit_test(a_reason_that_came_as_a_notice),
        cmocka_unit_test(answers_have_limits),
        cmocka_unit_test(what_drains_is_not_ended_by_a_limit),
        cmocka_unit_test(floods_end_by_the_deadline),
        cmocka_unit_test(nonsense_is_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
