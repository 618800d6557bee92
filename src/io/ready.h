/* A look at a descriptor, without waiting. */
#ifndef IO_READY_H
#define IO_READY_H

#include <stdbool.h>

/* False for -1, too. */
bool ready_to_read(int fd);

#endif
