#include "pg/relay.h"
#include "tests/test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

/* fd is what libpq would have; peer is the server. */
struct channel {
    int fd, peer;
    struct relay relay;
};

static struct channel make_channel(void)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    struct channel channel = {ends[0], ends[1], RELAY_NONE};
    assert_true(relay_open(&channel.relay, channel.fd));
    return channel;
}

static void drop_channel(struct channel *channel)
{
    close(channel->fd);
    close(channel->peer);
    relay_fini(&channel->relay);
}

static size_t take(int fd, void *bytes, size_t size)
{
    ssize_t n = recv(fd, bytes, size, MSG_DONTWAIT);
    return n > 0 ? (size_t)n : 0;
}

static void passes_portions_in_order(void **state)
{
    static unsigned char sent[100000], got[sizeof sent];
    struct channel channel = make_channel();
    for (size_t i = 0; i < sizeof sent; i++)
        sent[i] = (unsigned char)(i * 7 + i / 251);
    size_t written = 0, passed = 0, taken = 0;
    while (taken < sizeof sent) {
        ssize_t n =
            send(channel.peer, sent + written, sizeof sent - written, MSG_DONTWAIT);
        written += n > 0 ? (size_t)n : 0;
        size_t portion = relay_forward(&channel.relay, channel.fd, SIZE_MAX);
        assert_true(portion <= channel.relay.portion);
        passed += portion;
        if (relay_pending(&channel.relay, channel.fd))
            assert_int_equal(relay_forward(&channel.relay, channel.fd, SIZE_MAX), 0);
        size_t left = sizeof got - taken;
        taken += take(channel.fd, got + taken, left < 9999 ? left : 9999);
    }
    assert_int_equal(passed, sizeof sent);
    assert_memory_equal(sent, got, sizeof sent);
    drop_channel(&channel);
}

static void no_more_than_was_asked_for(void **state)
{
    struct channel channel = make_channel();
    char bytes[8];
    send(channel.peer, "portions", 8, 0);
    assert_int_equal(relay_forward(&channel.relay, channel.fd, 3), 3);
    assert_int_equal(take(channel.fd, bytes, sizeof bytes), 3);
    assert_memory_equal(bytes, "por", 3);
    assert_int_equal(relay_forward(&channel.relay, channel.fd, 9), 5);
    assert_int_equal(take(channel.fd, bytes, sizeof bytes), 5);
    assert_memory_equal(bytes, "tions", 5);
    drop_channel(&channel);
}

/* Whatever the system gives a socket pair. */
static void a_portion_fits(void **state)
{
    struct channel channel = make_channel();
    int room = 0;
    socklen_t size = sizeof room;
    getsockopt(channel.relay.inner, SOL_SOCKET, SO_SNDBUF, &room, &size);
    assert_in_range(channel.relay.portion, 1, room / 2);
    assert_true(channel.relay.portion <= 60000);
    drop_channel(&channel);
}

static void an_end_is_passed_on(void **state)
{
    struct channel channel = make_channel();
    char bytes[8];
    send(channel.peer, "last", 4, 0);
    shutdown(channel.peer, SHUT_WR);
    assert_int_equal(relay_forward(&channel.relay, channel.fd, SIZE_MAX), 4);
    assert_int_equal(take(channel.fd, bytes, sizeof bytes), 4);
    assert_int_equal(relay_forward(&channel.relay, channel.fd, SIZE_MAX), 0);
    assert_int_equal(recv(channel.fd, bytes, sizeof bytes, MSG_DONTWAIT), 0);
    drop_channel(&channel);
}

static void silence_is_no_end(void **state)
{
    struct channel channel = make_channel();
    char byte;
    assert_int_equal(relay_forward(&channel.relay, channel.fd, SIZE_MAX), 0);
    assert_int_equal(recv(channel.fd, &byte, 1, MSG_DONTWAIT), -1);
    drop_channel(&channel);
}

static void gives_the_server_back(void **state)
{
    struct channel channel = make_channel();
    int server = channel.relay.server, inner = channel.relay.inner;
    relay_close(&channel.relay, channel.fd);
    assert_int_equal(channel.relay.server, -1);
    assert_int_equal(fcntl(server, F_GETFD), -1);
    assert_int_equal(fcntl(inner, F_GETFD), -1);
    assert_int_equal(fcntl(channel.fd, F_GETFD), FD_CLOEXEC);

    char bytes[8];
    send(channel.peer, "direct", 6, 0);
    assert_int_equal(take(channel.fd, bytes, sizeof bytes), 6);
    assert_int_equal(send(channel.fd, "back", 4, 0), 4);
    assert_int_equal(take(channel.peer, bytes, sizeof bytes), 4);
    drop_channel(&channel);
}

static void without_descriptors_nothing_changes(void **state)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    struct rlimit before, few;
    getrlimit(RLIMIT_NOFILE, &before);
    struct relay relay = RELAY_NONE;
    for (unsigned left = 1; left <= 2; left++) {
        few = (struct rlimit){(rlim_t)ends[1] + left, before.rlim_max};
        setrlimit(RLIMIT_NOFILE, &few);
        assert_false(relay_open(&relay, ends[0]));
    }
    setrlimit(RLIMIT_NOFILE, &before);
    assert_int_equal(relay.server, -1);
    char byte;
    send(ends[1], "x", 1, 0);
    assert_int_equal(take(ends[0], &byte, 1), 1);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes_portions_in_order),
        cmocka_unit_test(no_more_than_was_asked_for),
        cmocka_unit_test(a_portion_fits),
        cmocka_unit_test(an_end_is_passed_on),
        cmocka_unit_test(silence_is_no_end),
        cmocka_unit_test(gives_the_server_back),
        cmocka_unit_test(without_descriptors_nothing_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
