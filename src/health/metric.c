#include "health/metric.h"

#include "health/range.h"

#include "base/text.h"

#include <string.h>

static const struct row {
    const char *name;
    enum pgcensus_unit unit;
    bool is_signed;
} rows[PGCENSUS_METRICS] = {
    [PGCENSUS_METRIC_LATENCY] = {"latency", PGCENSUS_UNIT_TIME},
    [PGCENSUS_METRIC_LAG_BYTES] = {"lag_bytes", PGCENSUS_UNIT_BYTES},
    [PGCENSUS_METRIC_LAG_SECONDS] = {"lag_seconds", PGCENSUS_UNIT_TIME},
    [PGCENSUS_METRIC_CONNECTIONS] = {"connections", PGCENSUS_UNIT_PERCENT},
    [PGCENSUS_METRIC_CLOCK_OFFSET] = {"clock_offset", PGCENSUS_UNIT_TIME},
    [PGCENSUS_METRIC_SLOT_RETAINED] = {"slot_retained", PGCENSUS_UNIT_BYTES},
    [PGCENSUS_METRIC_CERT_EXPIRY] = {"cert_expiry", PGCENSUS_UNIT_TIME,
                                     .is_signed = true},
    [PGCENSUS_METRIC_UPTIME] = {"uptime", PGCENSUS_UNIT_TIME},
};

const char *pgcensus_metric_name(enum pgcensus_metric metric)
{
    return metric < PGCENSUS_METRICS ? rows[metric].name : NULL;
}

bool pgcensus_metric_find(const char *name, enum pgcensus_metric *ret_metric)
{
    for (unsigned i = 0; i < PGCENSUS_METRICS; i++)
        if (strcmp(rows[i].name, name) == 0) {
            *ret_metric = (enum pgcensus_metric)i;
            return true;
        }
    return false;
}

enum pgcensus_unit pgcensus_metric_unit(enum pgcensus_metric metric)
{
    return rows[metric].unit;
}

bool metric_is_signed(enum pgcensus_metric metric)
{
    return rows[metric].is_signed;
}

void pgcensus_metric_format(enum pgcensus_metric metric, double value, char *to,
                            size_t size)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    range_round_value(rows[metric].unit, value, &text);
    text_copy(to, size, text.bytes);
}

void pgcensus_range_format(enum pgcensus_metric metric,
                           const struct pgcensus_range *range, char *to, size_t size)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    range_format(range, rows[metric].unit, &text);
    text_copy(to, size, text.bytes);
}

bool pgcensus_range_alerts(const struct pgcensus_range *range, double value)
{
    bool within = value >= range->start && value <= range->end;
    return range->set && within == range->inside;
}
