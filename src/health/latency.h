/* The latencies of one node, summed up.  Failures are counted, never recorded
 * as a time. */
#ifndef HEALTH_LATENCY_H
#define HEALTH_LATENCY_H

#include <pgcensus/status.h>

struct latency {
    nsec last, average, min, max; /* average: moving, weight 0.1; all
                                     PGCENSUS_UNKNOWN_TIME before the first */
    uint64_t count, failures;
    double error_rate; /* moving share of failures, same weight; 0 at first */
};

void latency_init(struct latency *latency);
void latency_add(struct latency *latency, nsec sample);
void latency_add_failure(struct latency *latency);

#endif
