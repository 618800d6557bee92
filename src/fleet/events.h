/* What happened, in order, waiting to be taken.  Bounded: when it is full the oldest
 * are dropped, and the gap in seq says so. */
#ifndef FLEET_EVENTS_H
#define FLEET_EVENTS_H

#include "base/auto.h"

#include <pgcensus/fleet.h>

struct events;

struct events *events_new(size_t room); /* NULL: no memory */
void events_free(struct events *events);
AUTO_DEFINE(struct events *, events_free)

/* Numbers and dates it.  events may be NULL: nobody listens. */
void events_add(struct events *events, const struct pgcensus_event *event);
bool events_take(struct events *events, struct pgcensus_event *ret_event);
bool events_waiting(const struct events *events);

#endif
