/* Equal answers, found.
 *
 * Each answer gets a hash, and is then really compared with the first member of each
 * group that has the same one: a collision costs time and never lies.
 *
 * The surprise: where the order of rows does not matter the hashes of rows are added
 * up, and answers are compared row by row in sorted order. */
#include <pgcensus/replies.h>

#include "base/auto.h"
#include "base/error.h"
#include "base/memory.h"
#include "query/compare.h"

#include <stdint.h>

AUTO_DEFINE(struct pgcensus_fold *, pgcensus_fold_free)

struct answer {
    const struct pgcensus_rows *rows; /* NULL: it takes no part */
    uint64_t hash;
    size_t *sorted; /* rows in order; NULL: as they are */
    size_t group;
};

struct folding {
    struct answer *answers;
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

static int by_content(const void *left, const void *right, void *context)
{
    const struct pgcensus_rows *rows = context;
    const size_t *a = left, *b = right;
    return compare_rows(rows, *a, rows, *b);
}

static bool read_answer(struct answer *answer, const struct pgcensus_rows *rows,
                        bool unordered)
{
    answer->rows = rows;
    answer->hash = rows->n_rows * 31 + rows->n_columns;
    for (size_t row = 0; row < rows->n_rows; row++) {
        uint64_t hash = compare_hash_row(rows, row);
        answer->hash = unordered ? answer->hash + hash : answer->hash * 33 + hash;
    }
    if (!unordered || rows->n_columns == 0)
        return true;
    answer->sorted = memory_array(rows->n_rows, sizeof *answer->sorted);
    if (!answer->sorted)
        return false;
    for (size_t row = 0; row < rows->n_rows; row++)
        answer->sorted[row] = row;
    qsort_r(answer->sorted, rows->n_rows, sizeof *answer->sorted, by_content,
            (void *)rows);
    return true;
}

static bool same(const struct answer *a, const struct answer *b)
{
    if (a->hash != b->hash || a->rows->n_rows != b->rows->n_rows ||
        !compare_same_columns(a->rows, b->rows))
        return false;
    for (size_t i = 0; i < a->rows->n_rows; i++)
        if (compare_rows(a->rows, a->sorted ? a->sorted[i] : i, b->rows,
                         b->sorted ? b->sorted[i] : i) != 0)
            return false;
    return true;
}

/* ---- groups ---- */

static void find_group(struct folding *folding, size_t index)
{
    struct answer *answer = &folding->answers[index];
    size_t group = 0;
    while (group < folding->n_groups &&
           !same(&folding->answers[folding->firsts[group]], answer))
        group++;
    answer->group = group;
    if (group == folding->n_groups)
        folding->firsts[folding->n_groups++] = index;
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

struct pgcensus_fold *pgcensus_fold(const struct pgcensus_replies *replies,
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
        able = read_answer(&folding.answers[i], reply->rows, unordered);
        if (able)
            find_group(&folding, i);
    }
    struct pgcensus_fold *fold = able ? list_groups(&folding) : NULL;
    if (!fold)
        error_memory(ret_error);
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
