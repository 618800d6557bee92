/* Groups as they are configured: the fleet may hold only a part of one, so what all of
 * it requires, and how many nodes all of it are, is told apart from the nodes. */
#ifndef FLEET_GROUPS_H
#define FLEET_GROUPS_H

#include "base/name_table.h"

#include <pgcensus/verdict.h>

struct fleet_group {
    const char *name;
    struct pgcensus_require require;
    size_t n_members; /* in the configuration, selected or not, enabled or not */
};

/* Zeroed: empty. */
struct groups {
    struct fleet_group *items;
    size_t n, cap;
    struct name_table names;
};

void groups_fini(struct groups *groups);
/* Adds it, without rules and members, if it is not there.  NULL: no memory. */
struct fleet_group *groups_get(struct groups *groups, const char *name);
/* NULL: it is not there. */
const struct fleet_group *groups_find(const struct groups *groups, const char *name);

#endif
