#include "health/pace.h"

/* Sixteen starts cost about a millisecond, which is the error that they add to
 * a measurement; a thousand nodes are under way after some sixty turns. */
enum { START_AT_ONCE = 16 };
/* Enough handshakes to give every core something to do while the rest waits. */
enum { KEEPS_US_BUSY = 32 };
/* Above this lag, latencies would include our own queueing. */
#define BEHIND ((nsec)4000000) /* 4 ms */

unsigned pace_allow(const struct pace_options *options, unsigned in_flight, nsec lag)
{
    unsigned most = options->in_flight_max ? options->in_flight_max : 1;
    if (in_flight >= most)
        return 0;
    if (lag > BEHIND && in_flight >= KEEPS_US_BUSY)
        return 0;
    unsigned room = most - in_flight;
    return room < START_AT_ONCE ? room : START_AT_ONCE;
}
