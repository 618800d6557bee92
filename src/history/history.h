/* The history from inside: what a verdict asks it. */
#ifndef HISTORY_HISTORY_H
#define HISTORY_HISTORY_H

#include <pgcensus/fleet.h>
#include <pgcensus/history.h>

/* Judges a result of the round that was kept in the light of what went before; changes
 * nothing without one. */
void history_judge(const struct pgcensus_history *history,
                   const struct pgcensus_fleet *fleet,
                   struct pgcensus_node_result *result);

#endif
