/* Comparing what was printed with what is expected to be: expected/NAME, which
 * PGCENSUS_UPDATE=1 rewrites. */
#ifndef GOLDEN_GOLDEN_H
#define GOLDEN_GOLDEN_H

#include "base/buf.h"

/* Fails the running cmocka test if they differ. */
void assert_golden(const char *name, const struct buf *printed);

#endif
