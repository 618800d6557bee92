/* Results arrive in any order and are kept by their place in the inventory; what is
 * left out by --role is never entered into the list that is reported.  The check itself
 * stays, because it owns the facts that results point to. */
#include "cli/check/check_loop.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "cli/term/progress.h"

struct course {
    const struct round_options *options;
    struct signals *signals;
    struct pgcensus_check *check;
    struct progress progress;
    bool *wanted; /* by index: to be reported */
    struct round *round;
};

static bool allocate(size_t n, struct round *round, bool **ret_wanted)
{
    round->by_index = memory_array(n, sizeof *round->by_index);
    round->results = memory_array(n, sizeof *round->results);
    round->all = memory_array(n, sizeof *round->all);
    *ret_wanted = memory_array(n, sizeof **ret_wanted);
    return round->by_index && round->results && round->all && *ret_wanted;
}

static bool has_other_role(enum pgcensus_role wanted, enum pgcensus_role found)
{
    return wanted != PGCENSUS_ROLE_UNKNOWN && found != PGCENSUS_ROLE_UNKNOWN &&
           found != wanted;
}

static bool take(struct course *course, const struct pgcensus_node_result *result,
                 struct pgcensus_error *ret_error)
{
    course->progress.done++;
    course->progress.down += result->status == PGCENSUS_DOWN;
    bool left_out = has_other_role(course->options->role, result->role);
    course->round->by_index[result->index] = *result;
    course->wanted[result->index] = !left_out;
    if (!course->options->arrived)
        return true;
    progress_erase(&course->progress);
    return course->options->arrived(course->options->context, result, left_out,
                                    ret_error);
}

static void obey_signals(struct course *course)
{
    if (course->round->signal)
        return;
    course->round->signal = signals_take(course->signals);
    if (course->round->signal)
        pgcensus_check_stop(course->check, "interrupted");
}

static bool turn(const struct course *course, bool *ret_more,
                 struct pgcensus_error *ret_error)
{
    const struct round_options *options = course->options;
    *ret_more = false;
    return !options->turn || options->turn(options->context, ret_more, ret_error);
}

static bool finish_turns(const struct course *course, struct pgcensus_error *ret_error)
{
    for (bool more = true; more;)
        if (!turn(course, &more, ret_error))
            return false;
    return true;
}

/* The fleet is not waited for while there is something else to do. */
static bool collect(struct course *course, struct pgcensus_error *ret_error)
{
    for (bool more;;) {
        const struct pgcensus_node_result *result;
        if (!turn(course, &more, ret_error))
            return false;
        nsec pause = more ? 0 : progress_pause(&course->progress, clock_now());
        switch (pgcensus_check_next(course->check, pause, &result)) {
        case PGCENSUS_TURN_END:
            return finish_turns(course, ret_error);
        case PGCENSUS_TURN_NODE:
            if (!take(course, result, ret_error))
                return false;
            break;
        case PGCENSUS_TURN_TICK:
            break;
        }
        obey_signals(course);
        progress_show(&course->progress, clock_now());
    }
}

static struct pgcensus_check *start(struct pgcensus_fleet *fleet,
                                    const struct round_options *options,
                                    struct signals *signals,
                                    struct pgcensus_error *ret_error)
{
    struct pgcensus_check_options check_options = {
        .jobs = options->jobs,
        .retries = options->retries,
        .deadline = options->deadline,
        .spent = options->spent,
        .facts = options->facts,
        .stop_fd = signals->wake_fd,
        .attentive = true,
    };
    return pgcensus_check_start(fleet, &check_options, ret_error);
}

static void list_wanted(const bool *wanted, size_t n, struct round *round)
{
    for (size_t i = 0; i < n; i++) {
        round->all[round->n_all++] = &round->by_index[i];
        if (wanted[i])
            round->results[round->n_results++] = &round->by_index[i];
    }
}

bool round_run(const struct program *program, struct pgcensus_fleet *fleet,
               const struct round_options *options, struct round *ret_round,
               struct pgcensus_error *ret_error)
{
    size_t n = pgcensus_fleet_size(fleet);
    AUTO(round_fini) struct round round = {.started_wall = clock_wall()};
    AUTO(free) bool *wanted = NULL;
    if (!allocate(n, &round, &wanted))
        return error_memory(ret_error);

    nsec started = clock_now();
    round.check = start(fleet, options, program->signals, ret_error);
    if (!round.check)
        return false;
    struct course course = {.options = options,
                            .signals = program->signals,
                            .check = round.check,
                            .wanted = wanted,
                            .round = &round};
    progress_init(&course.progress, "check", n, options->progress, started);
    bool collected = collect(&course, ret_error);
    signals_close(program->signals);
    progress_erase(&course.progress);
    if (!collected)
        return false;

    round.elapsed = clock_now() - started;
    list_wanted(wanted, n, &round);
    *ret_round = round;
    round = (struct round){0};
    return true;
}

void round_fini(struct round *round)
{
    pgcensus_check_free(round->check);
    free(round->results);
    free(round->all);
    free(round->by_index);
    *round = (struct round){0};
}
