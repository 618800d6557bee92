/* What is wrong with the replication slots of a node.  Pure, but for memory. */
#ifndef JUDGE_SLOTS_H
#define JUDGE_SLOTS_H

#include "judge/reason.h"

/* A lost slot, and one that may be lost at the next checkpoint, are warnings, whatever
 * limits there are: its consumer does not come back by itself. */
void slots_judge(const struct peer *peer, struct reason_list *reasons);

#endif
