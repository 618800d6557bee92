#include "health/schedule.h"

#include "base/clock.h"

static nsec longer(nsec a, nsec b)
{
    return a > b ? a : b;
}

static nsec in_doubt(const struct schedule_options *options)
{
    return options->fast_interval < options->interval ? options->fast_interval
                                                      : options->interval;
}

static nsec while_down(const struct schedule_options *options,
                       const struct backoff_options *reconnect,
                       const struct health *health, enum pgcensus_class last,
                       struct backoff_climate climate, double unit)
{
    /* An administrator has to mend this, and each try may bring an account
     * closer to its lock-out.  The random spread only lengthens the delay. */
    enum health_fact fact;
    if (health_fact_of(last, &fact) && fact == HEALTH_REFUSED)
        return SCHEDULE_SLOW + (nsec)((double)SCHEDULE_SLOW * reconnect->jitter * unit);
    /* A starting server refuses at little cost and is soon up. */
    if (last == PGCENSUS_CLASS_NOT_READY)
        return options->interval;

    /* The attempts made so far, and the one that this delay leads to. */
    nsec delay = backoff_delay(reconnect, health->attempts + 1, climate, unit);
    /* More connections do not help a server that is full. */
    return last == PGCENSUS_CLASS_SATURATED ? longer(delay, options->interval) : delay;
}

static nsec by_state(const struct schedule_options *options,
                     const struct backoff_options *reconnect,
                     const struct health *health, enum pgcensus_class last,
                     struct backoff_climate climate, double unit)
{
    switch (health->state) {
    case PGCENSUS_HEALTHY:
        return health->failures ? in_doubt(options) : options->interval;
    case PGCENSUS_CONNECTING:
    case PGCENSUS_RECONNECTING:
        return in_doubt(options);
    case PGCENSUS_UNHEALTHY:
        return while_down(options, reconnect, health, last, climate, unit);
    case PGCENSUS_FAILED:
    case PGCENSUS_SUSPENDED:
    case PGCENSUS_DISCONNECTED:
        return NEVER;
    }
    return NEVER;
}

nsec schedule_next(const struct schedule_options *options,
                   const struct backoff_options *reconnect, const struct health *health,
                   enum pgcensus_class last, struct backoff_climate climate,
                   double unit)
{
    nsec delay = by_state(options, reconnect, health, last, climate, unit);
    /* We are short of files or memory; faster checks would make it worse. */
    return last == PGCENSUS_CLASS_LOCAL ? longer(delay, options->interval) : delay;
}

nsec schedule_first(const struct schedule_options *options, double unit)
{
    return (nsec)((double)options->interval * unit);
}
