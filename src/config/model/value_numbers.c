/* Values that are numbers: counts, durations, sizes, shares, ranges.
 *
 * What is wrong with one is told with what would be right, and in his own number where
 * somebody only forgot the unit. */
#include "base/clock.h"
#include "base/quantity.h"
#include "config/model/value_private.h"
#include "config/read/diagnostic_list.h"
#include "health/range.h"

#include <string.h>

/* Of postgresql://USER:PASSWORD, whose host was forgotten, libpq takes the password for
 * the port: what does not look like one is not repeated. */
static struct quoted quoted_number(const struct reading *reading)
{
    enum { LONGEST_WORD = 4, LONGEST_NUMBER = 12 };
    const char *text = reading->written;
    size_t n = strlen(text);
    bool shown = reading->row->kind != KIND_PORT || n <= LONGEST_WORD ||
                 (n <= LONGEST_NUMBER && strchr("+-0123456789 ", *text)) ||
                 strncmp(text, "${", 2) == 0;
    return shown ? quoted(text) : (struct quoted){"it"};
}

bool value_count(const struct reading *reading, int64_t *ret_number)
{
    const struct key_row *row = reading->row;
    if (quantity_count(reading->text, row->min, row->max, ret_number) == QUANTITY_OK)
        return true;
    if (row->kind == KIND_PORT && strchr(reading->text, ','))
        return value_wrong(reading, "a node is one server; list nodes",
                           "%s names several ports", quoted_number(reading).text);
    return value_wrong(reading, NULL, "%s is not %s from %lld to %lld",
                       quoted_number(reading).text,
                       row->kind == KIND_PORT ? "a port" : "a whole number",
                       (long long)row->min, (long long)row->max);
}

/* Digits, perhaps with a fraction: what somebody writes who forgets the unit. */
static bool is_bare_number(const char *text)
{
    return *text && text[strspn(text, "0123456789.")] == '\0' && strlen(text) < 12;
}

/* The one sentence for a number that lacks its unit, with examples of his own number.
 */
static bool needs_unit(const struct reading *reading, const char *number,
                       const char *const *units, size_t n)
{
    AUTO(buf_fini) struct buf list = BUF_INIT;
    for (size_t i = 0; i < n; i++)
        buf_add_format(&list, "%s%s%s",
                       i == 0      ? ""
                       : i + 1 < n ? ", "
                                   : " or ",
                       number, units[i]);
    return value_wrong(reading, NULL, "%s needs a unit: %s", number, list.bytes);
}

static bool duration_problem(const struct reading *reading, enum quantity verdict)
{
    static const char *const units[] = {"ms", "s", "m"};
    struct quoted shown = quoted(reading->written);

    if (verdict == QUANTITY_NO_UNIT && is_bare_number(reading->written))
        return needs_unit(reading, reading->text, units, ARRAY_SIZE(units));
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
    if (verdict == QUANTITY_NO_UNIT && is_bare_number(reading->written))
        return needs_unit(reading, reading->text, units, ARRAY_SIZE(units));
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
    if (verdict == QUANTITY_NO_UNIT && is_bare_number(reading->written))
        return needs_unit(reading, reading->text, units, 1);
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

/* ---- ranges ---- */

/* What is right for each unit of a metric, in the place of what is wrong. */
static const struct advice {
    const char *units[3];
    size_t n_units;
    const char *known, *examples;
} advices[] = {
    [PGCENSUS_UNIT_TIME] = {{"ms", "s", "m"},
                            3,
                            "units are us, ms, s, m, h and d",
                            "such as 200ms, 1s:5s, \"10m:\" or \"@5s:10s\""},
    [PGCENSUS_UNIT_BYTES] = {{"kB", "MB", "GB"},
                             3,
                             "units are B, kB, MB, GB and TB",
                             "such as 16MB, 1MB:64MB, \"1GB:\" or \"@0:1kB\""},
    [PGCENSUS_UNIT_PERCENT] = {{"%"},
                               1,
                               "its unit is %",
                               "such as 80%, 10%:80%, \"10%:\" or \"@90%:95%\""},
};

/* START and END the other way round, or ~ where a START was only understood. */
static bool range_backwards(const struct reading *reading, bool may_quote)
{
    const char *from = reading->text + (*reading->text == '@');
    const char *at = *reading->text == '@' ? "@" : "", *colon = strchr(from, ':');
    struct quoted shown = quoted(reading->written);

    if (!may_quote)
        return value_wrong(reading, NULL, "%s begins behind its end", shown.text);
    if (!colon)
        return value_wrong(reading, NULL,
                           "%s begins at 0, behind its end: write %s~:%s", shown.text,
                           at, from);
    return value_wrong(reading, NULL, "%s begins behind its end: write %s%s:%.*s",
                       shown.text, at, colon + 1, (int)(colon - from), from);
}

static bool range_problem(const struct reading *reading,
                          const struct range_fault *fault)
{
    enum pgcensus_metric metric = reading->row->metric;
    const struct advice *advice = &advices[pgcensus_metric_unit(metric)];
    /* What came out of a variable may be a secret. */
    bool may_quote = strcmp(reading->text, reading->written) == 0;
    struct quoted shown =
        quoted(may_quote && *fault->end ? fault->end : reading->written);

    switch (fault->wrong) {
    case RANGE_NO_UNIT:
        if (may_quote && is_bare_number(fault->end))
            return needs_unit(reading, fault->end, advice->units, advice->n_units);
        return value_wrong(reading, advice->known, "%s lacks a unit", shown.text);
    case RANGE_BAD_UNIT:
        return value_wrong(reading, advice->known, "%s has an unknown unit",
                           shown.text);
    case RANGE_TOO_LARGE:
        return value_wrong(reading, NULL, "%s is too large", shown.text);
    case RANGE_NEGATIVE:
        return value_wrong(reading, "write ~ for a range without a lower end",
                           "%s is below 0, where %s never is", shown.text,
                           pgcensus_metric_name(metric));
    case RANGE_BACKWARDS:
        return range_backwards(reading, may_quote);
    case RANGE_FINE:
    case RANGE_NO_RANGE:
        break;
    }
    return value_wrong(reading, advice->examples, "%s is not a range",
                       quoted(reading->written).text);
}

bool value_range(const struct reading *reading, struct pgcensus_range *ret_range)
{
    struct range_fault fault;
    return range_parse(reading->text, reading->row->metric, ret_range, &fault) ||
           range_problem(reading, &fault);
}
