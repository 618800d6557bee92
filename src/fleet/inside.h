/* What a fleet and a round of checks are, for fleet.c, check.c and query/query.c only.
 */
#ifndef FLEET_INSIDE_H
#define FLEET_INSIDE_H

#include "base/secrets.h"
#include "fleet/groups.h"
#include "fleet/names.h"
#include "fleet/shard.h"

/* More than one needs a thread each, see shard.h; the loops over them are there. */
enum { SHARDS = 1 };

struct pgcensus_fleet {
    struct secrets *secrets;
    struct shard *shards[SHARDS];
    struct node **nodes; /* in inventory order; owned by their shards */
    size_t n, cap;
    struct names names;
    struct groups groups;
    struct events *events;        /* NULL until somebody watches */
    struct pgcensus_check *check; /* the round under way, or NULL */
    unsigned queries;             /* that are under way; none when it is freed */
    bool stopping;
};

struct pgcensus_check {
    struct pgcensus_fleet *fleet; /* NULL: it was freed before the check */
    int stop_fd;
    struct pgcensus_node_result result; /* the one that was handed out last */
};

AUTO_DEFINE(struct pgcensus_check *, pgcensus_check_free)

static inline struct shard *shard_of(const struct pgcensus_fleet *fleet, size_t index)
{
    return fleet->shards[index % SHARDS];
}

#endif
