/* Results arrive in any order and are kept by their place in the inventory.  A node
 * that --role leaves out is kept as well, because verdicts are about all, but it is not
 * entered into the list that is reported.  The check itself stays, because it owns the
 * facts that results point to. */
#include "cli/check/check_loop.h"

#include "base/error.h"
#include "base/memory.h"

struct check_loop {
    const struct fleet_session *session;
    const struct check_loop_options *options;
    struct check_outcome *outcome;
    bool *wanted; /* by index: to be reported */
};

static bool start_check(void *run, struct pgcensus_error *ret_error)
{
    const struct check_loop *loop = run;
    const struct check_loop_options *options = loop->options;
    const struct pgcensus_check_options check_options = {
        .jobs = options->jobs,
        .retries = options->retries,
        .deadline = options->deadline,
        .spent = options->spent,
        .facts = options->facts,
        .stop_fd = loop->session->process->signals->wake_fd,
        .attentive = true,
    };
    loop->outcome->check =
        pgcensus_check_start(loop->session->fleet, &check_options, ret_error);
    return loop->outcome->check;
}

static void stop_check(void *run, const char *reason)
{
    const struct check_loop *loop = run;
    pgcensus_check_stop(loop->outcome->check, reason);
}

static bool take_check_result(struct check_loop *loop,
                              const struct pgcensus_node_result *result,
                              struct progress *progress,
                              struct pgcensus_error *ret_error)
{
    const struct check_loop_options *options = loop->options;
    progress->done++;
    progress->down += result->status == PGCENSUS_DOWN;
    /* A node whose role is not known is never left out. */
    bool left_out = options->role != PGCENSUS_ROLE_UNKNOWN &&
                    result->role != PGCENSUS_ROLE_UNKNOWN &&
                    result->role != options->role;
    loop->outcome->by_index[result->index] = *result;
    loop->wanted[result->index] = !left_out;
    if (!options->arrived)
        return true;
    progress_erase(progress);
    return options->arrived(options->context, &loop->outcome->by_index[result->index],
                            left_out, ret_error);
}

static bool work_some(const struct check_loop *loop, bool *ret_more,
                      struct pgcensus_error *ret_error)
{
    const struct check_loop_options *options = loop->options;
    *ret_more = false;
    return !options->work || options->work(options->context, ret_more, ret_error);
}

/* The fleet is not waited for while there is something else to do. */
static enum pull_turn turn_check(void *run, nsec max_wait, struct progress *progress,
                                 struct pgcensus_error *ret_error)
{
    struct check_loop *loop = run;
    const struct pgcensus_node_result *result;
    bool more, worked = work_some(loop, &more, ret_error);
    if (!worked)
        return PULL_FAILED;
    switch (pgcensus_check_next(loop->outcome->check, more ? 0 : max_wait, &result)) {
    case PGCENSUS_TURN_END:
        do
            worked = work_some(loop, &more, ret_error);
        while (worked && more);
        return worked ? PULL_END : PULL_FAILED;
    case PGCENSUS_TURN_NODE:
        return take_check_result(loop, result, progress, ret_error) ? PULL_MORE
                                                                    : PULL_FAILED;
    case PGCENSUS_TURN_TICK:
        break;
    }
    return PULL_MORE;
}

bool check_loop_run(const struct fleet_session *session,
                    const struct check_loop_options *options,
                    struct check_outcome *ret_outcome, struct pgcensus_error *ret_error)
{
    size_t n = pgcensus_fleet_size(session->fleet);
    AUTO(check_outcome_fini)
    struct check_outcome outcome = {
        .results = memory_array(n, sizeof *outcome.results),
        .all = memory_array(n, sizeof *outcome.all),
        .by_index = memory_array(n, sizeof *outcome.by_index),
    };
    AUTO(free) bool *wanted = memory_array(n, sizeof *wanted);
    if (!outcome.results || !outcome.all || !outcome.by_index || !wanted)
        return error_memory(ret_error);

    struct check_loop loop = {session, options, &outcome, wanted};
    const struct pull_source source = {start_check, turn_check, stop_check, &loop};
    if (!pull_loop_run(session, "check", &source, &outcome.report, ret_error))
        return false;
    for (size_t i = 0; i < n; i++) {
        outcome.all[outcome.n_all++] = &outcome.by_index[i];
        if (wanted[i])
            outcome.results[outcome.n_results++] = &outcome.by_index[i];
    }
    *ret_outcome = outcome;
    outcome = (struct check_outcome){0};
    return true;
}

void check_outcome_fini(struct check_outcome *outcome)
{
    pgcensus_check_free(outcome->check);
    free(outcome->results);
    free(outcome->all);
    free(outcome->by_index);
    *outcome = (struct check_outcome){0};
}
