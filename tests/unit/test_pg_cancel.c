/* Statements that are given up, seen from the server: what it is asked to cancel, and
 * how the connection ends. */
#include "pg/cancel.h"
#include "pg/cancel_rest.h"
#include "tests/test.h"
#include "tests/unit/pg_stage.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

enum { CANCEL_REQUEST = 80877102, FEW = 8 };

static const struct pg_statement endless = {
    .sql = "SELECT 1", .max_rows = 10, .undo = "ROLLBACK; SELECT 2"};

/* What the server saw. */
static atomic_bool saw_cancel, saw_goodbye;
static atomic_uint n_undoes;

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

static bool say_cancelled(int fd, char status)
{
    return say_error(fd, 'E', "ERROR", "57014", "canceling statement") &&
           say_message(fd, 'Z', &status, 1);
}

static bool hear_statement(struct stage *stage, int fd)
{
    AUTO(buf_fini) struct buf body = BUF_INIT;
    char type;
    return let_in(stage, fd) && hear_message(fd, &type, &body);
}

/* Not before everything was said that comes before it. */
static void hear_goodbye(int fd)
{
    AUTO(buf_fini) struct buf body = BUF_INIT;
    char type;
    saw_goodbye = hear_message(fd, &type, &body) && type == 'X';
}

static bool says_nothing(int fd)
{
    char byte;
    usleep(50 * 1000);
    return recv(fd, &byte, 1, MSG_DONTWAIT) < 0;
}

static void end_well(int fd)
{
    if (says_nothing(fd) && say_cancelled(fd, 'I'))
        hear_goodbye(fd);
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

static bool hear_undo(int fd)
{
    AUTO(buf_fini) struct buf body = BUF_INIT;
    char type;
    if (!hear_message(fd, &type, &body) || type != 'Q' || !says_nothing(fd))
        return false;
    n_undoes += strcmp(body.bytes, "ROLLBACK; SELECT 2") == 0;
    return true;
}

/* The first ROLLBACK is hit by the cancel. */
static void open_transaction(struct stage *stage, int fd)
{
    if (!hear_statement(stage, fd))
        return;
    AUTO(close) int cancel = take_cancel(stage);
    shutdown(cancel, SHUT_RDWR);
    if (say_cancelled(fd, 'E') && hear_undo(fd) && say_cancelled(fd, 'E') &&
        hear_undo(fd) && say_complete(fd, "ROLLBACK") && say_ready(fd))
        hear_goodbye(fd);
}

/* Whatever it is told, the transaction stays open. */
static void never_undone(struct stage *stage, int fd)
{
    if (!hear_statement(stage, fd))
        return;
    AUTO(close) int cancel = take_cancel(stage);
    shutdown(cancel, SHUT_RDWR);
    bool said = say_cancelled(fd, 'T');
    while (said && hear_undo(fd))
        said = say_cancelled(fd, 'T');
    stay_silent(stage, fd);
}

/* All of an answer that is too long was read at once, with its end. */
static void brief(struct stage *stage, int fd)
{
    int ends[2];
    bool said = hear_statement(stage, fd) &&
                socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 &&
                say_columns(ends[0], 1);
    if (!said)
        return;
    AUTO(close) int in = ends[0];
    AUTO(close) int out = ends[1];
    for (int i = 0; i < 20; i++)
        said = said && say_row(in, "x");
    char bytes[4096];
    said = said && say_complete(in, "SELECT 20") && say_ready(in);
    ssize_t n = said ? recv(out, bytes, sizeof bytes, 0) : 0;
    said = n > 0 && say(fd, bytes, (size_t)n);
    AUTO(close) int cancel = said ? take_cancel(stage) : -1;
    shutdown(cancel, SHUT_RDWR);
    hear_goodbye(fd);
}

/* Its values look like a server that is ready, and it is in the middle of a row. */
static void looks_ready(struct stage *stage, int fd)
{
    if (!hear_statement(stage, fd))
        return;
    AUTO(close) int cancel = take_cancel(stage);
    shutdown(cancel, SHUT_RDWR);
    static const char row[] = "D\0\0\0\x15\0\2\0\0\0\2xZ\0\0\0\5There";
    say(fd, row, 18);
    if (!hear_undo(fd) || !say(fd, row + 18, 4))
        return;
    if (say_cancelled(fd, 'T') && hear_undo(fd) && say_ready(fd))
        hear_goodbye(fd);
}

/* Takes the cancel, and is never ready. */
static void never_ready(struct stage *stage, int fd)
{
    if (!hear_statement(stage, fd))
        return;
    AUTO(close) int cancel = take_cancel(stage);
    shutdown(cancel, SHUT_RDWR);
    say_error(fd, 'E', "ERROR", "57014", "canceling statement");
    stay_silent(stage, fd);
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
    n_undoes = 0;
    scene_open(&parting->scene, play);
    cancels_init(&parting->cancels, client->loop, client->workers, most);
    client->env.cancels = &parting->cancels;
    if (play != hostile && play != never_ready)
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

static void a_timeout_cancels_then_says_goodbye(void **state)
{
    PARTING(parting, sleeping, FEW);
    ask(client, 50 * NSEC_PER_MSEC);
    assert_int_equal(client_wait(client, 10 * NSEC_PER_SEC), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_TIMEOUT, PGCENSUS_PHASE_QUERY, "timeout");
    wait_for_the_end(&parting);
    assert_true(saw_cancel);
    wait_for_goodbye();
}

static void the_rest_of_a_flood_is_read_to_its_end(void **state)
{
    PARTING(parting, flooding, FEW);
    ask(client, 10 * NSEC_PER_SEC);
    assert_int_equal(client_wait(client, 10 * NSEC_PER_SEC), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_LIMIT, PGCENSUS_PHASE_STREAM, "10 rows");
    wait_for_the_end(&parting);
    assert_true(saw_cancel);
    wait_for_goodbye();
}

static void a_busy_connection_that_is_freed_is_cancelled(void **state)
{
    PARTING(parting, sleeping, FEW);
    ask(client, 10 * NSEC_PER_SEC);
    loop_remove(&client->task);
    pg_conn_free(take_ptr(client->conn));
    wait_for_the_end(&parting);
    assert_true(saw_cancel);
    wait_for_goodbye();
}

static void a_server_that_never_takes_the_cancel_is_left(void **state)
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

static void ends_after_undoes(script *play, unsigned n)
{
    PARTING(parting, play, FEW);
    ask(client, 50 * NSEC_PER_MSEC);
    assert_int_equal(client_wait(client, 10 * NSEC_PER_SEC), PG_BROKEN);
    wait_for_the_end(&parting);
    assert_true(saw_cancel);
    wait_for_goodbye();
    assert_int_equal(n_undoes, n);
}

static void an_open_transaction_is_undone_first(void **state)
{
    ends_after_undoes(open_transaction, 2);
}

static void a_row_that_looks_like_the_end_does_no_harm(void **state)
{
    ends_after_undoes(looks_ready, 2);
}

static void an_end_that_was_read_already_is_known(void **state)
{
    PARTING(parting, brief, FEW);
    ask(client, 10 * NSEC_PER_SEC);
    assert_int_equal(client_wait(client, 10 * NSEC_PER_SEC), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_LIMIT, PGCENSUS_PHASE_STREAM, "10 rows");
    wait_for_the_end(&parting);
    wait_for_goodbye();
}

static void ends_in_time(script *play)
{
    PARTING(parting, play, FEW);
    parting.cancels.patience = CANCEL_PATIENCE;
    ask(client, 50 * NSEC_PER_MSEC);
    client_wait(client, 10 * NSEC_PER_SEC);
    nsec began = clock_now();
    wait_for_the_end(&parting);
    assert_true(clock_now() - began < 10 * CANCEL_PATIENCE);
    assert_true(saw_cancel);
}

static void a_server_that_is_never_ready_is_left(void **state)
{
    ends_in_time(never_ready);
}

static void a_transaction_that_stays_open_is_left(void **state)
{
    ends_in_time(never_undone);
    assert_true(n_undoes <= 2);
}

/* Packets, so that each is one read. */
static void an_end_is_found_wherever_reading_paused(void **state)
{
    enum { MOST = 40 };
    static const char ready[] = "Z\0\0\0\5E";
    for (int n = 0; n < MOST; n++) {
        int ends[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
        AUTO(close) int server = ends[0];
        AUTO(close) int client = ends[1];
        for (int i = 0; i < n; i++)
            assert_int_equal(send(server, "xy", 2, 0), 2);
        for (int i = 0; i < 6; i += 2)
            assert_int_equal(send(server, ready + i, 2, 0), 2);
        struct cancel_rest rest = {.n = 0};
        enum cancel_rest_state found = CANCEL_REST_LEFT;
        for (int i = 0; i < MOST && found == CANCEL_REST_LEFT; i++)
            found = cancel_rest_read(&rest, client);
        assert_int_equal(found, CANCEL_REST_OPEN);
        assert_int_equal(cancel_rest_read(&rest, client), CANCEL_REST_OPEN);
    }
}

static void half_of_the_end_may_be_libpqs(void **state)
{
    static const char ready[] = "Z\0\0\0\5I";
    for (int from = 0; from < 6; from++) {
        int ends[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        AUTO(close) int server = ends[0];
        AUTO(close) int client = ends[1];
        struct cancel_rest rest = {.n = 0};
        assert_int_equal(cancel_rest_read(&rest, client), CANCEL_REST_COMES);
        assert_int_equal(send(server, ready + from, 6 - from, 0), 6 - from);
        assert_int_equal(cancel_rest_read(&rest, client), CANCEL_REST_OVER);
        assert_true(cancel_rest_ask(&rest, client, "ROLLBACK"));
        assert_int_equal(send(server, ready + 5, 1, 0), 1);
        assert_int_equal(cancel_rest_read(&rest, client), CANCEL_REST_COMES);
    }
}

static void those_above_the_limit_are_closed_at_once(void **state)
{
    PARTING(parting, sleeping, 0);
    ask(client, 50 * NSEC_PER_MSEC);
    client_wait(client, 10 * NSEC_PER_SEC);
    assert_true(cancels_done(&parting.cancels));
    assert_false(saw_cancel);
}

static void an_idle_connection_is_just_closed(void **state)
{
    PARTING(parting, sleeping, FEW);
    assert_int_equal(client_connect(client), PG_READY);
    loop_remove(&client->task);
    pg_conn_free(take_ptr(client->conn));
    assert_true(cancels_done(&parting.cancels));
}

static void the_end_may_come_at_any_time(void **state)
{
    PARTING(parting, hostile, FEW);
    ask(client, 50 * NSEC_PER_MSEC);
    client_wait(client, 10 * NSEC_PER_SEC);
    assert_false(cancels_done(&parting.cancels));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_timeout_cancels_then_says_goodbye),
        cmocka_unit_test(the_rest_of_a_flood_is_read_to_its_end),
        cmocka_unit_test(a_busy_connection_that_is_freed_is_cancelled),
        cmocka_unit_test(a_server_that_never_takes_the_cancel_is_left),
        cmocka_unit_test(an_open_transaction_is_undone_first),
        cmocka_unit_test(a_row_that_looks_like_the_end_does_no_harm),
        cmocka_unit_test(an_end_that_was_read_already_is_known),
        cmocka_unit_test(a_server_that_is_never_ready_is_left),
        cmocka_unit_test(a_transaction_that_stays_open_is_left),
        cmocka_unit_test(an_end_is_found_wherever_reading_paused),
        cmocka_unit_test(half_of_the_end_may_be_libpqs),
        cmocka_unit_test(those_above_the_limit_are_closed_at_once),
        cmocka_unit_test(an_idle_connection_is_just_closed),
        cmocka_unit_test(the_end_may_come_at_any_time),
    };
    return cmocka_run_group_tests_name("pg_cancel", tests, NULL, NULL);
}
