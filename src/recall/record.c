/* The machine of health/state.c, moved once per run.
 *
 * What a status then says is still the truth of this check: a node that did not answer
 * keeps its error and is never ok.  fall makes it a warning instead of down, because
 * down wakes somebody up; rise keeps it down although it answered, because it went down
 * and has not proved itself; and flapping, which neither of them would show, is a
 * warning in itself. */
#include "recall/record.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* FNV-1a: no secret hangs on it, it only has to differ. */
static uint64_t hash(uint64_t h, const char *str)
{
    for (; *str; str++)
        h = (h ^ (unsigned char)*str) * 0x100000001b3;
    return (h ^ 0xff) * 0x100000001b3;
}

uint64_t record_target(const struct pgcensus_identity *identity)
{
    char port[8];
    uint64_t h = 0xcbf29ce484222325;
    snprintf(port, sizeof port, "%u", identity->port);
    h = hash(h, identity->host ? identity->host : "");
    h = hash(h, port);
    return hash(h, identity->dbname ? identity->dbname : "");
}

void record_note(struct record *record, const struct health_options *options,
                 const struct pgcensus_node_result *result, nsec now)
{
    enum pgcensus_class error_class =
        result->failed ? result->failure.error_class : PGCENSUS_CLASS_NONE;
    enum health_fact fact;
    if (!health_fact_of(error_class, &fact))
        return;
    struct health_options endless = *options;
    endless.max_attempts = 0; /* whoever runs us again has not given up */
    health_apply(&record->health, &endless, HEALTH_RETRYING, now);
    health_apply(&record->health, &endless, fact, now);
    flap_note(&record->flap, result->failed);
    record->checked = now;
}

static struct pgcensus_reason *add_reason(struct pgcensus_node_result *result,
                                          const char *code, unsigned value,
                                          unsigned limit)
{
    struct pgcensus_reason *reason = &result->reasons[result->n_reasons++];
    text_copy(reason->code, sizeof reason->code, code);
    snprintf(reason->value, sizeof reason->value, "%u", value);
    snprintf(reason->limit, sizeof reason->limit, "%u", limit);
    return reason;
}

/* Whether this check told anything of the node. */
static bool counts(const struct pgcensus_node_result *result)
{
    enum health_fact fact;
    return !result->failed || health_fact_of(result->failure.error_class, &fact);
}

static void hold(struct pgcensus_node_result *result, unsigned failures, unsigned fall)
{
    struct pgcensus_reason *reason = add_reason(result, "fall", failures, fall);
    snprintf(reason->message, sizeof reason->message,
             "failed %u time%s in a row, down after %u", failures,
             failures == 1 ? "" : "s", fall);
    result->status = PGCENSUS_WARN;
    result->held = true;
}

static void doubt(struct pgcensus_node_result *result, unsigned successes,
                  unsigned rise)
{
    struct pgcensus_reason *reason = add_reason(result, "rise", successes, rise);
    snprintf(reason->message, sizeof reason->message,
             "was down and answered %u time%s in a row, up after %u", successes,
             successes == 1 ? "" : "s", rise);
    result->status = PGCENSUS_DOWN;
}

static void report_flapping(struct pgcensus_node_result *result, unsigned changes)
{
    struct pgcensus_reason *reason =
        add_reason(result, "flapping", changes, FLAP_BEGINS);
    snprintf(reason->message, sizeof reason->message,
             "flapping: changed %u times in the last %d checks", changes,
             FLAP_WINDOW + 1);
    result->status = pgcensus_status_worst(result->status, PGCENSUS_WARN);
}

void record_judge(const struct record *record, const struct health_options *options,
                  struct pgcensus_node_result *result)
{
    const struct health *health = &record->health;
    bool is_healthy = health->state == PGCENSUS_HEALTHY;
    bool was_down = health->state == PGCENSUS_RECONNECTING;
    result->past = (struct pgcensus_past){
        .known = true,
        .state = health->state,
        .since = health->since,
        .failures = health->failures,
        .successes = health->successes,
        .changes = flap_changes(&record->flap),
        .flapping = record->flap.flapping,
    };
    if (!counts(result))
        return;
    if (result->failed && is_healthy)
        hold(result, health->failures, options->fall);
    else if (!result->failed && was_down)
        doubt(result, health->successes, options->rise);
    if (record->flap.flapping)
        report_flapping(result, result->past.changes);
}
