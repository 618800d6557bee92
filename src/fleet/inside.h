/* What a fleet and a round of checks are, for fleet.c, nodes.c, check.c and
 * query/query.c only. */
#ifndef FLEET_INSIDE_H
#define FLEET_INSIDE_H

#include "base/name_table.h"
#include "base/secrets.h"
#include "fleet/engine.h"
#include "fleet/groups.h"

struct pgcensus_fleet {
    struct secrets *secrets; /* those that the nodes log in with */
    struct engine *engine;   /* loop, threads, nodes, and what is done with them */
    struct name_table names;
    struct groups groups;
    struct pgcensus_cursor reader; /* of pgcensus_fleet_event() */
    struct pgcensus_check *check;  /* the round under way, or NULL */
    unsigned queries;              /* that are under way; none when it is freed */
    bool stopping;
};

/* NULL: there is none. */
static inline struct node *fleet_node_at(const struct pgcensus_fleet *fleet,
                                         size_t index)
{
    const struct roster *roster = fleet->engine->roster;
    bool is_there = index < roster->n && !node_is_vacant(roster->nodes[index]);
    return is_there ? roster->nodes[index] : NULL;
}

struct pgcensus_check {
    struct pgcensus_fleet *fleet; /* NULL: it was freed before the check */
    int stop_fd;
    struct pgcensus_node_result result; /* the one that was handed out last */
};

AUTO_DEFINE(struct pgcensus_check *, pgcensus_check_free)

#endif
