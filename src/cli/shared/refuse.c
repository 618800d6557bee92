/* What a run leaves that could not do its work: the reason on stderr, for people, and
 * for programs that read the output a document there. */
#include "cli/shared/refuse.h"

#include "cli/exit_status.h"
#include "cli/shared/deliver.h"
#include "cli/term/messages.h"
#include "report/check.h"
#include "report/diagnostics.h"

static bool format_error(const struct output_options *output,
                         const struct pgcensus_error *error, struct buf *document)
{
    switch (output_format(output)->kind) {
    case FORMAT_DOCUMENT:
    case FORMAT_LINES:
        report_error_json(error, document);
        return true;
    case FORMAT_PLUGIN:
        check_nagios_error(error, document);
        return true;
    case FORMAT_PAGE:
    case FORMAT_ROWS:
    case FORMAT_METRICS: /* what was collected last stays, and its age tells */
        break;
    }
    return false;
}

/* Where the output could not be written, neither can a document. */
static bool is_lost(const struct pgcensus_error *error)
{
    return error->trouble == PGCENSUS_TROUBLE_OUTPUT ||
           error->trouble == PGCENSUS_TROUBLE_READER;
}

/* "| head" has read as many lines as it wanted.  A reader that leaves in the middle of
 * a document has failed, since half a document is of no use. */
static bool had_enough(const struct output_options *output,
                       const struct pgcensus_error *error)
{
    if (error->trouble != PGCENSUS_TROUBLE_READER)
        return false;
    switch ((output ? output_format(output) : format_default)->kind) {
    case FORMAT_PAGE:
    case FORMAT_ROWS:
    case FORMAT_LINES:
        return true;
    case FORMAT_DOCUMENT:
    case FORMAT_PLUGIN:
    case FORMAT_METRICS:
        break;
    }
    return false;
}

static void print_error_document(const struct output_options *output,
                                 const struct pgcensus_error *error)
{
    AUTO(buf_fini) struct buf document = BUF_INIT;
    struct pgcensus_error second;
    bool lost = is_lost(error);
    if (!output || (lost && !output->file) || !format_error(output, error, &document))
        return;
    if (!deliver(lost ? NULL : output->file, &document, &second))
        say("%s", second.message);
}

int refuse_told(const struct output_options *output, const struct pgcensus_error *error)
{
    print_error_document(output, error);
    return EXIT_NOT_JUDGED;
}

int refuse_run(const struct output_options *output, const struct pgcensus_error *error)
{
    if (had_enough(output, error))
        return EXIT_READER_LEFT;
    if (!output || !output_is_plugin(output) || is_lost(error))
        say("%s", error->message);
    return refuse_told(output, error);
}

int deliver_or_refuse(const struct output_options *output, const struct buf *out)
{
    struct pgcensus_error error;
    if (deliver(output->file, out, &error))
        return EXIT_GOOD;
    return refuse_run(output, &error);
}

int refuse_usage(const struct output_options *output, const char *command,
                 const struct pgcensus_error *error)
{
    int status = refuse_run(output, error);
    AUTO(buf_fini) struct buf hint = BUF_INIT;
    if (output && output_is_plugin(output))
        return status;
    buf_add_format(&hint, "Try 'pgcensus %s%s--help'.\n", command ? command : "",
                   command ? " " : "");
    say_lines(&hint);
    return status;
}
