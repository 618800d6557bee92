/* Nodes come and go while a fleet lives.
 *
 * A node keeps its index as long as it is in the fleet.  The index of a node that was
 * removed is not given to another one while a round or a query may still bring out a
 * result of it, or an event about it can be read.  A program that keeps an index for
 * longer keeps a handle instead, which never becomes that of another node.
 *
 * A round of checks and a query ask the nodes that were there when they began.
 * A node that is removed before it has a connection comes out unknown, class
 * cancelled, "the node was removed"; one that is being asked may finish.
 * pgcensus_fleet_node() names both until the round or the query is freed, and
 * is NULL afterwards.  A node that is renewed before it has a connection is
 * asked at its new address. */
#ifndef PGCENSUS_NODES_H
#define PGCENSUS_NODES_H

#include <pgcensus/config.h>
#include <pgcensus/events.h>
#include <pgcensus/status.h>

struct pgcensus_handle {
    uint32_t index;
    uint32_t
        generation; /* counts all nodes that were ever added to the fleet; from 1 */
};

/* False: there is no node at that index. */
bool pgcensus_fleet_handle(const struct pgcensus_fleet *fleet, size_t index,
                           struct pgcensus_handle *ret_handle);
/* Whether the node is still in the fleet, and so at handle.index. */
bool pgcensus_fleet_has(const struct pgcensus_fleet *fleet,
                        struct pgcensus_handle handle);

/* The name of the node of an event, even if it was removed since.  NULL: the
 * event is older than all that can still be read. */
const char *pgcensus_event_node(const struct pgcensus_fleet *fleet,
                                const struct pgcensus_event *event);

/* Adds node number `node` of a configuration, which may be another one than
 * that of the fleet and may be freed afterwards.  If the fleet is watched, the
 * node is checked at once.  A name that exists already is TROUBLE_CONFIG. */
bool pgcensus_fleet_add(struct pgcensus_fleet *fleet,
                        const struct pgcensus_config *config, size_t node,
                        struct pgcensus_handle *ret_handle,
                        struct pgcensus_error *ret_error);

/* The node of that name gets its settings from the configuration again.  It
 * keeps its index, and its state unless that was bad; what earlier checks
 * learnt is forgotten, a periodic check that is under way changes nothing, and
 * the next one comes at once.  Idle connections are closed, leased ones when
 * they are given back.  A node that is enabled now is watched, a disabled one
 * is not.  Identities that were handed out before are no longer valid.  False:
 * nothing has changed. */
bool pgcensus_fleet_renew(struct pgcensus_fleet *fleet,
                          const struct pgcensus_config *config, size_t node,
                          struct pgcensus_error *ret_error);

/* The node is not asked any more; its idle connections are closed, leased ones
 * when they are given back.  False: it was gone already, or there is no memory
 * to copy the list that a round under way still needs; then nothing has
 * changed. */
bool pgcensus_fleet_remove(struct pgcensus_fleet *fleet, struct pgcensus_handle handle,
                           struct pgcensus_error *ret_error);

/* Commands of an operator for a node that is watched; false if it is not.  A
 * suspended node is not checked and keeps no connection open, though a query
 * may still ask it; a resumed node is checked at once.  Reset makes a node that
 * is down begin anew, even if all its attempts were used up, and checks it at
 * once. */
bool pgcensus_fleet_suspend(struct pgcensus_fleet *fleet, struct pgcensus_handle handle,
                            struct pgcensus_error *ret_error);
bool pgcensus_fleet_resume(struct pgcensus_fleet *fleet, struct pgcensus_handle handle,
                           struct pgcensus_error *ret_error);
bool pgcensus_fleet_reset(struct pgcensus_fleet *fleet, struct pgcensus_handle handle,
                          struct pgcensus_error *ret_error);

#endif
