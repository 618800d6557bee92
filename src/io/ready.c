#include "io/ready.h"

#include <poll.h>

bool ready_to_read(int fd)
{
    struct pollfd look = {.fd = fd, .events = POLLIN};
    return poll(&look, 1, 0) > 0 && look.revents & POLLIN;
}
