/* Statements that are given up, seen from the server: what it is asked to cancel, and
 * how the connection ends. */
#include "pg/cancel.h"
#include "tests/unit/pg_stage.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

enum { CANCEL_REQUEST = 80877102, FEW = 8 };

static const struct pg_statement endless = {.sql = "SELECT 1", .max_rows = 10};

/* What the server saw. */
static atomic_bool saw_cancel, saw_goodbye;

/* ---- the server ---- */

/* The connection that comes next is a cancel; -1: it is not. */
static int take_cancel(struct stage *stage)
{
    uint32_t words[4];
    AUTO(close) int fd = accept(stage->listener, NULL, NULL);
    if (fd < 0 || recv(fd, words, sizeof words, MSG_WAITALL) != sizeof words)
        return -1;
    saw_cancel = ntohl(words[0]) == sizeof words && ntohl(words[1]) == CANCEL_REQUEST;
    int kept = fd;
    fd = -1;
    return kept;
}

static bool hear_statement(struct stage *stage, int fd)
{
    AUTO(buf_fini) struct buf body = BUF_INIT;
    char type;
    return let_in(stage, fd) && hear_message(fd, &type, &body);
}

static void end_well(int fd)
{
    AUTO(buf_fini) struct buf body = BUF_INIT;
    char type;
    saw_goodbye = say_error(fd, 'E', "ERROR", "57014", "canceling statement") &&
                  say_ready(fd) && hear_message(fd, &type, &body) && type == 'X';
}

static void sleeping(struct stage *stage, int fd)
{
    if (!hear_statement(stage, fd))
        return;
    AUTO(close) int cancel = take_cancel(stage);
    shutdown(cancel, SHUT_RDWR);
    end_well(fd);
}

/* More than the client has room for, so that the server still writes when the cancel
 * is there. */
static void flooding(struct stage *stage, int fd)
{
    enum { MANY = 4000, WIDE = 4000 };
    char row[WIDE + 1];
    memset(row, 'x', WIDE);
    row[WIDE] = '\0';
    bool said = hear_statement(stage, fd) && say_columns(fd, 1);
    for (int i = 0; i < 11 && said; i++)
        said = say_row(fd, row);
    AUTO(close) int cancel = said ? take_cancel(stage) : -1;
    shutdown(cancel, SHUT_RDWR);
    for (int i = 0; i < MANY && said; i++)
        said = say_row(fd, row);
    if (said)
        end_well(fd);
}

/* Takes the cancel and says nothing more, neither here nor there. */
static void hostile(struct stage *stage, int fd)
{
    if (!hear_statement(stage, fd))
        return;
    AUTO(close) int cancel = take_cancel(stage);
    (void)cancel; /* open for as long as that */
    stay_silent(stage, fd);
}

/* ---- the client ---- */

struct parting {
    struct scene scene;
    struct cancels cancels;
};

static void parting_open(struct parting *parting, script *play, size_t most)
{
    struct client *client = &parting->scene.client;
    saw_cancel = saw_goodbye = false;
    scene_open(&parting->scene, play);
    cancels_init(&parting->cancels, client->loop, client->crew, most);
    client->env.cancels = &parting->cancels;
    if (play != hostile)
        parting->cancels.patience = parting->cancels.silence = 20 * NSEC_PER_SEC;
}

static void parting_close(struct parting *parting)
{
    cancels_fini(&parting->cancels);
    scene_close(&parting->scene);
}
AUTO_DEFINE_VALUE(struct parting, parting_close)

#define PARTING(name, play, most)                                                      \
    AUTO(parting_close) struct parting name;                                           \
    parting_open(&name, play, most);                                                   \
    struct client *client = &name.scene.client

static void ask(struct client *client, nsec patience)
{
    assert_int_equal(client_connect(client), PG_READY);
    client_send(client, &endless, patience);
}

static void wait_for_the_end(struct parting *parting)
{
    nsec until = clock_now() + 20 * NSEC_PER_SEC;
    while (!cancels_done(&parting->cancels) && clock_now() < until)
        assert_true(loop_turn(parting->scene.client.loop, until));
    assert_true(cancels_done(&parting->cancels));
}

/* The script has come to its end. */
static void wait_for_goodbye(void)
{
    nsec until = clock_now() + 20 * NSEC_PER_SEC;
    while (!saw_goodbye && clock_now() < until)
        usleep(1000);
    assert_true(saw_goodbye);
}

/* ---- tests ---- */

static void test_a_timeout_cancels_then_says_goodbye(void **state)
{
    PARTING(parting, sleeping, FEW);
    ask(client, 50 * NSEC_PER_MSEC);
    assert_int_equal(client_wait(client, 10 * NSEC_PER_SEC), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_TIMEOUT, PGCENSUS_PHASE_QUERY, "timeout");
    wait_for_the_end(&parting);
    assert_true(saw_cancel);
    wait_for_goodbye();
}

static void test_the_rest_of_a_flood_is_read_to_its_end(void **state)
{
    PARTING(parting, flooding, FEW);
    ask(client, 10 * NSEC_PER_SEC);
    assert_int_equal(client_wait(client, 10 * NSEC_PER_SEC), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_LIMIT, PGCENSUS_PHASE_STREAM, "10 rows");
    wait_for_the_end(&parting);
    assert_true(saw_cancel);
    wait_for_goodbye();
}

static void test_a_busy_connection_that_is_freed_is_cancelled(void **state)
{
    PARTING(parting, sleeping, FEW);
    ask(client, 10 * NSEC_PER_SEC);
    loop_remove(&client->task);
    pg_conn_free(take_ptr(client->conn));
    wait_for_the_end(&parting);
    assert_true(saw_cancel);
    wait_for_goodbye();
}

static void test_a_server_that_never_takes_the_cancel_is_left(void **state)
{
    PARTING(parting, hostile, FEW);
    ask(client, 50 * NSEC_PER_MSEC);
    client_wait(client, 10 * NSEC_PER_SEC);
    nsec began = clock_now();
    wait_for_the_end(&parting);
    assert_true(clock_now() - began < 10 * CANCEL_PATIENCE);
    assert_true(saw_cancel);
    assert_false(saw_goodbye);
}

static void test_those_above_the_limit_are_closed_at_once(void **state)
{
    PARTING(parting, sleeping, 0);
    ask(client, 50 * NSEC_PER_MSEC);
    client_wait(client, 10 * NSEC_PER_SEC);
    assert_true(cancels_done(&parting.cancels));
    assert_false(saw_cancel);
}

static void test_an_idle_connection_is_just_closed(void **state)
{
    PARTING(parting, sleeping, FEW);
    assert_int_equal(client_connect(client), PG_READY);
    loop_remove(&client->task);
    pg_conn_free(take_ptr(client->conn));
    assert_true(cancels_done(&parting.cancels));
}

static void test_the_end_may_come_at_any_time(void **state)
{
    PARTING(parting, hostile, FEW);
    ask(client, 50 * NSEC_PER_MSEC);
    client_wait(client, 10 * NSEC_PER_SEC);
    assert_false(cancels_done(&parting.cancels));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_timeout_cancels_then_says_goodbye),
        cmocka_unit_test(test_the_rest_of_a_flood_is_read_to_its_end),
        cmocka_unit_test(test_a_busy_connection_that_is_freed_is_cancelled),
        cmocka_unit_test(test_a_server_that_never_takes_the_cancel_is_left),
        cmocka_unit_test(test_those_above_the_limit_are_closed_at_once),
        cmocka_unit_test(test_an_idle_connection_is_just_closed),
        cmocka_unit_test(test_the_end_may_come_at_any_time),
    };
    return cmocka_run_group_tests_name("pg_cancel", tests, NULL, NULL);
}
