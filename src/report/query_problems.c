/* What went wrong with a query, for stderr: who could not answer, whose rows were cut
 * off, and that columns differ.  The lines look like those of a check, and are gathered
 * by the same hand. */
#include "base/memory.h"
#include "report/gather.h"
#include "report/query_page.h"

#include <string.h>

static bool is_told(const struct pgcensus_query_result *result, bool verbose)
{
    return result->failed && (verbose || result->status != PGCENSUS_QUERY_SKIPPED);
}

/* As much of a check's result as gathering looks at. */
static struct pgcensus_node_result
as_problem(const struct pgcensus_query_result *result)
{
    struct pgcensus_node_result problem = {
        .index = result->index,
        .status = PGCENSUS_DOWN,
        .failed = true,
        .failure = result->failure,
    };
    memcpy(problem.hostaddr, result->hostaddr, sizeof problem.hostaddr);
    return problem;
}

static bool gather(const struct query_document *document, bool verbose,
                   struct gathering *ret_gathering,
                   struct pgcensus_node_result **ret_problems)
{
    size_t n = 0;
    struct pgcensus_node_result *problems = memory_array(document->n, sizeof *problems);
    AUTO(free)
    const struct pgcensus_node_result **list = memory_array(document->n, sizeof *list);
    *ret_problems = problems;
    if (!problems || !list)
        return false;
    for (size_t i = 0; i < document->n; i++) {
        if (!is_told(document->results[i], verbose))
            continue;
        problems[n] = as_problem(document->results[i]);
        list[n] = &problems[n];
        n++;
    }
    return gather_problems(document->fleet, list, n, /* same_statement= */ true,
                           ret_gathering);
}

/* NULL: none. */
static const char *columns_problem(const struct pgcensus_merge *merge)
{
    if (pgcensus_merge_lacks(merge))
        return "not all nodes have the same columns; what one lacks is NULL";
    bool types = pgcensus_merge_types_differ(merge);
    if (pgcensus_merge_differs(merge))
        return types ? "not all nodes give the columns the same types and order"
                     : "not all nodes give the columns in the same order";
    return types ? "not all nodes give the columns the same types" : NULL;
}

void report_query_problems(const struct query_document *document, bool verbose,
                           struct buf *out)
{
    AUTO(free) struct pgcensus_node_result *problems = NULL;
    AUTO(gathering_fini) struct gathering gathering = {0};
    if (!gather(document, verbose, &gathering, &problems)) {
        out->broken = true;
        return;
    }
    gathering_add_lines(&gathering, document->fleet, out);
    const char *columns = columns_problem(document->merge);
    if (columns)
        buf_add_format(out, "pgcensus: %s\n", columns);
    if (document->cut)
        buf_add_str(out, "pgcensus: not all rows are shown; --max-rows 0 shows them\n");
}

static void add_failure(const struct gathered *problem,
                        const struct query_document *document, const char *heading,
                        struct buf *out)
{
    if (heading) {
        buf_add_str(out, heading);
        page_add_count(out, problem->n, "node", "nodes");
        buf_add_str(out, ": ");
    }
    gathered_add_names(problem, document->fleet, out);
    buf_add_str(out, heading ? "\n " : ": ");
    buf_add_str(out, problem->detail);
    buf_add_str(out, heading ? "\n\n" : "\n");
}

void page_add_failures(const struct query_document *document, const char *heading,
                       struct buf *out)
{
    AUTO(free) struct pgcensus_node_result *problems = NULL;
    AUTO(gathering_fini) struct gathering gathering = {0};
    if (!gather(document, /* verbose= */ false, &gathering, &problems)) {
        out->broken = true;
        return;
    }
    for (size_t i = 0; i < gathering.n; i++)
        add_failure(&gathering.items[i], document, heading, out);
}
