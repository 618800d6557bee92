/* What happened to the nodes that a fleet watches, for any number of readers.
 *
 * A fleet keeps the newest events in two rings: edges, that something is different from
 * now on, and samples, that a check was made.  However many checks there are, they push
 * no edge out.  A reader has a cursor, which is a value of its own; a slow reader costs
 * nothing but what it misses itself, and its cursor says how many events that were. */
#ifndef PGCENSUS_EVENTS_H
#define PGCENSUS_EVENTS_H

#include <pgcensus/status.h>

struct pgcensus_fleet;

enum pgcensus_event_kind {
    PGCENSUS_EVENT_NONE,
    PGCENSUS_EVENT_NODE_ADDED,   /* it is watched from now on */
    PGCENSUS_EVENT_NODE_REMOVED, /* it is not any more: removed, or disabled */
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

/* How the check failed, as the server or we put it: see the message of a failure.  The
 * fleet keeps such texts beside the events, equal ones once, the latest 8 kB of them at
 * least and 20 bytes more for each node.  One that had to make room is gone: false, and
 * the text says class, phase and SQLSTATE, which the event itself holds.  "" if nothing
 * failed.  What does not fit in size bytes is cut. */
bool pgcensus_event_text(const struct pgcensus_fleet *fleet,
                         const struct pgcensus_event *event, char *to, size_t size);

/* ---- reading ---- */

/* Where a reader stands.  Zeroed: before the first event of the fleet.  How many were
 * dropped before this reader came to them is counted in it and may be set back to 0. */
struct pgcensus_cursor {
    uint64_t edges, samples; /* so many of each are behind it */
    uint64_t missed_edges, missed_samples;
};

/* Stands behind the newest event: what comes next is what happens next. */
void pgcensus_events_cursor(const struct pgcensus_fleet *fleet,
                            struct pgcensus_cursor *ret_cursor);
/* The next event for this reader, in the order of seq; false: there is none yet. */
bool pgcensus_events_next(struct pgcensus_fleet *fleet, struct pgcensus_cursor *cursor,
                          struct pgcensus_event *ret_event);

/* The same for a program that has one reader only: the fleet holds its cursor, which
 * begins before the first event.  Gaps in seq show what was dropped. */
bool pgcensus_fleet_event(struct pgcensus_fleet *fleet,
                          struct pgcensus_event *ret_event);

#endif
