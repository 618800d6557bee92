/* One header for the answers of many nodes.
 *
 * Nearly all nodes have the same columns in the same order.  They share a shape, which
 * is worked out once; for the others it costs a comparison of names.  A new shape looks
 * its columns up in a hash table by name, so many columns that nobody else has cost no
 * more than as many that everybody has.  Everything is found and all memory is there
 * before anything changes, so there is nothing to take back.
 *
 * The surprise: what is the same is not the name but the name and which one of that
 * name it is: SELECT 1 AS a, 2 AS a has two columns, and so has the next node. */
#include <pgcensus/replies.h>

#include "base/auto.h"
#include "base/memory.h"
#include "query/compare.h"

#include <stdint.h>
#include <string.h>

enum { FEW = 8 };
enum { NONE = 0 }; /* of columns that are counted from 1 */

/* The columns that some nodes have. */
struct shape {
    struct shape *older;
    uint64_t hash;
    size_t n;
    size_t *places; /* by own column: the merged one */
    size_t *map;    /* by merged column: the own one; cap_columns of them */
    char *names;    /* of the columns that it brought, one behind the other */
};

/* What else is known of a merged column.  Those of one name are chained. */
struct namesake {
    size_t next; /* from 1 */
    /* Only in the first of a name: */
    uint64_t hash;
    size_t last;
    size_t turn;    /* which shape was looking when untaken was set */
    size_t untaken; /* the first that this shape has not taken, from 1 */
};

struct pgcensus_merge {
    struct shape **shapes; /* by node; NULL: not added */
    struct shape *newest;
    struct pgcensus_column *columns;
    struct namesake *namesakes; /* by merged column */
    size_t n_columns, cap_columns;
    size_t *slots; /* by hash: the first column of a name, from 1; a power of 2 */
    size_t n_slots;
    size_t turn;
    bool types_differ;
};

AUTO_DEFINE(struct pgcensus_merge *, pgcensus_merge_free)

static void shape_free(struct shape *shape)
{
    if (!shape)
        return;
    free(shape->places);
    free(shape->map);
    free(shape->names);
    free(shape);
}
AUTO_DEFINE(struct shape *, shape_free)

/* ---- names ---- */

static uint64_t hash_name(uint64_t seed, const char *name)
{
    return compare_hash(seed, &(struct pgcensus_cell){name, strlen(name)});
}

/* Where the first column of that name is, or would be. */
static size_t *find_merge_column(const struct pgcensus_merge *merge, const char *name,
                                 uint64_t hash)
{
    for (size_t at = hash ^ hash >> 32;; at++) {
        size_t *slot = &merge->slots[at & (merge->n_slots - 1)];
        if (*slot == NONE || (merge->namesakes[*slot - 1].hash == hash &&
                              strcmp(merge->columns[*slot - 1].name, name) == 0))
            return slot;
    }
}

static void fill_slots(struct pgcensus_merge *merge)
{
    for (size_t i = 0; i < merge->n_columns; i++) {
        const char *name = merge->columns[i].name;
        size_t *slot = find_merge_column(merge, name, hash_name(0, name));
        if (*slot == NONE)
            *slot = i + 1;
    }
}

/* ---- room ---- */

static bool grow_map(struct shape *shape, size_t cap, size_t larger)
{
    size_t *map = reallocarray(shape->map, larger, sizeof *map);
    if (!map)
        return false;
    for (size_t i = cap; i < larger; i++)
        map[i] = SIZE_MAX;
    shape->map = map;
    return true;
}

/* For n merged columns.  False: no memory; some arrays may be larger than they need to
 * be, which nobody notices. */
static bool grow_merge(struct pgcensus_merge *merge, size_t n)
{
    size_t cap = merge->cap_columns ? merge->cap_columns : FEW;
    while (cap < n)
        cap *= 2;
    if (cap == merge->cap_columns)
        return true;
    struct pgcensus_column *columns =
        reallocarray(merge->columns, cap, sizeof *columns);
    if (!columns)
        return false;
    merge->columns = columns;
    struct namesake *namesakes = reallocarray(merge->namesakes, cap, sizeof *namesakes);
    if (!namesakes)
        return false;
    merge->namesakes = namesakes;
    for (struct shape *shape = merge->newest; shape; shape = shape->older)
        if (!grow_map(shape, merge->cap_columns, cap))
            return false;
    size_t *slots = memory_array(2 * cap, sizeof *slots);
    if (!slots)
        return false;
    free(merge->slots);
    merge->slots = slots;
    merge->n_slots = 2 * cap;
    merge->cap_columns = cap;
    fill_slots(merge);
    return true;
}

struct pgcensus_merge *pgcensus_merge_new(size_t n)
{
    AUTO(pgcensus_merge_free)
    struct pgcensus_merge *merge = memory_new(struct pgcensus_merge);
    if (!merge)
        return NULL;
    merge->shapes = memory_array(n, sizeof *merge->shapes);
    if (!merge->shapes || !grow_merge(merge, FEW))
        return NULL;
    return take_ptr(merge);
}

void pgcensus_merge_free(struct pgcensus_merge *merge)
{
    if (!merge)
        return;
    for (struct shape *shape; (shape = merge->newest);) {
        merge->newest = shape->older;
        shape_free(shape);
    }
    free(merge->shapes);
    free(merge->columns);
    free(merge->namesakes);
    free(merge->slots);
    free(merge);
}

/* ---- shapes ---- */

static bool has_shape(const struct pgcensus_merge *merge, const struct shape *shape,
                      const struct pgcensus_rows *rows)
{
    if (shape->n != rows->n_columns)
        return false;
    for (size_t i = 0; i < shape->n; i++)
        if (strcmp(merge->columns[shape->places[i]].name, rows->columns[i].name) != 0)
            return false;
    return true;
}

static struct shape *find_shape(const struct pgcensus_merge *merge,
                                const struct pgcensus_rows *rows, uint64_t hash)
{
    struct shape *shape = merge->newest;
    while (shape && (shape->hash != hash || !has_shape(merge, shape, rows)))
        shape = shape->older;
    return shape;
}

/* The next merged column of that name which nobody has taken in this turn; SIZE_MAX:
 * there is none. */
static size_t take_place(struct pgcensus_merge *merge, const char *name)
{
    size_t first = *find_merge_column(merge, name, hash_name(0, name));
    if (first == NONE)
        return SIZE_MAX;
    struct namesake *namesake = &merge->namesakes[first - 1];
    if (namesake->turn != merge->turn) {
        namesake->turn = merge->turn;
        namesake->untaken = first;
    }
    if (namesake->untaken == NONE)
        return SIZE_MAX;
    size_t place = namesake->untaken - 1;
    namesake->untaken = merge->namesakes[place].next;
    return place;
}

/* places: SIZE_MAX for new columns. */
static struct shape *make_shape(struct pgcensus_merge *merge,
                                const struct pgcensus_rows *rows)
{
    AUTO(shape_free) struct shape *shape = memory_new(struct shape);
    if (!shape)
        return NULL;
    shape->n = rows->n_columns;
    shape->places = memory_array(shape->n, sizeof *shape->places);
    if (!shape->places)
        return NULL;
    merge->turn++;
    for (size_t i = 0; i < shape->n; i++)
        shape->places[i] = take_place(merge, rows->columns[i].name);
    return take_ptr(shape);
}

/* Room for the columns that the shape brings, if it may. */
static bool prepare_merge(struct pgcensus_merge *merge, struct shape *shape,
                          const struct pgcensus_rows *rows, bool frozen)
{
    size_t n_new = 0, bytes = 0;
    for (size_t i = 0; i < shape->n; i++) {
        if (shape->places[i] != SIZE_MAX)
            continue;
        n_new++;
        bytes += strlen(rows->columns[i].name) + 1;
    }
    if (n_new > 0 && frozen)
        return false;
    shape->names = memory_array(bytes, 1);
    return shape->names && grow_merge(merge, merge->n_columns + n_new) &&
           grow_map(shape, 0, merge->cap_columns);
}

/* The name must stay. */
static size_t merge_add_column(struct pgcensus_merge *merge, const char *name,
                               unsigned type)
{
    size_t column = merge->n_columns++;
    uint64_t hash = hash_name(0, name);
    size_t *first = find_merge_column(merge, name, hash);
    merge->columns[column] = (struct pgcensus_column){name, type};
    merge->namesakes[column] = (struct namesake){.hash = hash, .last = column};
    if (*first == NONE) {
        *first = column + 1;
        return column;
    }
    struct namesake *namesake = &merge->namesakes[*first - 1];
    merge->namesakes[namesake->last].next = column + 1;
    namesake->last = column;
    return column;
}

static void note_types(struct pgcensus_merge *merge, const struct shape *shape,
                       const struct pgcensus_rows *rows)
{
    for (size_t i = 0; i < shape->n && !merge->types_differ; i++)
        merge->types_differ = !pgcensus_type_same(merge->columns[shape->places[i]].type,
                                                  rows->columns[i].type);
}

bool pgcensus_merge_add(struct pgcensus_merge *merge, size_t index,
                        const struct pgcensus_rows *rows, bool frozen)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < rows->n_columns; i++)
        hash = hash_name(hash, rows->columns[i].name);
    merge->shapes[index] = find_shape(merge, rows, hash);
    if (merge->shapes[index]) {
        note_types(merge, merge->shapes[index], rows);
        return true;
    }
    AUTO(shape_free) struct shape *shape = make_shape(merge, rows);
    if (!shape || !prepare_merge(merge, shape, rows, frozen))
        return false;
    char *name = shape->names;
    for (size_t i = 0; i < shape->n; i++) {
        const struct pgcensus_column *column = &rows->columns[i];
        if (shape->places[i] == SIZE_MAX) {
            size_t size = strlen(column->name) + 1;
            memcpy(name, column->name, size);
            shape->places[i] = merge_add_column(merge, name, column->type);
            name += size;
        }
        shape->map[shape->places[i]] = i;
    }
    shape->hash = hash;
    shape->older = merge->newest;
    merge->shapes[index] = merge->newest = take_ptr(shape);
    note_types(merge, merge->newest, rows);
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
    return merge->shapes[index] ? merge->shapes[index]->map : NULL;
}

bool pgcensus_merge_differs(const struct pgcensus_merge *merge)
{
    return merge->newest && merge->newest->older;
}

bool pgcensus_merge_lacks(const struct pgcensus_merge *merge)
{
    for (const struct shape *shape = merge->newest; shape; shape = shape->older)
        if (shape->n < merge->n_columns)
            return true;
    return false;
}

bool pgcensus_merge_types_differ(const struct pgcensus_merge *merge)
{
    return merge->types_differ;
}
