/* One round of checks: every node of a engine comes out exactly once. */
#ifndef FLEET_ROUND_H
#define FLEET_ROUND_H

#include "base/auto.h"

#include <pgcensus/fleet.h>

struct engine;
struct round;

/* NULL: no memory. */
struct round *round_new(struct engine *engine,
                        const struct pgcensus_check_options *options, nsec now);
/* Checks that are under way are cancelled. */
void round_free(struct round *round);
AUTO_DEFINE(struct round *, round_free)

/* The next result that is there. */
bool round_take(struct round *round, struct pgcensus_node_result *ret_result);
bool round_over(const struct round *round);
/* What has not come to an end comes out as unknown, for that reason. */
void round_stop(struct round *round, enum pgcensus_class error_class,
                const char *reason, nsec now);

#endif
