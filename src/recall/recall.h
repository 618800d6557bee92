/* What is remembered, from inside: what a verdict asks it. */
#ifndef RECALL_RECALL_H
#define RECALL_RECALL_H

#include <pgcensus/fleet.h>
#include <pgcensus/recall.h>

/* Judges a result of the round that was kept in the light of what went before; changes
 * nothing without one. */
void recall_judge(const struct pgcensus_recall *recall,
                  const struct pgcensus_fleet *fleet,
                  struct pgcensus_node_result *result);

#endif
