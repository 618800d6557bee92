/* The public query: one scatter, turned by whoever takes what it finds. */
#include "base/error.h"
#include "base/memory.h"
#include "fleet/inside.h"
#include "query/scatter.h"

struct pgcensus_query {
    struct pgcensus_fleet *fleet;
    struct pgcensus_query_options options;
    struct scatter *scatter;
};

AUTO_DEFINE(struct pgcensus_query *, pgcensus_query_free)

static struct engine *engine_of(const struct pgcensus_query *query)
{
    return query->fleet->engine;
}

struct pgcensus_query *
pgcensus_query_start(struct pgcensus_fleet *fleet,
                     const struct pgcensus_query_options *options,
                     struct pgcensus_error *ret_error)
{
    if (fleet->stopping) {
        error_set(ret_error, PGCENSUS_TROUBLE_USAGE, "the fleet is stopping");
        return NULL;
    }
    AUTO(pgcensus_query_free)
    struct pgcensus_query *query = memory_new(struct pgcensus_query);
    if (!query) {
        error_memory(ret_error);
        return NULL;
    }
    query->fleet = fleet;
    query->options = *options;
    fleet->queries++;
    struct engine *engine = engine_of(query);
    query->scatter = scatter_new(engine, &query->options, engine_now(engine));
    if (!query->scatter) {
        error_memory(ret_error);
        return NULL;
    }
    loop_attend(engine->home.loop, options->attentive);
    return take_ptr(query);
}

/* Ends the turn early if the caller's descriptor rings, or the reader is ready again.
 * When the system cannot even wait for us, whatever is left is our own fault. */
static bool turn(struct pgcensus_query *query, nsec until)
{
    struct engine *engine = engine_of(query);
    engine_watch_fd(engine, query->options.stop_fd);
    if (!engine_turn(engine, until))
        scatter_stop(query->scatter, PGCENSUS_CLASS_LOCAL, PGCENSUS_SUBJECT_NONE,
                     "no memory to wait with", engine_now(engine));
    bool woken = engine->woken;
    engine_watch_fd(engine, -1);
    return !woken && !scatter_released(query->scatter);
}

enum pgcensus_query_turn pgcensus_query_next(struct pgcensus_query *query,
                                             nsec max_wait,
                                             struct pgcensus_query_event *ret_event)
{
    const struct engine *engine = engine_of(query);
    nsec until = clock_add(engine_now(engine), max_wait);
    enum pgcensus_query_turn there = scatter_take(query->scatter, ret_event);
    while (there == PGCENSUS_QUERY_TICK && turn(query, until)) {
        there = scatter_take(query->scatter, ret_event);
        if (there != PGCENSUS_QUERY_TICK || engine_now(engine) >= until)
            break;
    }
    return there;
}

const struct pgcensus_rows *pgcensus_query_shape(const struct pgcensus_query *query,
                                                 size_t index)
{
    return scatter_shape(query->scatter, index);
}

struct pgcensus_notices pgcensus_query_take_notices(struct pgcensus_query *query,
                                                    size_t index)
{
    return scatter_take_notices(query->scatter, index);
}

void pgcensus_query_hold(struct pgcensus_query *query, int fd)
{
    scatter_hold(query->scatter, fd);
}

void pgcensus_query_stop(struct pgcensus_query *query, const char *reason)
{
    query->options.stop_fd = -1;
    scatter_stop(query->scatter, PGCENSUS_CLASS_CANCELLED, PGCENSUS_SUBJECT_NONE,
                 reason, engine_now(engine_of(query)));
}

void pgcensus_query_free(struct pgcensus_query *query)
{
    if (!query)
        return;
    scatter_free(query->scatter);
    loop_attend(engine_of(query)->home.loop, false);
    query->fleet->queries--;
    free(query);
}
