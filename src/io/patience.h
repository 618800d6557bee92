/* Which calls of a lane have lasted so long that they are set aside. */
#ifndef IO_PATIENCE_H
#define IO_PATIENCE_H

#include "io/lane.h"

/* Errands that last. */
void patience_with_errands(struct lane *lane, nsec now);
/* Computations that last, and have really computed. */
void patience_with_computing(struct lane *lane, nsec now);
/* Nobody waits for it any more. */
void patience_lost(struct lane *lane, struct crew_job *job);

#endif
