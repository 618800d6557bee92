/* What is wrong with a standby beyond its lag.  Pure. */
#ifndef JUDGE_STANDBY_H
#define JUDGE_STANDBY_H

#include "judge/company.h"
#include "judge/reason.h"

/* It has no WAL receiver, although its primary answers, and is not one that is fed from
 * an archive on purpose (expect: archive).  Of several primaries none is its own for
 * certain. */
bool standby_is_detached(const struct company *company, size_t place);

/* A detached one is a warning, if it answered. */
void standby_judge(const struct company *company, size_t place,
                   struct reason_list *reasons);

#endif
