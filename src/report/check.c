#include "report/check.h"

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
