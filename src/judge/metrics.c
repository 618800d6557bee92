#include <pgcensus/verdict.h>

#include "base/clock.h"

#include <math.h>

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
static bool take_connections(const struct pgcensus_facts *facts, double *ret_value)
{
    int free_for_all = facts->connections_max - facts->connections_reserved;
    if (facts->connections_used < 0 || facts->connections_max < 0 ||
        facts->connections_reserved < 0 || free_for_all <= 0)
        return false;
    *ret_value = 100.0 * facts->connections_used / free_for_all;
    return true;
}

/* None is not the same as nothing held back, but nothing is what it holds back. */
static bool take_slots(const struct pgcensus_facts *facts, double *ret_value)
{
    *ret_value = 0;
    for (int i = 0; i < facts->n_slots; i++)
        if ((double)facts->slots[i].retained > *ret_value)
            *ret_value = (double)facts->slots[i].retained;
    return facts->n_slots >= 0;
}

static bool take_expiry(const struct pgcensus_node_result *result, double *ret_value)
{
    *ret_value = (double)(result->transport.cert_expires_at - clock_wall());
    return result->transport.cert_expires_at != 0;
}

bool pgcensus_metric_value(const struct pgcensus_node_result *result,
                           enum pgcensus_metric metric, double *ret_value)
{
    const struct pgcensus_facts *facts = result->facts;
    if (result->failed || !result->attempted)
        return false;
    switch (metric) {
    case PGCENSUS_METRIC_LATENCY:
        return take_time(result->latency.total, ret_value);
    case PGCENSUS_METRIC_LAG_BYTES:
        return take_bytes(result->lag.replay, ret_value);
    case PGCENSUS_METRIC_LAG_SECONDS:
        return take_time(result->lag.time, ret_value);
    case PGCENSUS_METRIC_CONNECTIONS:
        return facts && take_connections(facts, ret_value);
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
