/* A look at a descriptor. */
#ifndef IO_READY_H
#define IO_READY_H

#include <stdbool.h>

/* False for -1, too. */
bool ready_to_read(int fd);
/* The same, after so many milliseconds at most; -1 only waits. */
bool ready_within(int fd, int milliseconds);

#endif
