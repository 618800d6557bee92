/* Random answers of random fleets: what is folded, compared and merged must be what was
 * answered, no more and no less.
 *
 * PGCENSUS_SEED=… replays one seed. */
#include "base/rowset.h"
#include "tests/test.h"
#include "walk.h"

#include <pgcensus/replies.h>
#include <string.h>

enum { WALKS = 3000, MOST_NODES = 12, MOST_ROWS = 6, MOST_COLUMNS = 3 };
enum { WIDE = 12 }; /* merged columns outgrow the room that they begin with */

AUTO_DEFINE(struct pgcensus_merge *, pgcensus_merge_free)

struct cast {
    struct pgcensus_reply items[MOST_NODES];
    struct pgcensus_replies replies;
};

static struct pgcensus_rows *random_rows(struct rng *rng)
{
    static const char *const names[] = {"a", "b", "a", "c"};
    static const char *const values[] = {"", "x", "y", "xy", NULL};
    static const unsigned types[] = {23, 16384, 70000};
    struct rowset *rowset = rowset_new();
    size_t n = rng_below(rng, 8) ? 2 : rng_below(rng, MOST_COLUMNS + 1);
    rowset_begin(rowset, n);
    for (size_t i = 0; i < n; i++)
        rowset_name(rowset, i, names[rng_below(rng, 20) ? i : rng_below(rng, 4)],
                    rng_below(rng, 30) ? 25 : types[rng_below(rng, 3)]);
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
    static const char *const names[MOST_NODES] = {"a", "b", "c", "d", "e", "f",
                                                  "g", "h", "i", "j", "k", "l"};
    *cast = (struct cast){.replies = {cast->items, 1 + rng_below(rng, MOST_NODES)}};
    for (size_t i = 0; i < cast->replies.n; i++) {
        const struct pgcensus_rows *like =
            i ? cast->items[rng_below(rng, i)].rows : NULL;
        bool fails = rng_below(rng, 10) == 0;
        cast->items[i] = (struct pgcensus_reply){
            .node = names[i], .status = "ok", .complete = !fails && rng_below(rng, 15)};
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

static bool same_type(unsigned a, unsigned b)
{
    return a < 16384 || b < 16384 ? a == b : true;
}

static bool same_shape(const struct pgcensus_rows *a, const struct pgcensus_rows *b)
{
    if (a->n_columns != b->n_columns || a->n_rows != b->n_rows)
        return false;
    for (size_t i = 0; i < a->n_columns; i++)
        if (!same_type(a->columns[i].type, b->columns[i].type) ||
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
        assert_ptr_equal(group->rows, cast.items[group->members[0]].rows);
        for (size_t j = 0; j < group->n_members; j++) {
            seen[group->members[j]]++;
            assert_true(j == 0 || group->members[j - 1] < group->members[j]);
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

static struct pgcensus_rows *random_columns(struct rng *rng)
{
    static const char *const names[] = {"a", "b", "c", "d", "", "A"};
    static const char *const rare[] = {"e", "f", "g", "h", "i", "j", "k", "l"};
    struct rowset *rowset = rowset_new();
    size_t n = rng_below(rng, WIDE + 1);
    rowset_begin(rowset, n);
    for (size_t i = 0; i < n; i++)
        rowset_name(rowset, i,
                    rng_below(rng, 6) ? names[rng_below(rng, ARRAY_SIZE(names))]
                                      : rare[rng_below(rng, ARRAY_SIZE(rare))],
                    (unsigned)rng_below(rng, 3));
    return rowset_rows(rowset);
}

/* Which one of its name a column is. */
static size_t rank_of(const struct pgcensus_column *columns, size_t column)
{
    size_t rank = 0;
    for (size_t i = 0; i < column; i++)
        rank += strcmp(columns[i].name, columns[column].name) == 0;
    return rank;
}

static bool has_namesake(const struct pgcensus_column *columns, size_t n,
                         const struct pgcensus_column *own, size_t column)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(columns[i].name, own[column].name) == 0 &&
            rank_of(columns, i) == rank_of(own, column))
            return true;
    return false;
}

/* Adds a node, and judges what that does to the list of columns: those that were there
 * stay, those that it alone has come behind them in its order, with its types. */
static void add_and_judge(struct pgcensus_merge *merge, size_t index,
                          const struct pgcensus_rows *rows, bool frozen)
{
    struct pgcensus_column expected[MOST_NODES * WIDE];
    const struct pgcensus_column *columns;
    size_t before = pgcensus_merge_columns(merge, &columns), n = before;
    memcpy(expected, columns, before * sizeof *columns);
    for (size_t i = 0; i < rows->n_columns; i++)
        if (!has_namesake(columns, before, rows->columns, i))
            expected[n++] = rows->columns[i];

    bool added = pgcensus_merge_add(merge, index, rows, frozen);
    assert_int_equal(added, !frozen || n == before);
    assert_int_equal(pgcensus_merge_map(merge, index) != NULL, added);
    assert_int_equal(pgcensus_merge_columns(merge, &columns), added ? n : before);
    for (size_t i = 0; i < (added ? n : before); i++) {
        assert_string_equal(columns[i].name, expected[i].name);
        assert_int_equal(columns[i].type, expected[i].type);
    }
}

/* Each of its columns is in one place, under its own name, as the n-th of it. */
static void judge_map(const struct pgcensus_merge *merge, size_t index,
                      const struct pgcensus_rows *rows)
{
    const struct pgcensus_column *columns;
    size_t n = pgcensus_merge_columns(merge, &columns);
    const size_t *map = pgcensus_merge_map(merge, index);
    unsigned seen[WIDE] = {0};
    for (size_t i = 0; i < n; i++) {
        if (map[i] == SIZE_MAX)
            continue;
        assert_true(map[i] < rows->n_columns);
        assert_string_equal(columns[i].name, rows->columns[map[i]].name);
        assert_int_equal(rank_of(columns, i), rank_of(rows->columns, map[i]));
        seen[map[i]]++;
    }
    for (size_t i = 0; i < rows->n_columns; i++)
        assert_int_equal(seen[i], 1);
}

static bool same_names(const struct pgcensus_rows *a, const struct pgcensus_rows *b)
{
    bool same = a->n_columns == b->n_columns;
    for (size_t i = 0; same && i < a->n_columns; i++)
        same = strcmp(a->columns[i].name, b->columns[i].name) == 0;
    return same;
}

static void merge_walk(struct rng *rng)
{
    struct pgcensus_rows *rows[MOST_NODES];
    const struct pgcensus_rows *first = NULL;
    size_t n = 1 + rng_below(rng, MOST_NODES), frozen_from = rng_below(rng, 2 * n);
    bool differs = false;
    AUTO(pgcensus_merge_free) struct pgcensus_merge *merge = pgcensus_merge_new(n);
    for (size_t i = 0; i < n; i++) {
        rows[i] = i && rng_below(rng, 2)
                      ? copy_rows(rows[rng_below(rng, i)], rng, false)
                      : random_columns(rng);
        add_and_judge(merge, i, rows[i], i >= frozen_from);
        if (!pgcensus_merge_map(merge, i))
            continue;
        first = first ? first : rows[i];
        differs |= !same_names(first, rows[i]);
    }
    assert_int_equal(pgcensus_merge_differs(merge), differs);
    for (size_t i = 0; i < n; i++) {
        if (pgcensus_merge_map(merge, i))
            judge_map(merge, i, rows[i]);
        pgcensus_rows_free(rows[i]);
    }
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

/* Items are in order, rows that are the same by key, and counted rightly. */
static void judge_items(const struct pgcensus_diff *diff,
                        const struct pgcensus_diff_node *node,
                        const struct pgcensus_rows *own)
{
    size_t n_rows = 0, last = 0;
    for (size_t i = 0; i < node->n; i++) {
        const struct pgcensus_difference *item = &node->items[i];
        bool extra = item->kind == PGCENSUS_EXTRA;
        size_t place = extra ? diff->rows->n_rows + item->row : item->reference_row;
        assert_true(i == 0 || place >= last);
        n_rows += i == 0 || place > last;
        last = place;
        assert_int_equal(item->reference_row == SIZE_MAX, extra);
        assert_int_equal(item->row == SIZE_MAX, item->kind == PGCENSUS_MISSING);
        if (item->kind != PGCENSUS_DIFFERENT)
            continue;
        assert_string_equal(diff->rows->columns[item->reference_column].name,
                            own->columns[item->column].name);
        assert_false(same_cell(
            pgcensus_rows_at(diff->rows, item->reference_row, item->reference_column),
            pgcensus_rows_at(own, item->row, item->column)));
        for (size_t j = 0; j < diff->n_key; j++)
            assert_int_not_equal(item->reference_column, diff->key[j]);
    }
    assert_int_equal(node->n_rows, n_rows);
}

/* What is said to differ has no like on the other side. */
static void judge_pairs(const struct pgcensus_diff *diff,
                        const struct pgcensus_diff_node *node,
                        const struct pgcensus_rows *own)
{
    for (size_t i = 0; i < node->n; i++)
        for (size_t j = 0; j < node->n; j++)
            if (node->items[i].reference_row != SIZE_MAX &&
                node->items[j].row != SIZE_MAX)
                assert_false(same_row(diff->rows, node->items[i].reference_row, own,
                                      node->items[j].row));
}

static void judge_diff(const struct cast *cast, const struct pgcensus_diff *diff,
                       bool unordered)
{
    unsigned seen[MOST_NODES] = {0};
    for (size_t i = 0; i < diff->n_reference; i++) {
        seen[diff->reference[i]]++;
        assert_true(
            same_answer(diff->rows, cast->items[diff->reference[i]].rows, unordered));
    }
    for (size_t i = 0; i < diff->n_nodes; i++) {
        const struct pgcensus_diff_node *node = &diff->nodes[i];
        const struct pgcensus_rows *own = cast->items[node->index].rows;
        seen[node->index]++;
        assert_true(i == 0 || node[-1].index < node->index);
        assert_false(same_answer(diff->rows, own, unordered));
        judge_items(diff, node, own);
        if (node->columns_differ)
            continue;
        apply(diff, node, own);
        judge_pairs(diff, node, own);
    }
    for (size_t i = 0; i < cast->replies.n; i++)
        assert_int_equal(seen[i], cast->items[i].rows && cast->items[i].complete);
}

/* Where it refuses there is nobody to compare with, or no such column. */
static void diff_walk(struct rng *rng)
{
    static const char *const keys[] = {"a", "b"};
    struct cast cast;
    struct pgcensus_error error = {0};
    cast_init(&cast, rng, true);
    const struct pgcensus_reply *named =
        rng_below(rng, 2) ? &cast.items[rng_below(rng, cast.replies.n)] : NULL;
    struct pgcensus_diff_options options = {
        .reference = named ? named->node : NULL,
        .keys = keys + rng_below(rng, 2),
        .n_keys = rng_below(rng, 2),
        .unordered = rng_below(rng, 2),
    };
    struct pgcensus_diff *diff = pgcensus_diff(&cast.replies, &options, &error);
    if (diff)
        judge_diff(&cast, diff, options.unordered);
    else if (options.n_keys == 0)
        for (size_t i = 0; i < cast.replies.n; i++)
            assert_false((!named || named == &cast.items[i]) && cast.items[i].rows &&
                         cast.items[i].complete);
    assert_int_equal(error.trouble,
                     diff ? PGCENSUS_TROUBLE_NONE : PGCENSUS_TROUBLE_SELECTION);
    pgcensus_diff_free(diff);
    cast_fini(&cast);
}

static void same_walk(struct rng *rng)
{
    AUTO(pgcensus_rows_free) struct pgcensus_rows *rows = random_rows(rng);
    AUTO(pgcensus_rows_free) struct pgcensus_rows *again = copy_rows(rows, rng, true);
    struct pgcensus_reply items[] = {
        {.node = "a", .status = "ok", .rows = rows, .complete = true},
        {.node = "b", .status = "ok", .rows = again, .complete = true},
    };
    struct pgcensus_replies replies = {items, 2};
    struct pgcensus_diff_options options = {.unordered = true};
    struct pgcensus_diff *diff = pgcensus_diff(&replies, &options, NULL);
    assert_int_equal(diff->n_reference, 2);
    assert_int_equal(diff->n_nodes, 0);
    pgcensus_diff_free(diff);
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

static void same_walks(void **state)
{
    walks("diff with itself", same_walk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fold_walks),
        cmocka_unit_test(merge_walks),
        cmocka_unit_test(diff_walks),
        cmocka_unit_test(same_walks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
