/* What the options of query mean together.
 *
 * An option that would be ignored is refused, and everything that can be refused is
 * refused here, before a node is asked: what --write has sent cannot be taken back
 * because its answers turn out to be of no use.  The configuration is not read yet, so
 * a word that may be the name of a node is recognized by its characters. */
#include "cli/query/query_arguments.h"

#include "base/error.h"

#include <string.h>

bool query_aggregates(const struct query_arguments *arguments)
{
    return arguments->fold || arguments->diff.wanted || arguments->reduce ||
           arguments->tallies.n > 0;
}

bool query_streams(const struct query_arguments *arguments)
{
    enum format_kind kind = output_format(&arguments->output)->kind;
    return !query_aggregates(arguments) &&
           (kind == FORMAT_ROWS || kind == FORMAT_LINES);
}

/* What an option is said for that has no meaning here.  NULL: nothing. */
static const char *of_no_use(const struct query_arguments *arguments)
{
    enum format_kind kind = output_format(&arguments->output)->kind;
    bool needs_all =
        arguments->fold || arguments->diff.wanted || arguments->tallies.n > 0;
    if (arguments->rows && kind != FORMAT_DOCUMENT)
        return "--rows belongs to --json";
    if (arguments->numbers && kind != FORMAT_DOCUMENT && kind != FORMAT_LINES)
        return "--numbers belongs to --json and --ndjson";
    if (arguments->reader_timeout.given && !query_streams(arguments))
        return "--reader-timeout belongs to --csv, Markdown and --ndjson, which print "
               "rows as they come";
    if (arguments->max_rows.given && needs_all)
        return "--max-rows cuts off rows that --fold, --diff and --sum … need; use "
               "--max-bytes";
    return NULL;
}

static bool contradiction(const struct query_arguments *arguments,
                          const char **ret_message)
{
    enum format_kind kind = output_format(&arguments->output)->kind;
    bool compares = arguments->fold || arguments->diff.wanted;
    int ways = arguments->fold + arguments->diff.wanted + (arguments->reduce != NULL) +
               (arguments->tallies.n > 0);
    int sources = (arguments->command != NULL) + (arguments->file != NULL) +
                  (arguments->general.words.n > 0);
    const struct {
        bool is;
        const char *message;
    } rules[] = {
        {sources == 0, "a statement is missing"},
        {sources > 1, "one statement, please: as an argument, with -c or with -f"},
        {arguments->general.words.n > 1,
         "one statement, please: put all of it between quotes"},
        {ways > 1, "--fold, --diff, --reduce and --sum … cannot be combined"},
        {arguments->keys.n > 0 && !arguments->diff.wanted, "--key belongs to --diff"},
        {arguments->unordered && !compares, "--unordered belongs to --fold and --diff"},
        {arguments->exit_code && !compares, "--exit-code belongs to --fold and --diff"},
        {ways > 0 && kind == FORMAT_LINES,
         "--ndjson prints rows as they come; use --json for what is made of all of "
         "them"},
        {arguments->any &&
             (arguments->canary || arguments->fold || arguments->diff.wanted),
         "--any asks one node; there is nothing to compare"},
        {arguments->write && arguments->repeat, "--write cannot be repeated"},
        {arguments->write && ways > 0,
         "--write cannot be combined with --fold, --diff, --reduce or --sum …"},
        {arguments->yes && !arguments->write, "--yes belongs to --write"},
        {arguments->write && arguments->session_display,
         "--write leaves the session as it is; --session-display has no use there"},
        {arguments->repeat && kind == FORMAT_ROWS,
         "--repeat with CSV or Markdown would print a header in the middle of the "
         "rows; use --ndjson"},
        {arguments->repeat && arguments->output.file,
         "--repeat prints again and again, and a file is written once"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
        *ret_message = rules[i].message;
        if (rules[i].is)
            return true;
    }
    return false;
}

/* A word that was meant as the value of an option, which sees it only behind a "=". */
static const char *stray_value(const struct query_arguments *arguments,
                               const char **ret_option)
{
    static const char characters[] = "abcdefghijklmnopqrstuvwxyz"
                                     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    const struct output_options *output = &arguments->output;
    bool by_word = !arguments->command && !arguments->file;
    if (arguments->general.words.n != (by_word ? 2 : 1))
        return NULL;
    for (size_t i = 0; i < arguments->general.words.n; i++) {
        const char *word = arguments->general.words.items[i];
        bool when =
            !strcmp(word, "on") || !strcmp(word, "off") || !strcmp(word, "auto");
        bool compares = arguments->diff.wanted && !arguments->diff.reference;
        bool is_name = word[strspn(word, characters)] == '\0' && strcmp(word, "-") != 0;
        *ret_option = when && output->expanded == EXPANDED_ON ? "-x" : "--diff";
        if (is_name && (compares || strcmp(*ret_option, "-x") == 0))
            return word;
    }
    return NULL;
}

bool query_makes_sense(const struct query_arguments *arguments,
                       struct pgcensus_error *ret_error)
{
    const char *message, *option, *stray = stray_value(arguments, &option);
    if (stray)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE,
                         "one statement, please; if \"%s\" belongs to %s, write %s=%s",
                         stray, option, option, stray);
    if (contradiction(arguments, &message))
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE, "%s", message);
    message = of_no_use(arguments);
    if (message)
        return error_set(ret_error, PGCENSUS_TROUBLE_USAGE, "%s", message);
    return verdict_makes_sense(&arguments->verdict, ret_error);
}
