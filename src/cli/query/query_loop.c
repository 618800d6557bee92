/* Results arrive in any order and are kept by their place in the inventory; what is
 * left out by --role is never entered into the list that is reported.
 *
 * The surprise: a reader that is slow must not make servers late, so while he takes
 * nothing the query is held and goes on turning; it is only not asked for rows. */
#include "cli/query/query_loop.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "cli/term/progress.h"

/* So much may wait for a reader before no more rows are taken from the nodes; and so
 * long does it wait for more. */
enum { ENOUGH = 1 << 20 };
#define BRIEF (20 * NSEC_PER_MSEC)

struct course {
    const struct taker *taker;
    struct signals *signals;
    struct pgcensus_query *query;
    struct progress progress;
    bool *wanted; /* by index: to be reported */
    struct asking *asking;
};

static bool take_node(struct course *course, const struct pgcensus_query_result *result,
                      struct pgcensus_error *ret_error)
{
    course->progress.done++;
    course->progress.down += result->status == PGCENSUS_QUERY_FAILED;
    if (result->status == PGCENSUS_QUERY_LEFT_OUT)
        return true;
    struct pgcensus_query_result *kept = &course->asking->by_index[result->index];
    *kept = *result;
    kept->notices = pgcensus_query_take_notices(course->query, result->index);
    course->wanted[result->index] = true;
    progress_erase(&course->progress);
    return course->taker->node(course->taker->context, course->query, kept, ret_error);
}

static bool take_rows(struct course *course, const struct pgcensus_query_event *event,
                      struct pgcensus_error *ret_error)
{
    progress_erase(&course->progress);
    return course->taker->rows(course->taker->context, course->query, event->index,
                               event->rows, ret_error);
}

/* Rows are handed on at once when there is nothing else to do, and in larger pieces
 * while more are coming. */
static bool look_after_reader(struct course *course, bool idle,
                              struct pgcensus_error *ret_error)
{
    const struct taker *taker = course->taker;
    size_t backlog = taker->backlog ? taker->backlog(taker->context) : 0;
    int full;
    if (backlog == 0 || (!idle && backlog <= ENOUGH))
        return true;
    if (!taker->drain(taker->context, &full, ret_error))
        return false;
    pgcensus_query_hold(course->query, full);
    return true;
}

static nsec pause_of(const struct course *course)
{
    const struct taker *taker = course->taker;
    nsec pause = progress_pause(&course->progress, clock_now());
    bool waits = taker->backlog && taker->backlog(taker->context) > 0;
    return waits && pause > BRIEF ? BRIEF : pause;
}

static void obey_signals(struct course *course)
{
    if (course->asking->signal)
        return;
    course->asking->signal = signals_take(course->signals);
    if (course->asking->signal)
        pgcensus_query_stop(course->query, "interrupted");
}

static bool collect(struct course *course, struct pgcensus_error *ret_error)
{
    for (;;) {
        struct pgcensus_query_event event;
        bool idle = false;
        switch (pgcensus_query_next(course->query, pause_of(course), &event)) {
        case PGCENSUS_QUERY_END:
            return course->taker->end(course->taker->context, course->query, ret_error);
        case PGCENSUS_QUERY_ROWS:
            if (!take_rows(course, &event, ret_error))
                return false;
            break;
        case PGCENSUS_QUERY_NODE:
            if (!take_node(course, event.result, ret_error))
                return false;
            break;
        case PGCENSUS_QUERY_TICK:
            idle = true;
            break;
        }
        if (!look_after_reader(course, idle, ret_error))
            return false;
        obey_signals(course);
        progress_show(&course->progress, clock_now());
    }
}

static bool allocate(size_t n, struct asking *asking, bool **ret_wanted)
{
    asking->by_index = memory_array(n, sizeof *asking->by_index);
    asking->results = memory_array(n, sizeof *asking->results);
    *ret_wanted = memory_array(n, sizeof **ret_wanted);
    return asking->by_index && asking->results && *ret_wanted;
}

static void list_wanted(const bool *wanted, size_t n, struct asking *asking)
{
    for (size_t i = 0; i < n; i++)
        if (wanted[i])
            asking->results[asking->n_results++] = &asking->by_index[i];
}

bool asking_run(const struct program *program, struct pgcensus_fleet *fleet,
                const struct pgcensus_query_options *options, const struct taker *taker,
                bool progress, struct asking *ret_asking,
                struct pgcensus_error *ret_error)
{
    size_t n = pgcensus_fleet_size(fleet);
    AUTO(asking_fini) struct asking asking = {.started_wall = clock_wall(), .n = n};
    AUTO(free) bool *wanted = NULL;
    if (!allocate(n, &asking, &wanted))
        return error_memory(ret_error);

    nsec started = clock_now();
    AUTO(pgcensus_query_free)
    struct pgcensus_query *query = pgcensus_query_start(fleet, options, ret_error);
    if (!query)
        return false;
    struct course course = {.taker = taker,
                            .signals = program->signals,
                            .query = query,
                            .wanted = wanted,
                            .asking = &asking};
    progress_init(&course.progress, "query", n, progress, started);
    bool collected = collect(&course, ret_error);
    progress_erase(&course.progress);
    if (!collected)
        return false;

    asking.elapsed = clock_now() - started;
    list_wanted(wanted, n, &asking);
    *ret_asking = asking;
    asking = (struct asking){0};
    return true;
}

void asking_fini(struct asking *asking)
{
    for (size_t i = 0; asking->by_index && i < asking->n; i++)
        pgcensus_notices_fini(&asking->by_index[i].notices);
    free(asking->results);
    free(asking->by_index);
    *asking = (struct asking){0};
}
