/* What we say to people: on stderr, as "pgcensus: text". */
#ifndef CLI_TERM_MESSAGES_H
#define CLI_TERM_MESSAGES_H

#include "base/buf.h"

/* One message; whatever it quotes is made safe for a terminal here. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Finished lines, in which everything foreign has been made safe. */
void say_lines(const struct buf *lines);

#endif
