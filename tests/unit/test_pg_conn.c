/* Opening connections to servers that follow a script. */
#include "tests/test.h"
#include "tests/unit/pg_stage.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define MSEC NSEC_PER_MSEC

/* ---- logins that work ---- */

static void it_logs_in_and_knows_the_server(void **state)
{
    SCENE(scene, trusting);
    assert_int_equal(client_connect(client), PG_READY);
    assert_false(pg_conn_failed(client->conn));
    assert_string_equal(pg_conn_address(client->conn), "127.0.0.1");
    assert_string_equal(pg_conn_parameter(client->conn, "in_hot_standby"), "off");
    assert_null(pg_conn_parameter(client->conn, "nonsense"));
    assert_int_equal(pg_conn_server_version(client->conn), 150004);

    struct pgcensus_transport transport;
    pg_conn_transport(client->conn, &transport);
    assert_true(transport.known);
    assert_false(transport.unix_socket);
    assert_string_equal(transport.tls, "");
    assert_null(transport.verified);

    const struct pg_timing *timing = pg_conn_timing(client->conn);
    assert_true(timing->tcp > 0 && timing->auth > 0);
    assert_int_equal(timing->tls, PGCENSUS_UNKNOWN_TIME);
    assert_int_equal(timing->resolve, PGCENSUS_UNKNOWN_TIME);
}

static void says_who_it_is_and_what_it_wants(void **state)
{
    SCENE(scene, trusting);
    client_open(client, 5 * NSEC_PER_SEC);
    assert_int_equal(client_wait(client, 5 * NSEC_PER_SEC), PG_READY);
    static const char *const wanted[] = {
        "user u ",
        "database d ",
        "application_name pgcensus ",
        "client_encoding UTF8 ",
    };
    for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
        if (!strstr(scene.stage.seen, wanted[i]))
            fail_msg("no \"%s\" in \"%s\"", wanted[i], scene.stage.seen);
    assert_null(strstr(scene.stage.seen, "options"));
}

static void options_of_the_node(void **state)
{
    SCENE(scene, trusting);
    struct pg_keyword own[] = {{"options", "-c work_mem=1MB"},
                               {"application_name", "me"}};
    client->target.keywords = own;
    client->target.n_keywords = 2;
    client_open(client, 5 * NSEC_PER_SEC);
    assert_int_equal(client_wait(client, 5 * NSEC_PER_SEC), PG_READY);
    assert_non_null(strstr(scene.stage.seen, "options -c work_mem=1MB "));
    assert_non_null(strstr(scene.stage.seen, "application_name me "));
}

/* The refusals of a scene: whatever is said beyond what is needed gets that SQLSTATE.
 */
static const char *refusing_as;

static void refusing_extras(struct stage *stage, int fd)
{
    if (!hear_startup(stage, fd, 'N'))
        return;
    if (strstr(stage->seen, "application_name") || strstr(stage->seen, "encoding"))
        say_error(fd, 'E', "FATAL", refusing_as, "not supported here: some parameter");
    else if (say_request(fd, 0, "", 0) && say_ready(fd))
        stay_silent(stage, fd);
}

static void extras_fall_back_once(void **state)
{
    static const char *const sqlstates[] = {"0A000", "08P01", "42704", "22023",
                                            "55000", "XX000", "58000"};
    for (size_t i = 0; i < ARRAY_SIZE(sqlstates); i++) {
        refusing_as = sqlstates[i];
        SCENE(scene, refusing_extras);
        client->target.dbname = "shop"; /* a refusal that names it is about it */
        assert_int_equal(client_connect(client), PG_READY);
        assert_int_equal(scene.stage.startups, 2);
        assert_true(pg_conn_was_refused(client->conn));
        assert_false(pg_conn_failed(client->conn));
    }
}

static void extras_are_not_said_to_who_is_known_to_refuse_them(void **state)
{
    refusing_as = "0A000";
    SCENE(scene, refusing_extras);
    client->bare = true;
    assert_int_equal(client_connect(client), PG_READY);
    assert_int_equal(scene.stage.startups, 1);
    assert_false(pg_conn_was_refused(client->conn));
}

static void refusing_always(struct stage *stage, int fd)
{
    if (hear_startup(stage, fd, 'N'))
        say_error(fd, 'E', "FATAL", refusing_as, "never");
}

static void extras_fall_back_only_once(void **state)
{
    refusing_as = "42704";
    SCENE(scene, refusing_always);
    assert_int_equal(client_connect(client), PG_BROKEN);
    assert_int_equal(scene.stage.startups, 2);
    assert_failure(client, PGCENSUS_CLASS_CONFIG, PGCENSUS_PHASE_AUTH, "never");
}

static void a_real_refusal_is_not_tried_again(void **state)
{
    static const char *const sqlstates[] = {"28000", "28P01", "3D000", "53300",
                                            "53400", "57P03", "57P01"};
    for (size_t i = 0; i < ARRAY_SIZE(sqlstates); i++) {
        refusing_as = sqlstates[i];
        SCENE(scene, refusing_always);
        assert_int_equal(client_connect(client), PG_BROKEN);
        assert_int_equal(scene.stage.startups, 1);
    }
}

static void letting_in_and_refusing(struct stage *stage, int fd)
{
    if (hear_startup(stage, fd, 'N') && say_request(fd, 0, "", 0))
        say_error(fd, 'E', "FATAL", "42704", "unrecognized configuration parameter");
}

static void a_login_that_was_accepted_is_not_tried_again(void **state)
{
    SCENE(scene, letting_in_and_refusing);
    assert_int_equal(client_connect(client), PG_BROKEN);
    assert_int_equal(scene.stage.startups, 1);
}

static void refusing_after_the_password(struct stage *stage, int fd)
{
    if (!hear_startup(stage, fd, 'N') || !say_request(fd, 5, "salt", 4))
        return;
    char answer[41];
    if (hear(fd, answer, sizeof answer))
        say_error(fd, 'E', "FATAL", "42704", "unrecognized configuration parameter");
}

static void nobody_gets_the_password_twice(void **state)
{
    SCENE(scene, refusing_after_the_password);
    client->target.password = "secret";
    assert_int_equal(client_connect(client), PG_BROKEN);
    assert_int_equal(scene.stage.startups, 1);
    assert_failure(client, PGCENSUS_CLASS_CONFIG, PGCENSUS_PHASE_AUTH, "unrecognized");
}

static void refusing_extras_and_being_full(struct stage *stage, int fd)
{
    if (!hear_startup(stage, fd, 'N'))
        return;
    if (strstr(stage->seen, "application_name"))
        say_error(fd, 'E', "FATAL", "42704", "unrecognized configuration parameter");
    else
        say_error(fd, 'E', "FATAL", "53300", "sorry, too many clients already");
}

static void what_was_cured_hides_nothing(void **state)
{
    SCENE(scene, refusing_extras_and_being_full);
    client_open(client, 5 * NSEC_PER_SEC);
    assert_int_equal(client_wait(client, 5 * NSEC_PER_SEC), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_SATURATED, PGCENSUS_PHASE_AUTH, "too many");
}

static void names_with_several_addresses(void **state)
{
    SCENE(scene, trusting); /* on 127.0.0.1 alone; localhost may be ::1 first */
    client->target.host = "localhost";
    assert_int_equal(client_connect(client), PG_READY);
    assert_string_equal(pg_conn_address(client->conn), "127.0.0.1");
    assert_true(pg_conn_timing(client->conn)->resolve >= 0);
}

/* ---- nobody there ---- */

static void a_closed_port_refuses(void **state)
{
    AUTO(scene_close) struct scene scene;
    scene_open(&scene, trusting);
    int other = socket(AF_INET, SOCK_STREAM, 0); /* bound, but nobody listens */
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t size = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(other, (struct sockaddr *)&at, sizeof at);
    getsockname(other, (struct sockaddr *)&at, &size);
    scene.client.target.port = ntohs(at.sin_port);

    assert_int_equal(client_connect(&scene.client), PG_BROKEN);
    char words[64];
    snprintf(words, sizeof words, "connection refused (127.0.0.1:%u)",
             ntohs(at.sin_port));
    assert_failure(&scene.client, PGCENSUS_CLASS_REFUSED, PGCENSUS_PHASE_CONNECT,
                   words);
    assert_true(pg_conn_failure(scene.client.conn)->retryable);
    assert_int_equal(pg_conn_timing(scene.client.conn)->tcp, PGCENSUS_UNKNOWN_TIME);
    close(other);
}

static void no_unix_socket(void **state)
{
    SCENE(scene, trusting);
    client->target.host = "/nonexistent";
    assert_int_equal(client_connect(client), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_REFUSED, PGCENSUS_PHASE_CONNECT,
                   "no such socket (/nonexistent/.s.PGSQL.");
}

static void no_such_name(void **state)
{
    SCENE(scene, trusting);
    client->target.host = "no-such-name.invalid";
    client_open(client, 30 * NSEC_PER_SEC);
    assert_int_equal(client_wait(client, 30 * NSEC_PER_SEC), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_DNS, PGCENSUS_PHASE_RESOLVE,
                   "\"no-such-name.invalid\"");
}

static void options_that_libpq_refuses(void **state)
{
    SCENE(scene, trusting);
    struct pg_keyword own[] = {{"no_such_keyword", "1"}};
    client->target.keywords = own;
    client->target.n_keywords = 1;
    assert_int_equal(client_connect(client), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_CONFIG, PGCENSUS_PHASE_CONNECT,
                   "no_such_keyword");
    assert_int_equal(scene.stage.plays, 0);
}

static void no_descriptors_is_our_trouble(void **state)
{
    SCENE(scene, trusting);
    struct rlimit before, few;
    int lowest = dup(0); /* the next one that would be given away */
    close(lowest);
    getrlimit(RLIMIT_NOFILE, &before);
    few = (struct rlimit){(rlim_t)lowest, before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &few);
    client_open(client, 5 * NSEC_PER_SEC);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_int_equal(client_wait(client, 5 * NSEC_PER_SEC), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_LOCAL, PGCENSUS_PHASE_CONNECT,
                   "too many open files here");
}

/* ---- silence and ends ---- */

static void silence_is_a_timeout_of_its_phase(void **state)
{
    static const struct {
        enum pg_sslmode mode;
        enum pgcensus_phase phase;
        const char *words;
    } rows[] = {
        {PG_SSL_DISABLE, PGCENSUS_PHASE_AUTH, "timeout after 100 ms (auth)"},
        {PG_SSL_PREFER, PGCENSUS_PHASE_AUTH, "timeout after 100 ms (auth)"},
        {PG_SSL_REQUIRE, PGCENSUS_PHASE_TLS, "timeout after 100 ms (tls)"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        SCENE(scene, stay_silent);
        client->target.sslmode = client->target.sslmode_min = rows[i].mode;
        nsec began = clock_now();
        client_open(client, 100 * MSEC);
        assert_int_equal(client_wait(client, 5 * NSEC_PER_SEC), PG_BROKEN);
        assert_failure(client, PGCENSUS_CLASS_TIMEOUT, rows[i].phase, rows[i].words);
        assert_in_range(clock_now() - began, 100 * MSEC, 3000 * MSEC);
        assert_true(client->steps < 20);
    }
}

static void stalling_handshake(struct stage *stage, int fd)
{
    hear_startup(stage, fd, 'S');
    stay_silent(stage, fd);
}

static void a_stalled_handshake_is_tls(void **state)
{
    SCENE(scene, stalling_handshake);
    client->target.sslmode = client->target.sslmode_min = PG_SSL_PREFER;
    client_open(client, 300 * MSEC);
    assert_int_equal(client_wait(client, 5 * NSEC_PER_SEC), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_TIMEOUT, PGCENSUS_PHASE_TLS, "(tls)");
}

static void leaving(struct stage *stage, int fd)
{
}

static void leaving_after_startup(struct stage *stage, int fd)
{
    hear_startup(stage, fd, 'N');
}

static void leaving_inside_a_request(struct stage *stage, int fd)
{
    if (hear_startup(stage, fd, 'N'))
        say(fd, "R\0\0", 3);
}

static void resetting(struct stage *stage, int fd)
{
    struct linger at_once = {.l_onoff = 1};
    hear_startup(stage, fd, 'N');
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

static void ends_of_logins_are_lost(void **state)
{
    script *const plays[] = {leaving, leaving_after_startup, leaving_inside_a_request,
                             resetting};
    for (size_t i = 0; i < ARRAY_SIZE(plays); i++) {
        for (int mode = PG_SSL_DISABLE; mode <= PG_SSL_PREFER; mode++) {
            SCENE(scene, plays[i]);
            client->target.sslmode = client->target.sslmode_min = (enum pg_sslmode)mode;
            nsec began = clock_now();
            assert_int_equal(client_connect(client), PG_BROKEN);
            const struct pgcensus_failure *failure = pg_conn_failure(client->conn);
            assert_int_equal(failure->error_class, PGCENSUS_CLASS_LOST);
            assert_true(failure->retryable);
            assert_true(clock_now() - began < 3 * NSEC_PER_SEC);
            assert_int_equal(scene.stage.plays, 1);
        }
    }
}

static void dripping(struct stage *stage, int fd)
{
    static const char request[] = {'R', 0, 0, 0, 8, 0, 0, 0};
    struct timespec pause = {.tv_nsec = 30000000};
    if (!hear_startup(stage, fd, 'N'))
        return;
    for (size_t i = 0; i < sizeof request && say(fd, request + i, 1); i++)
        nanosleep(&pause, NULL);
    stay_silent(stage, fd);
}

static void saying_please_wait(struct stage *stage, int fd)
{
    struct timespec pause = {.tv_nsec = 5000000};
    bool on = hear_startup(stage, fd, 'N') && say_request(fd, 0, "", 0);
    for (; on; nanosleep(&pause, NULL))
        on = say_error(fd, 'N', "NOTICE", "00000", "please wait");
}

static void flooding_notices(struct stage *stage, int fd)
{
    bool on = hear_startup(stage, fd, 'N') && say_request(fd, 0, "", 0);
    while (on)
        on = say_error(fd, 'N', "NOTICE", "00000", "and another one");
}

/* Each with a name of its own: libpq would keep them all, and look through all. */
static void flooding_parameters(struct stage *stage, int fd)
{
    bool on = hear_startup(stage, fd, 'N') && say_request(fd, 0, "", 0);
    for (unsigned i = 0; on; i++) {
        char name[32];
        snprintf(name, sizeof name, "p%u", i);
        on = say_parameter(fd, name, "v");
    }
}

static void flooding_both(struct stage *stage, int fd)
{
    bool on = hear_startup(stage, fd, 'N') && say_request(fd, 0, "", 0);
    for (unsigned i = 0; on; i++) {
        char name[32];
        snprintf(name, sizeof name, "p%u", i);
        on = say_parameter(fd, name, "v") &&
             say_error(fd, 'N', "NOTICE", "00000", "and another one");
    }
}

static void floods_of_a_greeting_end_it(void **state)
{
    static const struct {
        script *play;
        const char *words;
    } rows[] = {{flooding_notices, "more than 64kB"},
                {flooding_parameters, "more than 200 parameters"},
                {flooding_both, "more than"}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        SCENE(scene, rows[i].play);
        assert_int_equal(client_connect(client), PG_BROKEN);
        assert_failure(client, PGCENSUS_CLASS_PROTOCOL, PGCENSUS_PHASE_AUTH,
                       rows[i].words);
        assert_failure(client, PGCENSUS_CLASS_PROTOCOL, PGCENSUS_PHASE_AUTH,
                       "the login does not come to its end: ");
    }
}

static void busy_servers_do_not_move_the_deadline(void **state)
{
    script *const plays[] = {dripping, saying_please_wait};
    for (size_t i = 0; i < ARRAY_SIZE(plays); i++) {
        SCENE(scene, plays[i]);
        nsec began = clock_now();
        client_open(client, 300 * MSEC);
        assert_int_equal(client_wait(client, 5 * NSEC_PER_SEC), PG_BROKEN);
        assert_failure(client, PGCENSUS_CLASS_TIMEOUT, PGCENSUS_PHASE_AUTH, "(auth)");
        assert_in_range(clock_now() - began, 300 * MSEC, 3000 * MSEC);
        assert_true(client->steps > 5);
    }
}

/* ---- freeing ---- */

static void can_be_freed_in_any_state(void **state)
{
    script *const plays[] = {stay_silent, stalling_handshake, trusting};
    for (size_t i = 0; i < ARRAY_SIZE(plays); i++) {
        for (unsigned turns = 0; turns < 8; turns++) {
            SCENE(scene, plays[i]);
            client->target.sslmode = client->target.sslmode_min = PG_SSL_PREFER;
            client_open(client, 5 * NSEC_PER_SEC);
            for (unsigned n = 0; n < turns; n++)
                loop_turn(client->loop, clock_now() + 5 * MSEC);
        }
    }
    SCENE(scene, stay_silent);
    client->target.host = "localhost";
    client_open(client, 5 * NSEC_PER_SEC); /* resolving */
    struct pg_conn *unused = pg_conn_new(&client->env, &client->target, &client->task);
    pg_conn_free(unused);
    pg_conn_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_logs_in_and_knows_the_server),
        cmocka_unit_test(says_who_it_is_and_what_it_wants),
        cmocka_unit_test(options_of_the_node),
        cmocka_unit_test(extras_fall_back_once),
        cmocka_unit_test(extras_are_not_said_to_who_is_known_to_refuse_them),
        cmocka_unit_test(extras_fall_back_only_once),
        cmocka_unit_test(a_real_refusal_is_not_tried_again),
        cmocka_unit_test(a_login_that_was_accepted_is_not_tried_again),
        cmocka_unit_test(nobody_gets_the_password_twice),
        cmocka_unit_test(what_was_cured_hides_nothing),
        cmocka_unit_test(names_with_several_addresses),
        cmocka_unit_test(a_closed_port_refuses),
        cmocka_unit_test(no_unix_socket),
        cmocka_unit_test(no_such_name),
        cmocka_unit_test(options_that_libpq_refuses),
        cmocka_unit_test(no_descriptors_is_our_trouble),
        cmocka_unit_test(silence_is_a_timeout_of_its_phase),
        cmocka_unit_test(a_stalled_handshake_is_tls),
        cmocka_unit_test(ends_of_logins_are_lost),
        cmocka_unit_test(floods_of_a_greeting_end_it),
        cmocka_unit_test(busy_servers_do_not_move_the_deadline),
        cmocka_unit_test(can_be_freed_in_any_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
