/* One table for every format.
 *
 * Merged answers have the node in front, and the cells of each node in the columns of
 * the common header; they are looked up in place, because there may be a hundred
 * thousand of them.  What was reduced is a table already.  Folded answers and
 * differences are made into one in query_made.c. */
#include "report/query_rows.h"

#include "base/memory.h"
#include "base/text.h"
#include "report/query_made.h"

#include <stdint.h>
#include <string.h>

static const struct pgcensus_rows *ready_made(const struct query_rows *rows)
{
    return rows->made ? rows->made : rows->document->reduced;
}

static bool make(struct query_rows *rows)
{
    const struct query_document *document = rows->document;
    if (document->fold)
        rows->made = query_make_fold(document);
    else if (document->diff)
        rows->made = query_make_diff(document);
    else
        return true;
    return rows->made;
}

static void copy_columns(struct query_rows *rows)
{
    const struct pgcensus_rows *made = ready_made(rows);
    const struct pgcensus_column *merged;
    size_t n = pgcensus_merge_columns(rows->document->merge, &merged);
    if (made) {
        rows->n_columns = made->n_columns;
        for (size_t i = 0; i < made->n_columns; i++) {
            rows->columns[i] = made->columns[i];
            rows->types[i] = made->columns[i].type;
        }
        return;
    }
    rows->n_columns = n + 1;
    rows->columns[0] = (struct pgcensus_column){"node", PGCENSUS_TYPE_TEXT};
    memcpy(rows->columns + 1, merged, n * sizeof *merged);
}

bool query_rows_init(struct query_rows *rows, const struct query_document *document)
{
    *rows = (struct query_rows){.document = document};
    const struct pgcensus_column *merged;
    size_t n = pgcensus_merge_columns(document->merge, &merged) + 1;
    if (!make(rows))
        return false;
    if (ready_made(rows) && ready_made(rows)->n_columns > n)
        n = ready_made(rows)->n_columns;
    rows->columns = memory_array(n, sizeof *rows->columns);
    rows->cells = memory_array(n, sizeof *rows->cells);
    rows->types = memory_array(n, sizeof *rows->types);
    rows->changed = memory_array(n, sizeof *rows->changed);
    if (!rows->columns || !rows->cells || !rows->types || !rows->changed)
        return false;
    copy_columns(rows);
    return true;
}

void query_rows_fini(struct query_rows *rows)
{
    pgcensus_rows_free(rows->made);
    free(rows->columns);
    free(rows->cells);
    free(rows->types);
    free(rows->changed);
    *rows = (struct query_rows){0};
}

/* ---- what has changed ---- */

static bool is_same(const struct pgcensus_cell *a, const struct pgcensus_cell *b)
{
    if (!a->text || !b->text)
        return a->text == b->text;
    return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

/* The same place in the answer before; a row that was not there is new, and a node that
 * did not answer before has nothing to compare with. */
static bool is_changed(const struct pgcensus_rows *before, size_t row, size_t column,
                       const struct pgcensus_cell *cell)
{
    if (!before)
        return false;
    return row >= before->n_rows || column >= before->n_columns ||
           !is_same(pgcensus_rows_at(before, row, column), cell);
}

static const struct pgcensus_rows *rows_before(const struct query_rows *rows)
{
    const struct query_document *before = rows->document->before;
    if (!before || rows->reply >= before->n ||
        strcmp(before->replies[rows->reply].node,
               rows->document->replies[rows->reply].node) != 0)
        return NULL;
    return before->replies[rows->reply].rows;
}

/* Where a group begins, its own types take over behind its nodes and their number. */
static void enter_group(struct query_rows *rows)
{
    const struct pgcensus_fold *fold = rows->document->fold;
    const struct pgcensus_fold_group *group = NULL;
    while (rows->row == rows->group_end) {
        group = &fold->groups[rows->group++];
        rows->group_end += group->rows->n_rows;
    }
    if (!group)
        return;
    const size_t *map = pgcensus_merge_map(rows->document->merge, group->members[0]);
    for (size_t i = MADE_ANSWER; i < rows->n_columns; i++) {
        size_t at = map[i - MADE_ANSWER];
        rows->types[i] = at == SIZE_MAX ? 0 : group->rows->columns[at].type;
    }
}

static bool next_made(struct query_rows *rows, const struct pgcensus_rows *made)
{
    if (rows->row == made->n_rows)
        return false;
    if (rows->document->fold)
        enter_group(rows);
    for (size_t i = 0; i < made->n_columns; i++) {
        rows->cells[i] = *pgcensus_rows_at(made, rows->row, i);
        rows->changed[i] =
            is_changed(rows->document->before ? rows->document->before->reduced : NULL,
                       rows->row, i, &rows->cells[i]);
    }
    rows->row++;
    return true;
}

/* The next reply that has a row left; NULL: there is none. */
static const struct pgcensus_rows *find_rows(struct query_rows *rows)
{
    for (; rows->reply < rows->document->n; rows->reply++, rows->row = 0) {
        const struct pgcensus_rows *own = rows->document->replies[rows->reply].rows;
        if (own && rows->row < own->n_rows)
            return own;
    }
    return NULL;
}

static bool next_merged(struct query_rows *rows)
{
    const struct pgcensus_rows *own = find_rows(rows);
    if (!own)
        return false;
    const char *node = rows->document->replies[rows->reply].node;
    const size_t *map = pgcensus_merge_map(rows->document->merge, rows->reply);
    const struct pgcensus_rows *before = rows_before(rows);
    rows->cells[0] = (struct pgcensus_cell){node, strlen(node)};
    rows->types[0] = PGCENSUS_TYPE_TEXT;
    for (size_t i = 1; i < rows->n_columns; i++) {
        size_t at = map[i - 1];
        bool there = at != SIZE_MAX;
        rows->cells[i] = there ? *pgcensus_rows_at(own, rows->row, at)
                               : (struct pgcensus_cell){NULL, 0};
        rows->types[i] = there ? own->columns[at].type : 0;
        rows->changed[i] = there && is_changed(before, rows->row, at, &rows->cells[i]);
    }
    rows->row++;
    return true;
}

bool query_rows_next(struct query_rows *rows)
{
    const struct pgcensus_rows *made = ready_made(rows);
    return made ? next_made(rows, made) : next_merged(rows);
}

void query_add_names(const struct query_document *document, const size_t *members,
                     size_t n, struct buf *out)
{
    AUTO(free) const char **names = memory_array(n, sizeof *names);
    if (!names) {
        out->broken = true;
        return;
    }
    for (size_t i = 0; i < n; i++)
        names[i] = document->replies[members[i]].node;
    text_add_folded(out, names, n);
}
