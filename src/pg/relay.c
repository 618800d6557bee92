#include "pg/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* libpq reads 16 kB at a time, less the beginning of a row that it already has;
 * so it takes a portion in four reads, seldom in five. */
enum { PORTION = 60 * 1000, SMALLEST_ROOM = 4096 };

/* The number of bytes that surely fit into an empty pair, so that a portion is
 * sent as a whole: half of its room, because the system counts its own
 * bookkeeping, too. */
static size_t portion_of(int inner)
{
    int room = SMALLEST_ROOM;
    socklen_t size = sizeof room;
    getsockopt(inner, SOL_SOCKET, SO_SNDBUF, &room, &size);
    return room / 2 < PORTION ? (size_t)room / 2 : PORTION;
}

bool relay_open(struct relay *relay, int fd)
{
    int ends[2];
    AUTO(close) int server = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (server < 0 ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
        return false;
    AUTO(close) int outer = ends[0];
    AUTO(close) int inner = ends[1];
    if (dup3(outer, fd, O_CLOEXEC) < 0)
        return false;
    *relay = (struct relay){server, inner, false, portion_of(inner)};
    server = inner = -1;
    return true;
}

void relay_close(struct relay *relay, int fd)
{
    dup3(relay->server, fd, O_CLOEXEC);
    relay_fini(relay);
}

void relay_fini(struct relay *relay)
{
    if (relay->server >= 0)
        close(relay->server);
    if (relay->inner >= 0)
        close(relay->inner);
    *relay = RELAY_NONE;
}

bool relay_pending(struct relay *relay, int fd)
{
    int n = 0;
    if (relay->filled)
        relay->filled = ioctl(fd, FIONREAD, &n) == 0 && n > 0;
    return relay->filled;
}

size_t relay_forward(struct relay *relay, int fd, size_t most)
{
    char bytes[PORTION];
    if (relay_pending(relay, fd))
        return 0;
    if (most > relay->portion)
        most = relay->portion;
    ssize_t n = recv(relay->server, bytes, most, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n <= 0 || send(relay->inner, bytes, (size_t)n, MSG_NOSIGNAL) != n)
        shutdown(relay->inner, SHUT_WR);
    relay->filled = n > 0;
    return n > 0 ? (size_t)n : 0;
}
