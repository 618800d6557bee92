/* What the limits of the whole run leave to each node: rows, and bytes.
 *
 * Where rows are held, a node may keep more than its share as long as there is room.
 * Once more is kept than may be, the node that has most of it gives rows up, from the
 * end of its answer, and is stopped; so who needs less than his share is never cut.
 * Rows that have come out cannot be taken back: they come out when they are within the
 * share that is sure, or when nobody can ask for more any more.
 *
 * Where rows flow, what is out is out.  A node that has had its share waits for others
 * to need less than theirs, and is cut when nobody can go on before it does.
 *
 * The surprise: one row of the remainder, which is no full share, goes to whoever is
 * cut first, or a limit below the number of nodes would leave nothing to anybody. */
#include "query/scatter_private.h"

#include "base/memory.h"
#include "base/quantity.h"
#include "base/text.h"
#include "query/result.h"
#include "query/share.h"

#include <stdio.h>

static size_t limit_of(const struct scatter *scatter, enum resource resource)
{
    const struct pgcensus_query_options *options = scatter->plan.options;
    size_t limit = resource == ROWS ? options->max_rows : options->max_bytes;
    return limit ? limit : SHARE_NO_LIMIT;
}

void share_say_cut(const struct scatter *scatter, const struct query_slot *slot,
                   char text[LIMIT_WORDS])
{
    AUTO(buf_fini) struct buf size = BUF_INIT;
    size_t limit = limit_of(scatter, slot->cut_by);
    if (slot->cut_by == ROWS) {
        snprintf(text, LIMIT_WORDS, "more than %zu row%s in all (max_rows)", limit,
                 limit == 1 ? "" : "s");
        return;
    }
    quantity_format_size((int64_t)limit, &size);
    snprintf(text, LIMIT_WORDS, "more than %s in all (max_bytes)",
             size.broken ? "may be" : size.bytes);
}

/* ---- what is needed, and what may be had ---- */

static size_t amount(const struct rowset *rows, enum resource resource)
{
    return resource == ROWS ? rows->rows.n_rows : rows->bytes;
}

bool share_init(struct scatter *scatter)
{
    for (enum resource i = ROWS; i < RESOURCES; i++) {
        scatter->needs[i] = memory_array(scatter->roster->n, sizeof(size_t));
        if (!scatter->needs[i])
            return false;
    }
    for (size_t i = 0; i < scatter->roster->n; i++)
        scatter->n_open += scatter_node(scatter, i)->options.identity.enabled;
    scatter->plan.budget = (struct pg_budget){INT64_MAX, INT64_MAX};
    if (limit_of(scatter, ROWS) != SHARE_NO_LIMIT)
        scatter->plan.budget.rows = (int64_t)limit_of(scatter, ROWS);
    if (limit_of(scatter, BYTES) != SHARE_NO_LIMIT)
        scatter->plan.budget.bytes = (int64_t)limit_of(scatter, BYTES);
    return true;
}

void share_fini(struct scatter *scatter)
{
    for (enum resource i = ROWS; i < RESOURCES; i++)
        free(scatter->needs[i]);
}

/* What a settled node has had, and has still in hand. */
static void note_need(struct scatter *scatter, struct query_slot *slot)
{
    const struct question *question = slot->question;
    bool dropped = slot->cut && scatter->plan.options->streams;
    for (enum resource i = ROWS; i < RESOURCES; i++) {
        size_t need = slot->given[i];
        if (question->rows && !dropped)
            need += amount(question->rows, i);
        if (question->last && !dropped)
            need += amount(question->last, i);
        scatter->needs[i][slot->place] = need;
    }
    scatter->levels_known = false;
}

void share_settle(struct scatter *scatter, struct query_slot *slot)
{
    slot->place = scatter->n_known++;
    scatter->n_open--;
    note_need(scatter, slot);
}

static size_t level_of(struct scatter *scatter, enum resource resource)
{
    for (enum resource i = ROWS; i < RESOURCES && !scatter->levels_known; i++)
        scatter->levels[i] = share_level(limit_of(scatter, i), scatter->needs[i],
                                         scatter->n_known, scatter->n_open);
    scatter->levels_known = true;
    return scatter->levels[resource];
}

/* Most answers are small: an even share will do, without a look at all the others. */
static bool is_within(struct scatter *scatter, const struct query_slot *slot,
                      enum resource resource)
{
    size_t limit = limit_of(scatter, resource);
    size_t all = slot->given[resource] + amount(slot->question->rows, resource);
    return limit == SHARE_NO_LIMIT ||
           all <= limit / (scatter->n_known + scatter->n_open) ||
           all <= level_of(scatter, resource);
}

bool share_allows(struct scatter *scatter, const struct question *question)
{
    const struct query_slot *slot = &scatter->slots[question->node->index];
    if (scatter->plan.options->streams ? slot->cut : scatter_is_over(scatter))
        return true;
    return is_within(scatter, slot, ROWS) && is_within(scatter, slot, BYTES);
}

/* ---- where rows are held ---- */

/* Also those that a connection has still. */
static struct rowset *held_by(const struct query_slot *slot)
{
    const struct question *question = slot->question;
    if (!question || slot->given[ROWS] > 0)
        return NULL;
    if (question->rows)
        return question->rows;
    return question->state == QUESTION_ASKING
               ? pg_conn_rows(claim_conn(&question->attempt.claim))
               : NULL;
}

/* The slot that has most, of several the last; and how much the next one has. */
static struct query_slot *find_richest(const struct scatter *scatter,
                                       enum resource resource, size_t *ret_next)
{
    struct query_slot *richest = NULL;
    size_t most = 0;
    *ret_next = 0;
    for (size_t i = 0; i < scatter->roster->n; i++) {
        const struct rowset *rows = held_by(&scatter->slots[i]);
        size_t n = rows && rows->rows.n_rows > 0 ? amount(rows, resource) : 0;
        if (n > 0 && n >= most) {
            *ret_next = most;
            most = n;
            richest = &scatter->slots[i];
        } else if (n > *ret_next) {
            *ret_next = n;
        }
    }
    return richest;
}

static bool is_owing(const struct scatter *scatter, enum resource resource)
{
    const struct pg_budget *budget = &scatter->plan.budget;
    return (resource == ROWS ? budget->rows : budget->bytes) < 0;
}

/* At least one row, then more until the next one has as much. */
static void give_up(struct scatter *scatter, const struct query_slot *slot,
                    enum resource resource, size_t next)
{
    struct pg_budget *budget = &scatter->plan.budget;
    struct rowset *rows = held_by(slot);
    do {
        budget->bytes += (int64_t)rowset_cut(rows, rows->rows.n_rows - 1);
        budget->rows++;
    } while (is_owing(scatter, resource) && rows->rows.n_rows > 0 &&
             amount(rows, resource) > next);
}

static void note_cut(struct scatter *scatter, struct query_slot *slot,
                     enum resource resource)
{
    char text[LIMIT_WORDS];
    slot->cut = true;
    slot->cut_by = resource;
    share_say_cut(scatter, slot, text);
    question_cut(slot->question, text, engine_now(scatter->engine));
    if (slot->settled)
        note_need(scatter, slot);
}

void share_collect(struct scatter *scatter)
{
    for (enum resource i = ROWS; i < RESOURCES; i++) {
        while (is_owing(scatter, i)) {
            size_t next;
            struct query_slot *slot = find_richest(scatter, i, &next);
            if (!slot)
                break;
            give_up(scatter, slot, i, next);
            note_cut(scatter, slot, i);
        }
    }
}

/* ---- where rows flow ---- */

/* Something will become of it without anybody else being cut. */
static bool goes_on(struct scatter *scatter, size_t at)
{
    const struct query_slot *slot = &scatter->slots[at];
    const struct question *question = slot->question;
    if (slot->settled || !scatter_node(scatter, at)->options.identity.enabled)
        return false;
    if (!question || question->entry.is_deferred)
        return !scatter->ended && !scatter_keeps_out(scatter, question);
    if (question->state != QUESTION_ASKING)
        return true;
    if (scatter->plan.options->in_order)
        return !pg_conn_is_full(claim_conn(&question->attempt.claim));
    return !question->rows || share_allows(scatter, question);
}

bool share_is_over(struct scatter *scatter, const struct question *question)
{
    size_t own = question->node->index;
    if (!scatter->plan.options->streams)
        return false;
    for (size_t i = 0; i < scatter->roster->n; i++)
        if (i != own && goes_on(scatter, i))
            return false;
    return true;
}

/* What is left if all others get what they may have. */
static size_t left_by_others(struct scatter *scatter, const struct query_slot *own,
                             enum resource resource)
{
    size_t left = limit_of(scatter, resource), level = level_of(scatter, resource);
    for (size_t i = 0; i < scatter->roster->n && left != SHARE_NO_LIMIT; i++) {
        const struct query_slot *slot = &scatter->slots[i];
        if (slot == own || !scatter_node(scatter, i)->options.identity.enabled)
            continue;
        size_t may = level;
        if (slot->settled && scatter->needs[resource][slot->place] < may)
            may = scatter->needs[resource][slot->place];
        if (slot->given[resource] > may)
            may = slot->given[resource];
        left -= may < left ? may : left;
    }
    return left;
}

/* How much more it may have when it is cut. */
static size_t last_share(struct scatter *scatter, const struct query_slot *slot,
                         enum resource resource)
{
    size_t level = level_of(scatter, resource);
    size_t left = left_by_others(scatter, slot, resource);
    if (level == SHARE_NO_LIMIT || left == SHARE_NO_LIMIT)
        return SHARE_NO_LIMIT;
    level += resource == ROWS;
    level = level < left ? level : left;
    return level > slot->given[resource] ? level - slot->given[resource] : 0;
}

void share_cut(struct scatter *scatter, struct question *question)
{
    struct query_slot *slot = &scatter->slots[question->node->index];
    struct rowset *rows = question->rows;
    char text[LIMIT_WORDS];
    size_t most_rows = last_share(scatter, slot, ROWS);
    size_t most_bytes = last_share(scatter, slot, BYTES), before = rows->rows.n_rows;
    slot->cut_by = before > most_rows ? ROWS : BYTES;
    rowset_cut(rows, most_rows);
    while (rows->rows.n_rows > 0 && rows->bytes > most_bytes)
        rowset_cut(rows, rows->rows.n_rows - 1);
    if (rows->rows.n_rows == before)
        return;
    share_say_cut(scatter, slot, text);
    slot->cut = true;
    if (!scatter->plan.options->write)
        question_end(question, PGCENSUS_CLASS_LIMIT, PGCENSUS_SUBJECT_NONE, text,
                     engine_now(scatter->engine));
}
