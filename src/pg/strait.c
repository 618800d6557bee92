#include "pg/strait.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* Fits into an empty socket pair whatever the system's settings, so that a portion is
 * always sent as a whole. */
enum { PORTION = 32 * 1024 };

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
    *strait = (struct strait){server, inner};
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

bool strait_left(const struct strait *strait, int fd)
{
    int n = 0;
    return strait->server >= 0 && ioctl(fd, FIONREAD, &n) == 0 && n > 0;
}

size_t strait_pass(struct strait *strait, int fd)
{
    char bytes[PORTION];
    if (strait_left(strait, fd))
        return 0;
    ssize_t n = recv(strait->server, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n <= 0 || send(strait->inner, bytes, (size_t)n, MSG_NOSIGNAL) != n)
        shutdown(strait->inner, SHUT_WR);
    return n > 0 ? (size_t)n : 0;
}
