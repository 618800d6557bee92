/* A probe from inside, for probe.c and probe_facts.c. */
#ifndef FLEET_PROBE_PRIVATE_H
#define FLEET_PROBE_PRIVATE_H

#include "fleet/probe.h"

/* Enters the state and sends; timeout is that of the statement alone. */
void probe_send(struct probe *probe, enum probe_state state,
                struct pg_statement statement, nsec timeout, nsec now);
/* CLOCK_MONOTONIC: the clock of the loop and what was taken out of it, which has passed
 * on the clocks of servers. */
static inline nsec probe_clock(const struct probe *probe)
{
    return loop_now(probe->task.loop) + loop_lost(probe->task.loop);
}
/* The result is complete. */
void probe_end(struct probe *probe, nsec now);

/* probe_facts.c: the node is fine; asks for more, or ends. */
void probe_go_on(struct probe *probe, nsec now);
void probe_step_facts(struct probe *probe, nsec now);
void probe_step_role(struct probe *probe, nsec now);

#endif
