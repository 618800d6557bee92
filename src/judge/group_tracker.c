#include <pgcensus/verdict.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/memory.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Nodes of the same group, or all without one. */
struct tracked_group {
    const size_t *members; /* a part of the tracker's */
    size_t n, n_noted;
};

struct pgcensus_group_tracker {
    struct tracked_group *groups;
    size_t n_groups;
    size_t *members;  /* indexes of nodes, by group, then in inventory order */
    size_t *group_of; /* by index of the node: of groups; SIZE_MAX: there is no node */
    bool *noted;      /* by index */
};

AUTO_DEFINE(struct pgcensus_group_tracker *, pgcensus_group_tracker_free)

struct tracked_member {
    const char *group;
    size_t index;
};

static int compare_names(const char *one, const char *other)
{
    return one && other ? strcmp(one, other) : (one != NULL) - (other != NULL);
}

static int compare_members(const void *a, const void *b)
{
    const struct tracked_member *left = a, *right = b;
    int order = compare_names(left->group, right->group);
    return order ? order : (left->index > right->index) - (left->index < right->index);
}

static void sort_into_groups(struct pgcensus_group_tracker *tracker,
                             struct tracked_member *members, size_t n)
{
    struct tracked_group *group = NULL;
    qsort(members, n, sizeof *members, compare_members);
    for (size_t i = 0; i < n; i++) {
        if (!group || compare_names(members[i - 1].group, members[i].group) != 0) {
            group = &tracker->groups[tracker->n_groups++];
            group->members = &tracker->members[i];
        }
        tracker->members[i] = members[i].index;
        tracker->group_of[members[i].index] = tracker->n_groups - 1;
        group->n++;
    }
}

struct pgcensus_group_tracker *
pgcensus_group_tracker_new(const struct pgcensus_fleet *fleet,
                           struct pgcensus_error *ret_error)
{
    size_t size = pgcensus_fleet_size(fleet), n = 0;
    AUTO(pgcensus_group_tracker_free)
    struct pgcensus_group_tracker *tracker = memory_new(struct pgcensus_group_tracker);
    AUTO(free) struct tracked_member *members = memory_array(size, sizeof *members);
    if (tracker && members) {
        tracker->groups = memory_array(size, sizeof *tracker->groups);
        tracker->members = memory_array(size, sizeof *tracker->members);
        tracker->group_of = memory_array(size, sizeof *tracker->group_of);
        tracker->noted = memory_array(size, sizeof *tracker->noted);
    }
    if (!tracker || !members || !tracker->groups || !tracker->members ||
        !tracker->group_of || !tracker->noted) {
        error_memory(ret_error);
        return NULL;
    }
    for (size_t i = 0; i < size; i++) {
        const struct pgcensus_identity *identity = pgcensus_fleet_node(fleet, i);
        tracker->group_of[i] = SIZE_MAX;
        if (identity)
            members[n++] = (struct tracked_member){identity->group, i};
    }
    sort_into_groups(tracker, members, n);
    return take_ptr(tracker);
}

void pgcensus_group_tracker_free(struct pgcensus_group_tracker *tracker)
{
    if (!tracker)
        return;
    free(tracker->groups);
    free(tracker->members);
    free(tracker->group_of);
    free(tracker->noted);
    free(tracker);
}

static struct tracked_group *group_of(const struct pgcensus_group_tracker *tracker,
                                      size_t index)
{
    assert(tracker->group_of[index] != SIZE_MAX);
    return &tracker->groups[tracker->group_of[index]];
}

const size_t *
pgcensus_group_tracker_members(const struct pgcensus_group_tracker *tracker,
                               size_t index, size_t *ret_n)
{
    const struct tracked_group *group = group_of(tracker, index);
    *ret_n = group->n;
    return group->members;
}

bool pgcensus_group_tracker_note(struct pgcensus_group_tracker *tracker, size_t index)
{
    struct tracked_group *group = group_of(tracker, index);
    group->n_noted += !tracker->noted[index];
    tracker->noted[index] = true;
    return group->n_noted == group->n;
}
