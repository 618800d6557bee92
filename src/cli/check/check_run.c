/* What every run that checks a fleet does.
 *
 * The exit status is computed before the document is written, because it stands in it.
 * Groups are judged by all nodes, the summary counts those that are reported. */
#include "cli/check/check_run.h"

#include "base/error.h"
#include "cli/shared/verbose_notes.h"
#include "cli/term/messages.h"
#include "report/problems.h"

int check_run(const struct program *program, const struct common *common,
              const char *command, session_work *work)
{
    struct pgcensus_error error;
    if (!common_verdict_makes_sense(common, &error))
        return common_refuse_usage(common, command, &error);
    return session_run(program, common, work, common);
}

struct check_loop_options check_run_options(const struct session *session, nsec waited)
{
    const struct common *common = session->common;
    return (struct check_loop_options){
        .jobs = common->jobs,
        .retries = common->retries.given ? (int)common->retries.n : -1,
        .deadline = common->deadline,
        .spent = waited,
        .facts = common_facts_level(common),
        .role = common->role,
    };
}

bool check_run_found_any(const struct session *session,
                         const struct check_outcome *outcome,
                         struct pgcensus_error *ret_error)
{
    return outcome->n_results > 0 ||
           error_set(ret_error, PGCENSUS_TROUBLE_SELECTION, "no selected node is a %s",
                     pgcensus_role_name(session->common->role));
}

static int exit_of(const struct check_outcome *outcome, const struct exit_rule *rule,
                   const struct check_summary *summary,
                   enum pgcensus_status worst_group)
{
    int number = outcome->report.signal;
    return number ? EXIT_BY_SIGNAL + number
                  : exit_status_of_check(rule, summary, worst_group);
}

struct check_document check_run_document(const struct session *session,
                                         const struct check_outcome *outcome,
                                         const struct pgcensus_verdict *verdict)
{
    struct exit_rule rule = common_exit_rule(session->common);
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

static bool write_all(struct sink *sink, const struct buf *out,
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
static void print_problems(const struct common *common,
                           const struct check_document *document)
{
    bool has_said = common_format(common)->kind == FORMAT_PAGE && !common->output;
    if (common->quiet || has_said || common_is_plugin(common))
        return;
    AUTO(buf_fini) struct buf lines = BUF_INIT;
    report_problems(document->fleet, document->results, document->n_results,
                    common->verbose, &lines);
    report_group_problems(document->verdict, &lines);
    say_lines(&lines);
}

bool check_run_tell(const struct session *session,
                    const struct check_document *document, const struct buf *out,
                    struct sink *sink, struct pgcensus_error *ret_error)
{
    if (!write_all(sink, out, ret_error) || !sink_commit(sink, ret_error))
        return false;
    print_problems(session->common, document);
    if (session->common->verbose)
        notes_on_results(document->fleet, document->results, document->n_results);
    return true;
}
