/* Random answers of random fleets: what is folded, compared and merged must be what was
 * answered, no more and no less.
 *
 * PGCENSUS_SEED=… replays one seed. */
#include "base/rowset.h"
#include "walk.h"

#include <pgcensus/replies.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { WALKS = 3000, MOST_NODES = 12, MOST_ROWS = 6, MOST_COLUMNS = 3 };

AUTO_DEFINE(struct pgcensus_merge *, pgcensus_merge_free)

struct cast {
    struct pgcensus_reply items[MOST_NODES];
    struct pgcensus_replies replies;
};

static struct pgcensus_rows *random_rows(struct rng *rng)
{
    static const char *const names[] = {"a", "b", "a", "c"};
    static const char *const values[] = {"", "x", "y", "xy", NULL};
    struct rowset *rowset = rowset_new();
    size_t n = rng_below(rng, 8) ? 2 : rng_below(rng, MOST_COLUMNS + 1);
    rowset_begin(rowset, n);
    for (size_t i = 0; i < n; i++)
        rowset_name(rowset, i, names[rng_below(rng, 20) ? i : rng_below(rng, 4)],
                    rng_below(rng, 30) ? 25 : 23);
    for (size_t row = rng_below(rng, MOST_ROWS); row > 0; row--) {
        rowset_add_row(rowset);
        for (size_t i = 0; i < n; i++)
            rowset_set_str(rowset, i, values[rng_below(rng, ARRAY_SIZE(values))]);
    }
    return rowset_rows(rowset);
}

static struct pgcensus_rows *copy_rows(const struct pgcensus_rows *rows,
                                       struct rng *rng, bool shuffle)
{
    struct rowset *rowset = rowset_like(rows);
    size_t order[MOST_ROWS];
    for (size_t i = 0; i < rows->n_rows; i++)
        order[i] = i;
    for (size_t i = rows->n_rows; shuffle && i > 1; i--) {
        size_t other = rng_below(rng, i), swap = order[other];
        order[other] = order[i - 1];
        order[i - 1] = swap;
    }
    for (size_t row = 0; row < rows->n_rows; row++) {
        rowset_add_row(rowset);
        for (size_t i = 0; i < rows->n_columns; i++)
            rowset_set_str(rowset, i, pgcensus_rows_at(rows, order[row], i)->text);
    }
    return rowset_rows(rowset);
}

/* Many of them say the same as one before. */
static void cast_init(struct cast *cast, struct rng *rng, bool shuffle)
{
    *cast = (struct cast){.replies = {cast->items, 1 + rng_below(rng, MOST_NODES)}};
    for (size_t i = 0; i < cast->replies.n; i++) {
        const struct pgcensus_rows *like =
            i ? cast->items[rng_below(rng, i)].rows : NULL;
        bool fails = rng_below(rng, 10) == 0;
        cast->items[i] = (struct pgcensus_reply){
            .node = "n", .status = "ok", .complete = !fails && rng_below(rng, 15)};
        if (!fails)
            cast->items[i].rows = like && rng_below(rng, 3)
                                      ? copy_rows(like, rng, shuffle)
                                      : random_rows(rng);
    }
}

static void cast_fini(struct cast *cast)
{
    for (size_t i = 0; i < cast->replies.n; i++)
        pgcensus_rows_free((struct pgcensus_rows *)cast->items[i].rows);
}

/* ---- what is equal, told the slow way ---- */

static bool same_cell(const struct pgcensus_cell *a, const struct pgcensus_cell *b)
{
    return (!a->text || !b->text) ? a->text == b->text : strcmp(a->text, b->text) == 0;
}

static bool same_row(const struct pgcensus_rows *a, size_t row_of_a,
                     const struct pgcensus_rows *b, size_t row_of_b)
{
    for (size_t i = 0; i < a->n_columns; i++)
        if (!same_cell(pgcensus_rows_at(a, row_of_a, i),
                       pgcensus_rows_at(b, row_of_b, i)))
            return false;
    return true;
}

static bool same_shape(const struct pgcensus_rows *a, const struct pgcensus_rows *b)
{
    if (a->n_columns != b->n_columns || a->n_rows != b->n_rows)
        return false;
    for (size_t i = 0; i < a->n_columns; i++)
        if (a->columns[i].type != b->columns[i].type ||
            strcmp(a->columns[i].name, b->columns[i].name) != 0)
            return false;
    return true;
}

static bool same_answer(const struct pgcensus_rows *a, const struct pgcensus_rows *b,
                        bool unordered)
{
    bool used[MOST_ROWS] = {false};
    if (!same_shape(a, b))
        return false;
    for (size_t row = 0; row < a->n_rows; row++) {
        size_t other = unordered ? 0 : row;
        while (unordered && other < b->n_rows &&
               (used[other] || !same_row(a, row, b, other)))
            other++;
        if (other == b->n_rows || !same_row(a, row, b, other))
            return false;
        used[other] = true;
    }
    return true;
}

/* ---- the walks ---- */

static void fold_walk(struct rng *rng)
{
    struct cast cast;
    bool unordered = rng_below(rng, 2);
    unsigned seen[MOST_NODES] = {0};
    cast_init(&cast, rng, true);
    struct pgcensus_fold *fold = pgcensus_fold(&cast.replies, unordered, NULL);
    for (size_t i = 0; i < fold->n_groups; i++) {
        const struct pgcensus_fold_group *group = &fold->groups[i];
        const struct pgcensus_fold_group *before = group - (i > 0);
        assert_true(before->n_members > group->n_members ||
                    before->members[0] <= group->members[0]);
        assert_true(before->n_members >= group->n_members);
        for (size_t j = 0; j < group->n_members; j++) {
            seen[group->members[j]]++;
            assert_true(same_answer(group->rows, cast.items[group->members[j]].rows,
                                    unordered));
        }
        for (size_t j = 0; j < i; j++)
            assert_false(same_answer(fold->groups[j].rows, group->rows, unordered));
    }
    for (size_t i = 0; i < cast.replies.n; i++)
        assert_int_equal(seen[i], cast.items[i].rows && cast.items[i].complete);
    pgcensus_fold_free(fold);
    cast_fini(&cast);
}

static void merge_walk(struct rng *rng)
{
    struct cast cast;
    cast_init(&cast, rng, false);
    AUTO(pgcensus_merge_free)
    struct pgcensus_merge *merge = pgcensus_merge_new(cast.replies.n);
    for (size_t i = 0; i < cast.replies.n; i++)
        if (cast.items[i].rows)
            assert_true(pgcensus_merge_add(merge, i, cast.items[i].rows, false));
    const struct pgcensus_column *columns;
    size_t n = pgcensus_merge_columns(merge, &columns);
    for (size_t i = 0; i < cast.replies.n; i++) {
        const struct pgcensus_rows *rows = cast.items[i].rows;
        const size_t *map = pgcensus_merge_map(merge, i);
        unsigned seen[MOST_COLUMNS] = {0};
        assert_int_equal(map != NULL, rows != NULL);
        for (size_t j = 0; rows && j < n; j++) {
            if (map[j] == SIZE_MAX)
                continue;
            assert_true(map[j] < rows->n_columns);
            assert_string_equal(columns[j].name, rows->columns[map[j]].name);
            seen[map[j]]++;
        }
        for (size_t j = 0; rows && j < rows->n_columns; j++)
            assert_int_equal(seen[j], 1);
    }
    cast_fini(&cast);
}

/* The reference with the differences applied has the rows of the node. */
static void apply(const struct pgcensus_diff *diff,
                  const struct pgcensus_diff_node *node,
                  const struct pgcensus_rows *own)
{
    AUTO(rowset_free) struct rowset *made = rowset_like(own);
    for (size_t row = 0; row < diff->rows->n_rows; row++) {
        const struct pgcensus_cell *cells[MOST_COLUMNS];
        bool missing = false;
        for (size_t i = 0; i < own->n_columns; i++)
            cells[i] = pgcensus_rows_at(diff->rows, row, i);
        for (size_t i = 0; i < node->n; i++) {
            const struct pgcensus_difference *item = &node->items[i];
            if (item->reference_row != row)
                continue;
            missing |= item->kind == PGCENSUS_MISSING;
            if (item->kind == PGCENSUS_DIFFERENT)
                cells[item->reference_column] =
                    pgcensus_rows_at(own, item->row, item->column);
        }
        if (missing)
            continue;
        rowset_add_row(made);
        for (size_t i = 0; i < own->n_columns; i++)
            rowset_set_str(made, i, cells[i]->text);
    }
    for (size_t i = 0; i < node->n; i++) {
        if (node->items[i].kind != PGCENSUS_EXTRA)
            continue;
        rowset_add_row(made);
        for (size_t j = 0; j < own->n_columns; j++)
            rowset_set_str(made, j, pgcensus_rows_at(own, node->items[i].row, j)->text);
    }
    assert_true(same_answer(&made->rows, own, /* unordered= */ true));
}

static void diff_walk(struct rng *rng)
{
    struct cast cast;
    struct pgcensus_diff_options options = {.unordered = rng_below(rng, 2)};
    cast_init(&cast, rng, true);
    struct pgcensus_diff *diff = pgcensus_diff(&cast.replies, &options, NULL);
    for (size_t i = 0; diff && i < diff->n_reference; i++)
        assert_true(same_answer(diff->rows, cast.items[diff->reference[i]].rows,
                                options.unordered));
    for (size_t i = 0; diff && i < diff->n_nodes; i++) {
        const struct pgcensus_diff_node *node = &diff->nodes[i];
        const struct pgcensus_rows *own = cast.items[node->index].rows;
        assert_false(same_answer(diff->rows, own, options.unordered));
        if (!node->columns_differ)
            apply(diff, node, own);
    }
    pgcensus_diff_free(diff);
    cast_fini(&cast);
}

static void walks(const char *name, void (*walk)(struct rng *))
{
    struct rng rng = walk_begin(name);
    for (int i = 0; i < WALKS; i++)
        walk(&rng);
}

static void fold_walks(void **state)
{
    walks("fold", fold_walk);
}

static void merge_walks(void **state)
{
    walks("merge", merge_walk);
}

static void diff_walks(void **state)
{
    walks("diff", diff_walk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fold_walks),
        cmocka_unit_test(merge_walks),
        cmocka_unit_test(diff_walks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
