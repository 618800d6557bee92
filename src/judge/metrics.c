#include "judge/metrics.h"

#include "base/clock.h"

#include <math.h>
#include <string.h>

static bool take_time(nsec length, double *ret_value)
{
    *ret_value = (double)length;
    return length != PGCENSUS_UNKNOWN_TIME;
}

static bool take_bytes(int64_t bytes, double *ret_value)
{
    *ret_value = (double)bytes;
    return bytes >= 0;
}

/* Of those that ordinary roles can have. */
static bool take_connections(const struct pgcensus_facts *facts, int used,
                             double *ret_value)
{
    int free_for_all = facts->connections_max - facts->connections_reserved;
    if (used < 0 || facts->connections_max < 0 || facts->connections_reserved < 0 ||
        free_for_all <= 0)
        return false;
    *ret_value = 100.0 * used / free_for_all;
    return true;
}

/* More than all of them are only believed if they are counted and not guessed at. */
static bool take_most_connections(const struct pgcensus_facts *facts, double *ret_value)
{
    bool is_known = take_connections(facts, facts->connections_used, ret_value);
    if (is_known && facts->connections_least != facts->connections_used)
        *ret_value = fmin(*ret_value, 100);
    return is_known;
}

/* Without slots nothing is held back.  Slots of which none has a known amount, because
 * they were lost or never used, are not the same. */
static bool take_slots(const struct pgcensus_facts *facts, double *ret_value)
{
    bool is_known = facts->n_slots == 0;
    *ret_value = 0;
    for (int i = 0; i < facts->n_slots; i++) {
        const struct pgcensus_slot *slot = &facts->slots[i];
        if (slot->retained < 0 || strcmp(slot->wal_status, "lost") == 0)
            continue;
        is_known = true;
        if ((double)slot->retained > *ret_value)
            *ret_value = (double)slot->retained;
    }
    return is_known;
}

static bool take_expiry(const struct pgcensus_node_result *result, double *ret_value)
{
    *ret_value = (double)(result->transport.cert_expires_at - clock_wall());
    return result->transport.cert_expires_at != 0;
}

static bool value_of(const struct pgcensus_node_result *result,
                     const struct pgcensus_lag *lag, enum pgcensus_metric metric,
                     double *ret_value)
{
    const struct pgcensus_facts *facts = result->facts;
    if (result->failed || !result->attempted)
        return false;
    switch (metric) {
    case PGCENSUS_METRIC_LATENCY:
        return take_time(result->latency.total, ret_value);
    case PGCENSUS_METRIC_LAG_BYTES:
        return take_bytes(lag->replay, ret_value);
    case PGCENSUS_METRIC_LAG_SECONDS:
        return take_time(lag->time, ret_value);
    case PGCENSUS_METRIC_CONNECTIONS:
        return facts && take_most_connections(facts, ret_value);
    case PGCENSUS_METRIC_CLOCK_OFFSET:
        *ret_value = facts ? fabs((double)facts->clock_offset) : 0;
        return facts && facts->clock_known;
    case PGCENSUS_METRIC_SLOT_RETAINED:
        return facts && take_slots(facts, ret_value);
    case PGCENSUS_METRIC_CERT_EXPIRY:
        return take_expiry(result, ret_value);
    case PGCENSUS_METRIC_UPTIME:
        return facts && take_time(facts->uptime, ret_value);
    case PGCENSUS_METRICS:
        break;
    }
    return false;
}

bool pgcensus_metric_value(const struct pgcensus_node_result *result,
                           enum pgcensus_metric metric, double *ret_value)
{
    return value_of(result, &result->lag, metric, ret_value);
}

/* Which half of the time that the answer took was the way back nobody knows. */
static double least_offset(const struct pgcensus_facts *facts)
{
    double offset = fabs((double)facts->clock_offset);
    return fmax(offset - (double)facts->clock_uncertainty, 0);
}

bool metric_bounds(const struct pgcensus_node_result *result,
                   const struct pgcensus_lag *lag, enum pgcensus_metric metric,
                   double *ret_least, double *ret_most)
{
    if (!value_of(result, lag, metric, ret_most))
        return false;
    *ret_least = *ret_most;
    if (metric == PGCENSUS_METRIC_CLOCK_OFFSET)
        *ret_least = least_offset(result->facts);
    if (metric != PGCENSUS_METRIC_CONNECTIONS ||
        result->facts->connections_least == result->facts->connections_used)
        return true;
    *ret_least = 0;
    take_connections(result->facts, result->facts->connections_least, ret_least);
    return true;
}
