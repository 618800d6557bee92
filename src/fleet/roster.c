#include "fleet/roster.h"

#include "base/memory.h"

#include <assert.h>

struct roster *roster_new(void)
{
    struct roster *roster = memory_new(struct roster);
    if (roster)
        roster->users = 1;
    return roster;
}

struct roster *roster_take(struct roster *roster)
{
    roster->users++;
    return roster;
}

void roster_drop(struct roster *roster)
{
    if (!roster || --roster->users > 0)
        return;
    for (size_t i = 0; i < roster->n; i++)
        node_drop(roster->nodes[i]);
    free(roster->nodes);
    free(roster);
}

bool roster_own(struct roster **roster)
{
    struct roster *old = *roster;
    if (old->users == 1)
        return true;
    struct roster *copy = roster_new();
    if (!copy || !memory_grow(&copy->nodes, &copy->cap, old->n, sizeof *copy->nodes)) {
        free(copy);
        return false;
    }
    for (size_t i = 0; i < old->n; i++)
        copy->nodes[i] = node_take(old->nodes[i]);
    copy->n = old->n;
    roster_drop(old);
    *roster = copy;
    return true;
}

bool roster_reserve(struct roster *roster)
{
    return memory_grow(&roster->nodes, &roster->cap, roster->n, sizeof *roster->nodes);
}

void roster_put(struct roster *roster, struct node *node)
{
    assert(roster->users == 1 && node->index <= roster->n);
    if (node->index == roster->n)
        roster->n++;
    else
        assert(node_is_vacant(roster->nodes[node->index]));
    roster->nodes[node->index] = node_take(node);
}

void roster_remove(struct roster *roster, struct node *node, struct node *vacant)
{
    assert(roster->users == 1 && roster->nodes[node->index] == node);
    roster->nodes[node->index] = vacant;
    node_drop(node);
}
