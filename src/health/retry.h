/* Whether an operation is tried again, and when.  Pure.  attempts ≤ 1 + max_retries,
 * only retryable failures, never a statement that may have been sent unless repeating
 * it is safe.  The delays are those of an exponential backoff without jitter. */
#ifndef HEALTH_RETRY_H
#define HEALTH_RETRY_H

#include <pgcensus/status.h>

struct retry_options {
    unsigned max_retries; /* 0: never */
    nsec initial, max;
    double multiplier;
};

/* attempts: how many were made already.  *ret_delay only when true. */
bool retry_again(const struct retry_options *options, unsigned attempts,
                 const struct pgcensus_failure *failure, bool safe_to_repeat,
                 nsec *ret_delay);

#endif
