#include "report/problems.h"
#include "base/text.h"
#include "report/check.h"
#include "report/gather.h"
#include "report/words.h"

void report_problems(const struct pgcensus_fleet *fleet,
                     const struct pgcensus_node_result *const *results, size_t n,
                     bool verbose, struct buf *out)
{
    AUTO(gathering_fini) struct gathering gathering = {0};
    const struct gathering_words words = {.verbose = verbose};
    if (gather_problems(fleet, results, n, /* same_statement= */ false, &gathering))
        gathering_add_lines(&gathering, fleet, &words, out);
    else
        out->broken = true;
}

void report_group_problems(const struct pgcensus_verdict *verdict, struct buf *out)
{
    for (size_t i = 0; i < verdict->n_groups; i++) {
        const struct pgcensus_group_verdict *group = &verdict->groups[i];
        if (!status_is_problem(group->status))
            continue;
        for (size_t j = 0; j < group->n_reasons; j++) {
            buf_add_str(out, group->group ? "pgcensus: group " : "pgcensus: ");
            text_add_safe_str(out, group->group ? group->group : "no group");
            buf_add_str(out, ": ");
            text_add_safe_str(out, group->reasons[j].message);
            buf_add_char(out, '\n');
        }
    }
}
