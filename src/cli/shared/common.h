/* The options that several commands share, and what they mean together. */
#ifndef CLI_SHARED_COMMON_H
#define CLI_SHARED_COMMON_H

#include "cli/command.h"
#include "cli/exit_status.h"
#include "report/field.h"

#include <pgcensus/pgcensus.h>
#include <pgcensus/verdict.h>

/* The first is what nobody has to ask for. */
enum facts_choice { FACTS_FULL, FACTS_BASIC, FACTS_NONE };

enum expanded_choice { EXPANDED_OFF, EXPANDED_ON, EXPANDED_AUTO };

/* The first member of every command's arguments.  All zeros: nothing was given. */
struct common {
    struct option_list words; /* what is no option */
    bool help, version;

    /* where nodes come from */
    const char *config;
    struct option_list urls, sets;

    /* which of them */
    struct option_list nodes, groups, labels;
    enum pgcensus_role role;

    /* how long it may take */
    nsec timeout, connect_timeout, deadline;
    unsigned jobs;

    /* what is asked, and what of a node or group is bad; only check has them */
    int facts; /* enum facts_choice */
    struct option_list warnings, criticals;
    struct required {
        struct rule {
            unsigned n;
            bool given;
        } primaries, standbys, min_healthy;
    } required;

    /* what its exit status says */
    struct retries {
        unsigned n;
        bool given; /* false: as configured */
    } retries;
    int fail_on;             /* enum fail_on */
    struct exit_rule quorum; /* only its quorum, count and share */
    const char *state_file;  /* NULL: earlier runs do not matter */

    /* what it looks like */
    const struct format *format; /* NULL: none was asked for, see common_format() */
    const char *columns, *sort;
    const char *output;
    int expanded; /* enum expanded_choice */
    bool unaligned, tuples_only;
    const char *null;
    unsigned width;
    bool ascii;
    int color; /* enum color_when */
    bool all, quiet, verbose;
};

/* Their rows, in groups. */
extern const struct option_group common_facts, common_source, common_selection,
    common_results, common_time, common_limits, common_verdict, common_past,
    common_columns, common_output, common_general;

/* --format stands in front of common_output and under its heading, in a group of each
 * command, because the formats that it offers are those that the command can write. */
#define COMMON_FORMAT(writes_, detail_)                                                \
    {                                                                                  \
        OPTION(NULL, "format", "FORMAT", common_read_format, struct common, format),   \
            .choice_at = common_format_choice, .writes = writes_, .help = "write",     \
            .detail = detail_                                                          \
    }
bool common_read_format(const struct option *option, const char *value, void *to,
                        struct pgcensus_error *ret_error);
const char *common_format_choice(const struct option *option, size_t n,
                                 const char **ret_says);

/* What means something only to those who ask nodes, for the tables of the others. */
extern const struct option_table common_asking;

/* What other programs call otherwise, and how it is done here; for every command. */
extern const struct option_table common_foreign;

enum pgcensus_facts_level common_facts_level(const struct common *common);
/* --require; -1 for what was not given. */
struct pgcensus_require common_require(const struct common *common);

/* --fail-on and --min-ok in one; false if they cannot be. */
struct exit_rule common_exit_rule(const struct common *common);
bool common_verdict_makes_sense(const struct common *common,
                                struct pgcensus_error *ret_error);

/* The format that was asked for, or else the default. */
const struct format *common_format(const struct common *common);
/* Whether that is the name of a format, in upper case or in lower. */
bool common_is_format(const char *word);

/* Writes what was asked for to where it was asked for.  Returns the exit status. */
int common_deliver(const struct common *common, const struct buf *out);

/* True if stdout is for a monitor that would take what stands on stderr for output as
 * well (Icinga does): whatever is wrong is said on stdout, and only there. */
bool common_is_plugin(const struct common *common);

/* Ends a run that could not do its work: the reason on stderr and, if a program reads
 * the output, as a pgcensus.error/1 document there; a plugin has it in its only line.
 * Returns EXIT_NOT_JUDGED; or, without a word, EXIT_READER_LEFT. */
int common_refuse(const struct common *common, const struct pgcensus_error *error);

/* The same when stderr has the reason already. */
int common_refuse_told(const struct common *common, const struct pgcensus_error *error);

/* The same for a command line that we do not understand, with a word on where to read
 * on.  Both may be NULL before the command is known. */
int common_refuse_usage(const struct common *common, const char *command,
                        const struct pgcensus_error *error);

/* Whether --columns and --sort mean something in these fields and in the format. */
bool common_columns_make_sense(const struct common *common,
                               const struct field_table *fields,
                               struct pgcensus_error *ret_error);

/* In which format, which columns in which order, and how they are to look. */
void common_view(const struct common *common, const struct terminal *terminal,
                 struct row_view *ret_view);

/* How output is to look on this terminal, or in a file. */
void common_look(const struct common *common, const struct terminal *terminal,
                 struct look *ret_look);

/* For --expanded=auto: true, out emptied and look changed, if the table in out is too
 * wide and is to be written again:
 *   do report_…(&look, &out); while (common_look_again(common, &look, &out)); */
bool common_look_again(const struct common *common, struct look *look, struct buf *out);

#endif
