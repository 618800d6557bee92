/* Sets aside the calls of a queue that last too long. */
#ifndef IO_WORKER_PATIENCE_H
#define IO_WORKER_PATIENCE_H

#include "io/worker_queue.h"

/* The blocking jobs that last. */
void patience_with_blocking(struct worker_queue *queue, nsec now);
/* The computations that last and have really used a core. */
void patience_with_computing(struct worker_queue *queue, nsec now);
/* The job was abandoned: no claimant waits for it any more. */
void patience_lost(struct worker_queue *queue, struct worker_job *job);

#endif
