/* How a query is run and delivered.
 *
 * The output is opened before the first node is asked, and the exit status is known
 * before the document is written, because it stands in it.  Rows of CSV and NDJSON are
 * written while they come (query_stream.c); whatever needs all answers keeps them first
 * (answers.c), and until the next time, if there is one, to see what changed. */
#include "cli/query/query_run.h"

#include "base/clock.h"
#include "base/error.h"
#include "cli/query/answers.h"
#include "cli/query/query_statement.h"
#include "cli/query/query_stream.h"
#include "cli/shared/verbose_notes.h"
#include "cli/term/messages.h"
#include "cli/term/pager.h"

/* What came of the statement once, and what it is printed from. */
struct iteration {
    struct answers answers;
    struct query_outcome outcome;
    struct query_document document;
};

static void iteration_fini(struct iteration *iteration)
{
    answers_fini(&iteration->answers);
    query_outcome_fini(&iteration->outcome);
    *iteration = (struct iteration){0};
}
AUTO_DEFINE_VALUE(struct iteration, iteration_fini)

struct query_run {
    const struct fleet_session *session;
    const struct query_arguments *arguments;
    const char *sql;
    nsec started, deadline;    /* of all iterations; NEVER: there is no --deadline */
    int status;                /* to exit with */
    struct iteration previous; /* document.n 0: there was none */
};

static void query_run_fini(struct query_run *run)
{
    iteration_fini(&run->previous);
}
AUTO_DEFINE_VALUE(struct query_run, query_run_fini)

enum { MOST_ROWS = 100000, MOST_BYTES = 256 << 20 };

/* How long a reader may hold a snapshot on each server. */
#define READER_PATIENCE (300 * NSEC_PER_SEC)

static size_t limit_or(const struct limit *limit, size_t preset)
{
    return limit->given ? limit->n : preset;
}

static struct pgcensus_query_options options_of(const struct query_run *run)
{
    const struct query_arguments *arguments = run->arguments;
    const struct output_options *output = &arguments->output;
    bool streams = query_streams(arguments), aggregates = query_aggregates(arguments);
    return (struct pgcensus_query_options){
        .sql = run->sql,
        .params = arguments->params.items,
        .n_params = arguments->params.n,
        .role = arguments->results.role,
        .healthy = arguments->healthy,
        .any = arguments->any,
        .canary = arguments->canary,
        .fail_fast = arguments->fail_fast,
        .session_display = arguments->session_display,
        .write = arguments->write,
        .jobs = arguments->time.jobs,
        .retries = verdict_retries(&arguments->verdict),
        .deadline = arguments->time.deadline,
        .since = run->started,
        .streams = streams,
        .reader_timeout = arguments->reader_timeout.given
                              ? arguments->reader_timeout.length
                              : READER_PATIENCE,
        .in_order = output_format(output)->kind != FORMAT_LINES,
        .max_rows =
            aggregates ? 0 : limit_or(&arguments->max_rows, streams ? 0 : MOST_ROWS),
        .max_bytes = limit_or(&arguments->max_bytes, streams ? 0 : MOST_BYTES),
        .keep = arguments->repeat > 0,
        .stop_fd = fleet_session_stop_fd(run->session),
        .attentive = true,
    };
}

static bool ask_nodes(const struct query_run *run, const struct row_sink *sink,
                      struct query_outcome *ret_outcome,
                      struct pgcensus_error *ret_error)
{
    struct pgcensus_query_options options = options_of(run);
    if (!query_loop_run(run->session, &options, sink, ret_outcome, ret_error))
        return false;
    if (ret_outcome->n_results > 0)
        return true;
    query_outcome_fini(ret_outcome);
    return error_set(ret_error, PGCENSUS_TROUBLE_SELECTION, "no selected node is a %s",
                     pgcensus_role_name(options.role));
}

/* Fills in what every document has, and the exit status.  differ: answers were
 * compared, and are not all the same. */
static void complete_document(struct query_run *run,
                              const struct query_outcome *outcome, bool differ,
                              struct query_document *document)
{
    const struct pgcensus_fleet *fleet = run->session->fleet;
    struct exit_rule rule = verdict_exit_rule(&run->arguments->verdict);
    bool columns_differ = document->summary.columns_differ;
    int number = outcome->report.signal;
    query_summarize(outcome->results, outcome->n_results, &document->summary);
    if (run->arguments->any)
        document->summary.unneeded = document->summary.skipped;
    document->summary.columns_differ = columns_differ;
    document->summary.truncated |= document->cut;
    document->status = query_status_word(&document->summary);
    document->exit_code =
        number ? EXIT_BY_SIGNAL + number
               : exit_status_of_query(&rule, &document->summary,
                                      differ && run->arguments->exit_code);
    document->fleet = fleet;
    document->source.sql = run->sql;
    document->source.file = query_file(run->arguments);
    document->started_wall = outcome->report.started_wall;
    document->elapsed = outcome->report.elapsed;
    document->lost = pgcensus_fleet_lost(fleet);
    document->results = outcome->results;
    document->n = outcome->n_results;
    run->status = document->exit_code;
}

static struct query_view view_of(const struct query_run *run)
{
    const struct query_arguments *arguments = run->arguments;
    struct query_view view = {
        .format = output_format(&arguments->output),
        .objects = arguments->rows == ROWS_OBJECTS,
        .strings = arguments->numbers == NUMBERS_STRING,
    };
    output_look(&arguments->output, &run->session->process->terminal, &view.look);
    return view;
}

/* Pages of --fold and --diff list the failed nodes themselves; on a terminal they would
 * be read twice. */
static bool shows_problems(const struct query_run *run,
                           const struct query_document *document)
{
    const struct output_options *output = &run->arguments->output;
    return (document->fold || document->diff) &&
           output_format(output)->kind == FORMAT_PAGE && !output->file &&
           run->session->process->terminal.on_stdout;
}

static void say_problems(const struct query_run *run,
                         const struct query_document *document)
{
    const struct output_options *output = &run->arguments->output;
    AUTO(buf_fini) struct buf lines = BUF_INIT;
    report_query_said(document, output->verbose, &lines);
    if (!shows_problems(run, document))
        report_query_problems(document, output->verbose, &lines);
    if (!output->quiet)
        report_query_notes(document, &lines);
    say_lines(&lines);
    if (output->verbose)
        notes_on_answers(document->fleet, document->results, document->n);
}

/* From here on a signal ends the process at once; but between two iterations it is
 * obeyed. */
static void stop_listening(const struct query_run *run)
{
    if (!run->arguments->repeat)
        fleet_session_stop_listening(run->session);
}

/* ---- rows as they come ---- */

static bool print_as_they_come(struct query_run *run, struct sink *sink,
                               struct pgcensus_error *ret_error)
{
    struct query_view view = view_of(run);
    AUTO(query_stream_free)
    struct query_stream *stream =
        query_stream_new(run->session->fleet, sink, &view, run->arguments->any);
    AUTO(query_outcome_fini) struct query_outcome outcome = {0};
    if (!stream)
        return error_memory(ret_error);
    struct row_sink rows = query_stream_sink(stream);
    if (!ask_nodes(run, &rows, &outcome, ret_error))
        return false;
    stop_listening(run);

    const struct pgcensus_merge *merge = query_stream_merge(stream);
    struct query_document document = {
        .merge = merge,
        .summary = {.columns_differ = pgcensus_merge_differs(merge)},
    };
    AUTO(buf_fini) struct buf out = BUF_INIT;
    complete_document(run, &outcome, /* differ= */ false, &document);
    if (view.format->kind == FORMAT_LINES)
        report_query(&document, &view, &out);
    if (out.broken)
        return error_memory(ret_error);
    sink_write(sink, out.bytes, out.len);
    if (!sink_commit(sink, ret_error))
        return false;
    say_problems(run, &document);
    return true;
}

/* ---- all of it at once ---- */

/* When, above each table of many, and a blank line between them. */
static void add_time(const struct query_document *document, struct buf *out)
{
    if (document->before)
        buf_add_char(out, '\n');
    clock_format_wall(document->started_wall, out);
    buf_add_char(out, '\n');
}

static void render_answers(const struct query_run *run,
                           const struct query_document *document, struct buf *out)
{
    struct query_view view = view_of(run);
    do {
        if (run->arguments->repeat && view.format->kind == FORMAT_PAGE)
            add_time(document, out);
        report_query(document, &view, out);
    } while (output_look_again(&run->arguments->output, &view.look, out));
}

static bool deliver_all(const struct query_run *run, struct sink *sink,
                        const struct buf *out, struct pgcensus_error *ret_error)
{
    const struct output_options *output = &run->arguments->output;
    if (out->broken)
        return error_memory(ret_error);
    bool may_page = output_format(output)->kind == FORMAT_PAGE && !output->file &&
                    !run->arguments->repeat;
    if (may_page && pager_show(&run->session->process->terminal, out))
        return true;
    sink_write(sink, out->bytes, out->len);
    return sink_commit(sink, ret_error);
}

static void describe(struct query_run *run, struct iteration *iteration)
{
    const struct answers *answers = &iteration->answers;
    const struct query_document *previous = &run->previous.document;
    iteration->document = (struct query_document){
        .replies = answers->replies,
        .merge = answers->merge,
        .reduced = answers->reduced,
        .fold = answers->fold,
        .diff = answers->diff,
        .cut = answers->cut,
        .before = previous->n ? previous : NULL,
        .summary = {.columns_differ = pgcensus_merge_differs(answers->merge)},
    };
    complete_document(run, &iteration->outcome, answers_differ(answers),
                      &iteration->document);
}

/* The next iteration is compared with this one, and this one with none any more. */
static void remember_iteration(struct query_run *run, struct iteration *iteration)
{
    iteration_fini(&run->previous);
    run->previous = *iteration;
    run->previous.document.before = NULL;
    *iteration = (struct iteration){0};
}

static bool print_at_the_end(struct query_run *run, struct sink *sink,
                             struct pgcensus_error *ret_error)
{
    nsec deadline = run->deadline == NEVER ? 0 : run->deadline;
    AUTO(iteration_fini) struct iteration iteration = {0};
    if (!answers_init(&iteration.answers, run->session->fleet))
        return error_memory(ret_error);
    struct row_sink rows = answers_sink(&iteration.answers);
    if (!ask_nodes(run, &rows, &iteration.outcome, ret_error))
        return false;
    if (!answers_combine(&iteration.answers, run->arguments, &iteration.outcome,
                         deadline, fleet_session_stop_fd(run->session), ret_error)) {
        /* Nothing could be made of the answers, but what is wrong with nodes is
         * said. */
        complete_document(run, &iteration.outcome, /* differ= */ false,
                          &iteration.document);
        say_problems(run, &iteration.document);
        return false;
    }
    stop_listening(run);

    AUTO(buf_fini) struct buf out = BUF_INIT;
    describe(run, &iteration);
    render_answers(run, &iteration.document, &out);
    if (!deliver_all(run, sink, &out, ret_error))
        return false;
    say_problems(run, &iteration.document);
    remember_iteration(run, &iteration);
    return true;
}

/* ---- once, or again and again ---- */

static bool run_once(struct query_run *run, struct pgcensus_error *ret_error)
{
    AUTO(sink_free)
    struct sink *sink = sink_open(run->arguments->output.file, ret_error);
    if (!sink)
        return false;
    return query_streams(run->arguments) ? print_as_they_come(run, sink, ret_error)
                                         : print_at_the_end(run, sink, ret_error);
}

bool query_run(const struct fleet_session *session,
               const struct query_arguments *arguments, const char *sql,
               int *ret_status, struct pgcensus_error *ret_error)
{
    nsec now = clock_now(), limit = arguments->time.deadline;
    AUTO(query_run_fini)
    struct query_run run = {
        .session = session,
        .arguments = arguments,
        .sql = sql,
        .started = now,
        .deadline = limit ? clock_add(now, limit) : NEVER,
    };
    for (int number = 0;;) {
        if (!run_once(&run, ret_error))
            return false;
        if (arguments->repeat) {
            nsec next = clock_add(clock_now(), arguments->repeat);
            fleet_session_wait(session, next < run.deadline ? next : run.deadline);
            number = fleet_session_signal(session);
        }
        if (number || !arguments->repeat || clock_now() >= run.deadline) {
            *ret_status = number ? EXIT_BY_SIGNAL + number : run.status;
            return true;
        }
    }
}
