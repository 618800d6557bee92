/* One number over all rows.
 *
 * Nearly all numbers are short.  They are added up in machine words, one for each
 * number of digits behind the point, and those are put together at the end; a long one,
 * NaN or an infinity goes the slow way at once.  Either way no digit is lost.
 *
 * The surprise: min and max are refused by the type of a column, also if it has no
 * values today, because a value that is wrong on some days is worse than none. */
#include <pgcensus/replies.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/rowset.h"
#include "base/text.h"
#include "query/order.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* So many digits fit into a word with room for 10^19 of them. */
enum { SHORT_DIGITS = 18, SHORT_SCALES = 10 };
enum { NAME_SHOWN = 128 }; /* of a column, to people */

struct counting {
    const struct pgcensus_tally *tally;
    uint64_t n; /* values that are not NULL */
    decimal_word words[SHORT_SCALES];
    struct decimal sum;
    enum order order; /* min, max: what all of them are compared by */
    unsigned type;    /* of the first such column */
    bool agreed;      /* and of all the others */
    const struct pgcensus_cell *extreme; /* min, max so far */
    struct order_key extreme_key;
};

static void counting_fini(struct counting *counting)
{
    decimal_fini(&counting->sum);
    order_key_fini(&counting->extreme_key);
}
AUTO_DEFINE_VALUE(struct counting, counting_fini)

static const char *const names[] = {
    [PGCENSUS_TALLY_COUNT] = "count", [PGCENSUS_TALLY_SUM] = "sum",
    [PGCENSUS_TALLY_MIN] = "min",     [PGCENSUS_TALLY_MAX] = "max",
    [PGCENSUS_TALLY_AVG] = "avg",
};

/* ---- columns ---- */

static size_t tally_find_column(const struct pgcensus_rows *rows, const char *name)
{
    for (size_t i = 0; rows && i < rows->n_columns; i++)
        if (strcmp(rows->columns[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

/* Whose columns are spelled best, for a suggestion. */
static bool no_such_column(const struct pgcensus_replies *replies, const char *name,
                           struct pgcensus_error *ret_error)
{
    const char *nearest = NULL;
    char asked[NAME_SHOWN], meant[NAME_SHOWN] = "";
    for (size_t i = 0; i < replies->n && !nearest; i++) {
        const struct pgcensus_rows *rows = replies->items[i].rows;
        AUTO(free)
        const char **list = memory_array(rows ? rows->n_columns : 0, sizeof *list);
        for (size_t j = 0; rows && list && j < rows->n_columns; j++)
            list[j] = rows->columns[j].name;
        if (rows && list)
            nearest = text_closest(name, list, rows->n_columns);
    }
    text_copy_safe(asked, sizeof asked, name, strlen(name));
    if (nearest)
        text_copy_safe(meant, sizeof meant, nearest, strlen(nearest));
    return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                     "no node has a column \"%s\"%s%s%s", asked,
                     nearest ? " (did you mean \"" : "", meant, nearest ? "\"?)" : "");
}

static void tally_add_type(unsigned type, struct buf *text)
{
    const char *name = pgcensus_type_name(type);
    if (name)
        buf_add_str(text, name);
    else
        buf_add_format(text, "a type of its own (oid %u)", type);
}

static bool tally_is_extreme(const struct counting *counting)
{
    return counting->tally->kind == PGCENSUS_TALLY_MIN ||
           counting->tally->kind == PGCENSUS_TALLY_MAX;
}

/* The way out is always a cast: no other option would know better. */
static bool cannot_compare(const struct counting *counting, const char *what,
                           unsigned type, const struct buf *text,
                           struct pgcensus_error *ret_error)
{
    AUTO(buf_fini) struct buf cast = BUF_INIT;
    order_add_cast(type, counting->tally->column, &cast);
    if (text->broken || cast.broken)
        return error_memory(ret_error);
    return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                     "%s(%s): %s cannot be compared here; cast it: %s",
                     names[counting->tally->kind], counting->tally->column, what,
                     cast.bytes);
}

/* Whether columns of that type can be compared, with each other and with those before.
 */
static bool may_compare(const struct counting *counting, unsigned type,
                        struct pgcensus_error *ret_error)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    enum order order = order_of_type(type);
    bool mixed = order != ORDER_NONE && order != counting->order;
    if (!tally_is_extreme(counting) || (order != ORDER_NONE && !mixed))
        return true;
    if (mixed) {
        tally_add_type(counting->type, &text);
        buf_add_str(&text, " and ");
    }
    tally_add_type(type, &text);
    return cannot_compare(counting, text.bytes, mixed ? 0 : type, &text, ret_error);
}

/* True also when nobody has answered at all: then there is nothing to look for in. */
static bool look_for_column(const struct pgcensus_replies *replies,
                            struct counting *counting, struct pgcensus_error *ret_error)
{
    bool answered = false, found = false;
    counting->agreed = true;
    for (size_t i = 0; i < replies->n; i++) {
        const struct pgcensus_rows *rows = replies->items[i].rows;
        size_t column = tally_find_column(rows, counting->tally->column);
        answered |= rows && rows->n_columns > 0;
        if (column == SIZE_MAX)
            continue;
        unsigned type = rows->columns[column].type;
        if (!found) {
            counting->type = type;
            counting->order = order_of_type(type);
        }
        if (!may_compare(counting, type, ret_error))
            return false;
        counting->agreed &= counting->type == type;
        found = true;
    }
    return found || !answered ||
           no_such_column(replies, counting->tally->column, ret_error);
}

/* ---- values ---- */

/* False: it is not short. */
static bool add_short(struct counting *counting, const struct pgcensus_cell *cell)
{
    const char *at = cell->text, *end = at + cell->len, *point = NULL;
    bool negative = *at == '-';
    int64_t value = 0;
    at += negative;
    if (end - at > SHORT_DIGITS || at == end)
        return false;
    for (; at < end; at++) {
        if (*at == '.' && !point && at + 1 < end)
            point = at + 1;
        else if (*at >= '0' && *at <= '9')
            value = value * 10 + (*at - '0');
        else
            return false;
    }
    size_t scale = point ? (size_t)(end - point) : 0;
    if (scale >= SHORT_SCALES)
        return false;
    counting->words[scale] += negative ? -value : value;
    return true;
}

static bool not_of_use(const struct counting *counting,
                       const struct pgcensus_cell *cell, const char *why,
                       struct pgcensus_error *ret_error)
{
    char shown[64];
    text_copy_safe(shown, sizeof shown, cell->text, cell->len);
    return error_set(ret_error, PGCENSUS_TROUBLE_USAGE, "%s(%s): \"%s\" %s",
                     names[counting->tally->kind], counting->tally->column, shown, why);
}

/* Another DateStyle, IntervalStyle, lc_monetary or bytea_output. */
static bool cannot_read(const struct counting *counting,
                        const struct pgcensus_cell *cell,
                        struct pgcensus_error *ret_error)
{
    AUTO(buf_fini) struct buf shown = BUF_INIT;
    char safe[64];
    text_copy_safe(safe, sizeof safe, cell->text, cell->len);
    buf_add_format(&shown, "\"%s\"", safe);
    return cannot_compare(counting, shown.bytes, counting->type, &shown, ret_error);
}

static bool add_number(struct counting *counting, const struct pgcensus_cell *cell,
                       struct pgcensus_error *ret_error)
{
    if (add_short(counting, cell))
        return true;
    AUTO(decimal_fini) struct decimal number = DECIMAL_ZERO;
    if (!decimal_read(&number, cell->text, cell->len))
        return not_of_use(counting, cell, "is not a number", ret_error);
    decimal_add(&counting->sum, &number);
    return true;
}

static bool take_extreme(struct counting *counting, const struct pgcensus_cell *cell,
                         struct pgcensus_error *ret_error)
{
    AUTO(order_key_fini) struct order_key key = ORDER_KEY_INIT;
    const struct pgcensus_cell *known = counting->extreme;
    if (!order_read(counting->order, cell, &key))
        return counting->order == ORDER_NUMBER
                   ? not_of_use(counting, cell, "is not a number", ret_error)
                   : cannot_read(counting, cell, ret_error);
    int order = known ? order_compare(counting->order, cell, &key, known,
                                      &counting->extreme_key)
                      : 0;
    bool better = counting->tally->kind == PGCENSUS_TALLY_MIN ? order < 0 : order > 0;
    if (known && !better)
        return true;
    counting->extreme = cell;
    struct order_key before = counting->extreme_key;
    counting->extreme_key = key;
    key = before;
    return true;
}

static bool take_value(struct counting *counting, const struct pgcensus_cell *cell,
                       struct pgcensus_error *ret_error)
{
    if (!cell->text)
        return true;
    counting->n++;
    switch (counting->tally->kind) {
    case PGCENSUS_TALLY_COUNT:
        return true;
    case PGCENSUS_TALLY_SUM:
    case PGCENSUS_TALLY_AVG:
        return add_number(counting, cell, ret_error);
    case PGCENSUS_TALLY_MIN:
    case PGCENSUS_TALLY_MAX:
        return take_extreme(counting, cell, ret_error);
    }
    return true;
}

static bool take_values(const struct pgcensus_replies *replies,
                        struct counting *counting, struct pgcensus_error *ret_error)
{
    for (size_t i = 0; i < replies->n; i++) {
        const struct pgcensus_rows *rows = replies->items[i].rows;
        size_t column = tally_find_column(rows, counting->tally->column);
        for (size_t row = 0; column != SIZE_MAX && row < rows->n_rows; row++)
            if (!take_value(counting, pgcensus_rows_at(rows, row, column), ret_error))
                return false;
    }
    return true;
}

/* ---- the result ---- */

static void put_words_together(struct counting *counting)
{
    for (size_t scale = 0; scale < SHORT_SCALES; scale++) {
        AUTO(decimal_fini) struct decimal part = DECIMAL_ZERO;
        decimal_set(&part, counting->words[scale], scale);
        decimal_add(&counting->sum, &part);
    }
}

/* "" for NULL. */
static void format_result(struct counting *counting, struct buf *text)
{
    switch (counting->tally->kind) {
    case PGCENSUS_TALLY_COUNT:
        buf_add_format(text, "%llu", (unsigned long long)counting->n);
        return;
    case PGCENSUS_TALLY_SUM:
    case PGCENSUS_TALLY_AVG:
        if (counting->n == 0)
            return;
        put_words_together(counting);
        if (counting->tally->kind == PGCENSUS_TALLY_AVG)
            decimal_divide(&counting->sum, counting->n);
        decimal_format(&counting->sum, text);
        return;
    case PGCENSUS_TALLY_MIN:
    case PGCENSUS_TALLY_MAX:
        if (counting->extreme)
            buf_add(text, counting->extreme->text, counting->extreme->len);
        text->broken |= counting->extreme_key.number.digits.broken;
        return;
    }
}

static unsigned type_of(const struct counting *counting)
{
    switch (counting->tally->kind) {
    case PGCENSUS_TALLY_COUNT:
        return PGCENSUS_TYPE_INT8;
    case PGCENSUS_TALLY_SUM:
    case PGCENSUS_TALLY_AVG:
        return PGCENSUS_TYPE_NUMERIC;
    case PGCENSUS_TALLY_MIN:
    case PGCENSUS_TALLY_MAX:
        break;
    }
    if (counting->agreed)
        return counting->type;
    return counting->order == ORDER_NUMBER ? PGCENSUS_TYPE_NUMERIC : PGCENSUS_TYPE_TEXT;
}

struct result {
    struct buf text, name;
    unsigned type;
    bool is_null;
};

static bool tally_count(const struct pgcensus_replies *replies,
                        const struct pgcensus_tally *tally, struct result *result,
                        struct pgcensus_error *ret_error)
{
    AUTO(counting_fini)
    struct counting counting = {
        .tally = tally, .sum = DECIMAL_ZERO, .extreme_key = ORDER_KEY_INIT};
    if (!look_for_column(replies, &counting, ret_error) ||
        !take_values(replies, &counting, ret_error))
        return false;
    format_result(&counting, &result->text);
    buf_add_format(&result->name, "%s(%s)", names[tally->kind], tally->column);
    result->type = type_of(&counting);
    result->is_null = tally->kind != PGCENSUS_TALLY_COUNT && counting.n == 0;
    return !(result->text.broken | result->name.broken | counting.sum.digits.broken) ||
           error_memory(ret_error);
}

static struct rowset *list_results(const struct result *results, size_t n)
{
    AUTO(rowset_free) struct rowset *rowset = rowset_new();
    bool able = rowset && rowset_begin(rowset, n);
    for (size_t i = 0; able && i < n; i++)
        able = rowset_name(rowset, i, results[i].name.bytes, results[i].type);
    able = able && rowset_add_row(rowset);
    for (size_t i = 0; able && i < n; i++)
        able = results[i].is_null ||
               rowset_set(rowset, i, results[i].text.bytes, results[i].text.len);
    return able ? take_ptr(rowset) : NULL;
}

struct pgcensus_rows *pgcensus_tally(const struct pgcensus_replies *replies,
                                     const struct pgcensus_tally *tallies, size_t n,
                                     struct pgcensus_error *ret_error)
{
    struct rowset *rowset = NULL;
    AUTO(free) struct result *results = memory_array(n, sizeof *results);
    if (!results) {
        error_memory(ret_error);
        return NULL;
    }
    for (size_t i = 0; i < n; i++)
        results[i] = (struct result){.text = BUF_INIT, .name = BUF_INIT};
    bool counted = true;
    for (size_t i = 0; counted && i < n; i++)
        counted = tally_count(replies, &tallies[i], &results[i], ret_error);
    if (counted && !(rowset = list_results(results, n)))
        error_memory(ret_error);
    for (size_t i = 0; i < n; i++) {
        buf_fini(&results[i].text);
        buf_fini(&results[i].name);
    }
    return rowset_rows(rowset);
}
