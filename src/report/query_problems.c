/* What went wrong with a query: who could not answer, or not in full, who was left out,
 * and that columns differ.  The lines look like those of a check, and are gathered by
 * the same hand. */
#include "base/memory.h"
#include "report/gather.h"
#include "report/query_page.h"

#include <string.h>

/* What a list is of. */
enum {
    FAILED = 1 << PGCENSUS_QUERY_FAILED,
    IN_PART = 1 << PGCENSUS_QUERY_PARTIAL,
    LEFT_OUT = 1 << PGCENSUS_QUERY_SKIPPED,
};

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
    if (!result->sent) /* that was another statement, the one of the check */
        problem.failure.position = 0;
    memcpy(problem.hostaddr, result->hostaddr, sizeof problem.hostaddr);
    return problem;
}

static bool gather(const struct query_document *document, unsigned statuses,
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
        const struct pgcensus_query_result *result = document->results[i];
        if (!result->failed || !(1U << result->status & statuses))
            continue;
        problems[n] = as_problem(result);
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

/* ---- for stderr ---- */

static void add_lines(const struct query_document *document, bool verbose,
                      struct buf *out)
{
    const struct gathering_words words = {verbose, document->source};
    AUTO(free) struct pgcensus_node_result *problems = NULL;
    AUTO(gathering_fini) struct gathering gathering = {0};
    if (gather(document, FAILED | IN_PART, &gathering, &problems))
        gathering_add_lines(&gathering, document->fleet, &words, out);
    else
        out->broken = true;
}

/* "left out, not healthy: pg-c (connection refused …), pg-[07-30] (timeout …)", in one
 * line however many there are. */
static void add_left_out(const struct query_document *document, const char *prefix,
                         struct buf *out)
{
    AUTO(free) struct pgcensus_node_result *problems = NULL;
    AUTO(gathering_fini) struct gathering gathering = {0};
    if (!gather(document, LEFT_OUT, &gathering, &problems)) {
        out->broken = true;
        return;
    }
    for (size_t i = 0; i < gathering.n; i++) {
        if (i == 0)
            buf_add_format(out, "%sleft out, not healthy: ", prefix);
        gathered_add_names(&gathering.items[i], document->fleet, out);
        buf_add_format(out, " (%s)%s", gathering.items[i].detail,
                       i + 1 < gathering.n ? ", " : "\n");
    }
}

void report_query_problems(const struct query_document *document, bool verbose,
                           struct buf *out)
{
    add_lines(document, verbose, out);
    if (verbose || document->summary.unneeded == 0)
        add_left_out(document, "pgcensus: ", out);
    if (document->reduced && document->summary.partial > 0)
        buf_add_str(out, "pgcensus: answers that are not complete are left out of what "
                         "is made of all\n");
    if (document->cut)
        buf_add_str(out, "pgcensus: not all rows are shown; --max-rows 0 shows them\n");
}

void report_query_notes(const struct query_document *document, struct buf *out)
{
    const char *columns = document->merge ? columns_problem(document->merge) : NULL;
    if (columns)
        buf_add_format(out, "pgcensus: %s\n", columns);
}

/* ---- for pages ---- */

/* Each line as far to the right as the message. */
static void add_explanation(const struct gathering *gathering, size_t which,
                            const struct query_document *document, const char *indent,
                            struct buf *out)
{
    AUTO(buf_fini) struct buf lines = BUF_INIT;
    const struct gathering_words words = {.source = document->source};
    gathering_explain(gathering, which, document->fleet, &words, &lines);
    for (const char *line = lines.bytes; *line;) {
        size_t n = strcspn(line, "\n") + 1;
        buf_add_str(out, indent);
        buf_add(out, line, n);
        line += n;
    }
    out->broken |= lines.broken;
}

static void add_failure(const struct gathering *gathering, size_t which,
                        const struct query_document *document, const char *heading,
                        struct buf *out)
{
    const struct gathered *problem = &gathering->items[which];
    if (heading) {
        buf_add_format(out, "--- %s, ", heading);
        page_add_count(out, problem->n, "node", "nodes");
        buf_add_str(out, ": ");
    }
    gathered_add_names(problem, document->fleet, out);
    buf_add_str(out, heading ? "\n " : ": ");
    buf_add_str(out, problem->detail);
    buf_add_char(out, '\n');
    add_explanation(gathering, which, document, heading ? " " : "", out);
    buf_add_str(out, heading ? "\n" : "");
}

static void add_failures(const struct query_document *document, unsigned statuses,
                         const char *heading, struct buf *out)
{
    AUTO(free) struct pgcensus_node_result *problems = NULL;
    AUTO(gathering_fini) struct gathering gathering = {0};
    if (!gather(document, statuses, &gathering, &problems)) {
        out->broken = true;
        return;
    }
    for (size_t i = 0; i < gathering.n; i++)
        add_failure(&gathering, i, document, heading, out);
}

void page_add_failures(const struct query_document *document, bool headings,
                       struct buf *out)
{
    if (headings) {
        add_failures(document, FAILED, "failed", out);
        add_failures(document, IN_PART, "incomplete", out);
        add_failures(document, LEFT_OUT, "left out, not healthy", out);
    } else {
        add_failures(document, FAILED | IN_PART, NULL, out);
        add_left_out(document, "", out);
    }
}

void page_add_missing(const struct query_document *document, struct buf *out)
{
    const struct query_summary *summary = &document->summary;
    if (summary->failed > 0)
        buf_add_format(out, ", %u failed", summary->failed);
    if (summary->partial > 0)
        buf_add_format(out, ", %u incomplete", summary->partial);
    if (summary->skipped > 0)
        buf_add_format(out, ", %u left out", summary->skipped);
}
