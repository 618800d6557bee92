/* Applies the past of a node to the status of a check.  Pure.
 *
 * With nothing remembered, a check that failed is down and one that was
 * answered is ok.  With a past, a healthy node that misses no more checks than
 * `fall` allows is a warning, a node that was down stays down until it has
 * answered `rise` times, and a node that keeps changing is a warning even while
 * it answers. */
#ifndef HEALTH_STATUS_H
#define HEALTH_STATUS_H

#include "health/state.h"

#include <pgcensus/fleet.h>

struct health_status {
    enum pgcensus_status status;
    bool held; /* failed, but healthy before and within `fall`: warn, not down */
    struct pgcensus_reason reasons[2]; /* in addition to those of the check */
    size_t n_reasons;
};

/* The past includes this check.  checked: the status of the check alone;
 * error_class: CLASS_NONE if it was answered.  The status stays as it is if the
 * check says nothing about the node, the node is disabled, or the past is unknown. */
struct health_status health_status_of(enum pgcensus_status checked,
                                      enum pgcensus_class error_class,
                                      const struct pgcensus_past *past,
                                      const struct health_options *options);

#endif
