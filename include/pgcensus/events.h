/* Events of the nodes that a fleet watches, for any number of readers.
 *
 * A fleet keeps the newest events in two rings: edges say that something has
 * changed, samples that a check was made, and samples never push out an edge.
 * Each reader has a cursor, which is a value of its own.  A slow reader misses
 * events, delays no other reader, and finds their number in its cursor. */
#ifndef PGCENSUS_EVENTS_H
#define PGCENSUS_EVENTS_H

#include <pgcensus/status.h>

struct pgcensus_fleet;

enum pgcensus_event_kind {
    PGCENSUS_EVENT_NONE,
    PGCENSUS_EVENT_NODE_ADDED,   /* the node is watched from now on */
    PGCENSUS_EVENT_NODE_REMOVED, /* no longer watched: removed, or disabled */
    PGCENSUS_EVENT_NODE_CONNECTED,
    PGCENSUS_EVENT_NODE_DISCONNECTED,
    PGCENSUS_EVENT_NODE_HEALTH,     /* state changed: from → to */
    PGCENSUS_EVENT_CHECK_OK,        /* a sample */
    PGCENSUS_EVENT_CHECK_FAILED,    /* a sample */
    PGCENSUS_EVENT_RETRY_SCHEDULED, /* a sample */
    PGCENSUS_EVENT_RETRY_EXHAUSTED,
};

const char *pgcensus_event_name(enum pgcensus_event_kind kind); /* "node.health" … */

/* A value without pointers.  Its words are made on demand, by the functions below. */
struct pgcensus_event {
    uint64_t seq; /* counts every event of the fleet, lost ones too */
    nsec time;    /* CLOCK_REALTIME, nanoseconds since 1970 */
    union {
        nsec latency; /* CHECK_OK, CHECK_FAILED: to the answer or the failure */
        nsec delay;   /* RETRY_SCHEDULED: until the next attempt */
    };
    uint64_t text;              /* for pgcensus_event_text() */
    uint32_t index, generation; /* of the node, see <pgcensus/nodes.h> */
    unsigned consecutive_failures;
    enum pgcensus_event_kind kind;
    enum pgcensus_state from, to;    /* NODE_HEALTH */
    enum pgcensus_class error_class; /* of the latest check; CLASS_NONE: it was fine */
    enum pgcensus_phase phase;
    char sqlstate[6]; /* "" if the server named none */
    uint8_t rule;     /* for pgcensus_event_because() */
};

_Static_assert(sizeof(struct pgcensus_event) <= 128, "small enough to keep many");

/* The rule that fired, "too many checks in a row failed"; static.  NULL unless it is
 * NODE_HEALTH. */
const char *pgcensus_event_because(const struct pgcensus_event *event);

/* Why the check failed: the message of its failure; "" if nothing failed.  The
 * fleet keeps such texts beside the events, equal ones once, the latest 8 kB of
 * them at least and 20 bytes more for each node.  False: the text was dropped
 * to make room; instead the class, phase and SQLSTATE of the event are written.
 * A text that does not fit in size bytes is cut. */
bool pgcensus_event_text(const struct pgcensus_fleet *fleet,
                         const struct pgcensus_event *event, char *to, size_t size);

/* ---- reading ---- */

/* The position of a reader.  Zeroed: before the first event of the fleet.  The
 * missed counters hold how many events were dropped before this reader came to
 * them; they may be set back to 0. */
struct pgcensus_cursor {
    uint64_t edges, samples; /* how many of each were read or missed */
    uint64_t missed_edges, missed_samples;
};

/* A cursor behind the newest event, for a reader of future events only. */
void pgcensus_events_cursor(const struct pgcensus_fleet *fleet,
                            struct pgcensus_cursor *ret_cursor);
/* The next event for this reader, in the order of seq; false: there is none yet. */
bool pgcensus_events_next(struct pgcensus_fleet *fleet, struct pgcensus_cursor *cursor,
                          struct pgcensus_event *ret_event);

/* As pgcensus_events_next(), for a program with only one reader: the fleet
 * holds its cursor, which begins before the first event.  Gaps in seq show what
 * was dropped. */
bool pgcensus_fleet_event(struct pgcensus_fleet *fleet,
                          struct pgcensus_event *ret_event);

#endif
