/* A probe from inside, for probe.c, probe_asking.c and probe_facts.c. */
#ifndef FLEET_PROBE_PRIVATE_H
#define FLEET_PROBE_PRIVATE_H

#include "fleet/probe.h"

/* The deadline of what begins now, within that of all attempts. */
void probe_set_deadline(struct probe *probe, nsec patience, nsec now);
/* Enters the state and sends; timeout is that of the statement alone. */
void probe_send(struct probe *probe, enum probe_state state, const char *sql,
                nsec timeout, nsec now);
/* What was asked has failed, the statement or the connection. */
void probe_fail_asking(struct probe *probe, const struct pgcensus_failure *failure,
                       nsec now);
/* CLOCK_MONOTONIC: the clock of the loop and what was taken out of it, which has passed
 * on the clocks of servers. */
static inline nsec probe_clock(const struct probe *probe)
{
    return loop_now(probe->task.loop) + loop_lost(probe->task.loop);
}

/* The result is complete. */
void probe_end(struct probe *probe, nsec now);

/* probe_asking.c: there is a connection, or an answer to what was asked on it. */
void probe_ask(struct probe *probe, nsec now);
void probe_step_opening(struct probe *probe, nsec now);
void probe_step_asking(struct probe *probe, nsec now);
void probe_step_leaving(struct probe *probe, nsec now);

/* The node is fine: asks for more, or ends. */
void probe_go_on(struct probe *probe, nsec now);
void probe_step_facts(struct probe *probe, nsec now);
void probe_step_role(struct probe *probe, nsec now);

#endif
