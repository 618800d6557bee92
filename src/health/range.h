/* Text ↔ ranges: [@]START:END as in the guidelines of the monitoring plugins
 * (https://www.monitoring-plugins.org/doc/guidelines.html#THRESHOLDFORMAT), with units.
 *
 *     10s      0 to 10s are good          ~:10s    up to 10s
 *     10m:     10m and more               10s:20s  from 10s to 20s, both included
 *     @10s:20s all but these              ~:       everything: no limit
 *
 * An end has the unit of its metric; only 0 needs none.  An end below zero is
 * refused if the metric cannot be negative, because such a limit has no effect. */
#ifndef HEALTH_RANGE_H
#define HEALTH_RANGE_H

#include "base/buf.h"

#include <pgcensus/verdict.h>

enum range_wrong {
    RANGE_FINE,
    RANGE_NO_RANGE,  /* no end where one must be, or not a number */
    RANGE_NO_UNIT,   /* a bare number other than 0 */
    RANGE_BAD_UNIT,  /* unknown, or not one of this metric */
    RANGE_TOO_LARGE, /* more than 100 %, or than a double holds exactly */
    RANGE_NEGATIVE,  /* below zero, for a metric that never is */
    RANGE_BACKWARDS, /* START is above END */
};

/* Why a text is no range, and the end at fault as it is written (cut if it is long; ""
 * if it is the range as a whole). */
struct range_fault {
    enum range_wrong wrong;
    char end[32];
};

/* False: *ret_fault says why. */
bool range_parse(const char *text, enum pgcensus_metric metric,
                 struct pgcensus_range *ret_range, struct range_fault *ret_fault);

/* The inverse of range_parse(); writes nothing for a range that is not set. */
void range_format(const struct pgcensus_range *range, enum pgcensus_unit unit,
                  struct buf *buf);
/* A measured value with three digits, for people: "12.3ms", "-5s", "87.5%". */
void range_round_value(enum pgcensus_unit unit, double value, struct buf *buf);

#endif
