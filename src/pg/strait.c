#include "pg/strait.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* libpq reads 16 kB at a time, less the beginning of a row that it has already; so four
 * reads take a portion, and a fifth for a few bytes is seldom needed. */
enum { PORTION = 60 * 1000, SMALLEST_ROOM = 4096 };

/* What is sure to fit into an empty pair, so that a portion is sent as a whole: half of
 * its room, because the system counts what its own bookkeeping takes, too. */
static size_t portion_of(int inner)
{
    int room = SMALLEST_ROOM;
    socklen_t size = sizeof room;
    getsockopt(inner, SOL_SOCKET, SO_SNDBUF, &room, &size);
    return room / 2 < PORTION ? (size_t)room / 2 : PORTION;
}

bool strait_open(struct strait *strait, int fd)
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
    *strait = (struct strait){server, inner, false, portion_of(inner)};
    server = inner = -1;
    return true;
}

void strait_close(struct strait *strait, int fd)
{
    dup3(strait->server, fd, O_CLOEXEC);
    strait_fini(strait);
}

void strait_fini(struct strait *strait)
{
    if (strait->server >= 0)
        close(strait->server);
    if (strait->inner >= 0)
        close(strait->inner);
    *strait = STRAIT_NONE;
}

bool strait_left(struct strait *strait, int fd)
{
    int n = 0;
    if (strait->filled)
        strait->filled = ioctl(fd, FIONREAD, &n) == 0 && n > 0;
    return strait->filled;
}

size_t strait_pass(struct strait *strait, int fd, size_t most)
{
    char bytes[PORTION];
    if (strait_left(strait, fd))
        return 0;
    if (most > strait->portion)
        most = strait->portion;
    ssize_t n = recv(strait->server, bytes, most, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n <= 0 || send(strait->inner, bytes, (size_t)n, MSG_NOSIGNAL) != n)
        shutdown(strait->inner, SHUT_WR);
    strait->filled = n > 0;
    return n > 0 ? (size_t)n : 0;
}
