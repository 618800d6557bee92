/* What comes out, in which order.
 *
 * By arrival: rows as soon as they are there, a node when it is done and its rows are
 * out.  In order: the same, but everybody waits for those that stand before them in the
 * inventory, which costs nothing but memory, a batch for each.
 *
 * The surprise: in order, the first row of all waits until the columns of every node
 * are known, so that a header can name them.  A node that cannot even begin, because
 * all jobs are taken by others that wait for their turn, is not waited for. */
#include "query/scatter_private.h"

#include "query/result.h"

#include <string.h>

/* The next rows, as many of them as may come out; NULL: no more may.  What writes goes
 * on all the same, and its further rows are dropped. */
static struct rowset *take_rows(struct scatter *scatter, struct question *question)
{
    struct query_slot *slot = &scatter->slots[question->node->index];
    bool drops = slot->cut && scatter->plan.options->streams;
    if (!drops && !share_allows(scatter, question))
        share_cut(scatter, question);
    AUTO(rowset_free) struct rowset *rows = question_take_rows(question);
    if (drops || rows->rows.n_rows == 0)
        return NULL;
    slot->given[ROWS] += rows->rows.n_rows;
    slot->given[BYTES] += rows->bytes;
    return take_ptr(rows);
}

static enum pgcensus_query_turn give_rows(struct scatter *scatter,
                                          struct question *question,
                                          struct pgcensus_query_event *ret_event)
{
    struct rowset *rows = take_rows(scatter, question);
    if (!rows)
        return scatter_take(scatter, ret_event);
    *ret_event = (struct pgcensus_query_event){.index = question->node->index,
                                               .rows = rowset_rows(rows)};
    return PGCENSUS_QUERY_ROWS;
}

static enum pgcensus_query_turn give_result(struct scatter *scatter, size_t at,
                                            struct pgcensus_query_event *ret_event)
{
    scatter->slots[at].taken = true;
    scatter->n_taken++;
    *ret_event = (struct pgcensus_query_event){.index = at, .result = &scatter->result};
    return PGCENSUS_QUERY_NODE;
}

/* It has answered, though nothing of that may be left.  How it failed by itself says
 * more. */
static void note_cut(const struct scatter *scatter, const struct query_slot *slot,
                     struct pgcensus_query_result *result)
{
    char text[LIMIT_WORDS];
    share_say_cut(scatter, slot, text);
    result->n_rows = slot->given[ROWS];
    if (!result->failed)
        result_refused(result, PGCENSUS_CLASS_LIMIT, PGCENSUS_PHASE_STREAM, text);
    /* Its connection may have said so, which knows the words and no more. */
    if (strcmp(result->failure.message, text) == 0)
        result->failure.subject = slot->cut_by == ROWS ? PGCENSUS_SUBJECT_MAX_ROWS
                                                       : PGCENSUS_SUBJECT_MAX_BYTES;
    if (result->failure.error_class == PGCENSUS_CLASS_LIMIT)
        result->status = PGCENSUS_QUERY_PARTIAL;
    result->truncated = true;
}

/* Where any node would do and none did, those that were passed over have failed. */
static enum pgcensus_query_turn give_settled(struct scatter *scatter,
                                             struct question *question,
                                             struct pgcensus_query_event *ret_event)
{
    size_t at = question->node->index;
    struct query_slot *slot = &scatter->slots[at];
    struct pgcensus_query_result *result = &scatter->result;
    *result = question->result;
    if (slot->cut)
        note_cut(scatter, slot, result);
    if (scatter->plan.options->any && !scatter->ended &&
        result->status == PGCENSUS_QUERY_SKIPPED)
        result->status = PGCENSUS_QUERY_FAILED;
    list_remove(&scatter->settled, &question->entry.link);
    slot->shape = take_ptr(question->shape);
    if (result->sent) /* by the last attempt, or they are of another */
        result->notices = slot->notices = question->notices;
    else
        pgcensus_notices_fini(&question->notices);
    question->notices = (struct pgcensus_notices){0};
    question_fini(question);
    free(take_ptr(slot->question));
    return give_result(scatter, at, ret_event);
}

static enum pgcensus_query_turn give_unasked(struct scatter *scatter, size_t at,
                                             struct pgcensus_query_event *ret_event)
{
    result_blank(&scatter->result, at);
    if (!scatter_node(scatter, at)->options.identity.enabled) {
        scatter->result.status = PGCENSUS_QUERY_DISABLED;
    } else if (scatter->ended_class == PGCENSUS_CLASS_NONE) {
        scatter->result.status = PGCENSUS_QUERY_SKIPPED;
    } else {
        result_refused(&scatter->result, scatter->ended_class, PGCENSUS_PHASE_NONE,
                       scatter->reason);
        scatter->result.failure.subject = scatter->ended_subject;
    }
    return give_result(scatter, at, ret_event);
}

static bool is_enabled(const struct scatter *scatter, size_t at)
{
    return scatter_node(scatter, at)->options.identity.enabled;
}

/* Its question is done, its rows are out, and nothing can change what it came to. */
static bool is_done(const struct scatter *scatter, const struct question *question)
{
    if (question->rows || !scatter->slots[question->node->index].settled)
        return false;
    return !scatter->plan.options->any || scatter_is_over(scatter);
}

static bool is_held(const struct scatter *scatter)
{
    return scatter->reader.fd >= 0;
}

/* ---- by arrival ---- */

static struct question *first_done(const struct scatter *scatter)
{
    list_each (&scatter->settled, link, after)
        if (is_done(scatter, question_at(link)))
            return question_at(link);
    return NULL;
}

/* The first whose rows may come out; of those that may not and never will, the first.
 */
static struct question *next_offer(struct scatter *scatter)
{
    struct list *offering = &scatter->plan.offering;
    list_each (offering, link, after) {
        struct question *question = container_of(link, struct question, offer);
        if (share_allows(scatter, question))
            return question;
    }
    if (offering->n == 0)
        return NULL;
    struct question *question =
        container_of(list_first(offering), struct question, offer);
    return share_is_over(scatter, question) ? question : NULL;
}

static enum pgcensus_query_turn take_arrived(struct scatter *scatter,
                                             struct pgcensus_query_event *ret_event)
{
    size_t n = scatter->roster->n;
    struct question *offer = is_held(scatter) ? NULL : next_offer(scatter), *done;
    while (scatter->disabled < n && (is_enabled(scatter, scatter->disabled) ||
                                     scatter->slots[scatter->disabled].taken))
        scatter->disabled++;
    if (scatter->disabled < n)
        return give_unasked(scatter, scatter->disabled++, ret_event);
    if (offer)
        return give_rows(scatter, offer, ret_event);
    if ((done = first_done(scatter)))
        return give_settled(scatter, done, ret_event);
    while (scatter->ended && scatter->head < n) {
        const struct query_slot *slot = &scatter->slots[scatter->head++];
        if (!slot->question && !slot->taken)
            return give_unasked(scatter, scatter->head - 1, ret_event);
    }
    return PGCENSUS_QUERY_TICK;
}

/* ---- in order ---- */

static bool is_known(const struct scatter *scatter, size_t at)
{
    const struct query_slot *slot = &scatter->slots[at];
    if (slot->taken || slot->settled || !is_enabled(scatter, at))
        return true;
    if (!slot->question)
        return scatter->ended || scatter_keeps_out(scatter, NULL);
    return slot->question->shape;
}

static bool all_known(struct scatter *scatter)
{
    while (scatter->known < scatter->roster->n && is_known(scatter, scatter->known))
        scatter->known++;
    return scatter->known == scatter->roster->n;
}

static bool may_come_out(struct scatter *scatter, const struct question *question)
{
    return share_allows(scatter, question) || share_is_over(scatter, question);
}

static enum pgcensus_query_turn take_in_order(struct scatter *scatter,
                                              struct pgcensus_query_event *ret_event)
{
    while (scatter->head < scatter->roster->n && scatter->slots[scatter->head].taken)
        scatter->head++;
    if (scatter->head == scatter->roster->n)
        return PGCENSUS_QUERY_TICK;
    size_t at = scatter->head;
    struct question *question = scatter->slots[at].question;
    if (!question) {
        if (is_enabled(scatter, at) && !scatter->ended)
            return PGCENSUS_QUERY_TICK;
        scatter->head++;
        return give_unasked(scatter, at, ret_event);
    }
    if (question->rows)
        return is_held(scatter) || !all_known(scatter) ||
                       !may_come_out(scatter, question)
                   ? PGCENSUS_QUERY_TICK
                   : give_rows(scatter, question, ret_event);
    if (!is_done(scatter, question))
        return PGCENSUS_QUERY_TICK;
    scatter->head++;
    return give_settled(scatter, question, ret_event);
}

enum pgcensus_query_turn scatter_take(struct scatter *scatter,
                                      struct pgcensus_query_event *ret_event)
{
    if (scatter->n_taken == scatter->roster->n)
        return PGCENSUS_QUERY_END;
    return scatter->plan.options->in_order ? take_in_order(scatter, ret_event)
                                           : take_arrived(scatter, ret_event);
}

const struct pgcensus_rows *scatter_shape(const struct scatter *scatter, size_t at)
{
    const struct query_slot *slot = &scatter->slots[at];
    const struct rowset *shape = slot->question ? slot->question->shape : slot->shape;
    return shape ? &shape->rows : NULL;
}

struct pgcensus_notices scatter_take_notices(struct scatter *scatter, size_t at)
{
    struct pgcensus_notices notices = scatter->slots[at].notices;
    scatter->slots[at].notices = (struct pgcensus_notices){0};
    return notices;
}
