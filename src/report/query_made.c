/* Folded answers and differences as tables.
 *
 * One row is one fact, so that jq, awk and a spreadsheet can count and filter them: a
 * row of an answer with the nodes that gave it, or one cell that differs. */
#include "report/query_made.h"

#include "base/rowset.h"
#include "report/query_columns.h"
#include "report/query_rows.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static bool set_cell(struct rowset *rowset, size_t column,
                     const struct pgcensus_cell *cell)
{
    return !cell->text || rowset_set(rowset, column, cell->text, cell->len);
}

/* ---- --fold ---- */

static bool begin_fold(struct rowset *rowset, const struct query_document *document)
{
    const struct pgcensus_column *merged;
    size_t n = pgcensus_merge_columns(document->merge, &merged);
    if (!rowset_begin(rowset, n + MADE_ANSWER) ||
        !rowset_name(rowset, 0, "nodes", PGCENSUS_TYPE_TEXT) ||
        !rowset_name(rowset, 1, "count", PGCENSUS_TYPE_INT8))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!rowset_name(rowset, i + MADE_ANSWER, merged[i].name, merged[i].type))
            return false;
    return true;
}

static bool add_group(struct rowset *rowset, const struct query_document *document,
                      const struct pgcensus_fold_group *group)
{
    AUTO(buf_fini) struct buf names = BUF_INIT;
    char count[24];
    const size_t *map = pgcensus_merge_map(document->merge, group->members[0]);
    query_add_names(document, group->members, group->n_members, &names);
    snprintf(count, sizeof count, "%zu", group->n_members);
    for (size_t row = 0; row < group->rows->n_rows; row++) {
        if (names.broken || !rowset_add_row(rowset) ||
            !rowset_set(rowset, 0, names.bytes, names.len) ||
            !rowset_set_str(rowset, 1, count))
            return false;
        for (size_t i = 0; i < rowset->rows.n_columns - MADE_ANSWER; i++)
            if (map[i] != SIZE_MAX &&
                !set_cell(rowset, i + MADE_ANSWER,
                          pgcensus_rows_at(group->rows, row, map[i])))
                return false;
    }
    return true;
}

struct pgcensus_rows *query_make_fold(const struct query_document *document)
{
    AUTO(rowset_free) struct rowset *rowset = rowset_new();
    if (!rowset || !begin_fold(rowset, document))
        return NULL;
    for (size_t i = 0; i < document->fold->n_groups; i++)
        if (!add_group(rowset, document, &document->fold->groups[i]))
            return NULL;
    return rowset_rows(take_ptr(rowset));
}

/* ---- --diff ---- */

const char *query_kind_name(enum pgcensus_difference_kind kind)
{
    switch (kind) {
    case PGCENSUS_DIFFERENT:
        return "different";
    case PGCENSUS_MISSING:
        return "missing";
    case PGCENSUS_EXTRA:
        return "extra";
    }
    return "different";
}

enum { BEFORE_KEY = 2, BEHIND_KEY = 3 };

static bool begin_diff(struct rowset *rowset, const struct pgcensus_diff *diff)
{
    static const char *const behind[BEHIND_KEY] = {"column", "reference", "value"};
    size_t at = 0;
    if (!rowset_begin(rowset, BEFORE_KEY + diff->n_key + BEHIND_KEY) ||
        !rowset_name(rowset, at++, "node", PGCENSUS_TYPE_TEXT) ||
        !rowset_name(rowset, at++, "kind", PGCENSUS_TYPE_TEXT))
        return false;
    for (size_t i = 0; i < diff->n_key; i++) {
        const struct pgcensus_column *key = &diff->rows->columns[diff->key[i]];
        if (!rowset_name(rowset, at++, key->name, key->type))
            return false;
    }
    for (size_t i = 0; i < BEHIND_KEY; i++)
        if (!rowset_name(rowset, at++, behind[i], PGCENSUS_TYPE_TEXT))
            return false;
    return true;
}

/* From the reference, or from the node where only that has the row. */
static bool add_key(struct rowset *rowset, const struct pgcensus_diff *diff,
                    const struct pgcensus_rows *own,
                    const struct pgcensus_difference *difference)
{
    for (size_t i = 0; i < diff->n_key; i++) {
        size_t column = diff->key[i];
        const struct pgcensus_rows *from = diff->rows;
        size_t row = difference->reference_row;
        if (row == SIZE_MAX) {
            column = query_same_column(diff->rows, column, own);
            from = own;
            row = difference->row;
        }
        if (column != SIZE_MAX &&
            !set_cell(rowset, BEFORE_KEY + i, pgcensus_rows_at(from, row, column)))
            return false;
    }
    return true;
}

static bool add_values(struct rowset *rowset, const struct pgcensus_diff *diff,
                       const struct pgcensus_rows *own,
                       const struct pgcensus_difference *difference)
{
    size_t at = BEFORE_KEY + diff->n_key;
    if (difference->kind != PGCENSUS_DIFFERENT)
        return true;
    size_t theirs = difference->reference_column, ours = difference->column;
    const char *name =
        theirs != SIZE_MAX ? diff->rows->columns[theirs].name : own->columns[ours].name;
    return rowset_set_str(rowset, at, name) &&
           (theirs == SIZE_MAX ||
            set_cell(
                rowset, at + 1,
                pgcensus_rows_at(diff->rows, difference->reference_row, theirs))) &&
           (ours == SIZE_MAX ||
            set_cell(rowset, at + 2, pgcensus_rows_at(own, difference->row, ours)));
}

static bool set_type(struct rowset *rowset, size_t at, const struct pgcensus_rows *rows,
                     size_t column)
{
    AUTO(buf_fini) struct buf type = BUF_INIT;
    if (column == SIZE_MAX)
        return true;
    query_add_type(rows->columns[column].type, &type);
    return !type.broken && rowset_set(rowset, at, type.bytes, type.len);
}

static bool add_fact(struct rowset *rowset, const char *node, const char *kind)
{
    return rowset_add_row(rowset) && rowset_set_str(rowset, 0, node) &&
           rowset_set_str(rowset, 1, kind);
}

/* What differs that is no row: types stand where values do. */
static bool made_add_columns(struct rowset *rowset, const struct pgcensus_diff *diff,
                             const struct pgcensus_diff_node *node,
                             const struct pgcensus_reply *reply)
{
    size_t first = BEFORE_KEY + diff->n_key;
    if (!node->columns_differ)
        return node->n > 0 || add_fact(rowset, reply->node, "row_order");
    for (struct query_columns at = {diff->rows, reply->rows}; query_columns_next(&at);)
        if (!add_fact(rowset, reply->node, "column") ||
            !rowset_set_str(rowset, first, at.name) ||
            !set_type(rowset, first + 1, diff->rows, at.column) ||
            !set_type(rowset, first + 2, reply->rows, at.own_column))
            return false;
    return !query_columns_reordered(diff->rows, reply->rows) ||
           add_fact(rowset, reply->node, "column_order");
}

static bool made_add_node(struct rowset *rowset, const struct query_document *document,
                          const struct pgcensus_diff_node *node)
{
    const struct pgcensus_reply *reply = &document->replies[node->index];
    if (!made_add_columns(rowset, document->diff, node, reply))
        return false;
    for (size_t i = 0; i < node->n; i++) {
        const struct pgcensus_difference *difference = &node->items[i];
        if (!rowset_add_row(rowset) || !rowset_set_str(rowset, 0, reply->node) ||
            !rowset_set_str(rowset, 1, query_kind_name(difference->kind)) ||
            !add_key(rowset, document->diff, reply->rows, difference) ||
            !add_values(rowset, document->diff, reply->rows, difference))
            return false;
    }
    return true;
}

struct pgcensus_rows *query_make_diff(const struct query_document *document)
{
    AUTO(rowset_free) struct rowset *rowset = rowset_new();
    if (!rowset || !begin_diff(rowset, document->diff))
        return NULL;
    for (size_t i = 0; i < document->diff->n_nodes; i++)
        if (!made_add_node(rowset, document, &document->diff->nodes[i]))
            return NULL;
    return rowset_rows(take_ptr(rowset));
}
