/* One header for the answers of many nodes.
 *
 * A table of n nodes by so many columns says which of its own columns each node has in
 * which merged one.  Nearly always all have the same columns in the same order, so the
 * place that is looked at first is the column's own; only who differs is searched for.
 *
 * The surprise: what is the same is not the name but the name and which one of that
 * name it is: SELECT 1 AS a, 2 AS a has two columns, and so has the next node. */
#include <pgcensus/replies.h>

#include "base/auto.h"
#include "base/memory.h"

#include <stdint.h>
#include <string.h>

struct pgcensus_merge {
    size_t n_nodes;
    bool *added;
    size_t *maps;                    /* n_nodes rows of cap_columns places */
    struct pgcensus_column *columns; /* their names are owned */
    size_t n_columns, cap_columns;
    bool any, differs;
};

AUTO_DEFINE(struct pgcensus_merge *, pgcensus_merge_free)

enum { FEW = 8 };

static size_t *map_of(const struct pgcensus_merge *merge, size_t index)
{
    return merge->maps + index * merge->cap_columns;
}

/* Room for n columns.  False: no memory, nothing changed. */
static bool make_room(struct pgcensus_merge *merge, size_t n)
{
    size_t cap = merge->cap_columns ? merge->cap_columns : FEW;
    while (cap < n)
        cap *= 2;
    if (cap == merge->cap_columns)
        return true;
    AUTO(free) size_t *maps = memory_array(merge->n_nodes * cap, sizeof *maps);
    struct pgcensus_column *columns =
        maps ? reallocarray(merge->columns, cap, sizeof *columns) : NULL;
    if (!columns)
        return false;
    merge->columns = columns;
    for (size_t i = 0; i < merge->n_nodes * cap; i++)
        maps[i] = SIZE_MAX;
    for (size_t i = 0; merge->n_columns && i < merge->n_nodes; i++)
        memcpy(maps + i * cap, map_of(merge, i), merge->n_columns * sizeof *maps);
    free(merge->maps);
    merge->maps = take_ptr(maps);
    merge->cap_columns = cap;
    return true;
}

struct pgcensus_merge *pgcensus_merge_new(size_t n)
{
    AUTO(pgcensus_merge_free)
    struct pgcensus_merge *merge = memory_new(struct pgcensus_merge);
    if (!merge)
        return NULL;
    merge->n_nodes = n;
    merge->added = memory_array(n, sizeof *merge->added);
    if (!merge->added || !make_room(merge, FEW))
        return NULL;
    return take_ptr(merge);
}

void pgcensus_merge_free(struct pgcensus_merge *merge)
{
    if (!merge)
        return;
    for (size_t i = 0; i < merge->n_columns; i++)
        free((char *)merge->columns[i].name);
    free(merge->columns);
    free(merge->maps);
    free(merge->added);
    free(merge);
}

static bool is_free(const size_t *map, const struct pgcensus_merge *merge, size_t place,
                    const char *name)
{
    return map[place] == SIZE_MAX && strcmp(merge->columns[place].name, name) == 0;
}

/* The first merged column of that name that the node has not taken yet; n_columns:
 * there is none. */
static size_t find_place(const struct pgcensus_merge *merge, const size_t *map,
                         size_t column, const char *name)
{
    bool unique_so_far = true;
    for (size_t i = 0; i < column && unique_so_far && i < merge->n_columns; i++)
        unique_so_far = map[i] == i;
    if (unique_so_far && column < merge->n_columns && is_free(map, merge, column, name))
        return column;
    size_t place = 0;
    while (place < merge->n_columns && !is_free(map, merge, place, name))
        place++;
    return place;
}

static bool add_column(struct pgcensus_merge *merge,
                       const struct pgcensus_column *column)
{
    char *name = strdup(column->name);
    if (!name)
        return false;
    merge->columns[merge->n_columns++] = (struct pgcensus_column){name, column->type};
    return true;
}

/* Forgets what an attempt has added. */
static void take_back(struct pgcensus_merge *merge, size_t index, size_t n_before)
{
    size_t *map = map_of(merge, index);
    while (merge->n_columns > n_before)
        free((char *)merge->columns[--merge->n_columns].name);
    for (size_t i = 0; i < merge->cap_columns; i++)
        map[i] = SIZE_MAX;
}

bool pgcensus_merge_add(struct pgcensus_merge *merge, size_t index,
                        const struct pgcensus_rows *rows, bool frozen)
{
    size_t before = merge->n_columns;
    if (!make_room(merge, before + rows->n_columns))
        return false;
    size_t *map = map_of(merge, index);
    bool same = true;
    for (size_t i = 0; i < rows->n_columns; i++) {
        size_t place = find_place(merge, map, i, rows->columns[i].name);
        if (place == merge->n_columns &&
            (frozen || !add_column(merge, &rows->columns[i]))) {
            take_back(merge, index, before);
            return false;
        }
        map[place] = i;
        same = same && place == i;
    }
    bool alike = same && rows->n_columns == before && merge->n_columns == before;
    merge->differs |= merge->any && !alike;
    merge->any = merge->added[index] = true;
    return true;
}

size_t pgcensus_merge_columns(const struct pgcensus_merge *merge,
                              const struct pgcensus_column **ret_columns)
{
    *ret_columns = merge->columns;
    return merge->n_columns;
}

const size_t *pgcensus_merge_map(const struct pgcensus_merge *merge, size_t index)
{
    return merge->added[index] ? map_of(merge, index) : NULL;
}

bool pgcensus_merge_differs(const struct pgcensus_merge *merge)
{
    return merge->differs;
}
