#include "report/gather.h"
#include "report/nodes.h"

void report_problems(const struct pgcensus_fleet *fleet,
                     const struct pgcensus_node_result *const *results, size_t n,
                     struct buf *out)
{
    AUTO(gathering_fini) struct gathering gathering = {0};
    if (!gather_problems(fleet, results, n, &gathering)) {
        out->broken = true;
        return;
    }
    for (size_t i = 0; i < gathering.n; i++) {
        const struct gathered *problem = &gathering.items[i];
        buf_add_str(out, "pgcensus: ");
        if (problem->n > 1)
            buf_add_format(out, "%zu nodes: %s: ", problem->n, problem->detail);
        gathered_add_names(problem, fleet, out);
        if (problem->n == 1)
            buf_add_format(out, ": %s", problem->detail);
        buf_add_char(out, '\n');
    }
}
