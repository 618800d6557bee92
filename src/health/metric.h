/* What is measured of a node and may have limits: the rest of it is in
 * <pgcensus/verdict.h>. */
#ifndef HEALTH_METRIC_H
#define HEALTH_METRIC_H

#include <pgcensus/verdict.h>

/* Whether it may be below zero. */
bool metric_is_signed(enum pgcensus_metric metric);

#endif
