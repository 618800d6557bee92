/* A broken limit is a reason with its value; so is a limit of which nobody can say
 * whether it is broken, because silence would be read as "fine".  What a node cannot
 * have (a primary has no lag, a socket no certificate), and facts that nobody wanted,
 * are no reason. */
#include "judge/thresholds.h"

#include "base/text.h"
#include "judge/lag.h"

#include <stdio.h>
#include <string.h>

static bool is_of_facts(enum pgcensus_metric metric)
{
    return metric != PGCENSUS_METRIC_LATENCY && metric != PGCENSUS_METRIC_CERT_EXPIRY;
}

static bool is_lag(enum pgcensus_metric metric)
{
    return metric == PGCENSUS_METRIC_LAG_BYTES || metric == PGCENSUS_METRIC_LAG_SECONDS;
}

static bool can_have(const struct pgcensus_node_result *result, bool via_pooler,
                     enum pgcensus_metric metric)
{
    if (is_of_facts(metric) && !result->facts && !*result->facts_reason)
        return false;
    if (is_lag(metric))
        return result->role != PGCENSUS_PRIMARY && !via_pooler;
    return metric != PGCENSUS_METRIC_CERT_EXPIRY || *result->transport.tls;
}

/* The primary may miss a check, and so may what is measured against it. */
static bool is_forgiven(const struct pgcensus_node_result *result,
                        enum pgcensus_metric metric)
{
    return is_lag(metric) && result->lag.reason &&
           strcmp(result->lag.reason, LAG_MISSED_CHECK) == 0;
}

static bool was_asked(const struct pgcensus_node_result *result,
                      enum pgcensus_metric metric)
{
    return metric != PGCENSUS_METRIC_SLOT_RETAINED || !result->facts ||
           result->facts->level == PGCENSUS_FACTS_FULL;
}

static struct pgcensus_reason *add_reason(struct pgcensus_node_result *result,
                                          enum pgcensus_metric metric,
                                          enum pgcensus_status status)
{
    struct pgcensus_reason *reason = &result->reasons[result->n_reasons++];
    result->status = pgcensus_status_worst(result->status, status);
    text_copy(reason->code, sizeof reason->code, pgcensus_metric_name(metric));
    return reason;
}

static void tell_unknown(struct pgcensus_node_result *result,
                         enum pgcensus_metric metric)
{
    struct pgcensus_reason *reason = add_reason(result, metric, PGCENSUS_UNKNOWN);
    const char *why = is_lag(metric) && result->lag.reason ? result->lag.reason
                      : !was_asked(result, metric) ? "it takes all facts (--facts full)"
                      : *result->facts_reason      ? result->facts_reason
                                                   : "hidden";
    snprintf(reason->message, sizeof reason->message, "%s is not known: %s",
             pgcensus_metric_name(metric), why);
}

static void tell_broken(struct pgcensus_node_result *result,
                        enum pgcensus_metric metric, enum pgcensus_status status,
                        const struct pgcensus_range *range, double value)
{
    struct pgcensus_reason *reason = add_reason(result, metric, status);
    char is[sizeof reason->value], limit[sizeof reason->limit];
    pgcensus_metric_format(metric, value, is, sizeof is);
    pgcensus_range_format(metric, range, limit, sizeof limit);
    text_copy(reason->value, sizeof reason->value, is);
    text_copy(reason->limit, sizeof reason->limit, limit);
    snprintf(reason->message, sizeof reason->message, "%s %s, %s %s",
             pgcensus_metric_name(metric), is,
             status == PGCENSUS_DOWN ? "critical" : "warning", limit);
}

void thresholds_judge(struct pgcensus_node_result *result, bool via_pooler,
                      enum pgcensus_metric metric, const struct pgcensus_limits *limits)
{
    double value;
    if (!limits->warn.set && !limits->critical.set)
        return;
    if (result->n_reasons == PGCENSUS_MOST_REASONS)
        return;
    if (!pgcensus_metric_value(result, metric, &value)) {
        if (can_have(result, via_pooler, metric) && !is_forgiven(result, metric))
            tell_unknown(result, metric);
    } else if (pgcensus_range_alerts(&limits->critical, value)) {
        tell_broken(result, metric, PGCENSUS_DOWN, &limits->critical, value);
    } else if (pgcensus_range_alerts(&limits->warn, value)) {
        tell_broken(result, metric, PGCENSUS_WARN, &limits->warn, value);
    }
}
