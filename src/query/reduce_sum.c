/* sum(x) and avg(x), exact.
 *
 * What SQLite brings along adds doubles, takes text for 0, and fails beyond 64 bits.
 * Here integers and decimals are added up in machine words, one for each number of
 * digits behind the point, and come out as PostgreSQL writes them, digit by digit.
 * Doubles that are no decimal of 15 digits, which only floats are, are added as such,
 * and then the result is one.  Both are window functions, too: what leaves the window
 * is taken off again.
 *
 * The surprise: a text that is a number is one, as everywhere in SQLite, and any other
 * text is an error, so that a sum of intervals is not a small number. */
#include "query/reduce_private.h"

#include "base/memory.h"
#include "base/text.h"
#include "query/reduce_short.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { WORDS = 16 };

struct sum {
    int64_t n; /* values that are not NULL */
    int64_t n_floats, n_nan, n_above, n_below;
    decimal_word words[WORDS];
    double floats, lost; /* what the additions of doubles have lost */
    struct decimal rest; /* of numbers that are longer */
    size_t scale;        /* the most digits behind the point, as written */
    bool no_memory;
    char wrong[48]; /* a value that is no number */
};

/* SQLite's own memory is not aligned for such words, so it only holds a pointer. */
static struct sum *sum_in_context(sqlite3_context *context)
{
    struct sum **known = sqlite3_aggregate_context(context, sizeof *known);
    if (!known)
        return NULL;
    if (!*known && !(*known = memory_new(struct sum))) {
        sqlite3_result_error_nomem(context);
        return NULL;
    }
    if (!(*known)->rest.digits.bytes)
        (*known)->rest = DECIMAL_ZERO;
    return *known;
}

/* ---- one value ---- */

/* Neumaier's: the small part that a double cannot hold is kept beside it. */
static void sum_add_float(struct sum *sum, double value)
{
    double total = sum->floats + value;
    sum->lost += fabs(sum->floats) >= fabs(value) ? (sum->floats - total) + value
                                                  : (value - total) + sum->floats;
    sum->floats = total;
}

static void note_scale(struct sum *sum, size_t scale)
{
    sum->scale = sum->scale > scale ? sum->scale : scale;
}

/* Of PostgreSQL or of a column of text. */
static bool sum_add_text(struct sum *sum, const char *text, int sign)
{
    AUTO(decimal_fini) struct decimal number = DECIMAL_ZERO;
    size_t n = strlen(text);
    const char *point = memchr(text, '.', n);
    if (!decimal_read(&number, text, n))
        return false;
    switch (number.kind) {
    case DECIMAL_NAN:
        sum->n_nan += sign;
        return true;
    case DECIMAL_INFINITE:
        *(number.negative ? &sum->n_below : &sum->n_above) += sign;
        return true;
    case DECIMAL_FINITE:
        break;
    }
    note_scale(sum, point && !strpbrk(text, "eE") ? strlen(point + 1) : number.scale);
    if (sign < 0 && strspn(number.digits.bytes, "0") < number.digits.len)
        number.negative = !number.negative;
    decimal_add(&sum->rest, &number);
    sum->no_memory |= sum->rest.digits.broken || number.digits.broken;
    return true;
}

static void sum_add_real(struct sum *sum, const struct reduce_numbers *numbers,
                         double real, int sign)
{
    const char *text;
    int64_t digits;
    size_t scale;
    if (isinf(real)) {
        *(real < 0 ? &sum->n_below : &sum->n_above) += sign;
    } else if (!reduce_numbers_any(numbers)) {
        sum->n_floats += sign;
        sum_add_float(sum, sign * real);
    } else if ((text = reduce_numbers_text(numbers, real))) {
        sum_add_text(sum, text, sign);
    } else if (reduce_read_double(real, &digits, &scale)) {
        sum->words[scale] += sign * (decimal_word)digits;
        note_scale(sum, scale);
        note_scale(sum, reduce_numbers_scaled(numbers));
    } else {
        sum->n_floats += sign;
        sum_add_float(sum, sign * real);
    }
}

static void sum_add_value(struct sum *sum, const struct reduce_numbers *numbers,
                          sqlite3_value *value, int sign)
{
    int type = sqlite3_value_type(value);
    if (type == SQLITE_NULL)
        return;
    sum->n += sign;
    if (type == SQLITE_INTEGER) {
        sum->words[0] += sign * (decimal_word)sqlite3_value_int64(value);
    } else if (type == SQLITE_FLOAT) {
        sum_add_real(sum, numbers, sqlite3_value_double(value), sign);
    } else {
        const char *text = (const char *)sqlite3_value_text(value);
        sum->no_memory |= !text;
        if (text && !sum_add_text(sum, text, sign) && !*sum->wrong)
            text_copy_safe(sum->wrong, sizeof sum->wrong, text, strlen(text));
    }
}

static void sum_step(sqlite3_context *context, int n, sqlite3_value **arguments)
{
    struct sum *sum = sum_in_context(context);
    if (sum)
        sum_add_value(sum, sqlite3_user_data(context), arguments[0], 1);
}

static void sum_inverse(sqlite3_context *context, int n, sqlite3_value **arguments)
{
    struct sum *sum = sum_in_context(context);
    if (sum)
        sum_add_value(sum, sqlite3_user_data(context), arguments[0], -1);
}

/* ---- the result ---- */

static void join_sums(const struct sum *sum, struct decimal *total)
{
    decimal_add(total, &sum->rest);
    for (size_t scale = 0; scale < WORDS; scale++) {
        AUTO(decimal_fini) struct decimal part = DECIMAL_ZERO;
        if (sum->words[scale] == 0)
            continue;
        decimal_set(&part, sum->words[scale], scale);
        decimal_add(total, &part);
    }
}

static void give_number(sqlite3_context *context, struct reduce_numbers *numbers,
                        const struct buf *text)
{
    struct reduce_number number =
        reduce_numbers_place(numbers, text->bytes, text->len, REDUCE_AS_COUNT);
    switch (number.kind) {
    case REDUCE_INTEGER:
        sqlite3_result_int64(context, number.integer);
        return;
    case REDUCE_REAL:
        sqlite3_result_double(context, number.real);
        return;
    case REDUCE_NO_MEMORY:
        sqlite3_result_error_nomem(context);
        return;
    case REDUCE_NAN:
    case REDUCE_NONE:
    case REDUCE_CROWDED:
        break;
    }
    sqlite3_result_error(context,
                         "the result has more digits than can be kept apart here; "
                         "cast what is added up to float8",
                         -1);
}

/* What is not finite, or no decimal; false: it is one. */
static bool give_special(sqlite3_context *context, const struct sum *sum,
                         const struct decimal *total, bool average)
{
    if (sum->n_nan > 0 || (sum->n_above > 0 && sum->n_below > 0)) {
        sqlite3_result_text(context, "NaN", -1, SQLITE_STATIC);
        return true;
    }
    if (sum->n_above > 0 || sum->n_below > 0) {
        sqlite3_result_double(context, sum->n_above > 0 ? INFINITY : -INFINITY);
        return true;
    }
    if (sum->n_floats == 0)
        return false;
    AUTO(buf_fini) struct buf text = BUF_INIT;
    decimal_format(total, &text);
    double real = strtod(text.bytes, NULL) + (sum->floats + sum->lost);
    sqlite3_result_double(context, average ? real / (double)sum->n : real);
    return true;
}

static void give(sqlite3_context *context, struct sum *sum, bool average)
{
    AUTO(decimal_fini) struct decimal total = DECIMAL_ZERO;
    AUTO(buf_fini) struct buf text = BUF_INIT;
    char message[sizeof sum->wrong + 64];
    if (!sum || sum->n == 0)
        return;
    if (*sum->wrong) {
        snprintf(message, sizeof message, "%s: \"%s\" is not a number",
                 average ? "avg(x)" : "sum(x)", sum->wrong);
        sqlite3_result_error(context, message, -1);
        return;
    }
    join_sums(sum, &total);
    if (sum->no_memory || total.digits.broken) {
        sqlite3_result_error_nomem(context);
        return;
    }
    if (give_special(context, sum, &total, average))
        return;
    if (average)
        decimal_average(&total, (uint64_t)sum->n, sum->scale);
    decimal_format_scaled(
        &total, average && total.scale > sum->scale ? total.scale : sum->scale, &text);
    if (text.broken || total.digits.broken)
        sqlite3_result_error_nomem(context);
    else
        give_number(context, sqlite3_user_data(context), &text);
}

static struct sum *known_sum(sqlite3_context *context)
{
    struct sum **known = sqlite3_aggregate_context(context, 0);
    return known ? *known : NULL;
}

static void sum_value(sqlite3_context *context)
{
    give(context, known_sum(context), /* average= */ false);
}

static void avg_value(sqlite3_context *context)
{
    give(context, known_sum(context), /* average= */ true);
}

static void end_aggregate(sqlite3_context *context, bool average)
{
    struct sum *sum = known_sum(context);
    give(context, sum, average);
    if (sum)
        decimal_fini(&sum->rest);
    free(sum);
}

static void sum_end(sqlite3_context *context)
{
    end_aggregate(context, /* average= */ false);
}

static void avg_end(sqlite3_context *context)
{
    end_aggregate(context, /* average= */ true);
}

bool reduce_add_sums(sqlite3 *db, struct reduce_numbers *numbers)
{
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    return sqlite3_create_window_function(db, "sum", 1, flags, numbers, sum_step,
                                          sum_end, sum_value, sum_inverse,
                                          NULL) == SQLITE_OK &&
           sqlite3_create_window_function(db, "avg", 1, flags, numbers, sum_step,
                                          avg_end, avg_value, sum_inverse,
                                          NULL) == SQLITE_OK;
}
