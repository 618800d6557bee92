/* What is made of all answers together needs all of them; here they wait for it.
 *
 * Rows are kept by the node's place in the fleet, replies are made of them by its place
 * among those that are reported: a node that --role leaves out has no reply. */
#include "cli/query/query_collect.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/rowset.h"

#include <string.h>

/* What a reduction may answer on a terminal or in a document. */
enum { MOST_REDUCED = 100000 };

bool holding_init(struct holding *holding, const struct pgcensus_fleet *fleet)
{
    size_t n = pgcensus_fleet_size(fleet);
    *holding = (struct holding){.fleet = fleet, .n = n};
    holding->rows = memory_array(n, sizeof *holding->rows);
    return holding->rows;
}

void holding_fini(struct holding *holding)
{
    for (size_t i = 0; holding->rows && i < holding->n; i++)
        pgcensus_rows_free(holding->rows[i]);
    free(holding->rows);
    free(holding->replies);
    pgcensus_merge_free(holding->merge);
    pgcensus_rows_free(holding->reduced);
    pgcensus_fold_free(holding->fold);
    pgcensus_diff_free(holding->diff);
    *holding = (struct holding){0};
}

/* ---- taking ---- */

static bool take_rows(void *context, struct pgcensus_query *query, size_t index,
                      struct pgcensus_rows *owned, struct pgcensus_error *ret_error)
{
    struct holding *holding = context;
    holding->rows[index] = owned;
    return true;
}

/* An answer without rows has columns all the same. */
static bool take_node(void *context, struct pgcensus_query *query,
                      struct pgcensus_query_result *result,
                      struct pgcensus_error *ret_error)
{
    struct holding *holding = context;
    const struct pgcensus_rows *shape = pgcensus_query_shape(query, result->index);
    if (holding->rows[result->index] || !shape)
        return true;
    holding->rows[result->index] = rowset_rows(rowset_like(shape));
    return holding->rows[result->index] || error_memory(ret_error);
}

static bool end(void *context, struct pgcensus_query *query,
                struct pgcensus_error *ret_error)
{
    return true;
}

struct taker holding_taker(struct holding *holding)
{
    return (struct taker){take_rows, take_node, end, NULL, NULL, holding};
}

/* ---- making ---- */

static bool list_replies(struct holding *holding, const struct asking *asking)
{
    holding->replies = memory_array(asking->n_results, sizeof *holding->replies);
    holding->merge = pgcensus_merge_new(asking->n_results);
    if (!holding->replies || !holding->merge)
        return false;
    for (size_t i = 0; i < asking->n_results; i++) {
        const struct pgcensus_query_result *result = asking->results[i];
        const struct pgcensus_identity *identity =
            pgcensus_fleet_node(holding->fleet, result->index);
        const struct pgcensus_rows *rows = holding->rows[result->index];
        holding->replies[i] = (struct pgcensus_reply){
            .node = identity->name,
            .group = identity->group,
            .status = pgcensus_query_status_name(result->status),
            .error = result->failed ? result->failure.message : NULL,
            .latency = result->attempted ? result->total : PGCENSUS_UNKNOWN_TIME,
            .rows = rows,
            .complete = result->status == PGCENSUS_QUERY_OK,
        };
        if (rows && !pgcensus_merge_add(holding->merge, i, rows, /* frozen= */ false))
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

static bool compare(struct holding *holding, const struct query_arguments *arguments,
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
    holding->diff = pgcensus_diff(replies, &options, ret_error);
    return holding->diff;
}

static bool anybody_answered(const struct pgcensus_replies *replies)
{
    for (size_t i = 0; i < replies->n; i++)
        if (replies->items[i].rows)
            return true;
    return false;
}

static bool pass_on(const struct pgcensus_error *error,
                    struct pgcensus_error *ret_error)
{
    *ret_error = *error;
    return false;
}

struct loading {
    struct holding *holding;
    const struct asking *asking;
};

/* The same rows twice, here and in the table, are a lot of memory. */
static void drop_rows(void *context, size_t index)
{
    const struct loading *loading = context;
    size_t node = loading->asking->results[index]->index;
    loading->holding->replies[index].rows = NULL;
    pgcensus_rows_free(take_ptr(loading->holding->rows[node]));
}

static bool reduce(struct holding *holding, const struct query_arguments *arguments,
                   const struct asking *asking, nsec deadline, int stop_fd,
                   struct pgcensus_error *ret_error)
{
    struct pgcensus_replies replies = {holding->replies, asking->n_results};
    struct loading loading = {holding, asking};
    bool unlimited = common_format(&arguments->common)->kind == FORMAT_ROWS;
    struct pgcensus_reduce_options options = {
        .deadline = deadline,
        .stop_fd = stop_fd,
        .max_rows = arguments->max_rows.given ? arguments->max_rows.n
                    : unlimited               ? 0
                                              : MOST_REDUCED,
        .ret_truncated = &holding->cut,
        .loaded = drop_rows,
        .context = &loading,
    };
    struct pgcensus_error error;
    bool any = anybody_answered(&replies);
    holding->reduced = pgcensus_reduce(&replies, arguments->reduce, &options, &error);
    /* Nobody has said which columns there are: that is no mistake of the statement. */
    if (!holding->reduced && error.trouble == PGCENSUS_TROUBLE_USAGE && !any)
        holding->reduced = rowset_rows(rowset_new());
    return holding->reduced || pass_on(&error, ret_error);
}

/* A sum over half an answer would look like one over all of it. */
static void leave_out_incomplete(const struct pgcensus_replies *replies,
                                 struct pgcensus_reply *items)
{
    for (size_t i = 0; i < replies->n; i++)
        if (!items[i].complete)
            items[i].rows = NULL;
}

bool holding_make(struct holding *holding, const struct query_arguments *arguments,
                  const struct asking *asking, nsec deadline, int stop_fd,
                  struct pgcensus_error *ret_error)
{
    if (!list_replies(holding, asking))
        return error_memory(ret_error);
    struct pgcensus_replies replies = {holding->replies, asking->n_results};
    if (arguments->fold) {
        holding->fold = pgcensus_fold(&replies, arguments->unordered, ret_error);
        return holding->fold;
    }
    if (arguments->diff.wanted)
        return compare(holding, arguments, &replies, ret_error);
    if (!query_aggregates(arguments))
        return true;
    leave_out_incomplete(&replies, holding->replies);
    if (arguments->reduce)
        return reduce(holding, arguments, asking, deadline, stop_fd, ret_error);
    holding->reduced = pgcensus_tally(&replies, arguments->tallies.items,
                                      arguments->tallies.n, ret_error);
    return holding->reduced;
}

bool holding_differs(const struct holding *holding)
{
    return (holding->fold && holding->fold->n_groups > 1) ||
           (holding->diff && holding->diff->n_nodes > 0);
}
