/* Differences from a reference.
 *
 * Rows are matched by their key through a hash table of the reference's rows: a chain
 * for each hash, in the order of the rows, from which a row is taken when it has found
 * its like.  Rows that are the same find each other first, by all columns, then what is
 * left by the key: the n-th row of a key meets the n-th.  Many rows of one key cost no
 * more than as many of different ones.
 *
 * The surprise: a node that lacks a column, or has one more, is told so once instead of
 * row by row; the columns that both have are compared all the same. */
#include <pgcensus/replies.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "query/compare.h"
#include "query/normal.h"

#include <stdint.h>
#include <string.h>

AUTO_DEFINE(struct pgcensus_diff *, pgcensus_diff_free)
AUTO_DEFINE(struct pgcensus_fold *, pgcensus_fold_free)
AUTO_DEFINE(struct pgcensus_merge *, pgcensus_merge_free)

enum { NONE = 0 }; /* of rows that are counted from 1, so that zeroed memory is empty */

struct matching {
    const struct pgcensus_diff *diff;
    const struct pgcensus_rows *own; /* of the node */
    const size_t *map; /* columns of the reference → those of the node */
    const size_t *by;  /* columns of the reference that rows are matched by */
    size_t n_by;
    size_t *heads, n_heads; /* by hash: a row of the reference, from 1 */
    size_t *next;           /* by row of the reference: the next of its hash */
    size_t *matches;        /* by row of the reference: the node's, from 1 */
    bool *matched;          /* by row of the node */
    struct pgcensus_diff_node *node;
    size_t cap; /* of node->items */
};

static void matching_fini(struct matching *matching)
{
    free(matching->heads);
    free(matching->next);
    free(matching->matches);
    free(matching->matched);
}
AUTO_DEFINE_VALUE(struct matching, matching_fini)

/* ---- the reference ---- */

static bool find_reference(const struct pgcensus_replies *replies, const char *name,
                           size_t *ret_index, struct pgcensus_error *ret_error)
{
    AUTO(free) const char **names = memory_array(replies->n, sizeof *names);
    if (!names)
        return error_memory(ret_error);
    for (size_t i = 0; i < replies->n; i++) {
        const struct pgcensus_reply *reply = &replies->items[i];
        names[i] = reply->node;
        if (strcmp(reply->node, name) != 0)
            continue;
        *ret_index = i;
        return (reply->rows && reply->complete) ||
               error_set(
                   ret_error, PGCENSUS_TROUBLE_SELECTION,
                   "%s has not answered%s, so nothing can be compared with it%s%s",
                   name, reply->rows ? " in full" : "", reply->error ? ": " : "",
                   reply->error ? reply->error : "");
    }
    const char *nearest = text_closest(name, names, replies->n);
    return error_set_about(ret_error, PGCENSUS_TROUBLE_SELECTION, PGCENSUS_SUBJECT_DIFF,
                           "diff: no node \"%s\" was asked%s%s%s", name,
                           nearest ? " (did you mean \"" : "", nearest ? nearest : "",
                           nearest ? "\"?)" : "");
}

static const struct pgcensus_fold_group *group_of(const struct pgcensus_fold *fold,
                                                  size_t index)
{
    for (size_t i = 0; i < fold->n_groups; i++)
        for (size_t j = 0; j < fold->groups[i].n_members; j++)
            if (fold->groups[i].members[j] == index)
                return &fold->groups[i];
    return NULL;
}

static bool choose_reference(const struct pgcensus_replies *replies,
                             const struct pgcensus_diff_options *options,
                             struct pgcensus_diff *diff,
                             struct pgcensus_error *ret_error)
{
    AUTO(pgcensus_fold_free)
    struct pgcensus_fold *fold = normal_fold(replies, options->unordered, ret_error);
    if (!fold)
        return false;
    const struct pgcensus_fold_group *group = fold->groups;
    size_t index = 0;
    if (options->reference) {
        if (!find_reference(replies, options->reference, &index, ret_error))
            return false;
        group = group_of(fold, index);
    }
    diff->reference = memory_array(group->n_members, sizeof *diff->reference);
    if (!diff->reference)
        return error_memory(ret_error);
    memcpy(diff->reference, group->members, group->n_members * sizeof *diff->reference);
    diff->n_reference = group->n_members;
    diff->rows = group->rows;
    return true;
}

/* ---- the key ---- */

static bool find_key_column(const struct pgcensus_rows *rows, const char *name,
                            size_t *ret_column, struct pgcensus_error *ret_error)
{
    AUTO(free) const char **names = memory_array(rows->n_columns, sizeof *names);
    if (!names)
        return error_memory(ret_error);
    for (size_t i = 0; i < rows->n_columns; i++) {
        names[i] = rows->columns[i].name;
        if (strcmp(names[i], name) != 0)
            continue;
        *ret_column = i;
        return true;
    }
    const char *nearest = text_closest(name, names, rows->n_columns);
    return error_set_about(ret_error, PGCENSUS_TROUBLE_SELECTION, PGCENSUS_SUBJECT_KEY,
                           "key: the answer has no column \"%s\"%s%s%s", name,
                           nearest ? " (did you mean \"" : "", nearest ? nearest : "",
                           nearest ? "\"?)" : "");
}

static bool choose_key(const struct pgcensus_diff_options *options,
                       struct pgcensus_diff *diff, struct pgcensus_error *ret_error)
{
    diff->n_key = options->n_keys ? options->n_keys : diff->rows->n_columns > 0;
    diff->key = memory_array(diff->n_key, sizeof *diff->key);
    if (!diff->key)
        return error_memory(ret_error);
    for (size_t i = 0; i < options->n_keys; i++)
        if (!find_key_column(diff->rows, options->keys[i], &diff->key[i], ret_error))
            return false;
    return true;
}

static bool are_alike(const struct matching *matching, size_t reference_row, size_t row)
{
    for (size_t i = 0; i < matching->n_by; i++) {
        size_t column = matching->by[i];
        if (!compare_same(pgcensus_rows_at(matching->diff->rows, reference_row, column),
                          pgcensus_rows_at(matching->own, row, matching->map[column])))
            return false;
    }
    return true;
}

/* map NULL: of the reference itself. */
static size_t slot_of(const struct matching *matching, const struct pgcensus_rows *rows,
                      const size_t *map, size_t row)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < matching->n_by; i++) {
        size_t column = map ? map[matching->by[i]] : matching->by[i];
        hash = compare_hash(hash, pgcensus_rows_at(rows, row, column));
    }
    return (hash ^ hash >> 32) & (matching->n_heads - 1);
}

/* ---- matching ---- */

static bool prepare_sides(struct matching *matching)
{
    const struct pgcensus_rows *rows = matching->diff->rows;
    matching->n_heads = 16;
    while (matching->n_heads < 2 * rows->n_rows)
        matching->n_heads *= 2;
    matching->heads = memory_array(matching->n_heads, sizeof *matching->heads);
    matching->next = memory_array(rows->n_rows, sizeof *matching->next);
    matching->matches = memory_array(rows->n_rows, sizeof *matching->matches);
    matching->matched = memory_array(matching->own->n_rows, sizeof *matching->matched);
    return matching->heads && matching->next && matching->matches && matching->matched;
}

/* The rows of the reference that have not found their like. */
static void chain(struct matching *matching)
{
    const struct pgcensus_rows *rows = matching->diff->rows;
    memset(matching->heads, NONE, matching->n_heads * sizeof *matching->heads);
    for (size_t row = rows->n_rows; row > 0; row--) { /* so chains are in order */
        if (matching->matches[row - 1] != NONE)
            continue;
        size_t slot = slot_of(matching, rows, NULL, row - 1);
        matching->next[row - 1] = matching->heads[slot];
        matching->heads[slot] = row;
    }
}

static bool add_item(struct matching *matching, struct pgcensus_difference difference)
{
    struct pgcensus_diff_node *node = matching->node;
    if (!memory_grow(&node->items, &matching->cap, node->n, sizeof *node->items))
        return false;
    node->items[node->n++] = difference;
    return true;
}

/* False: the reference has no such row left. */
static bool match(struct matching *matching, size_t row)
{
    size_t *link =
        &matching->heads[slot_of(matching, matching->own, matching->map, row)];
    while (*link != NONE) {
        size_t reference_row = *link - 1;
        if (are_alike(matching, reference_row, row)) {
            *link = matching->next[reference_row];
            matching->matches[reference_row] = row + 1;
            return true;
        }
        link = &matching->next[reference_row];
    }
    return false;
}

static void match_all(struct matching *matching, const size_t *by, size_t n_by)
{
    matching->by = by;
    matching->n_by = n_by;
    chain(matching);
    for (size_t row = 0; row < matching->own->n_rows; row++)
        if (!matching->matched[row])
            matching->matched[row] = match(matching, row);
}

/* False: no memory. */
static bool match_rows(struct matching *matching)
{
    size_t n = matching->diff->rows->n_columns, n_common = 0;
    AUTO(free) size_t *common = memory_array(n, sizeof *common);
    if (!common || !prepare_sides(matching))
        return false;
    for (size_t column = 0; column < n; column++)
        if (matching->map[column] != SIZE_MAX)
            common[n_common++] = column;
    match_all(matching, common, n_common);
    match_all(matching, matching->diff->key, matching->diff->n_key);
    return true;
}

static bool compare_row_cells(struct matching *matching, size_t reference_row,
                              size_t row)
{
    const struct pgcensus_rows *rows = matching->diff->rows;
    size_t before = matching->node->n;
    for (size_t column = 0; column < rows->n_columns; column++) {
        size_t own = matching->map[column];
        if (own == SIZE_MAX ||
            compare_same(pgcensus_rows_at(rows, reference_row, column),
                         pgcensus_rows_at(matching->own, row, own)))
            continue;
        if (!add_item(matching,
                      (struct pgcensus_difference){PGCENSUS_DIFFERENT, reference_row,
                                                   row, column, own}))
            return false;
    }
    matching->node->n_rows += matching->node->n > before;
    return true;
}

/* Extra rows are put behind the others. */
static bool compare_rows_of(struct matching *matching)
{
    const size_t none = SIZE_MAX;
    struct matching *m = matching;
    for (size_t row = 0; row < m->diff->rows->n_rows; row++) {
        struct pgcensus_difference missing = {PGCENSUS_MISSING, row, none, none, none};
        bool there = m->matches[row] != NONE;
        m->node->n_rows += !there;
        if (there ? !compare_row_cells(m, row, m->matches[row] - 1)
                  : !add_item(m, missing))
            return false;
    }
    for (size_t row = 0; row < m->own->n_rows; row++) {
        struct pgcensus_difference more = {PGCENSUS_EXTRA, none, row, none, none};
        m->node->n_rows += !m->matched[row];
        if (!m->matched[row] && !add_item(m, more))
            return false;
    }
    return true;
}

static bool has_key(const struct matching *matching)
{
    for (size_t i = 0; i < matching->diff->n_key; i++)
        if (matching->map[matching->diff->key[i]] == SIZE_MAX)
            return false;
    return true;
}

static bool compare_node(struct pgcensus_diff *diff, size_t index,
                         const struct pgcensus_rows *own)
{
    struct pgcensus_diff_node *node = &diff->nodes[diff->n_nodes++];
    AUTO(matching_fini)
    struct matching matching = {.diff = diff, .own = own, .node = node};
    AUTO(pgcensus_merge_free) struct pgcensus_merge *merge = pgcensus_merge_new(2);
    node->index = index;
    if (!merge || !pgcensus_merge_add(merge, 0, diff->rows, /* frozen= */ false) ||
        !pgcensus_merge_add(merge, 1, own, /* frozen= */ false))
        return false;
    node->columns_differ = !compare_same_columns(diff->rows, own);
    matching.map = pgcensus_merge_map(merge, 1);
    return !has_key(&matching) || (match_rows(&matching) && compare_rows_of(&matching));
}

/* ---- all nodes ---- */

static bool agrees(const struct pgcensus_diff *diff, size_t index)
{
    for (size_t i = 0; i < diff->n_reference; i++)
        if (diff->reference[i] == index)
            return true;
    return false;
}

static bool diff_has_answers(const struct pgcensus_replies *replies)
{
    for (size_t i = 0; i < replies->n; i++)
        if (replies->items[i].rows && replies->items[i].complete)
            return true;
    return false;
}

static struct pgcensus_diff *diff_answers(const struct pgcensus_replies *replies,
                                          const struct pgcensus_diff_options *options,
                                          struct pgcensus_error *ret_error)
{
    AUTO(pgcensus_diff_free)
    struct pgcensus_diff *diff = memory_new(struct pgcensus_diff);
    if (diff)
        diff->nodes = memory_array(replies->n, sizeof *diff->nodes);
    if (!diff || !diff->nodes) {
        error_memory(ret_error);
        return NULL;
    }
    if (!diff_has_answers(replies))
        return take_ptr(diff);
    if (!choose_reference(replies, options, diff, ret_error) ||
        !choose_key(options, diff, ret_error))
        return NULL;
    for (size_t i = 0; i < replies->n; i++) {
        const struct pgcensus_reply *reply = &replies->items[i];
        if (!reply->rows || !reply->complete || agrees(diff, i))
            continue;
        if (!compare_node(diff, i, reply->rows)) {
            error_memory(ret_error);
            return NULL;
        }
    }
    return take_ptr(diff);
}

/* Differences are places, and those are the same in what is compared and shown. */
struct pgcensus_diff *pgcensus_diff(const struct pgcensus_replies *replies,
                                    const struct pgcensus_diff_options *options,
                                    struct pgcensus_error *ret_error)
{
    AUTO(normal_fini) struct normal normal = {0};
    if (!normal_init(&normal, replies, ret_error))
        return NULL;
    struct pgcensus_diff *diff = diff_answers(&normal.replies, options, ret_error);
    if (diff && diff->rows)
        diff->rows = replies->items[diff->reference[0]].rows;
    return diff;
}

void pgcensus_diff_free(struct pgcensus_diff *diff)
{
    if (!diff)
        return;
    for (size_t i = 0; diff->nodes && i < diff->n_nodes; i++)
        free(diff->nodes[i].items);
    free(diff->nodes);
    free(diff->reference);
    free(diff->key);
    free(diff);
}
