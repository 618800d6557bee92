/* The line that says that a long round is alive: "check: 412/1000 nodes, 3 down  2.1
 * s".
 *
 * On stderr, only if that is a terminal, only once the run has lasted a second, and
 * gone before results are printed.  A terminal that takes nothing (Ctrl-S) does without
 * it. */
#ifndef CLI_TERM_PROGRESS_H
#define CLI_TERM_PROGRESS_H

#include "base/buf.h"
#include "base/clock.h"

#include <stdbool.h>

struct progress {
    bool wanted; /* false: every function does nothing */
    const char *command;
    size_t total, done, down;
    nsec started, next; /* next: when to draw again */
    bool drawn;
};

void progress_init(struct progress *progress, const char *command, size_t total,
                   bool wanted, nsec now);

/* How long may pass until progress_show() should be called. */
nsec progress_pause(const struct progress *progress, nsec now);
void progress_show(struct progress *progress, nsec now);
void progress_erase(struct progress *progress);

/* What it draws, for tests. */
void progress_format(const struct progress *progress, nsec now, struct buf *buf);

#endif
