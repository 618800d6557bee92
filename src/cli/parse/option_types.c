/* The types of options: each reads one value and words its own complaint.  A complaint
 * quotes what was typed, as it is; the function that prints it makes it safe. */
#include "cli/parse/option_types.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/quantity.h"
#include "cli/parse/suggest.h"

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

bool option_file_name(const struct option *option, const char *value, void *to,
                      struct pgcensus_error *ret_error)
{
    if (!*value)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "the name of a file is missing");
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

bool option_refuse_choice(const struct option *option, const char *value,
                          struct pgcensus_error *ret_error)
{
    AUTO(buf_fini) struct buf known = BUF_INIT;
    size_t n = 0;
    while (option_choice_at(option, n))
        n++;
    AUTO(free) const char **names = memory_array(n, sizeof *names);
    if (!names)
        return error_memory(ret_error);
    for (size_t i = 0; i < n; i++)
        names[i] = option_choice_at(option, i);
    option_add_choices(option, &known);
    const char *nearest = suggest(value, names, n);
    return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                     "unknown value \"%s\"%s%s%s, use %s", value,
                     nearest ? " (did you mean \"" : "", nearest ? nearest : "",
                     nearest ? "\"?)" : "", known.bytes);
}

bool option_choice(const struct option *option, const char *value, void *to,
                   struct pgcensus_error *ret_error)
{
    size_t n = 0;
    if (!value) {
        *(int *)to = option->preset;
        return true;
    }
    for (const char *name; (name = option_choice_at(option, n)); n++)
        if (strcmp(value, name) == 0) {
            *(int *)to = (int)n;
            return true;
        }
    return option_refuse_choice(option, value, ret_error);
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
