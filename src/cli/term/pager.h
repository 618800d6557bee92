/* A table that is taller than the screen is handed to a pager, as psql and git do. */
#ifndef CLI_TERM_PAGER_H
#define CLI_TERM_PAGER_H

#include "base/buf.h"
#include "cli/term/terminal.h"

/* Whether a text needs one: it goes to a terminal that has a screen, and takes more
 * lines than that, with each line counted as often as it wraps. */
bool pager_wanted(const struct terminal *terminal, const struct buf *text);

/* Shows it in $PGCENSUS_PAGER, $PAGER or less, and waits until that is left.  False: it
 * was not shown, because none is wanted or could be had ("" and cat want none). */
bool pager_show(const struct terminal *terminal, const struct buf *text);

#endif
