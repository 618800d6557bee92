/* io/loop.h on a clock that stands still until a test moves it; linked instead of the
 * real one.  A turn never waits: if nothing is due the clock jumps to what is due next,
 * so an hour of life passes in microseconds and every run is the same. */
#ifndef TESTS_FAKE_LOOP_H
#define TESTS_FAKE_LOOP_H

#include "io/loop.h"

extern nsec fake_now;
extern nsec fake_last_turn; /* what loop_load() says of it */

extern nsec fake_lost; /* of the time, see loop_lost() */

/* Turns until the clock stands at `at` and nothing is due any more. */
void fake_run_until(struct loop *loop, nsec at);

#endif
