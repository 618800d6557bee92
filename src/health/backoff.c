#include "health/backoff.h"

#include <math.h>
#include <string.h>

/* The adaptive strategy makes a delay at most three times longer. */
#define ADAPTIVE_MOST 3.0

static double share(double value)
{
    return fmin(fmax(value, 0), 1);
}

/* Computed in doubles, which become infinite where nanoseconds would overflow. */
static double grown(const struct backoff_options *options, unsigned attempt,
                    struct backoff_climate climate)
{
    double initial = (double)options->initial;
    double steps = attempt ? attempt - 1.0 : 0;
    switch (options->strategy) {
    case BACKOFF_EXPONENTIAL:
        return initial * pow(options->multiplier, steps);
    case BACKOFF_LINEAR:
        return initial + (double)options->increment * steps;
    case BACKOFF_FIXED:
        return initial;
    case BACKOFF_ADAPTIVE: {
        double worse = (1 + share(climate.error_rate)) * (1 + share(climate.own_load));
        return initial * pow(options->multiplier, steps) * fmin(worse, ADAPTIVE_MOST);
    }
    }
    return initial;
}

/* delay may be infinite or not a number at all; both mean the cap. */
static nsec within(double delay, nsec floor, nsec cap)
{
    if (!(delay < (double)cap))
        return cap;
    return delay > (double)floor ? (nsec)delay : floor;
}

nsec backoff_delay(const struct backoff_options *options, unsigned attempt,
                   struct backoff_climate climate, double unit)
{
    nsec cap = options->max > 0 ? options->max : 0;
    nsec floor = cap < BACKOFF_FLOOR ? cap : BACKOFF_FLOOR;
    double delay = fmin(grown(options, attempt, climate), (double)cap);
    delay *= 1 + share(options->jitter) * (2 * share(unit) - 1);
    return within(delay, floor, cap);
}

bool backoff_exhausted(const struct backoff_options *options, unsigned attempts)
{
    return options->max_attempts > 0 && attempts >= options->max_attempts;
}

const char *backoff_strategy_name(enum backoff_strategy strategy)
{
    switch (strategy) {
    case BACKOFF_EXPONENTIAL:
        return "exponential";
    case BACKOFF_LINEAR:
        return "linear";
    case BACKOFF_FIXED:
        return "fixed";
    case BACKOFF_ADAPTIVE:
        return "adaptive";
    }
    return NULL;
}

bool backoff_strategy_find(const char *name, enum backoff_strategy *ret_strategy)
{
    static const enum backoff_strategy all[] = {BACKOFF_EXPONENTIAL, BACKOFF_LINEAR,
                                                BACKOFF_FIXED, BACKOFF_ADAPTIVE};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(name, backoff_strategy_name(all[i])) == 0) {
            *ret_strategy = all[i];
            return true;
        }
    return false;
}
