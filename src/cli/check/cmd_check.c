/* pgcensus check: arguments, options, run.
 *
 * The output is opened before the first node is asked: an unwritable -o is found out at
 * once and not after half a minute of waiting. */
#include "cli/check/check_run.h"
#include "cli/check/check_stream.h"
#include "cli/check/state_file.h"
#include "cli/shared/general_options.h"
#include "cli/shared/option_words.h"
#include "cli/shared/refuse.h"
#include "report/check.h"
#include "report/check_fields.h"

/* ---- options ---- */

struct check_arguments {
    struct general_options general;
    struct source_options source;
    struct selection_options selection;
    struct check_options check;
    struct column_options columns;
    struct output_options output;
};

static const struct option format_rows[] = {
    OUTPUT_FORMAT(report_check_writes,
                  "The documents are described in *pgcensus-json*(7), the last two "
                  "under MONITORING below."),
};
static const struct option_group format_options = {"Output", format_rows,
                                                   ARRAY_SIZE(format_rows)};

#define PART(group, type, member)                                                      \
    OPTION_PART(group, struct type, struct check_arguments, member)

static const struct option_part parts[] = {
    PART(source_options, source_options, source),
    PART(selection_options, selection_options, selection),
    PART(facts_options, facts_options, check.facts),
    PART(result_options, result_options, check.results),
    PART(time_options, time_options, check.time),
    PART(limit_options, limit_options, check.limits),
    PART(verdict_options, verdict_options, check.verdict),
    PART(history_options, history_options, check.history),
    PART(format_options, output_options, output),
    PART(column_options, column_options, columns),
    PART(output_options, output_options, output),
    PART(general_options, general_options, general),
    {NULL, 0},
};

static const struct example examples[] = {
    {"pgcensus check", "every node of the configuration"},
    {"pgcensus check -g orders --json", "one group, as a document for programs"},
    {"pgcensus check --url host=db1", "a node that stands in no configuration"},
    {"pgcensus check --critical lag_bytes=100MB", "down if it is far behind"},
    {"pgcensus check -q --deadline 20s", "for cron: silent if all is well"},
    {"pgcensus check -q --state-file FILE", "one lost answer is a warning only"},
    {"pgcensus check --format nagios", "as a plugin of Nagios or Icinga"},
};

/* ---- run ---- */

static void render_check(const struct fleet_session *session,
                         const struct check_arguments *arguments,
                         const struct check_document *document, bool streamed,
                         struct buf *out)
{
    const struct output_options *output = &arguments->output;
    const struct terminal *terminal = &session->process->terminal;
    struct check_view view = {
        .streamed = streamed,
        .all = output->all,
        .problems_only = output->quiet,
        .verbose = output->verbose,
    };
    output_view(output, &arguments->columns, terminal, &view.rows);
    if (terminal->on_stdout && !output->file)
        view.height = terminal->rows;

    do
        report_check(document, &view, out);
    while (output_look_again(output, &view.rows.look, out));
}

static bool check_fleet(const struct fleet_session *session, const void *context,
                        int *ret_status, struct pgcensus_error *ret_error)
{
    const struct check_arguments *arguments = context;
    const struct check_options *options = &arguments->check;
    const struct output_options *output = &arguments->output;
    struct pgcensus_verdict_options rules = {.require =
                                                 check_require(&options->limits)};
    AUTO(sink_free) struct sink *sink = sink_open(output->file, ret_error);
    AUTO(check_stream_free) struct check_stream *stream = NULL;
    if (!sink)
        return false;
    AUTO(state_file_fini) struct state_file file = {.history = NULL};
    if (!state_file_open(session, options, &file, ret_error))
        return false;
    struct check_loop_options loop = check_run_options(options, file.waited);
    /* With a state file no line is a verdict before all of the round is kept. */
    if (output_format(output)->kind == FORMAT_LINES && !file.history) {
        bool waits = loop.facts != PGCENSUS_FACTS_NONE;
        stream = check_stream_new(session->fleet, &rules, waits, sink, ret_error);
        if (!stream)
            return false;
        loop.arrived = check_stream_arrived;
        loop.work = check_stream_work;
        loop.context = stream;
    }
    AUTO(check_outcome_fini) struct check_outcome outcome = {0};
    if (!check_loop_run(session, &loop, &outcome, ret_error))
        return false;
    fleet_session_stop_listening(session);
    state_file_keep(&file, session->fleet, outcome.all, outcome.n_all);
    if (!check_run_found_any(&outcome, loop.role, ret_error))
        return false;
    rules.recall = file.history;
    AUTO(pgcensus_verdict_free)
    struct pgcensus_verdict *verdict = pgcensus_verdict_new(
        session->fleet, outcome.all, outcome.n_all, &rules, ret_error);
    if (!verdict)
        return false;
    for (size_t i = 0; i < outcome.n_all; i++)
        option_words_result(outcome.all[i]);

    AUTO(buf_fini) struct buf out = BUF_INIT;
    struct check_document document =
        check_run_document(session, &options->verdict, &outcome, verdict);
    state_file_end(&file, document.exit_code);
    document.remark = state_file_complaint(&file);
    *ret_status = document.exit_code;
    render_check(session, arguments, &document, stream != NULL, &out);
    return check_run_tell(session, &document, &out, sink, ret_error);
}

static int run_check(const struct process *process, const void *any)
{
    const struct check_arguments *arguments = any;
    const struct node_request request = {
        .source = &arguments->source,
        .selection = &arguments->selection,
        .time = &arguments->check.time,
        .limits = &arguments->check.limits,
        .output = &arguments->output,
    };
    struct pgcensus_error error;
    if (!output_columns_make_sense(&arguments->output, &arguments->columns,
                                   &check_fields, &error) ||
        !check_makes_sense(&arguments->check, &error))
        return refuse_usage(&arguments->output, command_check.name, &error);
    return fleet_session_run(process, &request, check_fleet, arguments);
}

const struct command command_check = {
    .name = "check",
    .summary = "ask every node once and exit with the health of the fleet",
    .purpose =
        "Connects to every selected node at the same time, asks SELECT 1, learns "
        "its role and version, and says which nodes are well. A node that is "
        "unreachable or does not answer in time is down.",
    .examples = examples,
    .n_examples = ARRAY_SIZE(examples),
    .exit_status = "0 every node is ok; 1 the worst is a warning; 2 a node is down; 3 "
                   "a node could not be judged, or none was asked at all (usage, "
                   "configuration, no node selected, output); 128+N ended by signal N",
    .options = {.parts = parts, .unlisted = &foreign_table},
    .arguments_size = sizeof(struct check_arguments),
    .source_at = offsetof(struct check_arguments, source),
    .output_at = offsetof(struct check_arguments, output),
    .run = run_check,
};
