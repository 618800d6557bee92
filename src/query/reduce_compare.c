/* Text that is compared by what it means: moments, intervals, money, networks.
 *
 * A column of such text has a collation, which reads both sides.  What a function makes
 * of it keeps that: see reduce_rewrite.c.
 *
 * The surprise: a collation cannot fail.  What cannot be read is noted, and the result
 * of the statement is never shown. */
#include "query/reduce_private.h"

#include "base/memory.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void reduce_compare_fini(struct reduce_compare *compare)
{
    for (size_t i = 0; compare->columns && i < compare->n; i++)
        free(compare->columns[i].name);
    free(compare->columns);
    reduce_numbers_free(compare->numbers);
}

void reduce_collation_name(size_t column, char (*ret_name)[24])
{
    snprintf(*ret_name, sizeof *ret_name, "#%zu#", column);
}

/* ---- refusals ---- */

static void add_compared_type(unsigned type, struct buf *text)
{
    const char *name = pgcensus_type_name(type);
    if (name)
        buf_add_str(text, name);
    else
        buf_add_str(text, "a type of its own");
}

void reduce_refuse_column(struct reduce_compare *compare, size_t at, const char *why)
{
    const struct reduce_column *column = &compare->columns[at];
    AUTO(buf_fini) struct buf text = BUF_INIT;
    char name[64];
    if (compare->failed)
        return;
    compare->failed = true;
    text_copy_safe(name, sizeof name, column->name, strlen(column->name));
    buf_add_format(&text, "%s (", name);
    add_compared_type(column->type, &text);
    if (column->other_type) {
        buf_add_str(&text, " and ");
        add_compared_type(column->other_type, &text);
    }
    buf_add_format(&text, ") %s; cast it in the first statement: ", why);
    order_add_cast(column->other_type ? 0 : column->type, name, &text);
    text_copy(compare->message, sizeof compare->message,
              text.broken ? "a column cannot be compared here" : text.bytes);
}

static void refuse_value(struct reduce_column *column, const struct pgcensus_cell *cell)
{
    struct reduce_compare *compare = column->compare;
    char shown[48], why[96];
    text_copy_safe(shown, sizeof shown, cell->text, cell->len);
    snprintf(why, sizeof why, "cannot be compared here as \"%s\"", shown);
    reduce_refuse_column(compare, (size_t)(column - compare->columns), why);
}

/* ---- collations ---- */

static int compare_blobs(const struct pgcensus_cell *a, const struct pgcensus_cell *b)
{
    int first = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);
    return first ? first : (a->len > b->len) - (a->len < b->len);
}

/* Text as SQLite has it ends nowhere; ours ends with a NUL. */
struct copy {
    struct pgcensus_cell cell;
    char bytes[96];
};

/* Whatever is longer is none of those that have an order of their own. */
static bool copy_text(struct copy *copy, const void *text, int n)
{
    size_t size = (size_t)n;
    copy->cell = (struct pgcensus_cell){text, size};
    if (size >= sizeof copy->bytes)
        return false;
    memcpy(copy->bytes, text, size);
    copy->bytes[size] = '\0';
    copy->cell.text = copy->bytes;
    return true;
}

static int compare_values(void *context, int n_a, const void *a, int n_b, const void *b)
{
    struct reduce_column *column = context;
    struct copy left, right;
    AUTO(order_key_fini) struct order_key key_a = ORDER_KEY_INIT;
    AUTO(order_key_fini) struct order_key key_b = ORDER_KEY_INIT;
    bool short_a = copy_text(&left, a, n_a), short_b = copy_text(&right, b, n_b);
    if (order_is_usual(column->order, &left.cell) &&
        order_is_usual(column->order, &right.cell))
        return compare_blobs(&left.cell, &right.cell);
    if (!short_a || !order_read_loosely(column->order, &left.cell, &key_a))
        refuse_value(column, &left.cell);
    else if (!short_b || !order_read_loosely(column->order, &right.cell, &key_b))
        refuse_value(column, &right.cell);
    else
        return order_compare(column->order, &left.cell, &key_a, &right.cell, &key_b);
    return compare_blobs(&left.cell, &right.cell);
}

/* What is as long as it likes. */
static int compare_binary(void *context, int n_a, const void *a, int n_b, const void *b)
{
    struct reduce_column *column = context;
    struct pgcensus_cell left = {a, (size_t)n_a}, right = {b, (size_t)n_b};
    if (n_a < 2 || memcmp(a, "\\x", 2) != 0)
        refuse_value(column, &left);
    else if (n_b < 2 || memcmp(b, "\\x", 2) != 0)
        refuse_value(column, &right);
    return compare_blobs(&left, &right);
}

/* Blanks at the end do not count. */
static int compare_padded(void *context, int n_a, const void *a, int n_b, const void *b)
{
    struct pgcensus_cell left = {a, (size_t)n_a}, right = {b, (size_t)n_b};
    return order_compare(ORDER_PADDED, &left, NULL, &right, NULL);
}

static int compare_text(void *context, int n_a, const void *a, int n_b, const void *b)
{
    struct pgcensus_cell left = {a, (size_t)n_a}, right = {b, (size_t)n_b};
    return compare_blobs(&left, &right);
}

static int compare_never(void *context, int n_a, const void *a, int n_b, const void *b)
{
    struct reduce_column *column = context;
    struct reduce_compare *compare = column->compare;
    reduce_refuse_column(compare, (size_t)(column - compare->columns),
                         "cannot be compared");
    return compare_text(context, n_a, a, n_b, b);
}

/* ---- all of them ---- */

bool reduce_has_collation(const struct reduce_column *column)
{
    bool plain = column->way == REDUCE_BY_ORDER && column->order == ORDER_BYTES;
    return column->shape == REDUCE_SHAPE_TEXT && !plain;
}

static int (*function_of(const struct reduce_column *column))(void *, int, const void *,
                                                              int, const void *)
{
    switch (column->way) {
    case REDUCE_BY_TEXT:
        return compare_text;
    case REDUCE_NEVER:
        return compare_never;
    case REDUCE_BY_ORDER:
        break;
    }
    return column->order == ORDER_BINARY   ? compare_binary
           : column->order == ORDER_PADDED ? compare_padded
                                           : compare_values;
}

/* SQLite 3.38 to 3.40 look for a text in a filter of hashes before they join, and so do
 * not find an equal one.  The switch is of its test interface, which may be missing;
 * the number of the bit is in no header. */
static void join_without_filter(sqlite3 *db)
{
    enum { BLOOM_FILTER = 0x80000 };
    sqlite3_test_control(SQLITE_TESTCTRL_OPTIMIZATIONS, db, BLOOM_FILTER);
}

bool reduce_add_collations(sqlite3 *db, struct reduce_compare *compare)
{
    join_without_filter(db);
    for (size_t i = 0; i < compare->n; i++) {
        struct reduce_column *column = &compare->columns[i];
        char name[24];
        reduce_collation_name(i, &name);
        if (reduce_has_collation(column) &&
            sqlite3_create_collation_v2(db, name, SQLITE_UTF8, column,
                                        function_of(column), NULL) != SQLITE_OK)
            return false;
    }
    return true;
}
