#include "fleet/events.h"

#include "base/clock.h"
#include "base/memory.h"

struct events {
    uint64_t last_seq;
    size_t room, first, n;
    struct pgcensus_event ring[];
};

struct events *events_new(size_t room)
{
    struct events *events =
        memory_array(1, sizeof *events + room * sizeof(struct pgcensus_event));
    if (events)
        events->room = room;
    return events;
}

void events_free(struct events *events)
{
    free(events);
}

void events_add(struct events *events, const struct pgcensus_event *event)
{
    if (!events)
        return;
    if (events->n == events->room) {
        events->first = (events->first + 1) % events->room;
        events->n--;
    }
    struct pgcensus_event *to =
        &events->ring[(events->first + events->n++) % events->room];
    *to = *event;
    to->seq = ++events->last_seq;
    to->time = clock_wall();
}

bool events_take(struct events *events, struct pgcensus_event *ret_event)
{
    if (!events_waiting(events))
        return false;
    *ret_event = events->ring[events->first];
    events->first = (events->first + 1) % events->room;
    events->n--;
    return true;
}

bool events_waiting(const struct events *events)
{
    return events && events->n > 0;
}
