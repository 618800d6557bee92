/* What a server says during a login, most of it hostile, and what comes of it. */
#include "tests/test.h"
#include "tests/unit/pg_stage.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define MSEC NSEC_PER_MSEC

/* ---- refusals ---- */

static void knowing_better(struct stage *stage, int fd)
{
    if (hear_startup(stage, fd, 'N'))
        say_error(fd, 'E', "FATAL", "28P01",
                  "password \"secret\" failed\nfor \033[31muser");
}

static void a_wrong_password_is_tried_once(void **state)
{
    for (int mode = PG_SSL_DISABLE; mode <= PG_SSL_PREFER; mode++) {
        SCENE(scene, knowing_better);
        AUTO(secrets_free) struct secrets *secrets = secrets_new();
        secrets_add(secrets, "secret");
        client->env.secrets = secrets;
        client->target.host = "localhost"; /* several addresses, perhaps */
        client->target.sslmode = client->target.sslmode_min = (enum pg_sslmode)mode;
        client_open(client, 5 * NSEC_PER_SEC);
        assert_int_equal(client_wait(client, 5 * NSEC_PER_SEC), PG_BROKEN);
        assert_failure(client, PGCENSUS_CLASS_AUTH, PGCENSUS_PHASE_AUTH,
                       "FATAL: password \"***\" failed");
        assert_string_equal(pg_conn_failure(client->conn)->sqlstate, "28P01");
        assert_null(strchr(pg_conn_failure(client->conn)->message, '\033'));
        assert_int_equal(scene.stage.startups, 1);
    }
}

static void a_pooler_knowing_better(struct stage *stage, int fd)
{
    if (hear_startup(stage, fd, 'N'))
        say_error(fd, 'E', "FATAL", "08P01", "SASL authentication failed");
}

static void a_poolers_refusal_is_not_about_options(void **state)
{
    SCENE(scene, a_pooler_knowing_better);
    client_open(client, 5 * NSEC_PER_SEC);
    assert_int_equal(client_wait(client, 5 * NSEC_PER_SEC), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_AUTH, PGCENSUS_PHASE_AUTH, "SASL");
    assert_int_equal(scene.stage.startups, 1);
}

static void starting_up(struct stage *stage, int fd)
{
    if (hear_startup(stage, fd, 'N'))
        say_error(fd, 'E', "FATAL", "57P03", "the database system is starting up");
}

static void starting_up_is_not_ready(void **state)
{
    SCENE(scene, starting_up);
    assert_int_equal(client_connect(client), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_NOT_READY, PGCENSUS_PHASE_AUTH,
                   "FATAL: the database system is starting up");
    assert_true(pg_conn_failure(client->conn)->retryable);
}

static void speaking_http(struct stage *stage, int fd)
{
    char byte;
    hear(fd, &byte, 1);
    static const char text[] = "HTTP/1.1 400 Bad \033]0;x\a\r\nServer: x\r\n\r\n";
    say(fd, text, sizeof text - 1);
    stay_silent(stage, fd);
}

static void speaking_ssh(struct stage *stage, int fd)
{
    say(fd, "SSH-2.0-OpenSSH_9.2\r\n", 21);
    stay_silent(stage, fd);
}

static void speaking_binary(struct stage *stage, int fd)
{
    if (hear_startup(stage, fd, 'N'))
        say(fd, "E\xff\xfe\x80\x01\x02\x03", 7);
    stay_silent(stage, fd);
}

static void strangers_are_quoted(void **state)
{
    static const struct {
        script *play;
        const char *words;
    } rows[] = {{speaking_http, "got \"HTTP/1.1 400 Bad \\x1b]0;x\\x07\""},
                {speaking_ssh, "got \"SSH-2.0-OpenSSH_9.2\""},
                {speaking_binary, "got \"E\\xff\\xfe\\x80\\x01\\x02\\x03\""}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        for (int mode = PG_SSL_DISABLE; mode <= PG_SSL_REQUIRE; mode++) {
            if (rows[i].play == speaking_binary && mode == PG_SSL_REQUIRE)
                continue; /* it has no TLS, and says so */
            SCENE(scene, rows[i].play);
            client->target.sslmode = client->target.sslmode_min = (enum pg_sslmode)mode;
            assert_int_equal(client_connect(client), PG_BROKEN);
            assert_int_equal(pg_conn_failure(client->conn)->error_class,
                             PGCENSUS_CLASS_PROTOCOL);
            if (!strstr(pg_conn_failure(client->conn)->message, rows[i].words))
                fail_msg("%s", pg_conn_failure(client->conn)->message);
        }
    }
}

/* ---- TLS that is promised or refused ---- */

static void prefer_takes_no_for_an_answer(void **state)
{
    SCENE(scene, trusting);
    client->target.sslmode = client->target.sslmode_min = PG_SSL_PREFER;
    assert_int_equal(client_connect(client), PG_READY);
    assert_int_equal(scene.stage.plays, 1);
    assert_int_equal(pg_conn_timing(client->conn)->tls, PGCENSUS_UNKNOWN_TIME);
}

static void require_does_not(void **state)
{
    SCENE(scene, trusting);
    client->target.sslmode = client->target.sslmode_min = PG_SSL_VERIFY_FULL;
    assert_int_equal(client_connect(client), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_TLS, PGCENSUS_PHASE_TLS,
                   "has no TLS, and sslmode is verify-full");
    assert_int_equal(scene.stage.startups, 0);
}

static void a_lower_mode_that_is_allowed(void **state)
{
    SCENE(scene, trusting);
    client->target.sslmode = PG_SSL_VERIFY_FULL;
    client->target.sslmode_min = PG_SSL_PREFER;
    assert_int_equal(client_connect(client), PG_READY);
    assert_int_equal(scene.stage.plays, 2);
}

static void garbling_tls(struct stage *stage, int fd)
{
    char bytes[8];
    if (!hear(fd, bytes, 8))
        return; /* libpq's fallback connects, but must not say anything */
    if (memcmp(bytes, "\0\0\0\10", 4) != 0)
        stage->startups++;
    else if (say(fd, "S", 1) && hear(fd, bytes, 1))
        say(fd, "this is no handshake", 20);
    stay_silent(stage, fd);
}

static void injecting(struct stage *stage, int fd)
{
    char bytes[8];
    if (hear(fd, bytes, 8))
        say(fd, "SR\0\0\0\10\0\0\0\0", 10);
    stay_silent(stage, fd);
}

static void erring_before_tls(struct stage *stage, int fd)
{
    char bytes[8];
    if (hear(fd, bytes, 8))
        say_error(fd, 'E', "FATAL", "53300", "words of nobody in particular");
    stay_silent(stage, fd);
}

static void prefer_never_falls_back_after_yes(void **state)
{
    script *const plays[] = {garbling_tls, injecting, erring_before_tls};
    for (size_t i = 0; i < ARRAY_SIZE(plays); i++) {
        for (int mode = PG_SSL_PREFER; mode <= PG_SSL_REQUIRE; mode++) {
            SCENE(scene, plays[i]);
            client->target.sslmode = (enum pg_sslmode)mode;
            client->target.sslmode_min = PG_SSL_DISABLE;
            assert_int_equal(client_connect(client), PG_BROKEN);
            assert_failure(client, PGCENSUS_CLASS_TLS, PGCENSUS_PHASE_TLS, "");
            assert_null(strstr(pg_conn_failure(client->conn)->message, "nobody"));
            assert_int_equal(scene.stage.startups, 0);
        }
    }
}

/* ---- what a server may ask ---- */

static void asking_for_cleartext(struct stage *stage, int fd)
{
    AUTO(buf_fini) struct buf body = BUF_INIT;
    char type;
    if (hear_startup(stage, fd, 'N') && say_request(fd, 3, "", 0) &&
        hear_message(fd, &type, &body) && strcmp(body.bytes, "secret") == 0 &&
        say_request(fd, 0, "", 0) && say_ready(fd))
        stay_silent(stage, fd);
}

static void cleartext_on_loopback(void **state)
{
    SCENE(scene, asking_for_cleartext);
    assert_int_equal(client_connect(client), PG_READY);
}

/* An address of this machine that is not loopback; false: there is none. */
static bool find_address(char *to, size_t size)
{
    struct ifaddrs *all = NULL;
    if (getifaddrs(&all) != 0)
        return false;
    bool found = false;
    for (struct ifaddrs *at = all; at && !found; at = at->ifa_next) {
        if (!at->ifa_addr || at->ifa_addr->sa_family != AF_INET ||
            at->ifa_flags & IFF_LOOPBACK)
            continue;
        struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)at->ifa_addr;
        found = inet_ntop(AF_INET, &v4->sin_addr, to, (socklen_t)size) != NULL;
    }
    freeifaddrs(all);
    return found;
}

static void no_cleartext_over_a_network(void **state)
{
    char address[64];
    if (!find_address(address, sizeof address)) {
        skip();
        return;
    }
    struct stage stage;
    struct client client;
    stage_open(&stage, address, asking_for_cleartext);
    client_init(&client, &stage);
    client.env.abilities.require_auth = false; /* as with libpq 15: the guard alone */
    assert_int_equal(client_connect(&client), PG_BROKEN);
    assert_failure(&client, PGCENSUS_CLASS_AUTH, PGCENSUS_PHASE_AUTH, "clear text");
    client_fini(&client);
    stage_close(&stage);
}

static void asking_for_md5(struct stage *stage, int fd)
{
    AUTO(buf_fini) struct buf body = BUF_INIT;
    char type;
    if (hear_startup(stage, fd, 'N') && say_request(fd, 5, "salt", 4) &&
        hear_message(fd, &type, &body) && strncmp(body.bytes, "md5", 3) == 0 &&
        say_request(fd, 0, "", 0) && say_ready(fd))
        stay_silent(stage, fd);
}

static void md5_is_answered_and_noted(void **state)
{
    SCENE(scene, asking_for_md5);
    assert_int_equal(client_connect(client), PG_READY);
    assert_true(pg_conn_asked_md5(client->conn));
}

static void a_password_that_we_do_not_have(void **state)
{
    SCENE(scene, asking_for_md5);
    client->target.password = NULL;
    assert_int_equal(client_connect(client), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_AUTH, PGCENSUS_PHASE_AUTH, "there is none");
}

static void asking_for_kerberos(struct stage *stage, int fd)
{
    if (hear_startup(stage, fd, 'N'))
        say_request(fd, 7, "", 0);
    stay_silent(stage, fd);
}

static void kerberos_is_refused_at_once(void **state)
{
    SCENE(scene, asking_for_kerberos);
    assert_int_equal(client_connect(client), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_AUTH, PGCENSUS_PHASE_AUTH, "Kerberos");
}

/* A SCRAM challenge of so many iterations; the client's nonce is echoed. */
static bool challenge(struct stage *stage, int fd, const char *iterations)
{
    AUTO(buf_fini) struct buf body = BUF_INIT, text = BUF_INIT;
    char type;
    if (!hear_startup(stage, fd, 'N') || !say_request(fd, 10, "SCRAM-SHA-256\0", 15) ||
        !hear_message(fd, &type, &body))
        return false;
    const char *nonce = memmem(body.bytes, body.len, ",r=", 3);
    if (!nonce)
        return false;
    buf_add(&text, nonce + 1, body.len - (size_t)(nonce + 1 - body.bytes));
    buf_add_format(&text, "server,s=c2FsdHNhbHQ=,i=%s", iterations);
    return say_request(fd, 11, text.bytes, text.len);
}

static void asking_for_a_lifetime(struct stage *stage, int fd)
{
    if (challenge(stage, fd, "2147483647"))
        stay_silent(stage, fd);
}

/* Some tenths of a second; valgrind, which preloads itself, takes 50 times as long. */
static void asking_for_long(struct stage *stage, int fd)
{
    const char *preloaded = getenv("LD_PRELOAD");
    bool slowly = preloaded && strstr(preloaded, "valgrind");
    if (challenge(stage, fd, slowly ? "20000" : "400000"))
        stay_silent(stage, fd);
}

static void judging_a_proof(struct stage *stage, int fd)
{
    AUTO(buf_fini) struct buf body = BUF_INIT;
    char type;
    if (challenge(stage, fd, "4096") && hear_message(fd, &type, &body) &&
        strstr(body.bytes, ",p="))
        say_error(fd, 'E', "FATAL", "28P01", "the proof is wrong");
}

static void iterations_are_refused_before_libpq_computes(void **state)
{
    SCENE(scene, asking_for_a_lifetime);
    nsec began = clock_now();
    assert_int_equal(client_connect(client), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_AUTH, PGCENSUS_PHASE_AUTH,
                   "2147483647 SCRAM iterations, more than the 200000 allowed");
    assert_true(clock_now() - began < NSEC_PER_SEC);
    assert_int_equal(workers_stuck(client->workers), 0);
}

static nsec own_cpu_time(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec * NSEC_PER_SEC + time.tv_nsec;
}

static void computing_does_not_stop_the_loop(void **state)
{
    SCENE(scene, asking_for_long);
    client->target.max_scram_iterations = 5000000;
    nsec began = clock_now(), cpu = own_cpu_time();
    client_open(client, 150 * MSEC);
    assert_int_equal(client_wait(client, 5 * NSEC_PER_SEC), PG_BROKEN);
    assert_true(clock_now() - began < 3 * NSEC_PER_SEC);
    assert_true(own_cpu_time() - cpu < 100 * MSEC);
    assert_failure(client, PGCENSUS_CLASS_TIMEOUT, PGCENSUS_PHASE_AUTH,
                   "still computing");
}

static void one_computation_at_a_time(void **state)
{
    SCENE(scene, asking_for_long);
    client->target.max_scram_iterations = 5000000;
    client->target.account = client;
    client_open(client, 150 * MSEC);
    assert_int_equal(client_wait(client, 5 * NSEC_PER_SEC), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_TIMEOUT, PGCENSUS_PHASE_AUTH,
                   "still computing");
    loop_remove(&client->task);
    pg_conn_free(client->conn);
    client->conn = pg_conn_new(&client->env, &client->target, &client->task);
    assert_int_equal(client_connect(client), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_TIMEOUT, PGCENSUS_PHASE_AUTH,
                   "not asked again: still computing");
    assert_int_equal(scene.stage.startups, 1);
}

static void a_proof_is_computed_and_sent(void **state)
{
    SCENE(scene, judging_a_proof);
    assert_int_equal(client_connect(client), PG_BROKEN);
    assert_failure(client, PGCENSUS_CLASS_AUTH, PGCENSUS_PHASE_AUTH,
                   "FATAL: the proof is wrong");
}

static void can_be_freed_while_a_thread_computes(void **state)
{
    SCENE(scene, asking_for_long);
    client->target.max_scram_iterations = 5000000;
    client_open(client, 5 * NSEC_PER_SEC);
    client_linger(client, 100 * MSEC);
    assert_int_equal(pg_conn_state(client->conn), PG_AUTH);
    assert_int_equal(pg_conn_wants(client->conn)->fd, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_password_is_tried_once),
        cmocka_unit_test(a_poolers_refusal_is_not_about_options),
        cmocka_unit_test(starting_up_is_not_ready),
        cmocka_unit_test(strangers_are_quoted),
        cmocka_unit_test(prefer_takes_no_for_an_answer),
        cmocka_unit_test(require_does_not),
        cmocka_unit_test(a_lower_mode_that_is_allowed),
        cmocka_unit_test(prefer_never_falls_back_after_yes),
        cmocka_unit_test(cleartext_on_loopback),
        cmocka_unit_test(no_cleartext_over_a_network),
        cmocka_unit_test(md5_is_answered_and_noted),
        cmocka_unit_test(a_password_that_we_do_not_have),
        cmocka_unit_test(kerberos_is_refused_at_once),
        cmocka_unit_test(iterations_are_refused_before_libpq_computes),
        cmocka_unit_test(computing_does_not_stop_the_loop),
        cmocka_unit_test(one_computation_at_a_time),
        cmocka_unit_test(a_proof_is_computed_and_sent),
        cmocka_unit_test(can_be_freed_while_a_thread_computes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
