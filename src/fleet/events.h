/* What happened, in two rings: see <pgcensus/events.h>. */
#ifndef FLEET_EVENTS_H
#define FLEET_EVENTS_H

#include "base/auto.h"

#include <pgcensus/events.h>

struct events;

/* Room for so many of each.  NULL: no memory. */
struct events *events_new(size_t edges, size_t samples, size_t bytes_of_text);
/* As much as a fleet of so many nodes has. */
struct events *events_new_for(size_t n_nodes);
/* The same for a fleet that grows: nothing is lost.  Without memory it stays. */
void events_widen(struct events *events, size_t n_nodes);
void events_free(struct events *events);
AUTO_DEFINE(struct events *, events_free)

/* Numbers and dates the event, and keeps the failure.  failure may be NULL; events may
 * be NULL, and then there is nothing to keep it in. */
void events_add(struct events *events, const struct pgcensus_event *event,
                const struct pgcensus_failure *failure);

/* All of these take NULL for events: there are none. */
void events_cursor(const struct events *events, struct pgcensus_cursor *ret_cursor);
bool events_next(struct events *events, struct pgcensus_cursor *cursor,
                 struct pgcensus_event *ret_event);
/* Whether there is one that no reader has come to yet. */
bool events_waiting(const struct events *events);
/* The number of the newest one. */
uint64_t events_last(const struct events *events);
/* Whether one with that number, or an older one, can still be read. */
bool events_reach_back(const struct events *events, uint64_t seq);
/* See pgcensus_event_text(). */
bool events_text(const struct events *events, const struct pgcensus_event *event,
                 char *to, size_t size);

#endif
