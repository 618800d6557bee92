/* Connections that are open while nobody asks anything. */
#include "tests/test.h"
#include "tests/unit/pg_stage.h"

#include <dirent.h>
#include <time.h>

static void leaving_while_idle(struct stage *stage, int fd)
{
    let_in(stage, fd);
}

static void farewell_while_idle(struct stage *stage, int fd)
{
    if (let_in(stage, fd) &&
        say_error(fd, 'E', "FATAL", "57P01", "terminating connection due to command"))
        stay_silent(stage, fd);
}

/* In one breath with the end of the login: poll() does not tell of it any more. */
static void farewell_at_once(struct stage *stage, int fd)
{
    static const char words[] = "R\0\0\0\10\0\0\0\0Z\0\0\0\5I"
                                "E\0\0\0\40SFATAL\0C57P01\0Mterminating\0";
    if (hear_startup(stage, fd, 'N') && say(fd, words, sizeof words))
        stay_silent(stage, fd);
}

static void an_idle_connection_is_watched(void **state)
{
    static const struct {
        script *play;
        const char *words;
    } rows[] = {{leaving_while_idle, "server closed the connection"},
                {farewell_while_idle, "terminating connection due to command"},
                {farewell_at_once, "terminating"}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        SCENE(scene, rows[i].play);
        client_connect(client);
        nsec end = clock_now() + NSEC_PER_SEC;
        while (pg_conn_state(client->conn) == PG_READY && clock_now() < end)
            loop_turn(client->loop, end);
        assert_int_equal(pg_conn_state(client->conn), PG_BROKEN);
        assert_failure(client, PGCENSUS_CLASS_LOST, PGCENSUS_PHASE_NONE, rows[i].words);
    }
}

static void flooding_while_idle(struct stage *stage, int fd)
{
    bool on = let_in(stage, fd);
    while (on)
        on = say_message(fd, 'A', "\0\0\0\1channel\0payload\0", 20);
}

static void a_server_that_talks_unasked_is_left(void **state)
{
    SCENE(scene, flooding_while_idle);
    client_connect(client);
    nsec end = clock_now() + 5 * NSEC_PER_SEC;
    while (pg_conn_state(client->conn) == PG_READY && clock_now() < end)
        loop_turn(client->loop, end);
    assert_int_equal(pg_conn_state(client->conn), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_PROTOCOL, PGCENSUS_PHASE_NONE,
                   "without being asked");
}

/* Not in one breath with the login, so that it is really read while idle. */
static bool let_in_and_pause(struct stage *stage, int fd)
{
    struct timespec pause = {.tv_nsec = 30000000};
    bool in = let_in(stage, fd);
    nanosleep(&pause, NULL);
    return in;
}

static void parameters_while_idle(struct stage *stage, int fd)
{
    if (let_in_and_pause(stage, fd) && say_parameter(fd, "in_hot_standby", "on") &&
        say_error(fd, 'N', "NOTICE", "00000", "by the way"))
        stay_silent(stage, fd);
}

static void small_talk_is_listened_to(void **state)
{
    SCENE(scene, parameters_while_idle);
    assert_int_equal(client_connect(client), PG_READY);
    client_linger(client, 100 * NSEC_PER_MSEC);
    assert_int_equal(pg_conn_state(client->conn), PG_READY);
    assert_string_equal(pg_conn_parameter(client->conn, "in_hot_standby"), "on");

    /* and questions still reach the server itself */
    struct pg_statement statement = {.sql = "SELECT 1"};
    client_send(client, &statement, 100 * NSEC_PER_MSEC);
    assert_int_equal(client_wait(client, 5 * NSEC_PER_SEC), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_TIMEOUT, PGCENSUS_PHASE_QUERY, "(query)");
}

/* All of this process, the server's side included. */
static size_t open_descriptors(void)
{
    size_t n = 0;
    DIR *directory = opendir("/proc/self/fd");
    assert_non_null(directory);
    while (readdir(directory))
        n++;
    closedir(directory);
    return n;
}

static void small_talk_costs_no_descriptor_for_good(void **state)
{
    SCENE(scene, parameters_while_idle);
    assert_int_equal(client_connect(client), PG_READY);
    size_t before = open_descriptors();
    client_linger(client, 100 * NSEC_PER_MSEC);
    assert_string_equal(pg_conn_parameter(client->conn, "in_hot_standby"), "on");
    assert_int_equal(open_descriptors(), before);
}

static void answering_after_small_talk(struct stage *stage, int fd)
{
    AUTO(buf_fini) struct buf body = BUF_INIT;
    char type;
    if (let_in_and_pause(stage, fd) && say_parameter(fd, "in_hot_standby", "on") &&
        hear_message(fd, &type, &body) && say_columns(fd, 1) && say_row(fd, "1") &&
        say_complete(fd, "SELECT 1") && say_ready(fd))
        stay_silent(stage, fd);
}

static void small_talk_does_not_stand_in_the_way(void **state)
{
    SCENE(scene, answering_after_small_talk);
    struct pg_statement statement = {.sql = "SELECT 1"};
    assert_int_equal(client_connect(client), PG_READY);
    client_linger(client, 100 * NSEC_PER_MSEC);
    client_send(client, &statement, NSEC_PER_SEC);
    assert_int_equal(client_wait(client, 5 * NSEC_PER_SEC), PG_READY);
    assert_false(pg_conn_failed(client->conn));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_idle_connection_is_watched),
        cmocka_unit_test(a_server_that_talks_unasked_is_left),
        cmocka_unit_test(small_talk_is_listened_to),
        cmocka_unit_test(small_talk_costs_no_descriptor_for_good),
        cmocka_unit_test(small_talk_does_not_stand_in_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
