/* The public fleet: names, groups, and what may be asked for at all.
 *
 * It knows the nodes by name and index and passes everything on to its engine, which
 * owns them.  Rounds of checks are in check.c. */
#include "fleet/fleet.h"

#include "base/error.h"
#include "base/memory.h"
#include "fleet/ask.h"
#include "fleet/envelope.h"
#include "fleet/inside.h"

#include <assert.h>

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
    fleet->engine = engine_new(secrets);
    if (!fleet->engine) {
        error_set(ret_error, PGCENSUS_TROUBLE_SYSTEM,
                  "no memory or no descriptors to begin with");
        return NULL;
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
    engine_free(fleet->engine);
    name_table_fini(&fleet->names);
    groups_fini(&fleet->groups);
    secrets_free(fleet->secrets);
    free(fleet);
}

void pgcensus_fleet_redact(const struct pgcensus_fleet *fleet, char *text, size_t size)
{
    secrets_redact_array(fleet->secrets, text, size);
}

/* Whether such a node can be had at all. */
static bool allow(const struct pgcensus_fleet *fleet,
                  const struct node_options *options, struct pgcensus_error *ret_error)
{
    if (fleet->stopping)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE, "the fleet is stopping");
    if (options->identity.simple && !envelope_is_needless(options->probe.query))
        return error_set(ret_error, PGCENSUS_TROUBLE_CONFIG,
                         "%s: a question without a transaction is SHOW or SELECT 1",
                         options->identity.name);
    return true;
}

bool fleet_add(struct pgcensus_fleet *fleet, const struct node_options *options,
               struct pgcensus_error *ret_error)
{
    struct engine *engine = fleet->engine;
    size_t index;
    if (!allow(fleet, options, ret_error))
        return false;
    if (name_table_find(&fleet->names, options->identity.name, &index))
        return error_set(ret_error, PGCENSUS_TROUBLE_CONFIG,
                         "there are two nodes named \"%s\"", options->identity.name);
    index = engine_vacancy(engine);
    AUTO(node_drop) struct node *node = node_new(options, index, engine_now(engine));
    if (!node || !name_table_reserve(&fleet->names) || !engine_add(engine, node))
        return error_memory(ret_error);
    name_table_put(&fleet->names, node->options.identity.name, index);
    return true;
}

bool fleet_renew(struct pgcensus_fleet *fleet, const struct node_options *options,
                 struct pgcensus_error *ret_error)
{
    struct engine *engine = fleet->engine;
    const char *name = options->identity.name;
    size_t index;
    if (!allow(fleet, options, ret_error))
        return false;
    if (!name_table_find(&fleet->names, name, &index))
        return error_set(ret_error, PGCENSUS_TROUBLE_SELECTION,
                         "there is no node named \"%s\"", name);
    AUTO(node_drop) struct node *old = node_take(engine->roster->nodes[index]);
    AUTO(node_drop) struct node *node = node_new(options, index, engine_now(engine));
    if (!node || !engine_renew(engine, old, node))
        return error_memory(ret_error);
    name_table_remove(&fleet->names, name);
    name_table_put(&fleet->names, node->options.identity.name, index);
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

void fleet_drop_member(struct pgcensus_fleet *fleet, const char *group)
{
    struct fleet_group *found = groups_get(&fleet->groups, group ? group : "");
    if (found && found->n_members > 0)
        found->n_members--;
}

struct secrets *fleet_secrets(struct pgcensus_fleet *fleet)
{
    return fleet->secrets;
}

const struct fleet_group *fleet_group_find(const struct pgcensus_fleet *fleet,
                                           const char *name)
{
    return groups_find(&fleet->groups, name ? name : "");
}

/* ---- looking at it ---- */

size_t pgcensus_fleet_size(const struct pgcensus_fleet *fleet)
{
    return fleet->engine->roster->n;
}

const struct pgcensus_identity *pgcensus_fleet_node(const struct pgcensus_fleet *fleet,
                                                    size_t index)
{
    const struct node *node = fleet_node_at(fleet, index);
    if (!node) {
        node = engine_find_left(fleet->engine, index);
        if (node && node->users == 1) /* nobody asks it, it only stands in events */
            node = NULL;
    }
    return node ? &node->options.identity : NULL;
}

const struct pgcensus_limits *pgcensus_fleet_limits(const struct pgcensus_fleet *fleet,
                                                    size_t index,
                                                    enum pgcensus_metric metric)
{
    static const struct pgcensus_limits none;
    const struct node *node = fleet_node_at(fleet, index);
    return node && node->limits && metric < PGCENSUS_METRICS ? &node->limits[metric]
                                                             : &none;
}

const struct health_options *fleet_health(const struct pgcensus_fleet *fleet,
                                          size_t index)
{
    return &fleet->engine->roster->nodes[index]->options.health;
}

bool pgcensus_fleet_find(const struct pgcensus_fleet *fleet, const char *name,
                         size_t *ret_index)
{
    return name_table_find(&fleet->names, name, ret_index);
}

void pgcensus_fleet_part(struct pgcensus_fleet *fleet)
{
    engine_part(fleet->engine);
}

bool pgcensus_fleet_abandoned(const struct pgcensus_fleet *fleet)
{
    return engine_is_held_up(fleet->engine);
}

nsec pgcensus_fleet_lost(const struct pgcensus_fleet *fleet)
{
    return loop_lost(fleet->engine->home.loop);
}

bool pgcensus_fleet_snapshot(const struct pgcensus_fleet *fleet, size_t index,
                             struct pgcensus_node_snapshot *ret_snapshot)
{
    const struct node *node = fleet_node_at(fleet, index);
    if (node)
        engine_snapshot(fleet->engine, node, ret_snapshot);
    return node;
}

const struct pgcensus_node_result *
pgcensus_fleet_last(const struct pgcensus_fleet *fleet, size_t index)
{
    const struct node *node = fleet_node_at(fleet, index);
    return node ? node_last(node) : NULL;
}

/* ---- asking and watching ---- */

bool pgcensus_fleet_ask(struct pgcensus_fleet *fleet, size_t index, const char *sql,
                        nsec timeout, struct pgcensus_answer *ret_answer,
                        struct pgcensus_error *ret_error)
{
    if (fleet->stopping)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE, "the fleet is stopping");
    struct node *node = fleet_node_at(fleet, index);
    if (!node)
        return error_set(ret_error, PGCENSUS_TROUBLE_SELECTION, "there is no node %zu",
                         index);
    if (!node->options.identity.enabled)
        return error_set(ret_error, PGCENSUS_TROUBLE_SELECTION, "%s is disabled",
                         node->options.identity.name);
    return ask_node(fleet->engine, node, sql, timeout, ret_answer, ret_error);
}

bool pgcensus_fleet_monitor(struct pgcensus_fleet *fleet,
                            struct pgcensus_error *ret_error)
{
    if (fleet->stopping || fleet->engine->monitor)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE, "%s",
                         fleet->stopping ? "the fleet is stopping"
                                         : "the fleet is watched already");
    return engine_monitor(fleet->engine) || error_memory(ret_error);
}

void pgcensus_fleet_turn(struct pgcensus_fleet *fleet, nsec max_wait, int stop_fd)
{
    struct engine *engine = fleet->engine;
    nsec until = clock_add(engine_now(engine), max_wait);
    engine_watch_fd(engine, stop_fd);
    do {
        if (!engine_turn(engine, events_waiting(engine->events) ? 0 : until))
            break;
    } while (!events_waiting(engine->events) && !engine->woken &&
             engine_now(engine) < until);
    engine_watch_fd(engine, -1);
}

void pgcensus_events_cursor(const struct pgcensus_fleet *fleet,
                            struct pgcensus_cursor *ret_cursor)
{
    events_cursor(fleet->engine->events, ret_cursor);
}

bool pgcensus_events_next(struct pgcensus_fleet *fleet, struct pgcensus_cursor *cursor,
                          struct pgcensus_event *ret_event)
{
    return events_next(fleet->engine->events, cursor, ret_event);
}

bool pgcensus_fleet_event(struct pgcensus_fleet *fleet,
                          struct pgcensus_event *ret_event)
{
    return events_next(fleet->engine->events, &fleet->reader, ret_event);
}

bool pgcensus_event_text(const struct pgcensus_fleet *fleet,
                         const struct pgcensus_event *event, char *to, size_t size)
{
    return events_text(fleet->engine->events, event, to, size);
}

void pgcensus_fleet_stop(struct pgcensus_fleet *fleet, nsec drain)
{
    assert(fleet->queries == 0);
    fleet->stopping = true;
    engine_stop(fleet->engine, clock_add(engine_now(fleet->engine), drain));
}
