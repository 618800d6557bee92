/* What the past of a node makes of a check.  Pure.
 *
 * With nothing remembered, a check that failed is down and one that was answered is ok.
 * With a past, a healthy node may miss as many checks as `fall` allows and is warned
 * of, one that was down is down until it answered `rise` times, and one that keeps
 * changing is warned of even while it answers. */
#ifndef HEALTH_STATUS_H
#define HEALTH_STATUS_H

#include "health/state.h"

#include <pgcensus/fleet.h>

struct health_status {
    enum pgcensus_status status;
    bool held; /* it failed, but was healthy and may miss a check: warn, not down */
    struct pgcensus_reason reasons[2]; /* besides those of the check */
    size_t n_reasons;
};

/* The past has this check in it.  checked: the status of the check alone, error_class:
 * how it failed, CLASS_NONE if it was answered.  A check that says nothing of the node,
 * and a past that is not known, leave the status as it is. */
struct health_status health_status_of(enum pgcensus_status checked,
                                      enum pgcensus_class error_class,
                                      const struct pgcensus_past *past,
                                      const struct health_options *options);

#endif
