/* How far a standby is behind.  Pure. */
#ifndef JUDGE_LAG_H
#define JUDGE_LAG_H

#include "judge/company.h"

/* Of the standby at that place, behind the live primary of its cluster.  Both ends are
 * samples: what was written between them is no lag, and is never counted as negative
 * either. */
void lag_measure(const struct company *company, size_t place,
                 struct pgcensus_lag *ret_lag);

/* Its timeline is that of what it streams.  Of others it is that of their control file,
 * which is as old as their last restartpoint: they may be on a later one. */
bool lag_has_timeline(const struct peer *standby);
/* The same of a primary, which names it unless that is refused; its control file does
 * not know until its first checkpoint that it was promoted. */
bool lag_primary_has_timeline(const struct peer *primary);

/* The standby has WAL that its primary had not written when it was asked later, or that
 * it cannot have from there. */
bool lag_is_ahead(const struct peer *standby, const struct peer *primary);

/* pgcensus_lag_explain() of that lag instead of the result's. */
void lag_explain(const struct pgcensus_lag *lag,
                 const struct pgcensus_node_result *result, char *to, size_t size);

/* The first such part of a standby; NULL. */
const struct pgcensus_missing *lag_refusal(const struct pgcensus_facts *standby);

#endif
