/* What every run that checks a fleet does.
 *
 * The exit status is computed before the document is written, because it stands in it.
 * Groups are judged by all nodes, the summary counts those that are reported. */
#include "cli/check/check_run.h"

#include "base/error.h"
#include "cli/shared/verbose_notes.h"
#include "cli/term/messages.h"
#include "report/problems.h"

struct check_loop_options check_run_options(const struct check_options *options,
                                            nsec waited)
{
    return (struct check_loop_options){
        .jobs = options->time.jobs,
        .retries = verdict_retries(&options->verdict),
        .deadline = options->time.deadline,
        .spent = waited,
        .facts = check_facts_level(&options->facts),
        .role = options->results.role,
    };
}

bool check_run_found_any(const struct check_outcome *outcome, enum pgcensus_role role,
                         struct pgcensus_error *ret_error)
{
    return outcome->n_results > 0 ||
           error_set(ret_error, PGCENSUS_TROUBLE_SELECTION, "no selected node is a %s",
                     pgcensus_role_name(role));
}

static int exit_of(const struct check_outcome *outcome, const struct exit_rule *rule,
                   const struct check_summary *summary,
                   enum pgcensus_status worst_group)
{
    int number = outcome->report.signal;
    return number ? EXIT_BY_SIGNAL + number
                  : exit_status_of_check(rule, summary, worst_group);
}

struct check_document check_run_document(const struct fleet_session *session,
                                         const struct verdict_options *options,
                                         const struct check_outcome *outcome,
                                         const struct pgcensus_verdict *verdict)
{
    struct exit_rule rule = verdict_exit_rule(options);
    enum pgcensus_status worst_group = check_worst_group(verdict);
    struct check_document document = {
        .fleet = session->fleet,
        .config_path = session->config_path,
        .started_wall = outcome->report.started_wall,
        .elapsed = outcome->report.elapsed,
        .lost = pgcensus_fleet_lost(session->fleet),
        .results = outcome->results,
        .n_results = outcome->n_results,
        .verdict = verdict,
    };
    check_summarize(outcome->results, outcome->n_results, &document.summary,
                    &document.status);
    document.status = pgcensus_status_worst(document.status, worst_group);
    document.summary.doubtful = check_count_doubtful(verdict);
    document.exit_code = exit_of(outcome, &rule, &document.summary, worst_group);
    rule.fail_on = FAIL_ON_WARN;
    document.verdict_code = exit_of(outcome, &rule, &document.summary, worst_group);
    return document;
}

static bool write_and_flush(struct sink *sink, const struct buf *out,
                            struct pgcensus_error *ret_error)
{
    if (out->broken)
        return error_memory(ret_error);
    if (sink_write(sink, out->bytes, out->len) && sink_flush(sink))
        return true;
    return sink_commit(sink, ret_error); /* only to learn what went wrong */
}

/* A table or a plugin on stdout has said it already; a file or a program's input has
 * not. */
static void say_check_problems(const struct output_options *output,
                               const struct check_document *document)
{
    bool has_said = output_format(output)->kind == FORMAT_PAGE && !output->file;
    if (output->quiet || has_said || output_is_plugin(output))
        return;
    AUTO(buf_fini) struct buf lines = BUF_INIT;
    report_problems(document->fleet, document->results, document->n_results,
                    output->verbose, &lines);
    report_group_problems(document->verdict, &lines);
    say_lines(&lines);
}

bool check_run_tell(const struct fleet_session *session,
                    const struct check_document *document, const struct buf *out,
                    struct sink *sink, struct pgcensus_error *ret_error)
{
    if (!write_and_flush(sink, out, ret_error) || !sink_commit(sink, ret_error))
        return false;
    say_check_problems(session->output, document);
    if (session->output->verbose)
        notes_on_results(document->fleet, document->results, document->n_results);
    return true;
}
