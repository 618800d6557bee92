/* Equal answers, found.
 *
 * Each answer gets a hash, and is then really compared with the first member of each
 * group that has the same one: a collision costs time and never lies.
 *
 * The surprise: where the order of rows does not matter the hashes of rows are added
 * up, and rows are compared as they are all the same, because most servers give them in
 * one order.  Only if that fails are both answers sorted: by hash, which is quick, and
 * by content where hashes are equal, so that equal answers are sorted alike. */
#include <pgcensus/replies.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/memory.h"
#include "query/compare.h"
#include "query/normal.h"

#include <stdint.h>

AUTO_DEFINE(struct pgcensus_fold *, pgcensus_fold_free)

struct ranked {
    uint64_t hash;
    size_t row;
};

struct fold_answer {
    const struct pgcensus_rows *rows; /* NULL: it takes no part */
    uint64_t hash;
    struct ranked *sorted; /* its rows; NULL: nobody asked yet */
    size_t group;
};

struct folding {
    struct fold_answer *answers;
    size_t n;
    size_t *firsts; /* by group: its first member */
    size_t n_groups;
};

static void folding_fini(struct folding *folding)
{
    for (size_t i = 0; folding->answers && i < folding->n; i++)
        free(folding->answers[i].sorted);
    free(folding->answers);
    free(folding->firsts);
}
AUTO_DEFINE_VALUE(struct folding, folding_fini)

/* ---- one answer ---- */

static void read_answer(struct fold_answer *answer, const struct pgcensus_rows *rows,
                        bool unordered)
{
    answer->rows = rows;
    answer->hash = rows->n_rows * 31 + rows->n_columns;
    for (size_t row = 0; row < rows->n_rows; row++) {
        uint64_t hash = compare_hash_row(rows, row);
        answer->hash = unordered ? answer->hash + hash : answer->hash * 33 + hash;
    }
}

static int by_hash_and_content(const void *left, const void *right, void *context)
{
    const struct pgcensus_rows *rows = context;
    const struct ranked *a = left, *b = right;
    if (a->hash != b->hash)
        return a->hash > b->hash ? 1 : -1;
    return compare_rows(rows, a->row, rows, b->row);
}

static bool sort_answers(struct fold_answer *answer)
{
    const struct pgcensus_rows *rows = answer->rows;
    if (answer->sorted)
        return true;
    answer->sorted = memory_array(rows->n_rows, sizeof *answer->sorted);
    if (!answer->sorted)
        return false;
    for (size_t row = 0; row < rows->n_rows; row++)
        answer->sorted[row] = (struct ranked){compare_hash_row(rows, row), row};
    qsort_r(answer->sorted, rows->n_rows, sizeof *answer->sorted, by_hash_and_content,
            (void *)rows);
    return true;
}

static void forget_order(struct fold_answer *answer)
{
    free(answer->sorted);
    answer->sorted = NULL;
}

static bool same_rows(const struct fold_answer *a, const struct fold_answer *b,
                      bool sorted)
{
    for (size_t i = 0; i < a->rows->n_rows; i++)
        if (compare_rows(a->rows, sorted ? a->sorted[i].row : i, b->rows,
                         sorted ? b->sorted[i].row : i) != 0)
            return false;
    return true;
}

/* False: no memory. */
static bool compare_answers(struct fold_answer *a, struct fold_answer *b,
                            bool unordered, bool *ret_same)
{
    bool alike = a->hash == b->hash && a->rows->n_rows == b->rows->n_rows &&
                 compare_same_columns(a->rows, b->rows);
    bool same = alike && same_rows(a, b, /* sorted= */ false);
    if (alike && !same && unordered) {
        if (!sort_answers(a) || !sort_answers(b))
            return false;
        same = same_rows(a, b, /* sorted= */ true);
    }
    *ret_same = same;
    return true;
}

/* ---- groups ---- */

/* False: no memory. */
static bool find_group(struct folding *folding, size_t index, bool unordered)
{
    struct fold_answer *answer = &folding->answers[index];
    bool found = false;
    size_t group = 0;
    while (group < folding->n_groups) {
        struct fold_answer *first = &folding->answers[folding->firsts[group]];
        if (!compare_answers(first, answer, unordered, &found))
            return false;
        if (found)
            break;
        group++;
    }
    answer->group = group;
    if (found)
        forget_order(answer); /* who comes next is compared with the first one */
    else
        folding->firsts[folding->n_groups++] = index;
    return true;
}

static int by_size(const void *left, const void *right)
{
    const struct pgcensus_fold_group *a = left, *b = right;
    if (a->n_members != b->n_members)
        return a->n_members < b->n_members ? 1 : -1;
    return a->members[0] > b->members[0] ? 1 : -1;
}

static struct pgcensus_fold *list_groups(const struct folding *folding)
{
    AUTO(pgcensus_fold_free)
    struct pgcensus_fold *fold = memory_new(struct pgcensus_fold);
    if (!fold)
        return NULL;
    fold->n_groups = folding->n_groups;
    fold->groups = memory_array(fold->n_groups, sizeof *fold->groups);
    fold->members = memory_array(folding->n, sizeof *fold->members);
    if (!fold->groups || !fold->members)
        return NULL;
    size_t n = 0;
    for (size_t group = 0; group < fold->n_groups; group++) {
        size_t *members = fold->members + n;
        for (size_t i = folding->firsts[group]; i < folding->n; i++)
            if (folding->answers[i].rows && folding->answers[i].group == group)
                fold->members[n++] = i;
        fold->groups[group] = (struct pgcensus_fold_group){
            .members = members,
            .n_members = (size_t)(fold->members + n - members),
            .rows = folding->answers[members[0]].rows,
        };
    }
    qsort(fold->groups, fold->n_groups, sizeof *fold->groups, by_size);
    return take_ptr(fold);
}

struct pgcensus_fold *normal_fold(const struct pgcensus_replies *replies,
                                  bool unordered, struct pgcensus_error *ret_error)
{
    AUTO(folding_fini) struct folding folding = {.n = replies->n};
    folding.answers = memory_array(replies->n, sizeof *folding.answers);
    folding.firsts = memory_array(replies->n, sizeof *folding.firsts);
    bool able = folding.answers && folding.firsts;
    for (size_t i = 0; able && i < replies->n; i++) {
        const struct pgcensus_reply *reply = &replies->items[i];
        if (!reply->rows || !reply->complete)
            continue;
        read_answer(&folding.answers[i], reply->rows, unordered);
        able = find_group(&folding, i, unordered);
    }
    struct pgcensus_fold *fold = able ? list_groups(&folding) : NULL;
    if (!fold)
        error_memory(ret_error);
    return fold;
}

struct pgcensus_fold *pgcensus_fold(const struct pgcensus_replies *replies,
                                    bool unordered, struct pgcensus_error *ret_error)
{
    AUTO(normal_fini) struct normal normal = {0};
    if (!normal_init(&normal, replies, ret_error))
        return NULL;
    struct pgcensus_fold *fold = normal_fold(&normal.replies, unordered, ret_error);
    for (size_t i = 0; fold && i < fold->n_groups; i++)
        fold->groups[i].rows = replies->items[fold->groups[i].members[0]].rows;
    return fold;
}

void pgcensus_fold_free(struct pgcensus_fold *fold)
{
    if (!fold)
        return;
    free(fold->groups);
    free(fold->members);
    free(fold);
}
