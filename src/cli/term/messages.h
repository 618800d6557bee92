/* Talk goes to stderr, as "pgcensus: text"; what was asked for goes to stdout or into
 * the file of -o, whole or not at all. */
#ifndef CLI_TERM_MESSAGES_H
#define CLI_TERM_MESSAGES_H

#include "base/buf.h"

#include <pgcensus/status.h>
#include <stdbool.h>

/* One message; whatever it quotes is made safe for a terminal here. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Finished lines, made safe by whoever wrote them. */
void say_lines(const struct buf *lines);

/* Writes out to path, NULL: stdout.  Memory that ran out while out was filled is
 * noticed here. */
bool deliver(const char *path, const struct buf *out, struct pgcensus_error *ret_error);

/* To stdout; returns the exit status: 0, 3 with a message, or EXIT_READER_LEFT. */
int deliver_and_exit(const struct buf *out);

#endif
