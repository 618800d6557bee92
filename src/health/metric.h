/* The metrics of a node, which may have limits; their public part is in
 * <pgcensus/verdict.h>. */
#ifndef HEALTH_METRIC_H
#define HEALTH_METRIC_H

#include <pgcensus/verdict.h>

/* Whether its values may be below zero. */
bool metric_is_signed(enum pgcensus_metric metric);

#endif
