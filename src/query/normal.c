/* Equal values, written alike.
 *
 * The envelope of a query sets what values look like, so this finds little to do: there
 * are --session-display and --write, which have none of it, and values that have many
 * texts anyway.
 *
 * The surprise: what cannot be read is refused also where all nodes wrote the same,
 * because 01/02/2026 of one server may be another day than 01/02/2026 of the next. */
#include "query/normal.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/rowset.h"
#include "base/text.h"
#include "query/order.h"
#include "query/order_time.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct normal_rows {
    struct pgcensus_rows rows;
    struct pgcensus_cell *cells; /* NULL: nothing was changed */
    struct rowset *texts;
};

enum { FLOAT4 = 700 };
enum normal_form { LOOK_FINE, LOOK_CHANGED, LOOK_UNREADABLE };

void normal_fini(struct normal *normal)
{
    for (size_t i = 0; normal->made && i < normal->replies.n; i++) {
        free(normal->made[i].cells);
        rowset_free(normal->made[i].texts);
    }
    free(normal->made);
    free(normal->items);
}

/* ---- one value: what it becomes, if it is changed ---- */

/* Without zeros at its end; -0 is 0. */
static enum normal_form look_at_number(const struct pgcensus_cell *cell,
                                       struct buf *text)
{
    size_t n = cell->len;
    const char *point =
        n > 2 && cell->text[n - 1] == '0' ? strchr(cell->text, '.') : NULL;
    bool zeros = point && !strpbrk(cell->text, "eE");
    bool minus = n > 1 && cell->text[0] == '-' && strspn(cell->text, "-0.") == n;
    if (!zeros && !minus)
        return LOOK_FINE;
    while (zeros && cell->text[n - 1] == '0')
        n--;
    if (zeros && cell->text[n - 1] == '.')
        n--;
    buf_add(text, minus ? "0" : cell->text, minus ? 1 : n);
    return LOOK_CHANGED;
}

static bool is_same_float(const char *a, const char *b, bool small)
{
    return small ? strtof(a, NULL) == strtof(b, NULL)
                 : strtod(a, NULL) == strtod(b, NULL);
}

/* Servers before 12 write as many digits as any float may need, later ones those that
 * this one needs; the smallest need fewer than others. */
static enum normal_form look_at_float(const struct pgcensus_cell *cell, bool small,
                                      struct buf *text)
{
    char digits[40], *end;
    double value = strtod(cell->text, &end);
    int usual = small ? FLT_DIG : DBL_DIG;
    int precision = fabs(value) < (small ? (double)FLT_MIN : DBL_MIN) ? 1 : usual;
    if (cell->len <= (size_t)usual || !isfinite(value) || end != cell->text + cell->len)
        return look_at_number(cell, text);
    do
        snprintf(digits, sizeof digits, "%.*g", precision, value);
    while (!is_same_float(digits, cell->text, small) && ++precision <= DBL_DECIMAL_DIG);
    if (strcmp(digits, cell->text) == 0)
        return LOOK_FINE;
    buf_add_str(text, digits);
    return LOOK_CHANGED;
}

static enum normal_form look_at_padded(const struct pgcensus_cell *cell,
                                       struct buf *text)
{
    size_t n = cell->len;
    while (n > 0 && cell->text[n - 1] == ' ')
        n--;
    buf_add(text, cell->text, n);
    return n < cell->len ? LOOK_CHANGED : LOOK_FINE;
}

/* The format "escape" begins with a single backslash only in front of three digits. */
static enum normal_form look_at_binary(const struct pgcensus_cell *cell,
                                       struct buf *text)
{
    const char *at = cell->text, *end = at + cell->len;
    if (cell->len >= 2 && memcmp(at, "\\x", 2) == 0)
        return LOOK_FINE;
    buf_add_str(text, "\\x");
    while (at < end) {
        unsigned byte = (unsigned char)*at++;
        if (byte == '\\' && *at == '\\') {
            at++;
        } else if (byte == '\\') {
            if (end - at < 3 || strspn(at, "01234567") < 3)
                return LOOK_UNREADABLE;
            byte = (unsigned)((at[0] - '0') << 6 | (at[1] - '0') << 3 | (at[2] - '0'));
            at += 3;
        }
        buf_add_format(text, "%02x", byte & 0xff);
    }
    return LOOK_CHANGED;
}

static enum normal_form look_at_instant(const struct pgcensus_cell *cell,
                                        struct buf *text)
{
    AUTO(order_key_fini) struct order_key key = ORDER_KEY_INIT;
    if (order_is_usual(ORDER_INSTANT, cell))
        return LOOK_FINE;
    if (!order_read(ORDER_INSTANT, cell, &key))
        return LOOK_UNREADABLE;
    if (strstr(cell->text, "infinity"))
        return LOOK_FINE;
    order_add_moment(key.word, text);
    return LOOK_CHANGED;
}

static enum normal_form look_at_interval(const struct pgcensus_cell *cell,
                                         struct buf *text)
{
    AUTO(order_key_fini) struct order_key key = ORDER_KEY_INIT;
    AUTO(decimal_fini) struct decimal length = DECIMAL_ZERO;
    if (!order_read(ORDER_INTERVAL, cell, &key))
        return LOOK_UNREADABLE;
    decimal_set(&length, key.word, 0);
    decimal_format(&length, text);
    return LOOK_CHANGED;
}

static enum normal_form look_at_value(unsigned type, const struct pgcensus_cell *cell,
                                      struct buf *text)
{
    AUTO(order_key_fini) struct order_key key = ORDER_KEY_INIT;
    enum order order = order_of_type(type);
    switch (order) {
    case ORDER_NUMBER:
        return type == PGCENSUS_TYPE_FLOAT8 || type == FLOAT4
                   ? look_at_float(cell, type == FLOAT4, text)
                   : look_at_number(cell, text);
    case ORDER_PADDED:
        return look_at_padded(cell, text);
    case ORDER_BINARY:
        return look_at_binary(cell, text);
    case ORDER_INSTANT:
        return look_at_instant(cell, text);
    case ORDER_INTERVAL:
        return look_at_interval(cell, text);
    case ORDER_DATE:
    case ORDER_TIMESTAMP:
    case ORDER_TIME:
    case ORDER_MONEY:
        return order_is_usual(order, cell) || order_read(order, cell, &key)
                   ? LOOK_FINE
                   : LOOK_UNREADABLE;
    case ORDER_NONE:
    case ORDER_LSN:
    case ORDER_BYTES:
    case ORDER_BOOL:
    case ORDER_NETWORK:
        break;
    }
    return LOOK_FINE;
}

/* Whether values of that type have more than one text at all. */
static bool is_many(unsigned type)
{
    switch (order_of_type(type)) {
    case ORDER_NUMBER:
        return type == PGCENSUS_TYPE_NUMERIC || type == PGCENSUS_TYPE_FLOAT8 ||
               type == FLOAT4;
    case ORDER_PADDED:
    case ORDER_BINARY:
    case ORDER_INSTANT:
    case ORDER_INTERVAL:
    case ORDER_DATE:
    case ORDER_TIMESTAMP:
    case ORDER_TIME:
    case ORDER_MONEY:
        return true;
    case ORDER_NONE:
    case ORDER_LSN:
    case ORDER_BYTES:
    case ORDER_BOOL:
    case ORDER_NETWORK:
        break;
    }
    return false;
}

/* ---- an answer ---- */

static bool begin_copy(struct normal_rows *made, const struct pgcensus_rows *rows)
{
    size_t n = rows->n_rows * rows->n_columns;
    made->texts = rowset_new();
    made->cells = memory_array(n, sizeof *made->cells);
    if (!made->texts || !made->cells)
        return false;
    memcpy(made->cells, rows->cells, n * sizeof *made->cells);
    made->rows = *rows;
    made->rows.cells = made->cells;
    return true;
}

static bool change(struct normal_rows *made, const struct pgcensus_rows *rows,
                   size_t row, size_t column, const struct buf *text)
{
    if (text->broken || (!made->cells && !begin_copy(made, rows)))
        return false;
    const char *kept = rowset_keep(made->texts, text->bytes, text->len);
    made->cells[row * rows->n_columns + column] =
        (struct pgcensus_cell){kept, text->len};
    return kept;
}

static bool refuse_value(const struct pgcensus_reply *reply,
                         const struct pgcensus_column *column,
                         const struct pgcensus_cell *cell,
                         struct pgcensus_error *ret_error)
{
    AUTO(buf_fini) struct buf cast = BUF_INIT;
    char name[64], shown[64];
    const char *type = pgcensus_type_name(column->type);
    text_copy_safe(name, sizeof name, column->name, strlen(column->name));
    text_copy_safe(shown, sizeof shown, cell->text, cell->len);
    order_add_cast(column->type, name, &cast);
    if (cast.broken)
        return error_memory(ret_error);
    return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                     "%s: \"%s\" of %s (%s) cannot be compared here; cast it: %s",
                     reply->node, shown, name, type ? type : "a type of its own",
                     cast.bytes);
}

static bool look_at_column(const struct pgcensus_reply *reply, size_t column,
                           struct normal_rows *made, struct pgcensus_error *ret_error)
{
    const struct pgcensus_rows *rows = reply->rows;
    AUTO(buf_fini) struct buf text = BUF_INIT;
    for (size_t row = 0; row < rows->n_rows; row++) {
        const struct pgcensus_cell *cell = pgcensus_rows_at(rows, row, column);
        buf_clear(&text);
        if (!cell->text)
            continue;
        switch (look_at_value(rows->columns[column].type, cell, &text)) {
        case LOOK_FINE:
            break;
        case LOOK_CHANGED:
            if (!change(made, rows, row, column, &text))
                return error_memory(ret_error);
            break;
        case LOOK_UNREADABLE:
            return refuse_value(reply, &rows->columns[column], cell, ret_error);
        }
    }
    return true;
}

bool normal_init(struct normal *normal, const struct pgcensus_replies *replies,
                 struct pgcensus_error *ret_error)
{
    *normal = (struct normal){
        .items = memory_array(replies->n, sizeof *normal->items),
        .made = memory_array(replies->n, sizeof *normal->made),
    };
    normal->replies = (struct pgcensus_replies){normal->items, replies->n};
    if (!normal->items || !normal->made)
        return error_memory(ret_error);
    for (size_t i = 0; i < replies->n; i++) {
        const struct pgcensus_reply *reply = &replies->items[i];
        struct normal_rows *made = &normal->made[i];
        normal->items[i] = *reply;
        if (!reply->rows || !reply->complete)
            continue;
        for (size_t column = 0; column < reply->rows->n_columns; column++)
            if (is_many(reply->rows->columns[column].type) &&
                !look_at_column(reply, column, made, ret_error))
                return false;
        if (made->cells)
            normal->items[i].rows = &made->rows;
    }
    return true;
}
