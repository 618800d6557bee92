/* pgcensus check: arguments, options, run.
 *
 * Signals are noted from the first moment on, so that whatever they end still ends with
 * a document.  The output is opened before the first node is asked: an unwritable -o is
 * found out at once and not after half a minute of waiting.  The exit status is
 * computed before the document is written, because it stands in it. */
#include "cli/check_stream.h"
#include "cli/common.h"
#include "cli/inventory.h"
#include "cli/notes.h"
#include "cli/past.h"
#include "cli/round.h"
#include "cli/say.h"
#include "cli/verdict.h"

#include "base/error.h"
#include "output/sink.h"
#include "report/check.h"
#include "report/nodes.h"

#include <string.h>
#include <unistd.h>

AUTO_DEFINE(struct pgcensus_fleet *, pgcensus_fleet_free)
AUTO_DEFINE(struct pgcensus_verdict *, pgcensus_verdict_free)

/* ---- options ---- */

static const struct option_group *const groups[] = {
    &common_source,  &common_selection, &common_facts,
    &common_results, &common_time,      &common_limits,
    &common_verdict, &common_past,      &common_format_of_check,
    &common_output,  &common_general,   NULL,
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

static bool write_out(struct sink *sink, const struct buf *out,
                      struct pgcensus_error *ret_error)
{
    if (out->broken)
        return error_memory(ret_error);
    if (sink_write(sink, out->bytes, out->len) && sink_flush(sink))
        return true;
    return sink_commit(sink, ret_error); /* only to learn what went wrong */
}

static bool make_round(const struct program *program, const struct common *common,
                       struct pgcensus_fleet *fleet, struct check_stream *stream,
                       nsec waited, struct round *ret_round,
                       struct pgcensus_error *ret_error)
{
    struct round_options options = {
        .jobs = common->jobs,
        .retries = common->retries.given ? (int)common->retries.n : -1,
        .deadline = common->deadline > 0 ? common->deadline - waited : 0,
        .facts = common_facts_level(common),
        .role = common->role,
        .progress = terminal_redraws(&program->terminal) && !common->quiet,
        .arrived = stream ? check_stream_arrived : NULL,
        .context = stream,
    };
    if (!round_run(program, fleet, &options, ret_round, ret_error))
        return false;
    if (ret_round->n_results > 0)
        return true;
    round_fini(ret_round);
    return error_set(ret_error, PGCENSUS_TROUBLE_SELECTION, "no selected node is a %s",
                     pgcensus_role_name(common->role));
}

static void judge(const struct common *common, const struct round *round,
                  struct check_document *document)
{
    struct verdict_rule rule = common_verdict_rule(common);
    enum pgcensus_status worst_group = check_worst_group(document->verdict);
    check_summarize(round->results, round->n_results, &document->summary,
                    &document->status);
    document->status = pgcensus_status_worst(document->status, worst_group);
    document->exit_code = round->signal
                              ? EXIT_BY_SIGNAL + round->signal
                              : verdict_exit(&rule, &document->summary, worst_group);
}

static void render(const struct program *program, const struct common *common,
                   const struct check_document *document, struct buf *out)
{
    struct check_view view = {
        .all = common->all,
        .problems_only = common->quiet,
        .verbose = common->verbose,
    };
    common_look(common, &program->terminal, &view.look);
    if (program->terminal.on_stdout && !common->output)
        view.height = program->terminal.rows;

    switch ((enum format_choice)common->format) {
    case FORMAT_TABLE:
        do
            report_check_table(document, &view, out);
        while (common_look_again(common, &view.look, out));
        break;
    case FORMAT_JSON:
        report_check_json(document, out);
        break;
    case FORMAT_NDJSON:
        for (size_t i = 0; common->state_file && i < document->n_results; i++)
            report_check_ndjson_node(document->fleet, document->results[i], out);
        report_check_ndjson_end(document, out);
        break;
    case FORMAT_CSV:
        report_check_csv(document, &view.look, out);
        break;
    case FORMAT_NAGIOS:
        report_check_nagios(document, out);
        break;
    case FORMAT_PROMETHEUS:
        report_check_prometheus(document, out);
        break;
    }
}

/* A table or a plugin on stdout has said it already; a file or a program's input has
 * not. */
static void print_problems(const struct common *common,
                           const struct check_document *document)
{
    bool has_said = common->format == FORMAT_TABLE && !common->output;
    if (common->quiet || has_said || common_is_plugin(common))
        return;
    AUTO(buf_fini) struct buf lines = BUF_INIT;
    report_problems(document->fleet, document->results, document->n_results, &lines);
    report_group_problems(document->verdict, &lines);
    say_lines(&lines);
}

static bool tell(const struct program *program, const struct common *common,
                 struct sink *sink, const struct check_document *document,
                 struct pgcensus_error *ret_error)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    render(program, common, document, &out);
    if (!write_out(sink, &out, ret_error) || !sink_commit(sink, ret_error))
        return false;
    print_problems(common, document);
    if (common->verbose)
        notes_on_results(document->fleet, document->results, document->n_results);
    return true;
}

static bool check_fleet(const struct program *program, const struct common *common,
                        struct pgcensus_fleet *fleet, const char *config_path,
                        int *ret_status, struct pgcensus_error *ret_error)
{
    struct pgcensus_verdict_options rules = {.require = common_require(common)};
    AUTO(sink_free) struct sink *sink = sink_open(common->output, ret_error);
    AUTO(check_stream_free) struct check_stream *stream = NULL;
    if (!sink)
        return false;
    AUTO(past_fini) struct past past = {.recall = NULL};
    if (!past_open(common, program->signals, &past, ret_error))
        return false;
    /* With a past no line is a verdict before all of the round is kept. */
    if (common->format == FORMAT_NDJSON && !past.recall) {
        bool waits = common_facts_level(common) != PGCENSUS_FACTS_NONE;
        stream = check_stream_new(fleet, &rules, waits, sink, ret_error);
        if (!stream)
            return false;
    }
    AUTO(round_fini) struct round round = {0};
    if (!make_round(program, common, fleet, stream, past.waited, &round, ret_error))
        return false;
    past_keep(&past, fleet, round.all, round.n_all);
    rules.recall = past.recall;
    AUTO(pgcensus_verdict_free)
    struct pgcensus_verdict *verdict =
        pgcensus_verdict_new(fleet, round.all, round.n_all, &rules, ret_error);
    if (!verdict)
        return false;

    struct check_document document = {
        .fleet = fleet,
        .config_path = config_path,
        .started_wall = round.started_wall,
        .elapsed = round.elapsed,
        .results = round.results,
        .n_results = round.n_results,
        .verdict = verdict,
        .remark = past_complaint(&past),
    };
    judge(common, &round, &document);

    *ret_status = document.exit_code;
    return tell(program, common, sink, &document, ret_error);
}

/* Nobody obeys signals any more while the reason is written. */
static int refuse(const struct program *program, const struct common *common,
                  const struct pgcensus_error *error)
{
    signals_close(program->signals);
    return common_refuse(common, error);
}

/* Returns the exit status. */
static int check(const struct program *program, const struct common *common,
                 const struct inventory *inventory)
{
    struct pgcensus_error error;
    AUTO(pgcensus_fleet_free)
    struct pgcensus_fleet *fleet =
        pgcensus_config_open(inventory->config, inventory->selected, &error);
    if (!fleet)
        return refuse(program, common, &error);

    int status;
    if (!check_fleet(program, common, fleet, pgcensus_config_path(inventory->config),
                     &status, &error))
        status = refuse(program, common, &error);
    /* A thread is stuck in a library whose exit handlers must not run under it. */
    if (pgcensus_fleet_abandoned(fleet))
        _exit(status);
    return status;
}

/* Loading takes a while if the configuration is long, and pressing Ctrl-C then is an
 * order like any other: a program that waits for a document gets one. */
static int end_by_signal(const struct common *common, int number)
{
    struct pgcensus_error error;
    error_set(&error, PGCENSUS_TROUBLE_INTERRUPTED, "interrupted");
    common_refuse(common, &error);
    return EXIT_BY_SIGNAL + number;
}

static int load_and_check(const struct program *program, const struct common *common)
{
    struct pgcensus_error error;
    AUTO(inventory_fini) struct inventory inventory = {0};
    bool opened = inventory_open(common, &inventory, &error);
    int number = signals_take(program->signals);
    if (opened && number == 0) {
        if (common->verbose)
            notes_on_libpq();
        return check(program, common, &inventory);
    }
    signals_close(program->signals);
    return number ? end_by_signal(common, number) : common_refuse_told(common, &error);
}

static int run(const struct program *program, const void *any)
{
    const struct common *common = any;
    struct pgcensus_error error;
    if (!common_verdict_makes_sense(common, &error))
        return common_refuse_usage(common, command_check.name, &error);
    if (!signals_open(program->signals, &error))
        return common_refuse(common, &error);
    return load_and_check(program, common);
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
    .options = {.groups = groups},
    .arguments_size = sizeof(struct common),
    .run = run,
};
