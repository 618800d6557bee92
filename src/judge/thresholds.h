/* The thresholds of a node.  Pure. */
#ifndef JUDGE_THRESHOLDS_H
#define JUDGE_THRESHOLDS_H

#include "judge/reason.h"

/* One metric of a node that answered: raises its status and adds the reason if a limit
 * is broken, or if it cannot be told though it should be. */
void thresholds_judge(const struct peer *peer, enum pgcensus_metric metric,
                      const struct pgcensus_limits *limits,
                      struct reason_list *reasons);

#endif
