/* Results arrive in any order and are kept by their place in the inventory; a node that
 * --role leaves out is not entered into the list that is reported.
 *
 * A slow reader must not make servers late.  While stdout takes nothing the query is
 * held: the event loop keeps turning, so deadlines of other nodes are unaffected, and
 * only no more rows are asked for.  Writing in the loop would stop it. */
#include "cli/query/query_loop.h"

#include "base/error.h"
#include "base/memory.h"
#include "cli/shared/option_words.h"

/* So much may wait for a reader before no more rows are taken from the nodes; and so
 * long does it wait for more. */
enum { LARGE_BACKLOG = 1 << 20 };
#define SHORT_WAIT (20 * NSEC_PER_MSEC)

struct query_loop {
    const struct fleet_session *session;
    const struct pgcensus_query_options *options;
    const struct row_sink *sink;
    struct query_outcome *outcome;
    bool *wanted; /* by index: to be reported */
    struct pgcensus_query *query;
};

static bool start_query(void *run, struct pgcensus_error *ret_error)
{
    struct query_loop *loop = run;
    loop->query = pgcensus_query_start(loop->session->fleet, loop->options, ret_error);
    return loop->query;
}

static void stop_query(void *run, const char *reason)
{
    const struct query_loop *loop = run;
    pgcensus_query_stop(loop->query, reason);
}

static bool take_query_result(struct query_loop *loop,
                              const struct pgcensus_query_result *result,
                              struct progress *progress,
                              struct pgcensus_error *ret_error)
{
    const struct row_sink *sink = loop->sink;
    progress->done++;
    progress->down += result->status == PGCENSUS_QUERY_FAILED;
    if (result->status == PGCENSUS_QUERY_LEFT_OUT)
        return true;
    struct pgcensus_query_result *kept = &loop->outcome->by_index[result->index];
    *kept = *result;
    option_words_failure(&kept->failure);
    kept->notices = pgcensus_query_take_notices(loop->query, result->index);
    loop->wanted[result->index] = true;
    progress_erase(progress);
    return sink->node(sink->context, loop->query, kept, ret_error);
}

static size_t backlog_of(const struct row_sink *sink)
{
    return sink->backlog ? sink->backlog(sink->context) : 0;
}

/* Rows are handed on at once when there is nothing else to do, and in larger pieces
 * while more are coming. */
static bool look_after_reader(struct query_loop *loop, bool idle,
                              struct pgcensus_error *ret_error)
{
    const struct row_sink *sink = loop->sink;
    size_t backlog = backlog_of(sink);
    int full;
    if (backlog == 0 || (!idle && backlog <= LARGE_BACKLOG))
        return true;
    if (!sink->drain(sink->context, &full, ret_error))
        return false;
    pgcensus_query_hold(loop->query, full);
    return true;
}

static enum pull_turn turn_query(void *run, nsec max_wait, struct progress *progress,
                                 struct pgcensus_error *ret_error)
{
    struct query_loop *loop = run;
    const struct row_sink *sink = loop->sink;
    struct pgcensus_query_event event;
    bool idle = false, taken = true;
    if (backlog_of(sink) > 0 && max_wait > SHORT_WAIT)
        max_wait = SHORT_WAIT;
    switch (pgcensus_query_next(loop->query, max_wait, &event)) {
    case PGCENSUS_QUERY_END:
        taken = !sink->end || sink->end(sink->context, loop->query, ret_error);
        return taken ? PULL_END : PULL_FAILED;
    case PGCENSUS_QUERY_ROWS:
        progress_erase(progress);
        taken =
            sink->rows(sink->context, loop->query, event.index, event.rows, ret_error);
        break;
    case PGCENSUS_QUERY_NODE:
        taken = take_query_result(loop, event.result, progress, ret_error);
        break;
    case PGCENSUS_QUERY_TICK:
        idle = true;
        break;
    }
    taken = taken && look_after_reader(loop, idle, ret_error);
    return taken ? PULL_MORE : PULL_FAILED;
}

bool query_loop_run(const struct fleet_session *session,
                    const struct pgcensus_query_options *options,
                    const struct row_sink *sink, struct query_outcome *ret_outcome,
                    struct pgcensus_error *ret_error)
{
    size_t n = pgcensus_fleet_size(session->fleet);
    AUTO(query_outcome_fini)
    struct query_outcome outcome = {
        .results = memory_array(n, sizeof *outcome.results),
        .by_index = memory_array(n, sizeof *outcome.by_index),
        .n = n,
    };
    AUTO(free) bool *wanted = memory_array(n, sizeof *wanted);
    if (!outcome.results || !outcome.by_index || !wanted)
        return error_memory(ret_error);

    struct query_loop loop = {session, options, sink, &outcome, wanted, NULL};
    const struct pull_source source = {start_query, turn_query, stop_query, &loop};
    bool ended = pull_loop_run(session, "query", &source, &outcome.report, ret_error);
    pgcensus_query_free(loop.query);
    if (!ended)
        return false;
    for (size_t i = 0; i < n; i++)
        if (wanted[i])
            outcome.results[outcome.n_results++] = &outcome.by_index[i];
    *ret_outcome = outcome;
    outcome = (struct query_outcome){0};
    return true;
}

void query_outcome_fini(struct query_outcome *outcome)
{
    for (size_t i = 0; outcome->by_index && i < outcome->n; i++)
        pgcensus_notices_fini(&outcome->by_index[i].notices);
    free(outcome->results);
    free(outcome->by_index);
    *outcome = (struct query_outcome){0};
}
