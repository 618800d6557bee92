/* A broken limit is a reason with its value; so is a limit of which nobody can say
 * whether it is broken, because silence would be read as "fine".  What a node cannot
 * have (a primary has no lag, a socket no certificate), and facts that nobody wanted,
 * are no reason. */
#include "judge/thresholds.h"

#include "base/text.h"
#include "judge/lag.h"
#include "judge/metrics.h"

#include <string.h>

static bool is_of_facts(enum pgcensus_metric metric)
{
    return metric != PGCENSUS_METRIC_LATENCY && metric != PGCENSUS_METRIC_CERT_EXPIRY;
}

static bool is_lag(enum pgcensus_metric metric)
{
    return metric == PGCENSUS_METRIC_LAG_BYTES || metric == PGCENSUS_METRIC_LAG_SECONDS;
}

/* The first of the parts that a metric is made of which the server did not tell. */
static const struct pgcensus_missing *missing_for(const struct pgcensus_facts *facts,
                                                  enum pgcensus_metric metric)
{
    static const struct {
        size_t n;
        enum pgcensus_facts_part parts[3];
    } needs[PGCENSUS_METRICS] = {
        [PGCENSUS_METRIC_CONNECTIONS] = {1, {PGCENSUS_PART_CONNECTIONS}},
        [PGCENSUS_METRIC_CLOCK_OFFSET] = {1, {PGCENSUS_PART_CLOCK}},
        [PGCENSUS_METRIC_UPTIME] = {2, {PGCENSUS_PART_UPTIME, PGCENSUS_PART_CLOCK}},
        [PGCENSUS_METRIC_SLOT_RETAINED] = {3,
                                           {PGCENSUS_PART_SLOTS, PGCENSUS_PART_WAL,
                                            PGCENSUS_PART_REPLAYED}},
    };
    const struct pgcensus_missing *missing = NULL;
    for (size_t i = 0; facts && !missing && i < needs[metric].n; i++)
        missing = pgcensus_facts_missing(facts, needs[metric].parts[i]);
    return missing;
}

static bool can_have(const struct peer *peer, enum pgcensus_metric metric)
{
    const struct pgcensus_node_result *result = peer->result;
    if (is_of_facts(metric) && !result->facts && !*result->facts_reason)
        return false;
    if (metric == PGCENSUS_METRIC_SLOT_RETAINED && result->facts)
        /* Else none of them holds anything back. */
        return result->facts->n_slots != 0 &&
               (result->facts->n_slots < 0 || missing_for(result->facts, metric));
    if (is_lag(metric))
        return result->role != PGCENSUS_PRIMARY && !peer->identity->via_pooler;
    return metric != PGCENSUS_METRIC_CERT_EXPIRY || *result->transport.tls;
}

/* The primary may miss a check, and so may what is measured against it.  WAL that comes
 * as files has bytes, which have limits of their own, and no seconds. */
static bool is_forgiven(const struct peer *peer, enum pgcensus_metric metric)
{
    enum pgcensus_lag_reason why = peer->verdict->lag.why;
    return is_lag(metric) &&
           (why == PGCENSUS_LAG_MISSED_CHECK || why == PGCENSUS_LAG_LOG_SHIPPING);
}

static bool was_asked(const struct pgcensus_node_result *result,
                      enum pgcensus_metric metric)
{
    return metric != PGCENSUS_METRIC_SLOT_RETAINED || !result->facts ||
           result->facts->level == PGCENSUS_FACTS_FULL;
}

static bool was_set_back(const struct pgcensus_facts *facts,
                         enum pgcensus_metric metric)
{
    return metric == PGCENSUS_METRIC_UPTIME && facts && facts->server_clock &&
           facts->started_at > facts->server_clock;
}

static void explain(const struct peer *peer, enum pgcensus_metric metric, char *to,
                    size_t size)
{
    const struct pgcensus_node_result *result = peer->result;
    const struct pgcensus_missing *missing = missing_for(result->facts, metric);
    *to = '\0';
    if (is_lag(metric))
        lag_explain(&peer->verdict->lag, result, to, size);
    else if (!was_asked(result, metric))
        text_copy(to, size, "it takes all facts (PGCENSUS_FACTS_FULL)");
    else if (missing)
        text_copy(to, size, missing->message);
    else if (was_set_back(result->facts, metric))
        text_copy(to, size, "its clock was set back since its start");
    else if (*result->facts_reason)
        text_copy(to, size, result->facts_reason);
    if (!*to)
        text_copy(to, size, "hidden from our role");
}

/* A limit that is broken, or may be. */
struct breach {
    const struct peer *peer;
    enum pgcensus_metric metric;
    struct reason_list *reasons;
    double least, most; /* what the value lies between */
};

static struct pgcensus_reason *add(const struct breach *breach,
                                   enum pgcensus_status status)
{
    return reason_add(breach->reasons, breach->peer, status,
                      pgcensus_metric_name(breach->metric));
}

static void tell_unknown(const struct breach *breach)
{
    const char *name = pgcensus_metric_name(breach->metric);
    struct pgcensus_reason *reason = add(breach, PGCENSUS_UNKNOWN);
    char why[sizeof reason->message];
    explain(breach->peer, breach->metric, why, sizeof why);
    reason_say(reason, "%s is not known: %s", name, why);
    if (reason && !was_asked(breach->peer->result, breach->metric))
        reason->subject = PGCENSUS_SUBJECT_FACTS;
}

/* Of connections the number that is certain, of a clock what it says. */
static void tell_broken(const struct breach *breach, enum pgcensus_status status,
                        const struct pgcensus_range *range)
{
    enum pgcensus_metric metric = breach->metric;
    const char *name = pgcensus_metric_name(metric);
    double value =
        metric == PGCENSUS_METRIC_CLOCK_OFFSET ? breach->most : breach->least;
    struct pgcensus_reason *reason = add(breach, status);
    if (!reason)
        return;
    pgcensus_metric_format(metric, value, reason->value, sizeof reason->value);
    pgcensus_range_format(metric, range, reason->limit, sizeof reason->limit);
    reason_say(reason, "%s %s, %s %s", name, reason->value,
               status == PGCENSUS_DOWN ? "critical" : "warning", reason->limit);
}

static void tell_slow_clock(const struct breach *breach)
{
    const char *name = pgcensus_metric_name(breach->metric);
    struct pgcensus_reason *reason = add(breach, PGCENSUS_UNKNOWN);
    double uncertainty = (double)breach->peer->result->facts->clock_uncertainty;
    char is[sizeof reason->value], or [sizeof reason->value],
        took[sizeof reason->value];
    pgcensus_metric_format(PGCENSUS_METRIC_CLOCK_OFFSET, breach->most, is, sizeof is);
    pgcensus_metric_format(PGCENSUS_METRIC_CLOCK_OFFSET, uncertainty, or, sizeof or);
    pgcensus_metric_format(PGCENSUS_METRIC_CLOCK_OFFSET, 2 * uncertainty, took,
                           sizeof took);
    reason_say(reason, "%s is %s, give or take %s, because the answer took %s", name,
               is, or, took);
}

/* Some of what it may be is too much, and some is not. */
static void tell_doubt(const struct breach *breach)
{
    const char *name = pgcensus_metric_name(breach->metric);
    struct pgcensus_reason *reason = add(breach, PGCENSUS_UNKNOWN);
    char from[sizeof reason->value], to[sizeof reason->value];
    pgcensus_metric_format(breach->metric, breach->least, from, sizeof from);
    pgcensus_metric_format(breach->metric, breach->most, to, sizeof to);
    reason_say(reason, "%s is between %s and %s, and only pg_monitor may see more",
               name, from, to);
}

void thresholds_judge(const struct peer *peer, enum pgcensus_metric metric,
                      const struct pgcensus_limits *limits, struct reason_list *reasons)
{
    struct breach breach = {.peer = peer, .metric = metric, .reasons = reasons};
    const struct pgcensus_range *critical = &limits->critical, *warn = &limits->warn;
    if (!warn->set && !critical->set)
        return;
    if (!metric_bounds(peer->result, &peer->verdict->lag, metric, &breach.least,
                       &breach.most)) {
        if (can_have(peer, metric) && !is_forgiven(peer, metric))
            tell_unknown(&breach);
        return;
    }
    bool is_critical = pgcensus_range_alerts(critical, breach.least);
    bool is_warned = pgcensus_range_alerts(warn, breach.least);
    bool may_be_critical = pgcensus_range_alerts(critical, breach.most);
    bool may_be_warned = pgcensus_range_alerts(warn, breach.most);
    if (is_critical && may_be_critical)
        tell_broken(&breach, PGCENSUS_DOWN, critical);
    else if (is_warned && may_be_warned)
        tell_broken(&breach, PGCENSUS_WARN, warn);
    else if (!is_critical && !may_be_critical && !is_warned && !may_be_warned)
        return;
    else if (metric == PGCENSUS_METRIC_CLOCK_OFFSET)
        tell_slow_clock(&breach);
    else
        tell_doubt(&breach);
}
