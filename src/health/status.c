/* A past never makes a failed check ok: a node that did not answer keeps its
 * error.  Within `fall` its status is a warning instead of down, because down
 * wakes people up.  Within `rise` it stays down although it answered, because
 * one answer does not prove that it is back.  Flapping is a warning in itself,
 * because neither of them would show it. */
#include "health/status.h"

#include "health/flap.h"

#include <stdio.h>

static struct pgcensus_reason *add_number(struct health_status *status,
                                          const char *code, unsigned value,
                                          unsigned limit)
{
    struct pgcensus_reason *reason = &status->reasons[status->n_reasons++];
    snprintf(reason->code, sizeof reason->code, "%s", code);
    snprintf(reason->value, sizeof reason->value, "%u", value);
    snprintf(reason->limit, sizeof reason->limit, "%u", limit);
    return reason;
}

static void hold(struct health_status *status, unsigned failures, unsigned fall)
{
    struct pgcensus_reason *reason = add_number(status, "fall", failures, fall);
    snprintf(reason->message, sizeof reason->message,
             "failed %u time%s in a row, down after %u", failures,
             failures == 1 ? "" : "s", fall);
    status->status = PGCENSUS_WARN;
    status->held = true;
}

static void doubt(struct health_status *status, unsigned successes, unsigned rise)
{
    struct pgcensus_reason *reason = add_number(status, "rise", successes, rise);
    snprintf(reason->message, sizeof reason->message,
             "was down and answered %u time%s in a row, up after %u", successes,
             successes == 1 ? "" : "s", rise);
    status->status = PGCENSUS_DOWN;
}

static void report_flapping(struct health_status *status, unsigned changes)
{
    struct pgcensus_reason *reason =
        add_number(status, "flapping", changes, FLAP_BEGINS);
    snprintf(reason->message, sizeof reason->message,
             "flapping: changed %u times in the last %d checks", changes,
             FLAP_WINDOW + 1);
    status->status = pgcensus_status_worst(status->status, PGCENSUS_WARN);
}

struct health_status health_status_of(enum pgcensus_status checked,
                                      enum pgcensus_class error_class,
                                      const struct pgcensus_past *past,
                                      const struct health_options *options)
{
    struct health_status status = {.status = checked};
    bool failed = error_class != PGCENSUS_CLASS_NONE;
    enum health_fact fact;
    if (!past->known || checked == PGCENSUS_DISABLED ||
        !health_fact_of(error_class, &fact))
        return status;
    if (failed && past->state == PGCENSUS_HEALTHY)
        hold(&status, past->failures, options->fall);
    else if (!failed && past->state == PGCENSUS_RECONNECTING)
        doubt(&status, past->successes, options->rise);
    if (past->flapping)
        report_flapping(&status, past->changes);
    return status;
}
