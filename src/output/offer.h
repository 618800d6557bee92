/* A write that nobody waits for: a terminal takes it now, or does without. */
#ifndef OUTPUT_OFFER_H
#define OUTPUT_OFFER_H

#include <stdbool.h>
#include <stddef.h>

/* Writes to the terminal behind fd what it takes at once.  False: not all of it,
 * because somebody pressed Ctrl-S, a remote session stands still, or it is gone.
 *
 * O_NONBLOCK belongs to an open file, which we share with the shell and whoever else
 * writes to that terminal; so the terminal is opened once more, for this write.  Where
 * that is not allowed (after su it is somebody else's) it is only asked for room. */
bool offer(int fd, const char *bytes, size_t n);

#endif
