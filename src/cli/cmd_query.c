/* pgcensus query: arguments, options, run.
 *
 * Like check: signals are noted from the first moment on, the output is opened before
 * the first node is asked, and the exit status is known before the document is written.
 * Rows of CSV and NDJSON are written while they come (query_stream.c); whatever needs
 * all answers keeps them first (query_hold.c). */
#include "cli/asking.h"
#include "cli/confirm.h"
#include "cli/inventory.h"
#include "cli/notes.h"
#include "cli/pager.h"
#include "cli/query_arguments.h"
#include "cli/query_hold.h"
#include "cli/query_stream.h"
#include "cli/say.h"

#include "base/clock.h"
#include "base/error.h"

#include <unistd.h>

AUTO_DEFINE(struct pgcensus_fleet *, pgcensus_fleet_free)

static const struct option_group *const groups[] = {
    &query_statement_options,
    &query_answer_options,
    &common_source,
    &common_selection,
    &common_results,
    &query_nodes_options,
    &common_time,
    &common_verdict,
    &query_limit_options,
    &common_output,
    &query_document_options,
    &common_general,
    NULL,
};

static const struct example examples[] = {
    {"pgcensus query 'select version()'", "every node of the configuration"},
    {"pgcensus query --fold 'show shared_buffers'", "who says what"},
    {"pgcensus query --diff 'select name, setting from pg_settings'",
     "what differs from most"},
    {"pgcensus query --csv -f report.sql -o all.csv", "rows of all nodes in one file"},
};

/* ---- one query ---- */

struct errand {
    const struct program *program;
    const struct query_arguments *arguments;
    struct pgcensus_fleet *fleet;
    const char *sql;
    nsec started;
    int status; /* to exit with */
};

enum { MOST_ROWS = 100000, MOST_BYTES = 256 << 20 };

static size_t limit_or(const struct limit *limit, size_t preset)
{
    return limit->given ? limit->n : preset;
}

static struct pgcensus_query_options options_of(const struct errand *errand)
{
    const struct query_arguments *arguments = errand->arguments;
    const struct common *common = &arguments->common;
    bool streams = query_streams(arguments), aggregates = query_aggregates(arguments);
    return (struct pgcensus_query_options){
        .sql = errand->sql,
        .params = arguments->params.items,
        .n_params = arguments->params.n,
        .role = common->role,
        .healthy = arguments->healthy,
        .any = arguments->any,
        .canary = arguments->canary,
        .fail_fast = arguments->fail_fast,
        .write = arguments->write,
        .jobs = common->jobs,
        .retries = common->retries.given ? (int)common->retries.n : -1,
        .deadline = common->deadline,
        .streams = streams,
        .in_order = common->format != FORMAT_NDJSON,
        .max_rows =
            aggregates ? 0 : limit_or(&arguments->max_rows, streams ? 0 : MOST_ROWS),
        .max_bytes = limit_or(&arguments->max_bytes, streams ? 0 : MOST_BYTES),
        .keep = arguments->repeat > 0,
        .stop_fd = errand->program->signals->wake_fd,
    };
}

static bool ask(const struct errand *errand, const struct taker *taker,
                struct asking *ret_asking, struct pgcensus_error *ret_error)
{
    const struct common *common = &errand->arguments->common;
    struct pgcensus_query_options options = options_of(errand);
    bool progress = terminal_redraws(&errand->program->terminal) && !common->quiet;
    if (!asking_run(errand->program, errand->fleet, &options, taker, progress,
                    ret_asking, ret_error))
        return false;
    if (ret_asking->n_results > 0)
        return true;
    asking_fini(ret_asking);
    return error_set(ret_error, PGCENSUS_TROUBLE_SELECTION, "no selected node is a %s",
                     pgcensus_role_name(common->role));
}

static void judge(struct errand *errand, const struct asking *asking, bool differ,
                  struct query_document *document)
{
    struct verdict_rule rule = common_verdict_rule(&errand->arguments->common);
    bool columns_differ = document->summary.columns_differ;
    query_summarize(asking->results, asking->n_results, &document->summary);
    document->summary.columns_differ = columns_differ;
    document->summary.truncated |= document->cut;
    document->status = verdict_query_status(&document->summary);
    document->exit_code =
        asking->signal ? EXIT_BY_SIGNAL + asking->signal
                       : verdict_query_exit(&rule, &document->summary,
                                            differ && errand->arguments->exit_code);
    document->fleet = errand->fleet;
    document->started_wall = asking->started_wall;
    document->elapsed = asking->elapsed;
    document->results = asking->results;
    document->n = asking->n_results;
    errand->status = document->exit_code;
}

static struct query_view view_of(const struct errand *errand)
{
    const struct query_arguments *arguments = errand->arguments;
    struct query_view view = {
        .objects = arguments->rows == ROWS_OBJECTS,
        .strings = arguments->numbers == NUMBERS_STRING,
    };
    common_look(&arguments->common, &errand->program->terminal, &view.look);
    return view;
}

static void tell_problems(const struct errand *errand,
                          const struct query_document *document)
{
    const struct common *common = &errand->arguments->common;
    if (common->quiet)
        return;
    AUTO(buf_fini) struct buf lines = BUF_INIT;
    report_query_problems(document, common->verbose, &lines);
    say_lines(&lines);
    if (common->verbose)
        notes_on_answers(document->fleet, document->results, document->n);
}

/* ---- rows as they come ---- */

static bool stream(struct errand *errand, struct sink *sink,
                   struct pgcensus_error *ret_error)
{
    int format = errand->arguments->common.format;
    struct query_view view = view_of(errand);
    AUTO(stream_free)
    struct stream *stream = stream_new(errand->fleet, sink, format, &view);
    AUTO(asking_fini) struct asking asking = {0};
    if (!stream)
        return error_memory(ret_error);
    struct taker taker = stream_taker(stream);
    if (!ask(errand, &taker, &asking, ret_error))
        return false;
    signals_close(errand->program->signals);

    struct query_document document = {
        .summary = {.columns_differ = stream_columns_differ(stream)}};
    AUTO(buf_fini) struct buf out = BUF_INIT;
    judge(errand, &asking, false, &document);
    if (format == FORMAT_NDJSON)
        report_query_ndjson_end(&document, &out);
    if (out.broken)
        return error_memory(ret_error);
    sink_write(sink, out.bytes, out.len);
    if (!sink_commit(sink, ret_error))
        return false;
    tell_problems(errand, &document);
    return true;
}

/* ---- all of it at once ---- */

static void render(const struct errand *errand, const struct query_document *document,
                   struct buf *out)
{
    const struct common *common = &errand->arguments->common;
    struct query_view view = view_of(errand);
    switch ((enum format_choice)common->format) {
    case FORMAT_TABLE:
        do
            report_query_table(document, &view, out);
        while (common_look_again(common, &view.look, out));
        break;
    case FORMAT_CSV:
        report_query_csv(document, &view, out);
        break;
    case FORMAT_JSON:
    case FORMAT_NDJSON:
        report_query_json(document, &view, out);
        break;
    }
}

static bool deliver_all(const struct errand *errand, struct sink *sink,
                        const struct buf *out, struct pgcensus_error *ret_error)
{
    const struct common *common = &errand->arguments->common;
    if (out->broken)
        return error_memory(ret_error);
    bool may_page =
        common->format == FORMAT_TABLE && !common->output && !errand->arguments->repeat;
    if (may_page && pager_show(&errand->program->terminal, out))
        return true;
    sink_write(sink, out->bytes, out->len);
    return sink_commit(sink, ret_error);
}

static bool hold(struct errand *errand, struct sink *sink,
                 struct pgcensus_error *ret_error)
{
    nsec limit = errand->arguments->common.deadline;
    AUTO(holding_fini) struct holding holding = {0};
    AUTO(asking_fini) struct asking asking = {0};
    if (!holding_init(&holding, errand->fleet))
        return error_memory(ret_error);
    struct taker taker = holding_taker(&holding);
    if (!ask(errand, &taker, &asking, ret_error) ||
        !holding_make(&holding, errand->arguments, &asking,
                      limit ? errand->started + limit : 0,
                      errand->program->signals->wake_fd, ret_error))
        return false;
    if (!errand->arguments->repeat)
        signals_close(errand->program->signals);

    struct query_document document = {
        .replies = holding.replies,
        .merge = holding.merge,
        .reduced = holding.reduced,
        .fold = holding.fold,
        .diff = holding.diff,
        .cut = holding.cut,
        .summary = {.columns_differ = pgcensus_merge_differs(holding.merge)},
    };
    AUTO(buf_fini) struct buf out = BUF_INIT;
    judge(errand, &asking, holding_differs(&holding), &document);
    render(errand, &document, &out);
    if (!deliver_all(errand, sink, &out, ret_error))
        return false;
    tell_problems(errand, &document);
    return true;
}

static bool ask_once(struct errand *errand, struct pgcensus_error *ret_error)
{
    errand->started = clock_now();
    AUTO(sink_free)
    struct sink *sink = sink_open(errand->arguments->common.output, ret_error);
    if (!sink)
        return false;
    return query_streams(errand->arguments) ? stream(errand, sink, ret_error)
                                            : hold(errand, sink, ret_error);
}

/* ---- again and again ---- */

/* False: a signal has come. */
static bool pause_before_next(struct errand *errand)
{
    struct signals *signals = errand->program->signals;
    nsec until = clock_now() + errand->arguments->repeat;
    while (!signals_take(signals) && clock_now() < until)
        pgcensus_fleet_turn(errand->fleet, until - clock_now(), signals->wake_fd);
    return !signals_take(signals);
}

static bool ask_again_and_again(struct errand *errand, struct pgcensus_error *ret_error)
{
    while (ask_once(errand, ret_error)) {
        if (!errand->arguments->repeat)
            return true;
        if (!pause_before_next(errand)) {
            errand->status = EXIT_BY_SIGNAL + signals_take(errand->program->signals);
            return true;
        }
    }
    return false;
}

/* ---- run ---- */

/* Nobody obeys signals any more while the reason is written. */
static int refuse(const struct program *program, const struct common *common,
                  const struct pgcensus_error *error)
{
    int number = signals_take(program->signals);
    signals_close(program->signals);
    int status = common_refuse(common, error);
    return number ? EXIT_BY_SIGNAL + number : status;
}

/* Whoever is asked may also press Ctrl-C, which then ends it on the spot. */
static bool may_write(const struct program *program,
                      const struct query_arguments *arguments,
                      const struct pgcensus_fleet *fleet,
                      struct pgcensus_error *ret_error)
{
    signals_close(program->signals);
    bool may = confirm_writing(&program->terminal, fleet, arguments->yes, ret_error);
    signals_listen(program->signals);
    return may;
}

static int query(const struct program *program, const struct query_arguments *arguments,
                 const struct inventory *inventory, const char *sql)
{
    const struct common *common = &arguments->common;
    struct pgcensus_error error;
    AUTO(pgcensus_fleet_free)
    struct pgcensus_fleet *fleet =
        pgcensus_config_open(inventory->config, inventory->selected, &error);
    if (!fleet)
        return refuse(program, common, &error);
    struct errand errand = {
        .program = program, .arguments = arguments, .fleet = fleet, .sql = sql};
    if (arguments->write && !may_write(program, arguments, fleet, &error))
        return refuse(program, common, &error);
    if (!ask_again_and_again(&errand, &error))
        errand.status = refuse(program, common, &error);
    /* A thread is stuck in a library whose exit handlers must not run under it. */
    if (pgcensus_fleet_abandoned(fleet))
        _exit(errand.status);
    return errand.status;
}

static int load_and_query(const struct program *program,
                          const struct query_arguments *arguments, const char *sql)
{
    const struct common *common = &arguments->common;
    struct pgcensus_error error;
    AUTO(inventory_fini) struct inventory inventory = {0};
    bool opened = inventory_open(common, &inventory, &error);
    int number = signals_take(program->signals);
    if (opened && number == 0) {
        if (common->verbose)
            notes_on_libpq();
        return query(program, arguments, &inventory, sql);
    }
    if (!number) {
        signals_close(program->signals);
        return common_refuse_told(common, &error);
    }
    error_set(&error, PGCENSUS_TROUBLE_INTERRUPTED, "interrupted");
    return refuse(program, common, &error);
}

static int run(const struct program *program, const void *any)
{
    const struct query_arguments *arguments = any;
    const struct common *common = &arguments->common;
    struct pgcensus_error error;
    AUTO(free) char *sql = NULL;
    if (!query_makes_sense(arguments, &error))
        return common_refuse_usage(common, command_query.name, &error);
    if (!query_read_statement(arguments, &sql, &error))
        return common_refuse(common, &error);
    if (!signals_open(program->signals, &error))
        return common_refuse(common, &error);
    return load_and_query(program, arguments, sql);
}

const struct command command_query = {
    .name = "query",
    .summary = "ask every node the same question and gather the answers",
    .words = "SQL",
    .purpose =
        "Runs one statement on every selected node at the same time and prints all "
        "rows together, the node in front. It runs in a read-only transaction that is "
        "rolled back. Nodes that could not answer are named on stderr.",
    .examples = examples,
    .n_examples = ARRAY_SIZE(examples),
    .exit_status =
        "0 every node answered; 1 some did not, rows were cut off, or "
        "answers differ and --exit-code was given; 2 no node answered; 3 "
        "nothing was asked (usage, configuration, no node selected, output); "
        "128+N ended by signal N",
    .options = {.groups = groups},
    .arguments_size = sizeof(struct query_arguments),
    .run = run,
};
