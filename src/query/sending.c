#include "query/sending.h"

#include <stdint.h>

/* The server gives up much later than ENVELOPE_GRACE says, where a slow reader stops
 * our clock and cannot stop the server's: the longest pause that it may make so often,
 * or an hour. */
enum { PAUSES = 6 };
#define GRACE_OF_STREAMS (3600 * NSEC_PER_SEC)

static nsec grace_of(const struct plan *plan)
{
    nsec pause = plan->options->reader_timeout;
    if (!plan->batch)
        return ENVELOPE_GRACE;
    if (pause == 0 || pause > GRACE_OF_STREAMS / PAUSES)
        return GRACE_OF_STREAMS;
    return PAUSES * pause > ENVELOPE_GRACE ? PAUSES * pause : ENVELOPE_GRACE;
}

struct envelope_wish sending_wish(struct plan *plan, const struct node *node)
{
    return (struct envelope_wish){
        .limit = node->options.statement.timeout + grace_of(plan),
        .display = !plan->options->session_display && !plan->options->write,
        .memo = &plan->envelope,
    };
}

/* 0 is no limit for people, and a very small one for a connection. */
static size_t no_limit_or(size_t limit)
{
    return limit ? limit : SIZE_MAX;
}

static const struct pg_limit_owners of_node = {
    " (limits.max_rows)", " (limits.max_bytes)", " (limits.max_row_bytes)"};

struct pg_statement sending_statement(struct plan *plan, const struct node *node)
{
    const struct pgcensus_query_options *options = plan->options;
    const struct statement_options *limits = &node->options.statement;
    return (struct pg_statement){
        .sql = options->sql,
        .extended = !node->options.identity.simple,
        .of_user = true,
        .params = options->params,
        .n_params = (int)options->n_params,
        .max_rows = no_limit_or(limits->max_rows),
        .max_bytes = no_limit_or(limits->max_bytes),
        .max_row_bytes = limits->max_row_bytes,
        .drains = options->write,
        .batch = plan->batch,
        .budget = options->streams ? NULL : &plan->budget,
        .owners = &of_node,
    };
}
