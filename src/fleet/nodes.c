/* Nodes that come and go, by their handles: see <pgcensus/nodes.h>. */
#include "base/error.h"
#include "fleet/fleet.h"
#include "fleet/inside.h"
#include "fleet/monitor.h"

#include <pgcensus/nodes.h>

bool pgcensus_fleet_handle(const struct pgcensus_fleet *fleet, size_t index,
                           struct pgcensus_handle *ret_handle)
{
    const struct node *node = fleet_node_at(fleet, index);
    if (node)
        *ret_handle = (struct pgcensus_handle){(uint32_t)index, node->generation};
    return node;
}

/* NULL: it is gone. */
static struct node *find(const struct pgcensus_fleet *fleet,
                         struct pgcensus_handle handle,
                         struct pgcensus_error *ret_error)
{
    struct node *node = fleet_node_at(fleet, handle.index);
    if (node && node->generation == handle.generation)
        return node;
    error_set(ret_error, PGCENSUS_TROUBLE_SELECTION, "the node is gone");
    return NULL;
}

bool pgcensus_fleet_has(const struct pgcensus_fleet *fleet,
                        struct pgcensus_handle handle)
{
    return find(fleet, handle, NULL);
}

const char *pgcensus_event_node(const struct pgcensus_fleet *fleet,
                                const struct pgcensus_event *event)
{
    const struct node *node = fleet_node_at(fleet, event->index);
    if (!node)
        node = engine_find_left(fleet->engine, event->index);
    bool is_it = node && node->generation == event->generation;
    return is_it ? node->options.identity.name : NULL;
}

bool pgcensus_fleet_remove(struct pgcensus_fleet *fleet, struct pgcensus_handle handle,
                           struct pgcensus_error *ret_error)
{
    struct node *node = find(fleet, handle, ret_error);
    if (!node)
        return false;
    const struct pgcensus_identity identity = node->options.identity;
    name_table_remove(&fleet->names, identity.name);
    fleet_drop_member(fleet, identity.group);
    if (engine_remove(fleet->engine, node))
        return true;
    name_table_put(&fleet->names, identity.name, handle.index);
    fleet_add_member(fleet, identity.group, NULL);
    return error_memory(ret_error);
}

static bool tell(struct pgcensus_fleet *fleet, struct pgcensus_handle handle,
                 bool (*what)(struct node *node, nsec now),
                 struct pgcensus_error *ret_error)
{
    struct node *node = find(fleet, handle, ret_error);
    if (!node)
        return false;
    return what(node, engine_now(fleet->engine)) ||
           error_set(ret_error, PGCENSUS_TROUBLE_USAGE, "%s is not watched",
                     node->options.identity.name);
}

bool pgcensus_fleet_suspend(struct pgcensus_fleet *fleet, struct pgcensus_handle handle,
                            struct pgcensus_error *ret_error)
{
    return tell(fleet, handle, monitor_suspend, ret_error);
}

bool pgcensus_fleet_resume(struct pgcensus_fleet *fleet, struct pgcensus_handle handle,
                           struct pgcensus_error *ret_error)
{
    return tell(fleet, handle, monitor_resume, ret_error);
}

bool pgcensus_fleet_reset(struct pgcensus_fleet *fleet, struct pgcensus_handle handle,
                          struct pgcensus_error *ret_error)
{
    return tell(fleet, handle, monitor_reset, ret_error);
}
