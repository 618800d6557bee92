/* Comparing what was printed with what is expected to be: expected/NAME, which
 * PGCENSUS_UPDATE=1 rewrites. */
#ifndef GOLDEN_GOLDEN_H
#define GOLDEN_GOLDEN_H

#include "base/buf.h"

/* Fails the running cmocka test if they differ.  JSON is kept with a key on each line
 * (spread.h), and compared with that. */
void assert_golden(const char *name, const struct buf *printed);

#endif
