/* The types of options: each reads one value and words its own complaint.  Values that
 * stand in a complaint are what somebody typed; whoever prints it makes it safe. */
#include "base/error.h"
#include "base/quantity.h"
#include "cli/options.h"
#include "cli/suggest.h"

#include <string.h>

bool option_flag(const struct option *option, const char *value, void *to,
                 struct pgcensus_error *ret_error)
{
    *(bool *)to = true;
    return true;
}

bool option_text(const struct option *option, const char *value, void *to,
                 struct pgcensus_error *ret_error)
{
    *(const char **)to = value;
    return true;
}

bool option_foreign(const struct option *option, const char *value, void *to,
                    struct pgcensus_error *ret_error)
{
    return error_set(ret_error, PGCENSUS_TROUBLE_USAGE, "%s", option->help);
}

bool option_words(const struct option *option, const char *value, void *to,
                  struct pgcensus_error *ret_error)
{
    return option_list_add(to, value) || error_memory(ret_error);
}

/* "table, json, ndjson or csv" */
static void list_choices(const char *const *choices, struct buf *text)
{
    for (size_t i = 0; choices[i]; i++) {
        if (i > 0)
            buf_add_str(text, choices[i + 1] ? ", " : " or ");
        buf_add_str(text, choices[i]);
    }
}

bool option_choice(const struct option *option, const char *value, void *to,
                   struct pgcensus_error *ret_error)
{
    if (!value) {
        *(int *)to = option->preset;
        return true;
    }
    size_t n = 0;
    for (; option->choices[n]; n++) {
        if (strcmp(value, option->choices[n]) == 0) {
            *(int *)to = (int)n;
            return true;
        }
    }
    AUTO(buf_fini) struct buf known = BUF_INIT;
    list_choices(option->choices, &known);
    const char *nearest = suggest(value, option->choices, n);
    if (nearest)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "unknown value \"%s\" (did you mean \"%s\"?), use %s", value,
                         nearest, known.bytes);
    return error_set(ret_error, PGCENSUS_TROUBLE_USAGE, "unknown value \"%s\", use %s",
                     value, known.bytes);
}

bool option_count(const struct option *option, const char *value, void *to,
                  struct pgcensus_error *ret_error)
{
    int64_t count;
    if (quantity_count(value, option->min, option->max, &count) != QUANTITY_OK)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "\"%s\" is not a whole number from %d to %d", value,
                         option->min, option->max);
    *(unsigned *)to = (unsigned)count;
    return true;
}

bool option_duration(const struct option *option, const char *value, void *to,
                     struct pgcensus_error *ret_error)
{
    nsec length;
    switch (quantity_duration(value, &length)) {
    case QUANTITY_OK:
        break;
    case QUANTITY_NO_UNIT:
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "%s needs a unit: %sms, %ss or %sm", value, value, value,
                         value);
    case QUANTITY_BAD_UNIT:
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "\"%s\" has an unknown unit; units are us, ms, s, m, h and d",
                         value);
    case QUANTITY_TOO_LARGE:
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE, "\"%s\" is too large",
                         value);
    case QUANTITY_NOT_A_NUMBER:
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "\"%s\" is not a duration such as 250ms, 5s or 1h", value);
    }
    if (length == 0)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "must be longer than 0, such as 5s");
    *(nsec *)to = length;
    return true;
}
