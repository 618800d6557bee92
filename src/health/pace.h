/* How many handshakes may be started now.  Pure.
 *
 * A login costs 0.1 to 4 ms of our CPU; a thousand started at once would add
 * our own queueing to every latency.  A small fixed limit would make a round
 * slow, because far nodes cost nothing while we wait for them.  Hence: start at
 * most a handful per turn, and none while the last turn was long and enough are
 * under way to keep us busy. */
#ifndef HEALTH_PACE_H
#define HEALTH_PACE_H

#include <pgcensus/status.h>

struct pace_options {
    unsigned in_flight_max;
};

/* lag: how far we are behind, the longer of the loop's last turn and
 * workers_lag().  If it allows fewer than the caller wanted, ask again in the
 * next turn.  At least one is always under way, so in_flight_max 0 counts as 1. */
unsigned pace_allow(const struct pace_options *options, unsigned in_flight, nsec lag);

#endif
