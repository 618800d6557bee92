/* How a query is run and delivered.
 *
 * The output is opened before the first node is asked, and the exit status is known
 * before the document is written, because it stands in it.  Rows of CSV and NDJSON are
 * written while they come (query_stream.c); whatever needs all answers keeps them first
 * (query_collect.c), and until the next time, if there is one, to see what changed. */
#include "cli/query/query_run.h"

#include "cli/query/query_stream.h"
#include "cli/shared/verbose_notes.h"
#include "cli/term/messages.h"
#include "cli/term/pager.h"

#include "base/clock.h"
#include "base/error.h"

static void outcome_fini(struct outcome *outcome)
{
    holding_fini(&outcome->holding);
    asking_fini(&outcome->asking);
    *outcome = (struct outcome){0};
}
AUTO_DEFINE_VALUE(struct outcome, outcome_fini)

enum { MOST_ROWS = 100000, MOST_BYTES = 256 << 20 };

/* How long a reader may hold a snapshot on each server. */
#define READER_PATIENCE (300 * NSEC_PER_SEC)

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
        .session_display = arguments->session_display,
        .write = arguments->write,
        .jobs = common->jobs,
        .retries = common->retries.given ? (int)common->retries.n : -1,
        .deadline = common->deadline,
        .since = errand->started,
        .streams = streams,
        .reader_timeout = arguments->reader_timeout.given
                              ? arguments->reader_timeout.length
                              : READER_PATIENCE,
        .in_order = common_format(common)->kind != FORMAT_LINES,
        .max_rows =
            aggregates ? 0 : limit_or(&arguments->max_rows, streams ? 0 : MOST_ROWS),
        .max_bytes = limit_or(&arguments->max_bytes, streams ? 0 : MOST_BYTES),
        .keep = arguments->repeat > 0,
        .stop_fd = errand->program->signals->wake_fd,
        .attentive = true,
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
    if (errand->arguments->any)
        document->summary.unneeded = document->summary.skipped;
    document->summary.columns_differ = columns_differ;
    document->summary.truncated |= document->cut;
    document->status = verdict_query_status(&document->summary);
    document->exit_code =
        asking->signal ? EXIT_BY_SIGNAL + asking->signal
                       : verdict_query_exit(&rule, &document->summary,
                                            differ && errand->arguments->exit_code);
    document->fleet = errand->fleet;
    document->source.sql = errand->sql;
    document->source.file = query_file(errand->arguments);
    document->started_wall = asking->started_wall;
    document->elapsed = asking->elapsed;
    document->lost = pgcensus_fleet_lost(errand->fleet);
    document->results = asking->results;
    document->n = asking->n_results;
    errand->status = document->exit_code;
}

static struct query_view view_of(const struct errand *errand)
{
    const struct query_arguments *arguments = errand->arguments;
    struct query_view view = {
        .format = common_format(&arguments->common),
        .objects = arguments->rows == ROWS_OBJECTS,
        .strings = arguments->numbers == NUMBERS_STRING,
    };
    common_look(&arguments->common, &errand->program->terminal, &view.look);
    return view;
}

/* Whoever reads the page on the same terminal would read it twice. */
static bool shows_problems(const struct errand *errand,
                           const struct query_document *document)
{
    const struct common *common = &errand->arguments->common;
    return (document->fold || document->diff) &&
           common_format(common)->kind == FORMAT_PAGE && !common->output &&
           errand->program->terminal.on_stdout;
}

static void tell_problems(const struct errand *errand,
                          const struct query_document *document)
{
    const struct common *common = &errand->arguments->common;
    AUTO(buf_fini) struct buf lines = BUF_INIT;
    report_query_said(document, common->verbose, &lines);
    if (!shows_problems(errand, document))
        report_query_problems(document, common->verbose, &lines);
    if (!common->quiet)
        report_query_notes(document, &lines);
    say_lines(&lines);
    if (common->verbose)
        notes_on_answers(document->fleet, document->results, document->n);
}

/* From here on Ctrl-C ends it on the spot; but not between two rounds. */
static void stop_listening(const struct errand *errand)
{
    if (!errand->arguments->repeat)
        signals_close(errand->program->signals);
}

/* ---- rows as they come ---- */

static bool stream(struct errand *errand, struct sink *sink,
                   struct pgcensus_error *ret_error)
{
    struct query_view view = view_of(errand);
    AUTO(stream_free)
    struct stream *stream =
        stream_new(errand->fleet, sink, &view, errand->arguments->any);
    AUTO(asking_fini) struct asking asking = {0};
    if (!stream)
        return error_memory(ret_error);
    struct taker taker = stream_taker(stream);
    if (!ask(errand, &taker, &asking, ret_error))
        return false;
    stop_listening(errand);

    struct query_document document = {
        .merge = stream_merge(stream),
        .summary = {.columns_differ = pgcensus_merge_differs(stream_merge(stream))},
    };
    AUTO(buf_fini) struct buf out = BUF_INIT;
    judge(errand, &asking, false, &document);
    if (view.format->kind == FORMAT_LINES)
        report_query(&document, &view, &out);
    if (out.broken)
        return error_memory(ret_error);
    sink_write(sink, out.bytes, out.len);
    if (!sink_commit(sink, ret_error))
        return false;
    tell_problems(errand, &document);
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

static void render(const struct errand *errand, const struct query_document *document,
                   struct buf *out)
{
    const struct common *common = &errand->arguments->common;
    struct query_view view = view_of(errand);
    do {
        if (errand->arguments->repeat && view.format->kind == FORMAT_PAGE)
            add_time(document, out);
        report_query(document, &view, out);
    } while (common_look_again(common, &view.look, out));
}

static bool deliver_all(const struct errand *errand, struct sink *sink,
                        const struct buf *out, struct pgcensus_error *ret_error)
{
    const struct common *common = &errand->arguments->common;
    if (out->broken)
        return error_memory(ret_error);
    bool may_page = common_format(common)->kind == FORMAT_PAGE && !common->output &&
                    !errand->arguments->repeat;
    if (may_page && pager_show(&errand->program->terminal, out))
        return true;
    sink_write(sink, out->bytes, out->len);
    return sink_commit(sink, ret_error);
}

static void describe(struct errand *errand, struct outcome *outcome)
{
    const struct holding *holding = &outcome->holding;
    outcome->document = (struct query_document){
        .replies = holding->replies,
        .merge = holding->merge,
        .reduced = holding->reduced,
        .fold = holding->fold,
        .diff = holding->diff,
        .cut = holding->cut,
        .before = errand->before.document.n ? &errand->before.document : NULL,
        .summary = {.columns_differ = pgcensus_merge_differs(holding->merge)},
    };
    judge(errand, &outcome->asking, holding_differs(holding), &outcome->document);
}

/* The next one is compared with this one, which is not compared any more. */
static void remember(struct errand *errand, struct outcome *outcome)
{
    outcome_fini(&errand->before);
    errand->before = *outcome;
    errand->before.document.before = NULL;
    *outcome = (struct outcome){0};
}

/* All that will be said of them when nothing could be made of their answers. */
static void tell_of_nodes(struct errand *errand, const struct asking *asking)
{
    struct query_document document = {0};
    judge(errand, asking, /* differ= */ false, &document);
    tell_problems(errand, &document);
}

static bool hold(struct errand *errand, struct sink *sink,
                 struct pgcensus_error *ret_error)
{
    nsec deadline = errand_deadline(errand);
    AUTO(outcome_fini) struct outcome outcome = {0};
    if (!holding_init(&outcome.holding, errand->fleet))
        return error_memory(ret_error);
    struct taker taker = holding_taker(&outcome.holding);
    if (!ask(errand, &taker, &outcome.asking, ret_error))
        return false;
    if (!holding_make(&outcome.holding, errand->arguments, &outcome.asking,
                      deadline == NEVER ? 0 : deadline,
                      errand->program->signals->wake_fd, ret_error)) {
        tell_of_nodes(errand, &outcome.asking);
        return false;
    }
    stop_listening(errand);

    AUTO(buf_fini) struct buf out = BUF_INIT;
    describe(errand, &outcome);
    render(errand, &outcome.document, &out);
    if (!deliver_all(errand, sink, &out, ret_error))
        return false;
    tell_problems(errand, &outcome.document);
    remember(errand, &outcome);
    return true;
}

nsec errand_deadline(const struct errand *errand)
{
    nsec limit = errand->arguments->common.deadline;
    return limit ? clock_add(errand->started, limit) : NEVER;
}

bool errand_run(struct errand *errand, struct pgcensus_error *ret_error)
{
    if (!errand->started)
        errand->started = clock_now();
    AUTO(sink_free)
    struct sink *sink = sink_open(errand->arguments->common.output, ret_error);
    if (!sink)
        return false;
    return query_streams(errand->arguments) ? stream(errand, sink, ret_error)
                                            : hold(errand, sink, ret_error);
}

void errand_fini(struct errand *errand)
{
    outcome_fini(&errand->before);
}
