#include "io/ready.h"

#include <poll.h>

bool ready_within(int fd, int milliseconds)
{
    struct pollfd look = {.fd = fd, .events = POLLIN};
    return poll(&look, 1, milliseconds) > 0 && look.revents & POLLIN;
}

bool ready_to_read(int fd)
{
    return ready_within(fd, 0);
}
