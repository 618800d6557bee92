/* The public fleet: which node is where, and whom to tell.
 *
 * It knows the nodes by name and index and passes everything on to the shard that has
 * the node; what it decides itself is only whether it may be asked at all.  Rounds of
 * checks are in check.c. */
#include "fleet/fleet.h"

#include "base/error.h"
#include "base/memory.h"
#include "fleet/envelope.h"
#include "fleet/inside.h"
#include "fleet/monitor.h"

#include <assert.h>

/* Room for a burst in which every node says several things at once. */
enum { EVENTS_AT_LEAST = 1024, EVENTS_PER_NODE = 4 };

/* ---- making one ---- */

struct pgcensus_fleet *fleet_new(struct secrets *secrets,
                                 struct pgcensus_error *ret_error)
{
    AUTO(pgcensus_fleet_free)
    struct pgcensus_fleet *fleet = memory_new(struct pgcensus_fleet);
    if (!fleet) {
        secrets_free(secrets);
        error_memory(ret_error);
        return NULL;
    }
    fleet->secrets = secrets;
    for (size_t i = 0; i < SHARDS; i++) {
        fleet->shards[i] = shard_new(secrets);
        if (!fleet->shards[i]) {
            error_set(ret_error, PGCENSUS_TROUBLE_SYSTEM,
                      "no memory or no descriptors to begin with");
            return NULL;
        }
    }
    return take_ptr(fleet);
}

void pgcensus_fleet_free(struct pgcensus_fleet *fleet)
{
    if (!fleet)
        return;
    assert(fleet->queries == 0);
    if (fleet->check)
        fleet->check->fleet = NULL;
    for (size_t i = 0; i < SHARDS; i++)
        shard_free(fleet->shards[i]);
    events_free(fleet->events);
    names_fini(&fleet->names);
    groups_fini(&fleet->groups);
    free(fleet->nodes);
    secrets_free(fleet->secrets);
    free(fleet);
}

void pgcensus_fleet_redact(const struct pgcensus_fleet *fleet, char *text, size_t size)
{
    secrets_redact_array(fleet->secrets, text, size);
}

bool fleet_add(struct pgcensus_fleet *fleet, const struct node_options *options,
               struct pgcensus_error *ret_error)
{
    size_t index;
    if (names_find(&fleet->names, options->identity.name, &index))
        return error_set(ret_error, PGCENSUS_TROUBLE_CONFIG,
                         "there are two nodes named \"%s\"", options->identity.name);
    if (options->identity.simple && !envelope_is_needless(options->probe.query))
        return error_set(ret_error, PGCENSUS_TROUBLE_CONFIG,
                         "%s: a question without a transaction is SHOW or SELECT 1",
                         options->identity.name);

    struct shard *shard = shard_of(fleet, fleet->n);
    AUTO(node_free)
    struct node *node = node_new(options, fleet->n, shard_now(shard));
    if (!node || !names_reserve(&fleet->names) ||
        !memory_grow(&fleet->nodes, &fleet->cap, fleet->n, sizeof *fleet->nodes) ||
        !shard_add(shard, node))
        return error_memory(ret_error);
    names_put(&fleet->names, node->options.identity.name, fleet->n);
    fleet->nodes[fleet->n++] = take_ptr(node);
    return true;
}

bool fleet_add_group(struct pgcensus_fleet *fleet, const char *name,
                     const struct pgcensus_require *require,
                     struct pgcensus_error *ret_error)
{
    struct fleet_group *group = groups_get(&fleet->groups, name);
    if (!group)
        return error_memory(ret_error);
    group->require = *require;
    return true;
}

bool fleet_add_member(struct pgcensus_fleet *fleet, const char *group,
                      struct pgcensus_error *ret_error)
{
    struct fleet_group *found = groups_get(&fleet->groups, group ? group : "");
    if (!found)
        return error_memory(ret_error);
    found->n_members++;
    return true;
}

const struct fleet_group *fleet_group_find(const struct pgcensus_fleet *fleet,
                                           const char *name)
{
    return groups_find(&fleet->groups, name ? name : "");
}

/* ---- looking at it ---- */

size_t pgcensus_fleet_size(const struct pgcensus_fleet *fleet)
{
    return fleet->n;
}

const struct pgcensus_identity *pgcensus_fleet_node(const struct pgcensus_fleet *fleet,
                                                    size_t index)
{
    return index < fleet->n ? &fleet->nodes[index]->options.identity : NULL;
}

const struct pgcensus_limits *pgcensus_fleet_limits(const struct pgcensus_fleet *fleet,
                                                    size_t index,
                                                    enum pgcensus_metric metric)
{
    static const struct pgcensus_limits none;
    const struct pgcensus_limits *limits =
        index < fleet->n ? fleet->nodes[index]->limits : NULL;
    return limits && metric < PGCENSUS_METRICS ? &limits[metric] : &none;
}

const struct health_options *fleet_health(const struct pgcensus_fleet *fleet,
                                          size_t index)
{
    return &fleet->nodes[index]->options.health;
}

bool pgcensus_fleet_find(const struct pgcensus_fleet *fleet, const char *name,
                         size_t *ret_index)
{
    return names_find(&fleet->names, name, ret_index);
}

void pgcensus_fleet_part(struct pgcensus_fleet *fleet)
{
    for (size_t i = 0; i < SHARDS; i++)
        shard_part(fleet->shards[i]);
}

bool pgcensus_fleet_abandoned(const struct pgcensus_fleet *fleet)
{
    for (size_t i = 0; i < SHARDS; i++)
        if (crew_busy(fleet->shards[i]->crew))
            return true;
    return false;
}

nsec pgcensus_fleet_lost(const struct pgcensus_fleet *fleet)
{
    return loop_lost(fleet->shards[0]->home.loop);
}

void pgcensus_fleet_snapshot(const struct pgcensus_fleet *fleet, size_t index,
                             struct pgcensus_node_snapshot *ret_snapshot)
{
    shard_snapshot(shard_of(fleet, index), fleet->nodes[index], ret_snapshot);
}

/* ---- asking and watching ---- */

bool pgcensus_fleet_ask(struct pgcensus_fleet *fleet, size_t index, const char *sql,
                        nsec timeout, struct pgcensus_answer *ret_answer,
                        struct pgcensus_error *ret_error)
{
    if (fleet->stopping)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE, "the fleet is stopping");
    if (index >= fleet->n)
        return error_set(ret_error, PGCENSUS_TROUBLE_SELECTION, "there is no node %zu",
                         index);
    if (!fleet->nodes[index]->options.identity.enabled)
        return error_set(ret_error, PGCENSUS_TROUBLE_SELECTION, "%s is disabled",
                         fleet->nodes[index]->options.identity.name);
    return shard_ask(shard_of(fleet, index), fleet->nodes[index], sql, timeout,
                     ret_answer, ret_error);
}

static bool watch_all(struct pgcensus_fleet *fleet)
{
    fleet->events = events_new(EVENTS_AT_LEAST + EVENTS_PER_NODE * fleet->n);
    for (size_t i = 0; i < SHARDS; i++) {
        struct shard *shard = fleet->shards[i];
        shard->events = fleet->events;
        shard->monitor = fleet->events ? monitor_new(shard, shard_now(shard)) : NULL;
        if (!shard->monitor)
            return false;
    }
    return true;
}

static void watch_none(struct pgcensus_fleet *fleet)
{
    for (size_t i = 0; i < SHARDS; i++) {
        monitor_free(take_ptr(fleet->shards[i]->monitor));
        fleet->shards[i]->events = NULL;
    }
    events_free(take_ptr(fleet->events));
}

bool pgcensus_fleet_monitor(struct pgcensus_fleet *fleet,
                            struct pgcensus_error *ret_error)
{
    if (fleet->stopping || fleet->events)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE, "%s",
                         fleet->stopping ? "the fleet is stopping"
                                         : "the fleet is watched already");
    if (watch_all(fleet))
        return true;
    watch_none(fleet);
    return error_memory(ret_error);
}

void pgcensus_fleet_turn(struct pgcensus_fleet *fleet, nsec max_wait, int stop_fd)
{
    struct shard *shard = fleet->shards[0];
    nsec until = clock_add(shard_now(shard), max_wait);
    shard_listen(shard, stop_fd);
    do {
        if (!shard_turn(shard, events_waiting(fleet->events) ? 0 : until))
            break;
    } while (!events_waiting(fleet->events) && !shard->rung &&
             shard_now(shard) < until);
    shard_listen(shard, -1);
}

bool pgcensus_fleet_event(struct pgcensus_fleet *fleet,
                          struct pgcensus_event *ret_event)
{
    return events_take(fleet->events, ret_event);
}

void pgcensus_fleet_stop(struct pgcensus_fleet *fleet, nsec drain)
{
    assert(fleet->queries == 0);
    fleet->stopping = true;
    for (size_t i = 0; i < SHARDS; i++)
        shard_stop(fleet->shards[i], clock_add(shard_now(fleet->shards[i]), drain));
}
