#include "report/check.h"

#include <string.h>

/* A group without a verdict does not make a fleet unknown that is well. */
enum pgcensus_status check_worst_group(const struct pgcensus_verdict *verdict)
{
    enum pgcensus_status worst = PGCENSUS_DISABLED;
    for (size_t i = 0; verdict && i < verdict->n_groups; i++)
        worst = pgcensus_status_worst(worst, verdict->groups[i].status);
    return worst;
}

static bool is_doubt(const struct pgcensus_reason *reason)
{
    return !strcmp(reason->code, "identity_unknown") ||
           !strcmp(reason->code, "role_unknown");
}

unsigned check_count_doubtful(const struct pgcensus_verdict *verdict)
{
    unsigned n = 0;
    for (size_t i = 0; verdict && i < verdict->n_groups; i++)
        for (size_t j = 0; j < verdict->groups[i].n_reasons; j++)
            n += is_doubt(&verdict->groups[i].reasons[j]);
    return n;
}

void check_summarize(const struct pgcensus_node_result *const *results, size_t n,
                     struct check_summary *ret_summary, enum pgcensus_status *ret_worst)
{
    struct check_summary summary = {.nodes = (unsigned)n};
    enum pgcensus_status worst = n ? PGCENSUS_DISABLED : PGCENSUS_UNKNOWN;

    for (size_t i = 0; i < n; i++) {
        worst = pgcensus_status_worst(worst, results[i]->status);
        switch (results[i]->status) {
        case PGCENSUS_OK:
            summary.ok++;
            break;
        case PGCENSUS_WARN:
            summary.warn++;
            summary.held += results[i]->held;
            break;
        case PGCENSUS_DOWN:
            summary.down++;
            break;
        case PGCENSUS_UNKNOWN:
            summary.unknown++;
            break;
        case PGCENSUS_DISABLED:
            summary.disabled++;
            break;
        }
    }
    *ret_summary = summary;
    *ret_worst = worst;
}

unsigned check_count(const struct check_summary *summary, enum pgcensus_status status)
{
    switch (status) {
    case PGCENSUS_OK:
        return summary->ok;
    case PGCENSUS_WARN:
        return summary->warn;
    case PGCENSUS_DOWN:
        return summary->down;
    case PGCENSUS_UNKNOWN:
        return summary->unknown;
    case PGCENSUS_DISABLED:
        return summary->disabled;
    }
    return 0;
}
