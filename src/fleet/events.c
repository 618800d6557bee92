/* Events are written into one of two rings, which only know how many they ever held; a
 * cursor counts how many of each are behind it.  So a reader costs the rings nothing,
 * and what it missed is a subtraction.  The numbers of the events put both rings back
 * into one order. */
#include "fleet/events.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "fleet/texts.h"
#include "health/state.h"

#include <stdio.h>
#include <string.h>

/* Of a fleet: what all its nodes have to say at once when a data centre goes down and
 * comes back, and at least a burst of a few.  10,000 nodes: 4 MB. */
enum {
    FEWEST_EDGES = 4096,
    EDGES_PER_NODE = 3,
    FEWEST_SAMPLES = 1024,
    SAMPLES_PER_NODE = 1,
    LEAST_TEXT = 16 << 10,
    TEXT_PER_NODE = 40,
};

struct ring {
    struct pgcensus_event *records;
    size_t room;
    uint64_t first, n; /* of all that were ever added: those from first to n are here */
};

struct events {
    uint64_t last_seq;
    uint64_t taken; /* the newest that a reader has come to */
    struct ring edges, samples;
    struct texts *texts;
};

static bool ring_init(struct ring *ring, size_t room)
{
    ring->room = room;
    ring->records = memory_array(room, sizeof *ring->records);
    return ring->records;
}

struct events *events_new(size_t edges, size_t samples, size_t bytes_of_text)
{
    AUTO(events_free) struct events *events = memory_new(struct events);
    if (!events || !ring_init(&events->edges, edges) ||
        !ring_init(&events->samples, samples))
        return NULL;
    events->texts = texts_new(bytes_of_text);
    return events->texts ? take_ptr(events) : NULL;
}

struct events *events_new_for(size_t n_nodes)
{
    return events_new(FEWEST_EDGES + EDGES_PER_NODE * n_nodes,
                      FEWEST_SAMPLES + SAMPLES_PER_NODE * n_nodes,
                      LEAST_TEXT + TEXT_PER_NODE * n_nodes);
}

static void ring_widen(struct ring *ring, size_t room)
{
    struct ring wider = {.first = ring->first, .n = ring->n};
    if (room <= ring->room || !ring_init(&wider, room + room / 4))
        return;
    for (uint64_t i = ring->first; i < ring->n; i++)
        wider.records[i % wider.room] = ring->records[i % ring->room];
    free(ring->records);
    *ring = wider;
}

void events_widen(struct events *events, size_t n_nodes)
{
    if (!events)
        return;
    ring_widen(&events->edges, FEWEST_EDGES + EDGES_PER_NODE * n_nodes);
    ring_widen(&events->samples, FEWEST_SAMPLES + SAMPLES_PER_NODE * n_nodes);
}

void events_free(struct events *events)
{
    if (!events)
        return;
    texts_free(events->texts);
    free(events->edges.records);
    free(events->samples.records);
    free(events);
}

/* ---- writing ---- */

static bool is_sample(enum pgcensus_event_kind kind)
{
    switch (kind) {
    case PGCENSUS_EVENT_CHECK_OK:
    case PGCENSUS_EVENT_CHECK_FAILED:
    case PGCENSUS_EVENT_RETRY_SCHEDULED:
        return true;
    case PGCENSUS_EVENT_NONE:
    case PGCENSUS_EVENT_NODE_ADDED:
    case PGCENSUS_EVENT_NODE_REMOVED:
    case PGCENSUS_EVENT_NODE_CONNECTED:
    case PGCENSUS_EVENT_NODE_DISCONNECTED:
    case PGCENSUS_EVENT_NODE_HEALTH:
    case PGCENSUS_EVENT_RETRY_EXHAUSTED:
        return false;
    }
    return false;
}

void events_add(struct events *events, const struct pgcensus_event *event,
                const struct pgcensus_failure *failure)
{
    if (!events)
        return;
    struct ring *ring = is_sample(event->kind) ? &events->samples : &events->edges;
    if (ring->n - ring->first == ring->room)
        ring->first++;
    struct pgcensus_event *to = &ring->records[ring->n++ % ring->room];
    *to = *event;
    to->seq = ++events->last_seq;
    to->time = clock_wall();
    if (!failure || failure->error_class == PGCENSUS_CLASS_NONE)
        return;
    to->error_class = failure->error_class;
    to->phase = failure->phase;
    memcpy(to->sqlstate, failure->sqlstate, sizeof to->sqlstate);
    to->text = texts_keep(events->texts, failure->message);
}

/* ---- reading ---- */

void events_cursor(const struct events *events, struct pgcensus_cursor *ret_cursor)
{
    *ret_cursor = (struct pgcensus_cursor){0};
    if (!events)
        return;
    ret_cursor->edges = events->edges.n;
    ret_cursor->samples = events->samples.n;
}

/* The first record at or behind *at, which moves over what is no longer there; NULL:
 * there is none. */
static const struct pgcensus_event *peek(const struct ring *ring, uint64_t *at,
                                         uint64_t *missed)
{
    if (*at < ring->first) {
        *missed += ring->first - *at;
        *at = ring->first;
    }
    return *at < ring->n ? &ring->records[*at % ring->room] : NULL;
}

bool events_next(struct events *events, struct pgcensus_cursor *cursor,
                 struct pgcensus_event *ret_event)
{
    if (!events)
        return false;
    const struct pgcensus_event *edge =
        peek(&events->edges, &cursor->edges, &cursor->missed_edges);
    const struct pgcensus_event *sample =
        peek(&events->samples, &cursor->samples, &cursor->missed_samples);
    bool edge_first = edge && (!sample || edge->seq < sample->seq);
    const struct pgcensus_event *next = edge_first ? edge : sample;
    uint64_t come_to = next ? next->seq : events->last_seq;
    if (come_to > events->taken)
        events->taken = come_to;
    if (!next)
        return false;
    *ret_event = *next;
    *(edge_first ? &cursor->edges : &cursor->samples) += 1;
    return true;
}

bool events_waiting(const struct events *events)
{
    return events && events->taken < events->last_seq;
}

uint64_t events_last(const struct events *events)
{
    return events ? events->last_seq : 0;
}

static bool holds_older(const struct ring *ring, uint64_t seq)
{
    return ring->first < ring->n && ring->records[ring->first % ring->room].seq <= seq;
}

bool events_reach_back(const struct events *events, uint64_t seq)
{
    return events &&
           (holds_older(&events->edges, seq) || holds_older(&events->samples, seq));
}

/* ---- words ---- */

const char *pgcensus_event_because(const struct pgcensus_event *event)
{
    struct health_row row;
    bool has =
        event->kind == PGCENSUS_EVENT_NODE_HEALTH && health_row(event->rule, &row);
    return has ? row.because : NULL;
}

bool events_text(const struct events *events, const struct pgcensus_event *event,
                 char *to, size_t size)
{
    const char *text =
        events && event->text ? texts_find(events->texts, event->text) : NULL;
    const char *class_name = pgcensus_class_name(event->error_class);
    const char *phase = pgcensus_phase_name(event->phase);
    text_copy(to, size, text ? text : "");
    if (text || !class_name)
        return true;
    snprintf(to, size, "%s%s%s%s%s", class_name, phase ? ", " : "", phase ? phase : "",
             *event->sqlstate ? ", SQLSTATE " : "", event->sqlstate);
    return false;
}
