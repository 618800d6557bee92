#include "report/gather.h"
#include "report/nodes.h"

void report_problems(const struct pgcensus_fleet *fleet,
                     const struct pgcensus_node_result *const *results, size_t n,
                     struct buf *out)
{
    AUTO(gathering_fini) struct gathering gathering = {0};
    if (gather_problems(fleet, results, n, /* same_statement= */ false, &gathering))
        gathering_add_lines(&gathering, fleet, out);
    else
        out->broken = true;
}
