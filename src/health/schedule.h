/* When a node is checked next: its interval while it is healthy, faster while
 * it is in doubt, by backoff while it is down, slowly when an administrator has
 * to mend it.  Pure. */
#ifndef HEALTH_SCHEDULE_H
#define HEALTH_SCHEDULE_H

#include "health/backoff.h"
#include "health/state.h"

#define SCHEDULE_SLOW ((nsec)300000000000) /* 5 min: auth and config failures */

struct schedule_options {
    nsec interval, fast_interval;
};

/* The delay until the next check, NEVER if there is none.  last: the class of
 * the last check's error.  unit: random in [0, 1), spreads and jitters. */
nsec schedule_next(const struct schedule_options *options,
                   const struct backoff_options *reconnect, const struct health *health,
                   enum pgcensus_class last, struct backoff_climate climate,
                   double unit);
/* The first check, spread over the interval so that a start is no burst. */
nsec schedule_first(const struct schedule_options *options, double unit);

#endif
