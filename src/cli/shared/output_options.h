/* In which format, in which columns, where to, and how it looks. */
#ifndef CLI_SHARED_OUTPUT_OPTIONS_H
#define CLI_SHARED_OUTPUT_OPTIONS_H

#include "cli/parse/options.h"
#include "cli/term/terminal.h"
#include "report/field.h"

enum expanded_choice { EXPANDED_OFF, EXPANDED_ON, EXPANDED_AUTO };

/* All zeros: nothing was given. */
struct output_options {
    const struct format *format; /* NULL: none was asked for, see output_format() */
    const char *file;            /* NULL: stdout */
    int expanded;                /* enum expanded_choice */
    bool unaligned, tuples_only;
    const char *null;
    unsigned width;
    bool ascii;
    int color; /* enum color_when */
    bool all, quiet, verbose;
};

/* Of commands whose rows are a table of fields. */
struct column_options {
    const char *columns, *sort;
};

extern const struct option_group output_options, column_options;

/* --format stands in front of output_options and under its heading, in a group of each
 * command, because the formats that it offers are those that the command can write. */
#define OUTPUT_FORMAT(writes_, detail_)                                                \
    {                                                                                  \
        OPTION(NULL, "format", "FORMAT", output_read_format, struct output_options,    \
               format),                                                                \
            .choice_at = output_format_choice, .writes = writes_, .help = "write",     \
            .detail = detail_                                                          \
    }
bool output_read_format(const struct option *option, const char *value, void *to,
                        struct pgcensus_error *ret_error);
const char *output_format_choice(const struct option *option, size_t n,
                                 const char **ret_says);

/* The format that was asked for, or else the default. */
const struct format *output_format(const struct output_options *options);
/* Whether that is the name of a format, in upper case or in lower. */
bool output_is_format(const char *word);

/* True if stdout is for a monitor that would take what stands on stderr for output as
 * well (Icinga does): whatever is wrong is said on stdout, and only there. */
bool output_is_plugin(const struct output_options *options);

/* Whether --columns and --sort mean something in these fields and in the format. */
bool output_columns_make_sense(const struct output_options *options,
                               const struct column_options *columns,
                               const struct field_table *fields,
                               struct pgcensus_error *ret_error);

/* In which format, which columns in which order, and how they are to look.  columns may
 * be NULL: the command has no such options. */
void output_view(const struct output_options *options,
                 const struct column_options *columns, const struct terminal *terminal,
                 struct row_view *ret_view);

/* How output is to look on this terminal, or in a file. */
void output_look(const struct output_options *options, const struct terminal *terminal,
                 struct look *ret_look);

/* For --expanded=auto: true, out emptied and look changed, if the table in out is too
 * wide and is to be written again:
 *   do report_…(&look, &out); while (output_look_again(options, &look, &out)); */
bool output_look_again(const struct output_options *options, struct look *look,
                       struct buf *out);

#endif
