#include "report/query_columns.h"

#include <stdint.h>
#include <string.h>

size_t query_same_column(const struct pgcensus_rows *from, size_t column,
                         const struct pgcensus_rows *to)
{
    const char *name = from->columns[column].name;
    size_t number = 0;
    for (size_t i = 0; i < column; i++)
        number += strcmp(from->columns[i].name, name) == 0;
    for (size_t i = 0; i < to->n_columns; i++)
        if (strcmp(to->columns[i].name, name) == 0 && number-- == 0)
            return i;
    return SIZE_MAX;
}

static bool look_at_reference(struct query_columns *at, size_t column)
{
    size_t own = query_same_column(at->reference, column, at->own);
    at->column = column;
    at->own_column = own;
    at->name = at->reference->columns[column].name;
    return own == SIZE_MAX || !pgcensus_type_same(at->reference->columns[column].type,
                                                  at->own->columns[own].type);
}

static bool look_at_own(struct query_columns *at, size_t column)
{
    at->column = SIZE_MAX;
    at->own_column = column;
    at->name = at->own->columns[column].name;
    return query_same_column(at->own, column, at->reference) == SIZE_MAX;
}

bool query_columns_next(struct query_columns *at)
{
    size_t n = at->reference->n_columns;
    while (at->next < n + at->own->n_columns) {
        size_t column = at->next++;
        if (column < n ? look_at_reference(at, column) : look_at_own(at, column - n))
            return true;
    }
    return false;
}

bool query_columns_reordered(const struct pgcensus_rows *reference,
                             const struct pgcensus_rows *own)
{
    size_t least = 0;
    for (size_t i = 0; i < reference->n_columns; i++) {
        size_t column = query_same_column(reference, i, own);
        if (column == SIZE_MAX)
            continue;
        if (column < least)
            return true;
        least = column;
    }
    return false;
}

void query_add_type(unsigned type, struct buf *out)
{
    const char *name = pgcensus_type_name(type);
    if (name)
        buf_add_str(out, name);
    else
        buf_add_format(out, "oid %u", type);
}
