/* Answers that are folded, compared or reduced are needed together, so they are kept.
 *
 * Rows are kept by the node's place in the fleet, replies are made of them by its place
 * among those that are reported: a node that --role leaves out has no reply. */
#include "cli/query/answers.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/rowset.h"
#include "cli/shared/option_words.h"

#include <string.h>

/* The most rows of a reduction on a terminal or in a document. */
enum { MOST_REDUCED = 100000 };

bool answers_init(struct answers *answers, const struct pgcensus_fleet *fleet)
{
    size_t n = pgcensus_fleet_size(fleet);
    *answers = (struct answers){.fleet = fleet, .n = n};
    answers->rows = memory_array(n, sizeof *answers->rows);
    return answers->rows;
}

void answers_fini(struct answers *answers)
{
    for (size_t i = 0; answers->rows && i < answers->n; i++)
        pgcensus_rows_free(answers->rows[i]);
    free(answers->rows);
    free(answers->replies);
    pgcensus_merge_free(answers->merge);
    pgcensus_rows_free(answers->reduced);
    pgcensus_fold_free(answers->fold);
    pgcensus_diff_free(answers->diff);
    *answers = (struct answers){0};
}

/* ---- keeping ---- */

static bool keep_rows(void *context, struct pgcensus_query *query, size_t index,
                      struct pgcensus_rows *owned, struct pgcensus_error *ret_error)
{
    struct answers *answers = context;
    answers->rows[index] = owned;
    return true;
}

/* An answer without rows has columns all the same. */
static bool keep_shape(void *context, struct pgcensus_query *query,
                       struct pgcensus_query_result *result,
                       struct pgcensus_error *ret_error)
{
    struct answers *answers = context;
    const struct pgcensus_rows *shape = pgcensus_query_shape(query, result->index);
    if (answers->rows[result->index] || !shape)
        return true;
    answers->rows[result->index] = rowset_rows(rowset_like(shape));
    return answers->rows[result->index] || error_memory(ret_error);
}

struct row_sink answers_sink(struct answers *answers)
{
    return (struct row_sink){.rows = keep_rows, .node = keep_shape, .context = answers};
}

/* ---- combining ---- */

static bool list_replies(struct answers *answers, const struct query_outcome *outcome)
{
    answers->replies = memory_array(outcome->n_results, sizeof *answers->replies);
    answers->merge = pgcensus_merge_new(outcome->n_results);
    if (!answers->replies || !answers->merge)
        return false;
    for (size_t i = 0; i < outcome->n_results; i++) {
        const struct pgcensus_query_result *result = outcome->results[i];
        const struct pgcensus_identity *identity =
            pgcensus_fleet_node(answers->fleet, result->index);
        const struct pgcensus_rows *rows = answers->rows[result->index];
        answers->replies[i] = (struct pgcensus_reply){
            .node = identity->name,
            .group = identity->group,
            .status = pgcensus_query_status_name(result->status),
            .error = result->failed ? result->failure.message : NULL,
            .latency = result->attempted ? result->total : PGCENSUS_UNKNOWN_TIME,
            .rows = rows,
            .complete = result->status == PGCENSUS_QUERY_OK,
        };
        if (rows && !pgcensus_merge_add(answers->merge, i, rows, /* frozen= */ false))
            return false;
    }
    return true;
}

/* "a,b" → "a", "b"; the list points into text, which is cut up. */
static bool split_keys(char *text, struct option_list *keys)
{
    for (char *rest = text, *key; (key = strsep(&rest, ","));)
        if (*key && !option_list_add(keys, key))
            return false;
    return true;
}

static bool diff_answers(struct answers *answers,
                         const struct query_arguments *arguments,
                         const struct pgcensus_replies *replies,
                         struct pgcensus_error *ret_error)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    AUTO(option_list_fini) struct option_list keys = {0};
    for (size_t i = 0; i < arguments->keys.n; i++)
        buf_add_format(&text, "%s,", arguments->keys.items[i]);
    if (text.broken || !split_keys(text.bytes, &keys))
        return error_memory(ret_error);
    struct pgcensus_diff_options options = {
        .reference = arguments->diff.reference,
        .keys = keys.items,
        .n_keys = keys.n,
        .unordered = arguments->unordered,
    };
    answers->diff = pgcensus_diff(replies, &options, ret_error);
    return answers->diff || option_words_error(ret_error);
}

static bool has_answer(const struct pgcensus_replies *replies)
{
    for (size_t i = 0; i < replies->n; i++)
        if (replies->items[i].rows)
            return true;
    return false;
}

struct loading {
    struct answers *answers;
    const struct query_outcome *outcome;
};

/* The table r has a copy of them by now, and one is enough. */
static void drop_rows(void *context, size_t index)
{
    const struct loading *loading = context;
    size_t node = loading->outcome->results[index]->index;
    loading->answers->replies[index].rows = NULL;
    pgcensus_rows_free(take_ptr(loading->answers->rows[node]));
}

static bool reduce_answers(struct answers *answers,
                           const struct query_arguments *arguments,
                           const struct query_outcome *outcome, nsec deadline,
                           int stop_fd, struct pgcensus_error *ret_error)
{
    struct pgcensus_replies replies = {answers->replies, outcome->n_results};
    struct loading loading = {answers, outcome};
    bool unlimited = output_format(&arguments->output)->kind == FORMAT_ROWS;
    struct pgcensus_reduce_options options = {
        .deadline = deadline,
        .stop_fd = stop_fd,
        .max_rows = arguments->max_rows.given ? arguments->max_rows.n
                    : unlimited               ? 0
                                              : MOST_REDUCED,
        .ret_truncated = &answers->cut,
        .loaded = drop_rows,
        .context = &loading,
    };
    struct pgcensus_error error;
    bool any = has_answer(&replies);
    answers->reduced = pgcensus_reduce(&replies, arguments->reduce, &options, &error);
    /* Without an answer the columns of r are not known: a statement that names some is
     * no mistake then. */
    if (!answers->reduced && error.trouble == PGCENSUS_TROUBLE_USAGE && !any)
        answers->reduced = rowset_rows(rowset_new());
    if (answers->reduced)
        return true;
    *ret_error = error;
    return option_words_error(ret_error);
}

/* A sum over half an answer would look like one over all of it. */
static void drop_incomplete(const struct pgcensus_replies *replies,
                            struct pgcensus_reply *items)
{
    for (size_t i = 0; i < replies->n; i++)
        if (!items[i].complete)
            items[i].rows = NULL;
}

bool answers_combine(struct answers *answers, const struct query_arguments *arguments,
                     const struct query_outcome *outcome, nsec deadline, int stop_fd,
                     struct pgcensus_error *ret_error)
{
    if (!list_replies(answers, outcome))
        return error_memory(ret_error);
    struct pgcensus_replies replies = {answers->replies, outcome->n_results};
    if (arguments->fold) {
        answers->fold = pgcensus_fold(&replies, arguments->unordered, ret_error);
        return answers->fold;
    }
    if (arguments->diff.wanted)
        return diff_answers(answers, arguments, &replies, ret_error);
    if (!query_aggregates(arguments))
        return true;
    drop_incomplete(&replies, answers->replies);
    if (arguments->reduce)
        return reduce_answers(answers, arguments, outcome, deadline, stop_fd,
                              ret_error);
    answers->reduced = pgcensus_tally(&replies, arguments->tallies.items,
                                      arguments->tallies.n, ret_error);
    return answers->reduced;
}

bool answers_differ(const struct answers *answers)
{
    return (answers->fold && answers->fold->n_groups > 1) ||
           (answers->diff && answers->diff->n_nodes > 0);
}
