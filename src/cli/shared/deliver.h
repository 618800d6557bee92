/* What was asked for goes to stdout or into the file of -o, whole or not at all. */
#ifndef CLI_SHARED_DELIVER_H
#define CLI_SHARED_DELIVER_H

#include "base/buf.h"

#include <pgcensus/status.h>
#include <stdbool.h>

/* Writes out to path, NULL: stdout.  Memory that ran out while out was filled is
 * noticed here. */
bool deliver(const char *path, const struct buf *out, struct pgcensus_error *ret_error);

/* To stdout; returns the exit status: 0, 3 with a message, or EXIT_READER_LEFT. */
int deliver_and_exit(const struct buf *out);

#endif
