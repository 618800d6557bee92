/* In which format, in which columns, and how it looks.
 *
 * help is a phrase for the terminal; detail are sentences for the man page and are
 * written for scdoc (*bold*, _underlined_). */
#include "cli/shared/output_options.h"
#include "cli/parse/option_types.h"

#include "base/error.h"

#include <string.h>

static const char *const expanded_names[] = {
    [EXPANDED_OFF] = "off", [EXPANDED_ON] = "on", [EXPANDED_AUTO] = "auto", NULL};
static const char *const color_names[] = {
    [COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never", NULL};

/* ---- formats ---- */

const char *output_format_choice(const struct option *option, size_t n,
                                 const char **ret_says)
{
    const struct format *format;
    for (size_t i = 0; (format = format_at(i)); i++)
        if (option->writes(format->kind) && n-- == 0)
            break;
    *ret_says = format ? format->says : NULL;
    return format ? format->name : NULL;
}

/* A format that only check can write is no typo, so the message says so. */
static bool refuse_format(const struct option *option, const char *name,
                          struct pgcensus_error *ret_error)
{
    AUTO(buf_fini) struct buf known = BUF_INIT;
    option_add_choices(option, &known);
    return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                     "only check can write %s, use %s", name, known.bytes);
}

/* Without a value the option is --json and the like, named after its format. */
bool output_read_format(const struct option *option, const char *value, void *to,
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

bool output_is_format(const char *word)
{
    const struct format *format;
    for (size_t i = 0; (format = format_at(i)); i++)
        if (strcasecmp(word, format->name) == 0)
            return true;
    return false;
}

const struct format *output_format(const struct output_options *options)
{
    return options->format ? options->format : format_default;
}

/* ---- rows ---- */

static bool read_output(const struct option *option, const char *value, void *to,
                        struct pgcensus_error *ret_error)
{
    if (!option_file_name(option, value, to, ret_error))
        return false;
    if (strcmp(value, "-") == 0)
        *(const char **)to = NULL;
    return true;
}

/* psql's -P has many names; the others have options of their own here. */
static bool read_print_setting(const struct option *option, const char *value, void *to,
                               struct pgcensus_error *ret_error)
{
    static const char name[] = "null=";
    if (strncmp(value, name, strlen(name)) != 0)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "only null=TEXT can be set here");
    *(const char **)to = value + strlen(name);
    return true;
}

#define ROW(letters, name, value, type, member)                                        \
    OPTION(letters, name, value, type, struct output_options, member)

static const struct option output_rows[] = {
    {ROW(NULL, "json", NULL, output_read_format, format),
     .help = "the same as --format json"},
    {ROW(NULL, "ndjson", NULL, output_read_format, format),
     .help = "the same as --format ndjson: a line per node or row, at once"},
    {ROW(NULL, "csv", NULL, output_read_format, format),
     .help = "the same as --format csv"},
    {ROW("o", "output", "FILE", read_output, file), .offer = OFFER_FILES,
     .help = "replace FILE by the output once that is complete",
     .detail = "It keeps its owner, group and mode. Until then the output has no name, "
               "and nothing of it is left if the run is killed."},
    {ROW("x", "expanded", "WHEN", option_choice, expanded), .value_optional = true,
     .choices = expanded_names, .preset = EXPANDED_ON,
     .help = "each row as a block of lines: on, off, or auto if it is wide"},
    {ROW("A", "no-align", NULL, option_flag, unaligned),
     .help = "fields with | between them instead of aligned columns"},
    {ROW("t", "tuples-only", NULL, option_flag, tuples_only),
     .help = "rows only, no header and no summary"},
    {ROW("P", "pset", "null=TEXT", read_print_setting, null),
     .help = "show TEXT for what is NULL or not known"},
    {ROW(NULL, "width", "N", option_count, width), .min = 20, .max = 10000,
     .help = "lay out for N columns instead of the terminal's",
     .detail = "What is not written to a terminal has no width and is never cut."},
    {ROW(NULL, "ascii", NULL, option_flag, ascii), .help = "no other shapes than + ! x",
     .detail = "This is the default where the locale has no UTF-8."},
    {ROW(NULL, "color", "WHEN", option_choice, color), .choices = color_names,
     .help = "colour: auto (default), always or never",
     .detail =
         "_auto_ looks at *$NO_COLOR*, then at *$CLICOLOR_FORCE*, then whether the "
         "output is a terminal. Colour only repeats what a word and a shape say."},
    {ROW(NULL, "all", NULL, option_flag, all),
     .help = "check: every node, also when they do not fit the screen"},
    {ROW("q", "quiet", NULL, option_flag, quiet),
     .help = "no progress, no notes; check: problems only, nothing if it exits with 0",
     .detail = "Failed nodes are always named. This is about tables; other formats are "
               "always complete, because a program waits for them."},
    {ROW("v", "verbose", NULL, option_flag, verbose),
     .help = "with notes on ignored variables, MD5 logins, superusers"},
};

static const struct option column_rows[] = {
    {OPTION(NULL, "columns", "COL[,...]", option_text, struct column_options, columns),
     .help = "these columns, in this order, of tables, csv and markdown",
     .detail = "A column is called as its heading is, or as in CSV, in any case. Those "
               "that there are stand in *pgcensus-json*(7), below COLUMNS."},
    {OPTION(NULL, "sort", "COL[,...]", option_text, struct column_options, sort),
     .help = "rows in the order of these columns; -COL: the largest first",
     .detail = "What is not known comes last, and names are sorted as people count: "
               "pg-2 before pg-10. Columns that are not shown may be named."},
};

const struct option_group column_options = {"Output", column_rows,
                                            ARRAY_SIZE(column_rows)};
const struct option_group output_options = {"Output", output_rows,
                                            ARRAY_SIZE(output_rows)};

/* ---- looks ---- */

bool output_is_plugin(const struct output_options *options)
{
    return output_format(options)->kind == FORMAT_PLUGIN && !options->file;
}

static struct row_view view_without_look(const struct output_options *options,
                                         const struct column_options *columns)
{
    struct row_view view = {.format = output_format(options)};
    if (columns) {
        view.columns = columns->columns;
        view.sort = columns->sort;
    }
    return view;
}

bool output_columns_make_sense(const struct output_options *options,
                               const struct column_options *columns,
                               const struct field_table *fields,
                               struct pgcensus_error *ret_error)
{
    const struct row_view view = view_without_look(options, columns);
    return field_check_view(fields, &view, ret_error);
}

void output_view(const struct output_options *options,
                 const struct column_options *columns, const struct terminal *terminal,
                 struct row_view *ret_view)
{
    *ret_view = view_without_look(options, columns);
    output_look(options, terminal, &ret_view->look);
}

void output_look(const struct output_options *options, const struct terminal *terminal,
                 struct look *ret_look)
{
    struct terminal file;
    if (options->file) {
        file = terminal_without_stdout(terminal);
        terminal = &file;
    }
    *ret_look = (struct look){
        .width = terminal_width(terminal, options->width),
        .unicode = terminal_shapes(terminal, options->ascii),
        .colour = terminal_colour(terminal, (enum color_when)options->color),
        .many_colours = terminal_many_colours(terminal),
        .expanded = options->expanded == EXPANDED_ON,
        .unaligned = options->unaligned,
        .tuples_only = options->tuples_only,
        .null = options->null ? options->null : "",
    };
}

static bool overflows(const struct buf *out, unsigned width)
{
    for (const char *line = out->bytes; *line;) {
        size_t length = strcspn(line, "\n");
        if (text_width(line, length) > width)
            return true;
        line += length + (line[length] == '\n');
    }
    return false;
}

bool output_look_again(const struct output_options *options, struct look *look,
                       struct buf *out)
{
    if (options->expanded != EXPANDED_AUTO ||
        output_format(options)->kind != FORMAT_PAGE)
        return false;
    if (look->expanded || look->width == 0 || !overflows(out, look->width))
        return false;
    look->expanded = true;
    buf_clear(out);
    return true;
}
