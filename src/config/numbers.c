/* Values that are numbers: counts, durations, sizes, shares, ranges.
 *
 * What is wrong with one is told with what would be right, and in his own number where
 * somebody only forgot the unit. */
#include "base/clock.h"
#include "base/quantity.h"
#include "config/complaints.h"
#include "config/reading.h"

#include <string.h>

bool value_count(const struct reading *reading, int64_t *ret_number)
{
    const struct key_row *row = reading->row;
    if (quantity_count(reading->text, row->min, row->max, ret_number) == QUANTITY_OK)
        return true;
    if (row->kind == KIND_PORT && strchr(reading->text, ','))
        return value_wrong(reading, "a node is one server; list nodes",
                           "%s names several ports", quoted(reading->written).text);
    return value_wrong(reading, NULL, "%s is not %s from %lld to %lld",
                       quoted(reading->written).text,
                       row->kind == KIND_PORT ? "a port" : "a whole number",
                       (long long)row->min, (long long)row->max);
}

/* Digits, perhaps with a fraction: what somebody writes who forgets the unit. */
static bool is_bare_number(const struct reading *reading)
{
    const char *text = reading->written;
    return *text && text[strspn(text, "0123456789.")] == '\0' && strlen(text) < 12;
}

/* The one sentence for a number that lacks its unit, with examples of his own number.
 */
static bool needs_unit(const struct reading *reading, const char *const *units,
                       size_t n)
{
    AUTO(buf_fini) struct buf list = BUF_INIT;
    for (size_t i = 0; i < n; i++)
        buf_add_format(&list, "%s%s%s",
                       i == 0      ? ""
                       : i + 1 < n ? ", "
                                   : " or ",
                       reading->text, units[i]);
    return value_wrong(reading, NULL, "%s needs a unit: %s", reading->text, list.bytes);
}

static bool duration_problem(const struct reading *reading, enum quantity verdict)
{
    static const char *const units[] = {"ms", "s", "m"};
    struct quoted shown = quoted(reading->written);

    if (verdict == QUANTITY_NO_UNIT && is_bare_number(reading))
        return needs_unit(reading, units, ARRAY_SIZE(units));
    if (verdict == QUANTITY_BAD_UNIT)
        return value_wrong(reading, "units are us, ms, s, m, h and d",
                           "%s has an unknown unit", shown.text);
    if (verdict == QUANTITY_TOO_LARGE)
        return value_wrong(reading, NULL, "%s is too large", shown.text);
    return value_wrong(reading, NULL, "%s is not a duration such as 250ms, 5s or 1h",
                       shown.text);
}

bool value_duration(const struct reading *reading, int64_t *ret_number)
{
    const struct key_row *row = reading->row;
    nsec length;
    enum quantity verdict = quantity_duration(reading->text, &length);
    if (verdict != QUANTITY_OK)
        return duration_problem(reading, verdict);

    if (length < row->min || length > row->max) {
        AUTO(buf_fini) struct buf range = BUF_INIT;
        quantity_format_duration(row->min, &range);
        buf_add_str(&range, " to ");
        quantity_format_duration(row->max, &range);
        return value_wrong(reading, NULL, "%s is out of range (%s)",
                           quoted(reading->written).text, range.bytes);
    }
    if (row->keyword && length % row->unit != 0)
        return value_wrong(reading, NULL, "%s is not a whole number of %sseconds",
                           quoted(reading->written).text,
                           row->unit == NSEC_PER_SEC ? "" : "milli");
    *ret_number = length;
    return true;
}

bool value_size(const struct reading *reading, int64_t *ret_number)
{
    static const char *const units[] = {"kB", "MB", "GB"};
    const struct key_row *row = reading->row;
    int64_t bytes;
    enum quantity verdict = quantity_size(reading->text, &bytes);
    if (verdict == QUANTITY_NO_UNIT && is_bare_number(reading))
        return needs_unit(reading, units, ARRAY_SIZE(units));
    if (verdict != QUANTITY_OK)
        return value_wrong(reading, NULL, "%s is not a size such as 64kB or 16MB",
                           quoted(reading->written).text);
    if (bytes < row->min || bytes > row->max)
        return value_wrong(reading, NULL, "%s is out of range",
                           quoted(reading->written).text);
    *ret_number = bytes;
    return true;
}

bool value_share(const struct reading *reading, double *ret_ratio)
{
    static const char *const units[] = {"%"};
    enum quantity verdict = quantity_share(reading->text, ret_ratio);
    if (verdict == QUANTITY_OK)
        return true;
    if (verdict == QUANTITY_NO_UNIT && is_bare_number(reading))
        return needs_unit(reading, units, 1);
    return value_wrong(reading, NULL, "%s is not a share from 0%% to 100%%",
                       quoted(reading->written).text);
}

bool value_ratio(const struct reading *reading, double *ret_ratio)
{
    const struct key_row *row = reading->row;
    double ratio;
    if (quantity_ratio(reading->text, &ratio) != QUANTITY_OK ||
        ratio < (double)row->min || ratio > (double)row->max)
        return value_wrong(reading, NULL, "%s is not a number from %lld to %lld",
                           quoted(reading->written).text, (long long)row->min,
                           (long long)row->max);
    *ret_ratio = ratio;
    return true;
}

/* [@][START:][END], as in the plugin guidelines, with units: good is what is inside,
 * with @ what is outside; START is 0 if left out, ~ for no lower end. */
bool value_range(const struct reading *reading, int64_t *ret_number)
{
    bool of_time = reading->row->kind == KIND_DURATION_RANGE;
    const char *text = reading->text + (reading->text[0] == '@');
    const char *colon = strchr(text, ':');
    char start[32] = "0", end[32] = "";
    int64_t low = 0, high = INT64_MAX;
    enum quantity verdict = QUANTITY_OK;

    text_copy(end, sizeof end, colon ? colon + 1 : text);
    if (colon && (size_t)(colon - text) < sizeof start) {
        memcpy(start, text, (size_t)(colon - text));
        start[colon - text] = '\0';
    }
    if (strcmp(start, "~") != 0)
        verdict = of_time ? quantity_duration(start, &low) : quantity_size(start, &low);
    if (verdict == QUANTITY_OK && (*end || !colon))
        verdict = of_time ? quantity_duration(end, &high) : quantity_size(end, &high);
    if (verdict == QUANTITY_NO_UNIT)
        return value_wrong(reading,
                           of_time ? "write 200ms or 1s:5s" : "write 16MB or 1MB:64MB",
                           "%s lacks a unit", quoted(reading->written).text);
    if (verdict != QUANTITY_OK || low > high)
        return value_wrong(reading,
                           of_time ? "write 200ms or 1s:5s" : "write 16MB or 1MB:64MB",
                           "%s is not a range", quoted(reading->written).text);
    *ret_number = high;
    return true;
}
