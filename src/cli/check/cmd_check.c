/* pgcensus check: arguments, options, run.
 *
 * The output is opened before the first node is asked: an unwritable -o is found out at
 * once and not after half a minute of waiting. */
#include "cli/check/check_run.h"
#include "cli/check/check_stream.h"
#include "cli/check/state_file.h"

#include "report/check.h"
#include "report/check_fields.h"

/* ---- options ---- */

static const struct option format_options[] = {
    COMMON_FORMAT(report_check_writes,
                  "The documents are described in *pgcensus-json*(7), the last two "
                  "under MONITORING below."),
};
static const struct option_group format_group = {"Output", format_options,
                                                 ARRAY_SIZE(format_options)};

static const struct option_group *const groups[] = {
    &common_source, &common_selection, &common_facts, &common_results, &common_time,
    &common_limits, &common_verdict,   &common_past,  &format_group,   &common_columns,
    &common_output, &common_general,   NULL,
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

static void render(const struct session *session, const struct check_document *document,
                   bool streamed, struct buf *out)
{
    const struct common *common = session->common;
    const struct terminal *terminal = &session->program->terminal;
    struct check_view view = {
        .streamed = streamed,
        .all = common->all,
        .problems_only = common->quiet,
        .verbose = common->verbose,
    };
    common_view(common, terminal, &view.rows);
    if (terminal->on_stdout && !common->output)
        view.height = terminal->rows;

    do
        report_check(document, &view, out);
    while (common_look_again(common, &view.rows.look, out));
}

static bool check_fleet(const struct session *session, const void *context,
                        int *ret_status, struct pgcensus_error *ret_error)
{
    const struct common *common = session->common;
    struct pgcensus_verdict_options rules = {.require = common_require(common)};
    AUTO(sink_free) struct sink *sink = sink_open(common->output, ret_error);
    AUTO(check_stream_free) struct check_stream *stream = NULL;
    if (!sink)
        return false;
    AUTO(state_file_fini) struct state_file file = {.history = NULL};
    if (!state_file_open(session, &file, ret_error))
        return false;
    struct check_loop_options options = check_run_options(session, file.waited);
    /* With a state file no line is a verdict before all of the round is kept. */
    if (common_format(common)->kind == FORMAT_LINES && !file.history) {
        bool waits = options.facts != PGCENSUS_FACTS_NONE;
        stream = check_stream_new(session->fleet, &rules, waits, sink, ret_error);
        if (!stream)
            return false;
        options.arrived = check_stream_arrived;
        options.work = check_stream_work;
        options.context = stream;
    }
    AUTO(check_outcome_fini) struct check_outcome outcome = {0};
    if (!check_loop_run(session, &options, &outcome, ret_error))
        return false;
    session_stop_listening(session);
    state_file_keep(&file, session->fleet, outcome.all, outcome.n_all);
    if (!check_run_found_any(session, &outcome, ret_error))
        return false;
    rules.recall = file.history;
    AUTO(pgcensus_verdict_free)
    struct pgcensus_verdict *verdict = pgcensus_verdict_new(
        session->fleet, outcome.all, outcome.n_all, &rules, ret_error);
    if (!verdict)
        return false;

    AUTO(buf_fini) struct buf out = BUF_INIT;
    struct check_document document = check_run_document(session, &outcome, verdict);
    state_file_end(&file, document.exit_code);
    document.remark = state_file_complaint(&file);
    *ret_status = document.exit_code;
    render(session, &document, stream != NULL, &out);
    return check_run_tell(session, &document, &out, sink, ret_error);
}

static int run_check(const struct program *program, const void *arguments)
{
    const struct common *common = arguments;
    struct pgcensus_error error;
    if (!common_columns_make_sense(common, &check_fields, &error))
        return common_refuse_usage(common, command_check.name, &error);
    return check_run(program, common, command_check.name, check_fleet);
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
    .options = {.groups = groups, .unlisted = &common_foreign},
    .arguments_size = sizeof(struct common),
    .run = run_check,
};
