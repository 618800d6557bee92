#include "health/latency.h"

#include <assert.h>

/* A sample counts one tenth: the average follows a change within a dozen
 * checks, and a single outlier does not move it far. */
enum { WEIGHT = 10 };

void latency_init(struct latency *latency)
{
    *latency = (struct latency){
        .last = PGCENSUS_UNKNOWN_TIME,
        .average = PGCENSUS_UNKNOWN_TIME,
        .min = PGCENSUS_UNKNOWN_TIME,
        .max = PGCENSUS_UNKNOWN_TIME,
    };
}

/* The first check is the whole rate, not a tenth of it: there is no older value. */
static void count_failure(struct latency *latency, double failed)
{
    bool first = latency->count + latency->failures == 0;
    latency->error_rate += (failed - latency->error_rate) / (first ? 1 : WEIGHT);
}

void latency_add(struct latency *latency, nsec sample)
{
    assert(sample >= 0);
    count_failure(latency, 0);
    if (latency->count++ == 0) {
        latency->average = latency->min = latency->max = sample;
    } else {
        latency->average += (sample - latency->average) / WEIGHT;
        if (sample < latency->min)
            latency->min = sample;
        if (sample > latency->max)
            latency->max = sample;
    }
    latency->last = sample;
}

void latency_add_failure(struct latency *latency)
{
    count_failure(latency, 1);
    latency->failures++;
}
