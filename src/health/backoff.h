/* How long to wait before the next try.  Pure: the attempt number and a random number
 * in, a delay out.
 *
 * exponential initial·m^(n−1), linear initial + increment·(n−1), fixed initial,
 * adaptive: exponential times 1 … 3 by the recent share of errors and our own load.
 * Jitter is applied last and clamped to [floor, max] afterwards, so that it can never
 * exceed the cap. */
#ifndef HEALTH_BACKOFF_H
#define HEALTH_BACKOFF_H

#include <pgcensus/status.h>

#define BACKOFF_FLOOR ((nsec)100000000) /* 100 ms, less if max is less */

enum backoff_strategy {
    BACKOFF_EXPONENTIAL,
    BACKOFF_LINEAR,
    BACKOFF_FIXED,
    BACKOFF_ADAPTIVE,
};

struct backoff_options {
    enum backoff_strategy strategy;
    nsec initial, max, increment;
    double multiplier;
    double jitter;         /* share, 0.2 = ±20 % */
    unsigned max_attempts; /* 0: endless */
};

/* The inputs of the adaptive strategy, both 0 … 1. */
struct backoff_climate {
    double error_rate, own_load;
};

/* attempt counts from 1; unit is random in [0, 1), 0.5 means no jitter. */
nsec backoff_delay(const struct backoff_options *options, unsigned attempt,
                   struct backoff_climate climate, double unit);
bool backoff_exhausted(const struct backoff_options *options, unsigned attempts);

const char *backoff_strategy_name(enum backoff_strategy strategy);
bool backoff_strategy_find(const char *name, enum backoff_strategy *ret_strategy);

#endif
