/* Two clocks: all decisions use the monotonic one; the wall clock is only printed. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/buf.h"

#include <pgcensus/status.h>

#define NSEC_PER_USEC ((nsec)1000)
#define NSEC_PER_MSEC ((nsec)1000000)
#define NSEC_PER_SEC ((nsec)1000000000)
#define NEVER INT64_MAX /* a point in time that does not come */

nsec clock_now(void);  /* CLOCK_MONOTONIC */
nsec clock_wall(void); /* CLOCK_REALTIME, since 1970 */
nsec clock_cpu(void);  /* the CPU time of this thread so far */

/* a + b, where NEVER and overflow stay NEVER. */
nsec clock_add(nsec at, nsec length);
/* For poll(): rounded up, so that a deadline has really passed afterwards; -1 for
 * NEVER, 0 if it has passed. */
int clock_poll_timeout(nsec now, nsec deadline);

/* RFC 3339, UTC, milliseconds: 2026-10-01T14:32:08.114Z */
void clock_format_wall(nsec wall, struct buf *buf);

#endif
