/* In which format, and which columns of it. */
#include "cli/shared/common.h"

#include "base/error.h"

#include <string.h>

const char *common_format_choice(const struct option *option, size_t n,
                                 const char **ret_says)
{
    const struct format *format;
    for (size_t i = 0; (format = format_at(i)); i++)
        if (option->writes(format->kind) && n-- == 0)
            break;
    *ret_says = format ? format->says : NULL;
    return format ? format->name : NULL;
}

/* A format of check is no typo; so the message about another command says whose it is.
 */
static bool refuse_format(const struct option *option, const char *name,
                          struct pgcensus_error *ret_error)
{
    AUTO(buf_fini) struct buf known = BUF_INIT;
    option_add_choices(option, &known);
    return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                     "only check can write %s, use %s", name, known.bytes);
}

/* An option without a value is called like its format. */
bool common_read_format(const struct option *option, const char *value, void *to,
                        struct pgcensus_error *ret_error)
{
    const struct format *format = format_find(value ? value : option->name);
    if (!format)
        return option_refuse_choice(option, value, ret_error);
    if (option->writes && !option->writes(format->kind))
        return refuse_format(option, format->name, ret_error);
    *(const struct format **)to = format;
    return true;
}

bool common_is_format(const char *word)
{
    const struct format *format;
    for (size_t i = 0; (format = format_at(i)); i++)
        if (strcasecmp(word, format->name) == 0)
            return true;
    return false;
}

const struct format *common_format(const struct common *common)
{
    return common->format ? common->format : format_default;
}

static const struct option columns_options[] = {
    {OPTION(NULL, "columns", "COL[,...]", option_text, struct common, columns),
     .help = "these columns, in this order, of tables, csv and markdown",
     .detail = "A column is called as its heading is, or as in CSV, in any case. Those "
               "that there are stand in *pgcensus-json*(7), below COLUMNS."},
    {OPTION(NULL, "sort", "COL[,...]", option_text, struct common, sort),
     .help = "rows in the order of these columns; -COL: the largest first",
     .detail = "What is not known comes last, and names are sorted as people count: "
               "pg-2 before pg-10. Columns that are not shown may be named."},
};

const struct option_group common_columns = {"Output", columns_options,
                                            ARRAY_SIZE(columns_options)};
