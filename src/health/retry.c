#include "health/retry.h"

#include "health/backoff.h"

/* With an unknown phase, assume that the statement was sent. */
static bool may_have_been_sent(enum pgcensus_phase phase)
{
    switch (phase) {
    case PGCENSUS_PHASE_RESOLVE:
    case PGCENSUS_PHASE_CONNECT:
    case PGCENSUS_PHASE_TLS:
    case PGCENSUS_PHASE_AUTH:
        return false;
    case PGCENSUS_PHASE_NONE:
    case PGCENSUS_PHASE_QUERY:
    case PGCENSUS_PHASE_STREAM:
        return true;
    }
    return true;
}

bool retry_again(const struct retry_options *options, unsigned attempts,
                 const struct pgcensus_failure *failure, bool safe_to_repeat,
                 nsec *ret_delay)
{
    if (attempts > options->max_retries || !failure->retryable ||
        failure->error_class == PGCENSUS_CLASS_NONE)
        return false;
    if (may_have_been_sent(failure->phase) && !safe_to_repeat)
        return false;

    struct backoff_options backoff = {
        .strategy = BACKOFF_EXPONENTIAL,
        .initial = options->initial,
        .max = options->max,
        .multiplier = options->multiplier,
    };
    *ret_delay = backoff_delay(&backoff, attempts, (struct backoff_climate){0}, 0.5);
    return true;
}
