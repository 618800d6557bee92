/* Ranges, read and written.
 *
 * Ends are read exactly and kept as doubles, which are exact up to 2^53 (104
 * days in nanoseconds) and the nearest possible value beyond.  The text made
 * from a double reads back as the same double. */
#include "health/range.h"

#include "health/metric.h"

#include "base/quantity.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

/* 31 years, or a thousand petabytes: longer numbers have more digits than are read. */
#define FARTHEST 1e18

static enum quantity read_amount(const char *text, enum pgcensus_unit unit,
                                 double *ret_amount)
{
    int64_t whole = 0;
    enum quantity verdict = QUANTITY_NOT_A_NUMBER;

    switch (unit) {
    case PGCENSUS_UNIT_TIME:
        verdict = quantity_duration(text, &whole);
        break;
    case PGCENSUS_UNIT_BYTES:
        verdict = quantity_size(text, &whole);
        break;
    case PGCENSUS_UNIT_PERCENT:
        return quantity_percent(text, ret_amount);
    }
    if (verdict == QUANTITY_OK && (double)whole >= FARTHEST)
        return QUANTITY_TOO_LARGE;
    if (verdict == QUANTITY_OK)
        *ret_amount = (double)whole;
    return verdict;
}

static enum range_wrong wrong_of(enum quantity verdict)
{
    switch (verdict) {
    case QUANTITY_OK:
        return RANGE_FINE;
    case QUANTITY_NOT_A_NUMBER:
        return RANGE_NO_RANGE;
    case QUANTITY_NO_UNIT:
        return RANGE_NO_UNIT;
    case QUANTITY_BAD_UNIT:
        return RANGE_BAD_UNIT;
    case QUANTITY_TOO_LARGE:
        return RANGE_TOO_LARGE;
    }
    return RANGE_NO_RANGE;
}

static enum range_wrong read_end(const char *text, enum pgcensus_metric metric,
                                 double *ret_end)
{
    bool negative = *text == '-';
    double amount = 0;
    enum quantity verdict =
        read_amount(text + negative, pgcensus_metric_unit(metric), &amount);
    if (verdict != QUANTITY_OK)
        return wrong_of(verdict);
    if (negative && !metric_is_signed(metric))
        return RANGE_NEGATIVE;
    *ret_end = negative && amount > 0 ? -amount : amount;
    return RANGE_FINE;
}

static bool refuse_range(enum range_wrong wrong, const char *end,
                         struct range_fault *ret_fault)
{
    ret_fault->wrong = wrong;
    text_copy(ret_fault->end, sizeof ret_fault->end, end);
    return false;
}

bool range_parse(const char *text, enum pgcensus_metric metric,
                 struct pgcensus_range *ret_range, struct range_fault *ret_fault)
{
    struct pgcensus_range range = {.set = true, .inside = *text == '@'};
    const char *from = text + range.inside, *colon = strchr(from, ':');
    const char *end = colon ? colon + 1 : from;
    char start[sizeof ret_fault->end] = "";
    enum range_wrong wrong = RANGE_FINE;

    if (colon && (size_t)(colon - from) >= sizeof start)
        return refuse_range(RANGE_NO_RANGE, "", ret_fault);
    if (colon)
        memcpy(start, from, (size_t)(colon - from));
    if (colon && strcmp(start, "~") == 0)
        range.start = -INFINITY;
    else if (colon && (wrong = read_end(start, metric, &range.start)) != RANGE_FINE)
        return refuse_range(wrong, start, ret_fault);

    if (colon && *end == '\0')
        range.end = INFINITY;
    else if ((wrong = read_end(end, metric, &range.end)) != RANGE_FINE)
        return refuse_range(wrong, end, ret_fault);
    if (range.start > range.end)
        return refuse_range(RANGE_BACKWARDS, "", ret_fault);
    *ret_range = range;
    return true;
}

/* ---- and back ---- */

static void add_end(double end, enum pgcensus_unit unit, struct buf *buf)
{
    if (end < 0)
        buf_add_char(buf, '-');
    switch (unit) {
    case PGCENSUS_UNIT_TIME:
        quantity_format_duration((nsec)fabs(end), buf);
        return;
    case PGCENSUS_UNIT_BYTES:
        quantity_format_size((int64_t)fabs(end), buf);
        return;
    case PGCENSUS_UNIT_PERCENT:
        quantity_format_percent(fabs(end), buf);
        return;
    }
}

void range_format(const struct pgcensus_range *range, enum pgcensus_unit unit,
                  struct buf *buf)
{
    if (!range->set)
        return;
    if (range->inside)
        buf_add_char(buf, '@');
    if (isinf(range->start))
        buf_add_str(buf, "~:");
    else if (range->start != 0 || isinf(range->end) || range->inside) {
        add_end(range->start, unit, buf);
        buf_add_char(buf, ':');
    }
    if (!isinf(range->end))
        add_end(range->end, unit, buf);
}

void range_round_value(enum pgcensus_unit unit, double value, struct buf *buf)
{
    double size = fabs(value) < FARTHEST ? fabs(value) : FARTHEST;

    if (value < 0)
        buf_add_char(buf, '-');
    switch (unit) {
    case PGCENSUS_UNIT_TIME:
        quantity_round_duration((nsec)size, buf);
        return;
    case PGCENSUS_UNIT_BYTES:
        quantity_round_size((int64_t)size, buf);
        return;
    case PGCENSUS_UNIT_PERCENT:
        quantity_format_number(size, 1, buf);
        buf_add_char(buf, '%');
        return;
    }
}
