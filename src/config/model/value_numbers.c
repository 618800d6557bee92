/* Values that are numbers: counts, durations, sizes, shares, ranges.
 *
 * Messages say what would be right.  If only the unit is missing, they say it with the
 * user's own number: "5" needs a unit: 5ms, 5s or 5m. */
#include "base/clock.h"
#include "base/quantity.h"
#include "config/model/value_private.h"
#include "config/read/diagnostic_list.h"
#include "health/range.h"

#include <string.h>

/* A port that does not look like one is not quoted: if the host is missing from
 * postgresql://USER:PASSWORD, libpq takes the password for the port. */
static struct quoted quoted_number(const struct value_input *input)
{
    enum { LONGEST_WORD = 4, LONGEST_NUMBER = 12 };
    const char *text = input->written;
    size_t n = strlen(text);
    bool shown = input->row->kind != KIND_PORT || n <= LONGEST_WORD ||
                 (n <= LONGEST_NUMBER && strchr("+-0123456789 ", *text)) ||
                 strncmp(text, "${", 2) == 0;
    return shown ? quoted(text) : (struct quoted){"it"};
}

bool value_count(const struct value_input *input, int64_t *ret_number)
{
    const struct key_row *row = input->row;
    if (quantity_count(input->text, row->min, row->max, ret_number) == QUANTITY_OK)
        return true;
    if (row->kind == KIND_PORT && strchr(input->text, ','))
        return value_refuse(input, "a node is one server; list nodes",
                            "%s names several ports", quoted_number(input).text);
    return value_refuse(input, NULL, "%s is not %s from %lld to %lld",
                        quoted_number(input).text,
                        row->kind == KIND_PORT ? "a port" : "a whole number",
                        (long long)row->min, (long long)row->max);
}

/* Digits, perhaps with a fraction: only the unit is missing. */
static bool is_bare_number(const char *text)
{
    return *text && text[strspn(text, "0123456789.")] == '\0' && strlen(text) < 12;
}

/* "5" needs a unit: 5ms, 5s or 5m */
static bool needs_unit(const struct value_input *input, const char *number,
                       const char *const *units, size_t n)
{
    AUTO(buf_fini) struct buf list = BUF_INIT;
    for (size_t i = 0; i < n; i++)
        buf_add_format(&list, "%s%s%s",
                       i == 0      ? ""
                       : i + 1 < n ? ", "
                                   : " or ",
                       number, units[i]);
    return value_refuse(input, NULL, "%s needs a unit: %s", number, list.bytes);
}

static bool duration_problem(const struct value_input *input, enum quantity verdict)
{
    static const char *const units[] = {"ms", "s", "m"};
    struct quoted shown = quoted(input->written);

    if (verdict == QUANTITY_NO_UNIT && is_bare_number(input->written))
        return needs_unit(input, input->text, units, ARRAY_SIZE(units));
    if (verdict == QUANTITY_BAD_UNIT)
        return value_refuse(input, "units are us, ms, s, m, h and d",
                            "%s has an unknown unit", shown.text);
    if (verdict == QUANTITY_TOO_LARGE)
        return value_refuse(input, NULL, "%s is too large", shown.text);
    return value_refuse(input, NULL, "%s is not a duration such as 250ms, 5s or 1h",
                        shown.text);
}

bool value_duration(const struct value_input *input, int64_t *ret_number)
{
    const struct key_row *row = input->row;
    nsec length;
    enum quantity verdict = quantity_duration(input->text, &length);
    if (verdict != QUANTITY_OK)
        return duration_problem(input, verdict);

    if (length < row->min || length > row->max) {
        AUTO(buf_fini) struct buf range = BUF_INIT;
        quantity_format_duration(row->min, &range);
        buf_add_str(&range, " to ");
        quantity_format_duration(row->max, &range);
        return value_refuse(input, NULL, "%s is out of range (%s)",
                            quoted(input->written).text, range.bytes);
    }
    if (row->keyword && length % row->unit != 0)
        return value_refuse(input, NULL, "%s is not a whole number of %sseconds",
                            quoted(input->written).text,
                            row->unit == NSEC_PER_SEC ? "" : "milli");
    *ret_number = length;
    return true;
}

bool value_size(const struct value_input *input, int64_t *ret_number)
{
    static const char *const units[] = {"kB", "MB", "GB"};
    const struct key_row *row = input->row;
    int64_t bytes;
    enum quantity verdict = quantity_size(input->text, &bytes);
    if (verdict == QUANTITY_NO_UNIT && is_bare_number(input->written))
        return needs_unit(input, input->text, units, ARRAY_SIZE(units));
    if (verdict != QUANTITY_OK)
        return value_refuse(input, NULL, "%s is not a size such as 64kB or 16MB",
                            quoted(input->written).text);
    if (bytes < row->min || bytes > row->max)
        return value_refuse(input, NULL, "%s is out of range",
                            quoted(input->written).text);
    *ret_number = bytes;
    return true;
}

bool value_share(const struct value_input *input, double *ret_ratio)
{
    static const char *const units[] = {"%"};
    enum quantity verdict = quantity_share(input->text, ret_ratio);
    if (verdict == QUANTITY_OK)
        return true;
    if (verdict == QUANTITY_NO_UNIT && is_bare_number(input->written))
        return needs_unit(input, input->text, units, 1);
    return value_refuse(input, NULL, "%s is not a share from 0%% to 100%%",
                        quoted(input->written).text);
}

bool value_ratio(const struct value_input *input, double *ret_ratio)
{
    const struct key_row *row = input->row;
    double ratio;
    if (quantity_ratio(input->text, &ratio) != QUANTITY_OK ||
        ratio < (double)row->min || ratio > (double)row->max)
        return value_refuse(input, NULL, "%s is not a number from %lld to %lld",
                            quoted(input->written).text, (long long)row->min,
                            (long long)row->max);
    *ret_ratio = ratio;
    return true;
}

/* ---- ranges ---- */

/* The proposals of messages, for each unit of a metric. */
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

/* Proposes the range with START and END exchanged, or with ~ if START was left out. */
static bool range_backwards(const struct value_input *input, bool may_quote)
{
    const char *from = input->text + (*input->text == '@');
    const char *at = *input->text == '@' ? "@" : "", *colon = strchr(from, ':');
    struct quoted shown = quoted(input->written);

    if (!may_quote)
        return value_refuse(input, NULL, "%s begins behind its end", shown.text);
    if (!colon)
        return value_refuse(input, NULL, "%s begins at 0, behind its end: write %s~:%s",
                            shown.text, at, from);
    return value_refuse(input, NULL, "%s begins behind its end: write %s%s:%.*s",
                        shown.text, at, colon + 1, (int)(colon - from), from);
}

static bool range_problem(const struct value_input *input,
                          const struct range_fault *fault)
{
    enum pgcensus_metric metric = input->row->metric;
    const struct advice *advice = &advices[pgcensus_metric_unit(metric)];
    /* What came out of a variable may be a secret. */
    bool may_quote = strcmp(input->text, input->written) == 0;
    struct quoted shown =
        quoted(may_quote && *fault->end ? fault->end : input->written);

    switch (fault->wrong) {
    case RANGE_NO_UNIT:
        if (may_quote && is_bare_number(fault->end))
            return needs_unit(input, fault->end, advice->units, advice->n_units);
        return value_refuse(input, advice->known, "%s lacks a unit", shown.text);
    case RANGE_BAD_UNIT:
        return value_refuse(input, advice->known, "%s has an unknown unit", shown.text);
    case RANGE_TOO_LARGE:
        return value_refuse(input, NULL, "%s is too large", shown.text);
    case RANGE_NEGATIVE:
        return value_refuse(input, "write ~ for a range without a lower end",
                            "%s is below 0, where %s never is", shown.text,
                            pgcensus_metric_name(metric));
    case RANGE_BACKWARDS:
        return range_backwards(input, may_quote);
    case RANGE_FINE:
    case RANGE_NO_RANGE:
        break;
    }
    return value_refuse(input, advice->examples, "%s is not a range",
                        quoted(input->written).text);
}

bool value_range(const struct value_input *input, struct pgcensus_range *ret_range)
{
    struct range_fault fault;
    return range_parse(input->text, input->row->metric, ret_range, &fault) ||
           range_problem(input, &fault);
}
