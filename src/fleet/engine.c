/* What an engine owns, and in which order that ends.
 *
 * Pools are closed while there still is a loop: what they give up on the way lives on
 * for a moment, to be cancelled on its server, and turns that loop until it is done.
 * Threads of the pool that are inside a call then are left behind. */
#include "fleet/engine.h"

#include "base/memory.h"
#include "fleet/descriptors.h"
#include "fleet/monitor.h"
#include "fleet/round.h"

#include <assert.h>
#include <stdint.h>

/* The caller's descriptor stays his: nothing is read from it, so it rings in every turn
 * until he has dealt with it. */
static void step_wake(struct task *task, short revents, nsec now)
{
    struct engine *engine = container_of(task, struct engine, wake);
    if (revents)
        engine->woken = true;
}

/* Each has two descriptors, and none may be missing where a node is asked next. */
static size_t most_cancels(void)
{
    enum { FEW = 8, MANY = 1000, ENOUGH = 4 * MANY };
    return descriptors_free() < ENOUGH ? FEW : MANY;
}

struct engine *engine_new(const struct secrets *secrets)
{
    AUTO(engine_free) struct engine *engine = memory_new(struct engine);
    if (!engine)
        return NULL;
    task_init(&engine->wake, step_wake);
    list_init(&engine->leaving);
    rng_init_random(&engine->home.rng);
    engine->turn_of_any = rng_below(&engine->home.rng, UINT16_MAX);
    engine->roster = roster_new();
    engine->home.loop = loop_new();
    if (!engine->roster || !engine->home.loop ||
        !loop_add(engine->home.loop, &engine->wake))
        return NULL;
    engine->workers = workers_new(engine->home.loop, /* cores= */ 0);
    if (!engine->workers)
        return NULL;
    engine->resolver = resolver_new(engine->home.loop, engine->workers);
    engine->glances = glances_new(engine->home.loop, engine->workers);
    if (!engine->resolver || !engine->glances)
        return NULL;
    cancels_init(&engine->cancels, engine->home.loop, engine->workers, most_cancels());
    pg_env_init(&engine->home.env, engine->resolver, engine->workers, secrets);
    engine->home.env.glances = engine->glances;
    engine->home.env.cancels = &engine->cancels;
    return take_ptr(engine);
}

static void end_monitor(struct engine *engine)
{
    monitor_free(take_ptr(engine->monitor));
    events_free(take_ptr(engine->events));
}

/* Forgets those that left and that nothing is about any more.  One that only an event
 * is about needs its name, and nothing else. */
static void sweep(struct engine *engine)
{
    list_each (&engine->leaving, link, after) {
        struct node *node = container_of(link, struct node, leaving);
        if (node->users > 1)
            continue;
        node_close(node);
        if (events_reach_back(engine->events, node->left_at))
            continue;
        list_remove(&engine->leaving, link);
        node_drop(node);
    }
}

void engine_free(struct engine *engine)
{
    if (!engine)
        return;
    round_free(engine->round);
    end_monitor(engine);
    sweep(engine);
    assert(engine->leaving.n == 0 && (!engine->roster || engine->roster->users == 1));
    roster_drop(engine->roster);
    if (engine->home.env.cancels) {
        engine_part(engine);
        cancels_fini(&engine->cancels);
    }
    resolver_free(engine->resolver);
    glances_free(engine->glances);
    workers_free(engine->workers);
    loop_remove(&engine->wake);
    loop_free(engine->home.loop);
    free(engine);
}

/* ---- nodes come and go ---- */

struct node *engine_find_left(const struct engine *engine, size_t index)
{
    list_each (&engine->leaving, link, after) {
        struct node *node = container_of(link, struct node, leaving);
        if (node->index == index)
            return node;
    }
    return NULL;
}

size_t engine_vacancy(const struct engine *engine)
{
    const struct roster *roster = engine->roster;
    if (engine->n_vacant > engine->leaving.n)
        for (size_t i = 0; i < roster->n; i++)
            if (node_is_vacant(roster->nodes[i]) && !engine_find_left(engine, i))
                return i;
    return roster->n;
}

bool engine_add(struct engine *engine, struct node *node)
{
    nsec now = engine_now(engine);
    if (!roster_own(&engine->roster) || !roster_reserve(engine->roster))
        return false;
    node->generation = engine->generations + 1;
    if (engine->monitor && !monitor_add(engine->monitor, node, now))
        return false;
    engine->generations++;
    if (node->index < engine->roster->n)
        engine->n_vacant--;
    roster_put(engine->roster, node);
    events_widen(engine->events, engine->roster->n);
    return true;
}

bool engine_remove(struct engine *engine, struct node *node)
{
    nsec now = engine_now(engine);
    if (!roster_own(&engine->roster))
        return false;
    if (engine->monitor)
        monitor_remove(node, now);
    node_leave(node, "the node was removed", now);
    node->left_at = events_last(engine->events);
    list_push_back(&engine->leaving, &node_take(node)->leaving);
    roster_remove(engine->roster, node, &engine->vacant);
    engine->n_vacant++;
    sweep(engine);
    return true;
}

bool engine_renew(struct engine *engine, struct node *node, struct node *successor)
{
    nsec now = engine_now(engine);
    successor->generation = node->generation;
    if (!node_prepare(node, successor) || !roster_own(&engine->roster))
        return false;
    if (engine->monitor && !monitor_renew(engine->monitor, node, successor, now))
        return false;
    node_succeed(node, successor, now);
    if (!successor->watch)
        node_rest(successor, now);
    roster_remove(engine->roster, node, &engine->vacant);
    roster_put(engine->roster, successor);
    return true;
}

struct roster *engine_roster(struct engine *engine)
{
    return roster_take(engine->roster);
}

void engine_leave(struct engine *engine, struct roster *roster)
{
    roster_drop(roster);
    sweep(engine);
}

bool engine_turn(struct engine *engine, nsec until)
{
    return loop_turn(engine->home.loop, until);
}

void engine_part(struct engine *engine)
{
    nsec until = clock_add(engine_now(engine), CANCEL_PATIENCE);
    while (!cancels_done(&engine->cancels) && engine_now(engine) < until &&
           engine_turn(engine, until))
        ;
}

void engine_watch_fd(struct engine *engine, int fd)
{
    engine->woken = false;
    engine->wake.fd = fd;
    engine->wake.events = POLLIN;
    loop_update(&engine->wake);
}

nsec engine_lag(struct engine *engine, nsec now)
{
    nsec turn = loop_load(engine->home.loop).last_turn;
    nsec queue = workers_lag(engine->workers, now);
    return turn > queue ? turn : queue;
}

void engine_snapshot(const struct engine *engine, const struct node *node,
                     struct pgcensus_node_snapshot *ret_snapshot)
{
    nsec now = engine_now(engine);
    const struct health *health = &node->health;
    bool down = health->state == PGCENSUS_UNHEALTHY ||
                health->state == PGCENSUS_RECONNECTING ||
                health->state == PGCENSUS_FAILED;
    *ret_snapshot = (struct pgcensus_node_snapshot){
        .state = health->state,
        .since = now - health->since,
        .consecutive_failures = health->failures,
        .retry_attempt = down ? health->attempts : 0,
        .latency_last = node->latency.last,
        .latency_average = node->latency.average,
        .latency_min = node->latency.min,
        .latency_max = node->latency.max,
        .checks = node->latency.count + node->latency.failures,
        .failures = node->latency.failures,
        .last_age = PGCENSUS_UNKNOWN_TIME,
        .pool = {.min = node->options.pool.min, .max = node->options.pool.max},
    };
    if (node->pool)
        pool_stats(node->pool, &ret_snapshot->pool);
    monitor_snapshot(node, now, ret_snapshot);
    ret_snapshot->last = node_last(node);
    if (!ret_snapshot->last)
        return;
    ret_snapshot->last_age = now - node->last_at;
    ret_snapshot->failure = ret_snapshot->last->failure;
}

bool engine_is_held_up(const struct engine *engine)
{
    return workers_busy(engine->workers);
}

bool engine_monitor(struct engine *engine)
{
    engine->events = events_new_for(engine->roster->n);
    if (engine->events)
        engine->monitor = monitor_new(engine, engine_now(engine));
    if (!engine->monitor)
        end_monitor(engine);
    return engine->monitor;
}

void engine_stop(struct engine *engine, nsec until)
{
    if (engine->round)
        round_stop(engine->round, PGCENSUS_CLASS_CANCELLED, "shutting down",
                   engine_now(engine));
    if (engine->monitor)
        monitor_quiet(engine->monitor);
    const struct roster *roster = engine->roster;
    for (size_t i = 0; i < roster->n; i++)
        if (roster->nodes[i]->pool)
            pool_drain(roster->nodes[i]->pool, "shutting down", engine_now(engine));
    while (engine->monitor && monitor_busy(engine->monitor) &&
           engine_now(engine) < until && engine_turn(engine, until))
        ;
    monitor_free(take_ptr(engine->monitor));
    for (size_t i = 0; i < roster->n; i++) {
        struct node *node = roster->nodes[i];
        pool_free(take_ptr(node->pool));
        node_drop_check_pool(node);
    }
}
