/* The claims that wait for a connection of a pool. */
#ifndef POOL_QUEUE_H
#define POOL_QUEUE_H

#include "pool/pool.h"

void queue_init(struct pool *pool);
void queue_join(struct pool *pool, struct claim *claim);
/* Sets the deadline of the claim, which has joined last and still waits, and
 * the alarm. */
void queue_set_patience(struct pool *pool, struct claim *claim, nsec now);
/* Takes the claim out without an answer; the caller sets its state. */
void queue_leave(struct pool *pool, struct claim *claim, nsec now);
/* Ends the wait of the first one, if there is one.  slot: the one whose opening
 * failed, or NULL. */
void queue_fail_first(struct pool *pool, const struct pgcensus_failure *failure,
                      const struct slot *slot, nsec now);
/* All claims fail, CANCELLED. */
void queue_cancel_all(struct pool *pool, nsec now);

void claim_wake(const struct claim *claim);
void claim_cancel(const struct pool *pool, struct claim *claim);

#endif
