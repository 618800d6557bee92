/* Periodic checks of every enabled node of a engine. */
#ifndef FLEET_MONITOR_H
#define FLEET_MONITOR_H

#include "base/auto.h"

#include <pgcensus/fleet.h>

struct engine;
struct node;
struct monitor;

/* Begins at once.  NULL: no memory. */
struct monitor *monitor_new(struct engine *engine, nsec now);
/* Checks under way are dropped; nobody watches the nodes any more. */
void monitor_free(struct monitor *monitor);
AUTO_DEFINE(struct monitor *, monitor_free)

/* No more checks begin; those under way end by themselves. */
void monitor_quiet(struct monitor *monitor);
/* How many are under way. */
size_t monitor_busy(const struct monitor *monitor);

/* The monitor's part of a snapshot. */
void monitor_snapshot(const struct node *node, nsec now,
                      struct pgcensus_node_snapshot *snapshot);

#endif
