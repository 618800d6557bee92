/* Performance data of monitoring plugins: 'label'=value[unit];[warn];[crit];[min];[max]
 * https://www.monitoring-plugins.org/doc/guidelines.html */
#ifndef OUTPUT_PERFDATA_H
#define OUTPUT_PERFDATA_H

#include "base/buf.h"

#include <pgcensus/verdict.h>

struct perfdata {
    const char *label;
    double value;
    double scale;     /* so much of value, and of the limits, is one unit */
    int decimals;     /* of value */
    const char *unit; /* "s", "B", "%", "c" or "" */
    const struct pgcensus_limits *limits; /* NULL: none */
    bool negative;                        /* it can be: there is no minimum */
    const double *max;                    /* NULL: none */
};

/* One item, with a blank before it.  Values are finite. */
void perfdata_add(struct buf *out, const struct perfdata *item);

/* For all text of a plugin: what separates it from performance data is replaced. */
void perfdata_add_text(struct buf *out, const char *text);

#endif
