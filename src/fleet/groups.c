#include "fleet/groups.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

void groups_fini(struct groups *groups)
{
    for (size_t i = 0; i < groups->n; i++)
        free((char *)groups->items[i].name);
    free(groups->items);
    name_table_fini(&groups->names);
    *groups = (struct groups){.n = 0};
}

struct fleet_group *groups_get(struct groups *groups, const char *name)
{
    size_t index;
    if (name_table_find(&groups->names, name, &index))
        return &groups->items[index];
    AUTO(free) char *copy = strdup(name);
    if (!copy || !name_table_reserve(&groups->names) ||
        !memory_grow(&groups->items, &groups->cap, groups->n, sizeof *groups->items))
        return NULL;
    struct fleet_group *group = &groups->items[groups->n];
    *group = (struct fleet_group){.name = copy, .require = {-1, -1, -1}};
    name_table_put(&groups->names, take_ptr(copy), groups->n++);
    return group;
}

const struct fleet_group *groups_find(const struct groups *groups, const char *name)
{
    size_t index;
    return name_table_find(&groups->names, name, &index) ? &groups->items[index] : NULL;
}
