/* What becomes of a column of answers in SQLite.
 *
 * Numbers are numbers there, so that whatever a statement does with them compares them
 * by value.  All else is text, and each column of it knows how it is compared.
 *
 * The surprise: affinity decides what becomes of a value, and one of numbers turns text
 * that looks like a number into one.  So a column has one only if all nodes agree that
 * it is of numbers; else it is text, everything in it, and has no order. */
#include "query/reduce_private.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { INT2 = 21, INT4 = 23, OID = 26, FLOAT4 = 700 };
/* So many digits always fit into 64 bits. */
enum { SURE_DIGITS = 18 };

static enum reduce_shape shape_of_type(unsigned type)
{
    switch (type) {
    case PGCENSUS_TYPE_INT8:
    case INT2:
    case INT4:
    case OID:
        return REDUCE_SHAPE_INTEGER;
    case PGCENSUS_TYPE_FLOAT8:
    case FLOAT4:
        return REDUCE_SHAPE_FLOAT;
    case PGCENSUS_TYPE_BOOL:
        return REDUCE_SHAPE_BOOL;
    }
    return order_of_type(type) == ORDER_NUMBER ? REDUCE_SHAPE_COUNT : REDUCE_SHAPE_TEXT;
}

/* Types that PostgreSQL itself has no equality for, or one that is not that of their
 * text: {1.0} is {1.00}, and two boxes are equal if they are as large. */
static bool is_never_compared(unsigned type)
{
    static const unsigned types[] = {
        114,  199,  142,  143,  600,  601,  602,  603,  604,  628,  629,  718,  719,
        1017, 1018, 1019, 1020, 1027, 1014, 1187, 1231, 3906, 3907, 4532, 6151,
    };
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        if (types[i] == type)
            return true;
    return false;
}

static enum reduce_way way_of(unsigned type)
{
    if (order_of_type(type) != ORDER_NONE)
        return REDUCE_BY_ORDER;
    return is_never_compared(type) ? REDUCE_NEVER : REDUCE_BY_TEXT;
}

/* ---- what the values are ---- */

/* Whether each is one for SQLite, too.  Only a server that lies sends others. */
static bool all_fit(const struct pgcensus_rows *rows, size_t column)
{
    for (size_t row = 0; row < rows->n_rows; row++) {
        const struct pgcensus_cell *cell = pgcensus_rows_at(rows, row, column);
        if (!cell->text || cell->len <= SURE_DIGITS)
            continue;
        char *end;
        errno = 0;
        strtoll(cell->text, &end, 10);
        if (errno || end != cell->text + cell->len)
            return false;
    }
    return true;
}

static bool has_point(const struct pgcensus_rows *rows, size_t column)
{
    for (size_t row = 0; row < rows->n_rows; row++) {
        const struct pgcensus_cell *cell = pgcensus_rows_at(rows, row, column);
        if (cell->text && memchr(cell->text, '.', cell->len))
            return true;
    }
    return false;
}

static enum reduce_shape look_at_column(const struct pgcensus_rows *rows, size_t column)
{
    enum reduce_shape shape = shape_of_type(rows->columns[column].type);
    if (shape == REDUCE_SHAPE_INTEGER && !all_fit(rows, column))
        return REDUCE_SHAPE_TEXT;
    if (shape == REDUCE_SHAPE_COUNT && has_point(rows, column))
        return REDUCE_SHAPE_DECIMAL;
    return shape;
}

/* ---- several nodes ---- */

static bool shape_is_number(enum reduce_shape shape)
{
    switch (shape) {
    case REDUCE_SHAPE_INTEGER:
    case REDUCE_SHAPE_FLOAT:
    case REDUCE_SHAPE_COUNT:
    case REDUCE_SHAPE_DECIMAL:
        return true;
    case REDUCE_SHAPE_NONE:
    case REDUCE_SHAPE_TEXT:
    case REDUCE_SHAPE_BOOL:
        break;
    }
    return false;
}

/* A column that is both. */
static enum reduce_shape unite_shapes(enum reduce_shape a, enum reduce_shape b)
{
    if (a == b)
        return a;
    if (!shape_is_number(a) || !shape_is_number(b))
        return REDUCE_SHAPE_TEXT;
    bool whole = (a == REDUCE_SHAPE_INTEGER || a == REDUCE_SHAPE_COUNT) &&
                 (b == REDUCE_SHAPE_INTEGER || b == REDUCE_SHAPE_COUNT);
    return whole ? REDUCE_SHAPE_COUNT : REDUCE_SHAPE_DECIMAL;
}

static void shape_add_answer(struct reduce_column *column, unsigned type,
                             enum reduce_shape shape)
{
    enum order order = order_of_type(type);
    if (column->shape == REDUCE_SHAPE_NONE) {
        *column = (struct reduce_column){
            .shape = shape, .way = way_of(type), .order = order, .type = type};
        return;
    }
    column->shape = unite_shapes(column->shape, shape);
    bool same = column->way == REDUCE_BY_ORDER ? column->order == order
                                               : pgcensus_type_same(column->type, type);
    if (same)
        return;
    column->other_type = column->other_type ? column->other_type : type;
    if (column->way == REDUCE_BY_ORDER)
        column->way = REDUCE_BY_TEXT;
    if (way_of(type) == REDUCE_NEVER)
        column->way = REDUCE_NEVER;
}

void reduce_shape_columns(const struct pgcensus_replies *replies,
                          const struct pgcensus_merge *merge,
                          struct reduce_compare *compare)
{
    for (size_t i = 0; i < replies->n; i++) {
        const struct pgcensus_rows *rows = replies->items[i].rows;
        const size_t *map = rows ? pgcensus_merge_map(merge, i) : NULL;
        for (size_t at = 0; map && at < compare->n; at++)
            if (map[at] != SIZE_MAX)
                shape_add_answer(&compare->columns[at], rows->columns[map[at]].type,
                                 look_at_column(rows, map[at]));
    }
    for (size_t at = 0; at < compare->n; at++) {
        struct reduce_column *column = &compare->columns[at];
        column->compare = compare;
        if (column->shape == REDUCE_SHAPE_COUNT ||
            column->shape == REDUCE_SHAPE_DECIMAL)
            reduce_numbers_expect(compare->numbers);
    }
}

/* ---- what it is called ---- */

static void shape_add_text(const struct reduce_compare *compare, size_t at,
                           struct buf *text)
{
    char name[24];
    reduce_collation_name(at, &name);
    buf_add_str(text, "TEXT");
    if (reduce_has_collation(&compare->columns[at]))
        buf_add_format(text, " COLLATE \"%s\"", name);
}

void reduce_add_declaration(const struct reduce_compare *compare, size_t at,
                            struct buf *text)
{
    switch (compare->columns[at].shape) {
    case REDUCE_SHAPE_INTEGER:
    case REDUCE_SHAPE_BOOL:
        buf_add_str(text, "INTEGER");
        return;
    case REDUCE_SHAPE_FLOAT:
        buf_add_str(text, "REAL");
        return;
    case REDUCE_SHAPE_COUNT:
        buf_add_str(text, "NUMERIC INTEGER");
        return;
    case REDUCE_SHAPE_DECIMAL:
        buf_add_format(text, "NUMERIC REAL(%zu)", at);
        return;
    case REDUCE_SHAPE_NONE:
    case REDUCE_SHAPE_TEXT:
        break;
    }
    shape_add_text(compare, at, text);
}
