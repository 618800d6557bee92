#include "tests/unit/pg_stage.h"

#include "tests/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

/* ---- the server ---- */

static void *play_on(void *arg)
{
    struct stage *stage = arg;
    for (;;) {
        AUTO(close) int fd = accept(stage->listener, NULL, NULL);
        if (fd < 0)
            return NULL;
        stage->plays++;
        struct timeval patience = {.tv_usec =
                                       20000}; /* to notice the end of the test */
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        stage->play(stage, fd);
    }
}

/* Scripts run on one thread per stage, which knows its stage only by this. */
static _Thread_local struct stage *my_stage;

static void *begin(void *arg)
{
    my_stage = arg;
    return play_on(arg);
}

void stage_open(struct stage *stage, const char *address, script *play)
{
    memset(stage, 0, sizeof *stage);
    stage->play = play;
    stage->address = address ? address : "127.0.0.1";
    stage->listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t size = sizeof at;
    inet_pton(AF_INET, stage->address, &at.sin_addr);
    assert_int_equal(bind(stage->listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(stage->listener, 64), 0);
    getsockname(stage->listener, (struct sockaddr *)&at, &size);
    stage->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&stage->thread, NULL, begin, stage), 0);
}

void stage_close(struct stage *stage)
{
    stage->closing = true;
    shutdown(stage->listener, SHUT_RDWR);
    pthread_join(stage->thread, NULL);
    close(stage->listener);
}

static bool is_over(void)
{
    return my_stage && my_stage->closing;
}

bool say(int fd, const void *bytes, size_t n)
{
    const char *at = bytes;
    while (n > 0) {
        ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN && !is_over())
            continue;
        if (sent <= 0)
            return false;
        at += sent;
        n -= (size_t)sent;
    }
    return !is_over();
}

bool hear(int fd, void *bytes, size_t n)
{
    char *at = bytes;
    while (n > 0) {
        ssize_t got = recv(fd, at, n, 0);
        if (got < 0 && errno == EAGAIN && !is_over())
            continue;
        if (got <= 0)
            return false;
        at += got;
        n -= (size_t)got;
    }
    return !is_over();
}

static void add_number(struct buf *buf, uint32_t number)
{
    number = htonl(number);
    buf_add(buf, &number, sizeof number);
}

static void add_field(struct buf *buf, char type, const char *text)
{
    buf_add_char(buf, type);
    buf_add(buf, text, strlen(text) + 1);
}

bool say_message(int fd, char type, const void *body, size_t n)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    buf_add_char(&buf, type);
    add_number(&buf, (uint32_t)n + 4);
    buf_add(&buf, body, n);
    return say(fd, buf.bytes, buf.len);
}

bool say_request(int fd, uint32_t request, const void *body, size_t n)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    add_number(&buf, request);
    buf_add(&buf, body, n);
    return say_message(fd, 'R', buf.bytes, buf.len);
}

bool say_parameter(int fd, const char *name, const char *value)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    buf_add(&buf, name, strlen(name) + 1);
    buf_add(&buf, value, strlen(value) + 1);
    return say_message(fd, 'S', buf.bytes, buf.len);
}

bool say_error(int fd, char type, const char *severity, const char *sqlstate,
               const char *message)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    add_field(&buf, 'S', severity);
    add_field(&buf, 'V', severity);
    add_field(&buf, 'C', sqlstate);
    add_field(&buf, 'M', message);
    buf_add_char(&buf, '\0');
    return say_message(fd, type, buf.bytes, buf.len);
}

bool say_ready(int fd)
{
    return say_message(fd, 'Z', "I", 1);
}

bool say_columns(int fd, unsigned n)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    buf_add_char(&buf, (char)(n >> 8));
    buf_add_char(&buf, (char)n);
    for (unsigned i = 0; i < n; i++) {
        static const char rest[18] = {[9] = 25, [10] = -1, [11] = -1};
        buf_add(&buf, "c", 2);
        buf_add(&buf, rest, sizeof rest);
    }
    return say_message(fd, 'T', buf.bytes, buf.len);
}

bool say_row(int fd, const char *text)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    buf_add(&buf, "\0\1", 2);
    add_number(&buf, (uint32_t)strlen(text));
    buf_add_str(&buf, text);
    return say_message(fd, 'D', buf.bytes, buf.len);
}

bool say_complete(int fd, const char *tag)
{
    return say_message(fd, 'C', tag, strlen(tag) + 1);
}

bool hear_startup(struct stage *stage, int fd, char answer)
{
    enum { SSL_REQUEST = 80877103 };
    for (;;) {
        uint32_t head[2];
        if (!hear(fd, head, sizeof head))
            return false;
        size_t left = ntohl(head[0]) - sizeof head;
        if (ntohl(head[1]) == SSL_REQUEST) {
            if (!say(fd, &answer, 1))
                return false;
            continue;
        }
        memset(stage->seen, 0, sizeof stage->seen);
        if (left >= sizeof stage->seen || !hear(fd, stage->seen, left))
            return false;
        for (size_t i = 0; i + 1 < left; i++)
            if (stage->seen[i] == '\0')
                stage->seen[i] = ' ';
        stage->startups++;
        return true;
    }
}

bool hear_message(int fd, char *ret_type, struct buf *ret_body)
{
    uint32_t length;
    buf_clear(ret_body);
    if (!hear(fd, ret_type, 1) || !hear(fd, &length, sizeof length))
        return false;
    size_t n = ntohl(length) - sizeof length;
    if (!buf_reserve(ret_body, n) || !hear(fd, ret_body->bytes, n))
        return false;
    ret_body->len = n;
    ret_body->bytes[n] = '\0';
    return true;
}

bool let_in(struct stage *stage, int fd)
{
    return hear_startup(stage, fd, 'N') && say_request(fd, 0, "", 0) &&
           say_parameter(fd, "server_version", "15.4") &&
           say_parameter(fd, "in_hot_standby", "off") && say_ready(fd);
}

void stay_silent(struct stage *stage, int fd)
{
    char byte;
    while (hear(fd, &byte, 1))
        ;
}

void trusting(struct stage *stage, int fd)
{
    if (let_in(stage, fd))
        stay_silent(stage, fd);
}

/* ---- the client ---- */

static void publish(struct client *client)
{
    const struct pg_wants *wants = pg_conn_wants(client->conn);
    client->task.fd = wants->fd;
    client->task.events = wants->events;
    client->task.again = wants->again;
    client->task.deadline = wants->deadline;
}

static void step(struct task *task, short revents, nsec now)
{
    struct client *client = container_of(task, struct client, task);
    pg_conn_step(client->conn, revents, now);
    publish(client);
    client->steps++;
}

void client_init(struct client *client, const struct stage *stage)
{
    memset(client, 0, sizeof *client);
    client->loop = loop_new();
    client->workers = workers_new(client->loop, 2);
    client->resolver = resolver_new(client->loop, client->workers);
    pg_env_init(&client->env, client->resolver, client->workers, NULL);
    client->target = (struct pg_target){.host = stage ? stage->address : "127.0.0.1",
                                        .port = stage ? stage->port : 1,
                                        .dbname = "d",
                                        .user = "u",
                                        .password = "secret"};
    task_init(&client->task, step);
    client->conn = pg_conn_new(&client->env, &client->target, &client->task);
    assert_non_null(client->conn);
}

void client_fini(struct client *client)
{
    loop_remove(&client->task);
    pg_conn_free(client->conn);
    /* OpenSSL cleans up at exit, under the feet of a thread that still computes. */
    while (workers_stuck(client->workers) > 0)
        loop_turn(client->loop, clock_now() + 20 * NSEC_PER_MSEC);
    resolver_free(client->resolver);
    workers_free(client->workers);
    loop_free(client->loop);
}

void client_open(struct client *client, nsec patience)
{
    nsec now = clock_now();
    pg_conn_open(client->conn, now, now + patience, client->bare);
    assert_true(loop_add(client->loop, &client->task));
    publish(client);
    loop_update(&client->task);
}

void client_send(struct client *client, const struct pg_statement *statement,
                 nsec patience)
{
    nsec now = clock_now();
    pg_conn_send(client->conn, statement, now, now + patience);
    publish(client);
    loop_update(&client->task);
}

static bool is_settled(const struct client *client)
{
    enum pg_conn_state state = pg_conn_state(client->conn);
    return state == PG_READY || state == PG_BROKEN;
}

enum pg_conn_state client_wait(struct client *client, nsec patience)
{
    nsec end = clock_now() + patience;
    while (!is_settled(client) && clock_now() < end)
        assert_true(loop_turn(client->loop, end));
    return pg_conn_state(client->conn);
}

void client_linger(struct client *client, nsec length)
{
    nsec end = clock_now() + length;
    while (clock_now() < end)
        assert_true(loop_turn(client->loop, end));
}

enum pg_conn_state client_connect(struct client *client)
{
    client_open(client, 5 * NSEC_PER_SEC);
    return client_wait(client, 10 * NSEC_PER_SEC);
}

void assert_failure(const struct client *client, enum pgcensus_class error_class,
                    enum pgcensus_phase phase, const char *words)
{
    const struct pgcensus_failure *failure = pg_conn_failure(client->conn);
    assert_true(pg_conn_failed(client->conn));
    if (!strstr(failure->message, words))
        fail_msg("\"%s\" does not say \"%s\"", failure->message, words);
    assert_string_equal(pgcensus_class_name(failure->error_class),
                        pgcensus_class_name(error_class));
    assert_int_equal(failure->phase, phase);
}
