/* Periodic checks of every enabled node of an engine. */
#ifndef FLEET_MONITOR_H
#define FLEET_MONITOR_H

#include "base/auto.h"

#include <pgcensus/fleet.h>

struct engine;
struct node;
struct monitor;

/* Begins at once.  NULL: no memory. */
struct monitor *monitor_new(struct engine *engine, nsec now);
/* Drops the checks under way and watches no node any more. */
void monitor_free(struct monitor *monitor);
AUTO_DEFINE(struct monitor *, monitor_free)

/* No more checks begin; those under way end by themselves. */
void monitor_quiet(struct monitor *monitor);
/* How many are under way. */
size_t monitor_busy(const struct monitor *monitor);

/* A node comes, if it is enabled, and is checked at once.  False: no memory. */
bool monitor_add(struct monitor *monitor, struct node *node, nsec now);
/* It leaves; it need not be watched. */
void monitor_remove(struct node *node, nsec now);
/* From now on the successor is watched, if it is enabled, with the state of the node.
 * False: no memory, nothing changed. */
bool monitor_renew(struct monitor *monitor, struct node *node, struct node *successor,
                   nsec now);
/* False: it is not watched. */
bool monitor_suspend(struct node *node, nsec now);
bool monitor_resume(struct node *node, nsec now);
bool monitor_reset(struct node *node, nsec now);

/* The monitor's part of a snapshot. */
void monitor_snapshot(const struct node *node, nsec now,
                      struct pgcensus_node_snapshot *snapshot);

#endif
