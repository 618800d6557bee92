/* Which calls of a queue have lasted so long that they are set aside. */
#ifndef IO_WORKER_PATIENCE_H
#define IO_WORKER_PATIENCE_H

#include "io/worker_queue.h"

/* Blocking jobs that last. */
void patience_with_blocking(struct worker_queue *queue, nsec now);
/* Computations that last, and have really computed. */
void patience_with_computing(struct worker_queue *queue, nsec now);
/* Nobody waits for it any more. */
void patience_lost(struct worker_queue *queue, struct worker_job *job);

#endif
