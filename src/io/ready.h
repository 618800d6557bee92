/* Asks the system whether a descriptor can be read. */
#ifndef IO_READY_H
#define IO_READY_H

#include <stdbool.h>

/* False for -1, too. */
bool ready_to_read(int fd);
/* Waits at most that many milliseconds until fd can be read; with fd -1 it only
 * waits. */
bool ready_within(int fd, int milliseconds);

#endif
