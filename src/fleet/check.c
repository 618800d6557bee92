/* The public round of checks: one round of the engine, turned until it is taken. */
#include "base/error.h"
#include "base/memory.h"
#include "fleet/inside.h"
#include "fleet/round.h"

struct pgcensus_check *
pgcensus_check_start(struct pgcensus_fleet *fleet,
                     const struct pgcensus_check_options *options,
                     struct pgcensus_error *ret_error)
{
    if (fleet->check || fleet->stopping) {
        error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                  fleet->check ? "a round of checks is under way already"
                               : "the fleet is stopping");
        return NULL;
    }
    AUTO(pgcensus_check_free)
    struct pgcensus_check *check = memory_new(struct pgcensus_check);
    if (!check) {
        error_memory(ret_error);
        return NULL;
    }
    check->fleet = fleet;
    check->stop_fd = options->stop_fd;
    fleet->check = check;
    struct engine *engine = fleet->engine;
    engine->round = round_new(engine, options, engine_now(engine));
    if (!engine->round) {
        error_memory(ret_error);
        return NULL;
    }
    loop_attend(engine->home.loop, options->attentive);
    return take_ptr(check);
}

static bool take(struct pgcensus_check *check)
{
    return round_take(check->fleet->engine->round, &check->result);
}

/* Ends the turn early if the caller's descriptor rings.  When the system cannot even
 * wait for us, whatever is left is unknown, for our own fault. */
static bool turn(struct pgcensus_check *check, nsec until)
{
    struct engine *engine = check->fleet->engine;
    engine_watch_fd(engine, check->stop_fd);
    if (!engine_turn(engine, until))
        round_stop(engine->round, PGCENSUS_CLASS_LOCAL, "no memory to wait with",
                   engine_now(engine));
    bool woken = engine->woken;
    engine_watch_fd(engine, -1);
    return !woken;
}

enum pgcensus_turn pgcensus_check_next(struct pgcensus_check *check, nsec max_wait,
                                       const struct pgcensus_node_result **ret_result)
{
    if (!check->fleet)
        return PGCENSUS_TURN_END;
    const struct engine *engine = check->fleet->engine;
    nsec until = clock_add(engine_now(engine), max_wait);
    for (;;) {
        if (take(check)) {
            *ret_result = &check->result;
            return PGCENSUS_TURN_NODE;
        }
        if (round_over(engine->round))
            return PGCENSUS_TURN_END;
        if (!turn(check, until) || engine_now(engine) >= until)
            break;
    }
    if (!take(check))
        return PGCENSUS_TURN_TICK;
    *ret_result = &check->result;
    return PGCENSUS_TURN_NODE;
}

void pgcensus_check_stop(struct pgcensus_check *check, const char *reason)
{
    check->stop_fd = -1;
    if (!check->fleet)
        return;
    struct engine *engine = check->fleet->engine;
    round_stop(engine->round, PGCENSUS_CLASS_CANCELLED, reason, engine_now(engine));
}

void pgcensus_check_free(struct pgcensus_check *check)
{
    if (!check)
        return;
    if (check->fleet) {
        struct engine *engine = check->fleet->engine;
        round_free(take_ptr(engine->round));
        loop_attend(engine->home.loop, false);
        check->fleet->check = NULL;
    }
    free(check);
}
