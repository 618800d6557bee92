/* What a shard owns, and in which order that ends.
 *
 * Pools are closed while there still is a loop: what they give up on the way lives on
 * for a moment, to be cancelled on its server, and turns that loop until it is done.
 * Threads of the crew that are inside a call then are left behind. */
#include "fleet/shard.h"

#include "base/memory.h"
#include "fleet/descriptors.h"
#include "fleet/monitor.h"
#include "fleet/round.h"

#include <stdint.h>

/* The caller's descriptor stays his: nothing is read from it, so it rings in every turn
 * until he has dealt with it. */
static void bell_step(struct task *task, short revents, nsec now)
{
    struct shard *shard = container_of(task, struct shard, bell);
    if (revents)
        shard->rung = true;
}

/* Each has two descriptors, and none may be missing where a node is asked next. */
static size_t most_cancels(void)
{
    enum { FEW = 8, MANY = 1000, ENOUGH = 4 * MANY };
    return descriptors_free() < ENOUGH ? FEW : MANY;
}

struct shard *shard_new(const struct secrets *secrets)
{
    AUTO(shard_free) struct shard *shard = memory_new(struct shard);
    if (!shard)
        return NULL;
    task_init(&shard->bell, bell_step);
    rng_init_random(&shard->home.rng);
    shard->turn_of_any = rng_below(&shard->home.rng, UINT16_MAX);
    shard->home.loop = loop_new();
    if (!shard->home.loop || !loop_add(shard->home.loop, &shard->bell))
        return NULL;
    shard->crew = crew_new(shard->home.loop, /* cores= */ 0);
    if (!shard->crew)
        return NULL;
    shard->resolver = resolver_new(shard->home.loop, shard->crew);
    shard->glances = glances_new(shard->home.loop, shard->crew);
    if (!shard->resolver || !shard->glances)
        return NULL;
    cancels_init(&shard->cancels, shard->home.loop, shard->crew, most_cancels());
    pg_env_init(&shard->home.env, shard->resolver, shard->crew, secrets);
    shard->home.env.glances = shard->glances;
    shard->home.env.cancels = &shard->cancels;
    return take_ptr(shard);
}

void shard_free(struct shard *shard)
{
    if (!shard)
        return;
    round_free(shard->round);
    monitor_free(shard->monitor);
    for (size_t i = 0; i < shard->n_nodes; i++)
        node_free(shard->nodes[i]);
    free(shard->nodes);
    if (shard->home.env.cancels) {
        shard_part(shard);
        cancels_fini(&shard->cancels);
    }
    resolver_free(shard->resolver);
    glances_free(shard->glances);
    crew_free(shard->crew);
    loop_remove(&shard->bell);
    loop_free(shard->home.loop);
    free(shard);
}

bool shard_add(struct shard *shard, struct node *node)
{
    if (!memory_grow(&shard->nodes, &shard->cap_nodes, shard->n_nodes,
                     sizeof(struct node *)))
        return false;
    shard->nodes[shard->n_nodes++] = node;
    return true;
}

bool shard_turn(struct shard *shard, nsec until)
{
    return loop_turn(shard->home.loop, until);
}

void shard_part(struct shard *shard)
{
    nsec until = clock_add(shard_now(shard), CANCEL_PATIENCE);
    while (!cancels_done(&shard->cancels) && shard_now(shard) < until &&
           shard_turn(shard, until))
        ;
}

void shard_listen(struct shard *shard, int fd)
{
    shard->rung = false;
    shard->bell.fd = fd;
    shard->bell.events = POLLIN;
    loop_update(&shard->bell);
}

nsec shard_lag(struct shard *shard, nsec now)
{
    nsec turn = loop_load(shard->home.loop).last_turn;
    nsec queue = crew_lag(shard->crew, now);
    return turn > queue ? turn : queue;
}

void shard_snapshot(const struct shard *shard, const struct node *node,
                    struct pgcensus_node_snapshot *ret_snapshot)
{
    nsec now = shard_now(shard);
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
        .pool = {.min = node->options.pool.min, .max = node->options.pool.max},
    };
    if (node->pool)
        pool_stats(node->pool, &ret_snapshot->pool);
    monitor_snapshot(node, now, ret_snapshot);
}

void shard_stop(struct shard *shard, nsec until)
{
    shard->stopping = true;
    if (shard->round)
        round_stop(shard->round, PGCENSUS_CLASS_CANCELLED, "shutting down",
                   shard_now(shard));
    if (shard->monitor)
        monitor_quiet(shard->monitor);
    for (size_t i = 0; i < shard->n_nodes; i++)
        if (shard->nodes[i]->pool)
            pool_drain(shard->nodes[i]->pool, shard_now(shard));
    while (shard->monitor && monitor_busy(shard->monitor) && shard_now(shard) < until &&
           shard_turn(shard, until))
        ;
    monitor_free(take_ptr(shard->monitor));
    for (size_t i = 0; i < shard->n_nodes; i++) {
        struct node *node = shard->nodes[i];
        pool_free(take_ptr(node->pool));
        node_drop_check_pool(node);
    }
}
