/* What every run that checks a fleet does, in its order: signals, configuration, fleet,
 * round, document, exit status.
 *
 * The exit status is computed before the document is written, because it stands in it;
 * and nobody obeys signals any more while a reason is written, because nobody waits. */
#include "cli/check/check_run.h"

#include "base/error.h"
#include "cli/shared/inventory.h"
#include "cli/shared/verbose_notes.h"
#include "cli/term/messages.h"
#include "report/nodes.h"

#include <unistd.h>

AUTO_DEFINE(struct pgcensus_fleet *, pgcensus_fleet_free)

/* ---- the round ---- */

struct round_options checkup_options(const struct checkup *checkup, nsec waited)
{
    const struct common *common = checkup->common;
    return (struct round_options){
        .jobs = common->jobs,
        .retries = common->retries.given ? (int)common->retries.n : -1,
        .deadline = common->deadline,
        .spent = waited,
        .facts = common_facts_level(common),
        .role = common->role,
        .progress = terminal_redraws(&checkup->program->terminal) && !common->quiet,
    };
}

bool checkup_round(const struct checkup *checkup, const struct round_options *options,
                   struct round *ret_round, struct pgcensus_error *ret_error)
{
    return round_run(checkup->program, checkup->fleet, options, ret_round, ret_error);
}

bool checkup_found_any(const struct checkup *checkup, const struct round *round,
                       struct pgcensus_error *ret_error)
{
    return round->n_results > 0 ||
           error_set(ret_error, PGCENSUS_TROUBLE_SELECTION, "no selected node is a %s",
                     pgcensus_role_name(checkup->common->role));
}

static int exit_of(const struct round *round, const struct verdict_rule *rule,
                   const struct check_summary *summary,
                   enum pgcensus_status worst_group)
{
    return round->signal ? EXIT_BY_SIGNAL + round->signal
                         : verdict_exit(rule, summary, worst_group);
}

struct check_document checkup_document(const struct checkup *checkup,
                                       const struct round *round,
                                       const struct pgcensus_verdict *verdict)
{
    struct verdict_rule rule = common_verdict_rule(checkup->common);
    enum pgcensus_status worst_group = check_worst_group(verdict);
    struct check_document document = {
        .fleet = checkup->fleet,
        .config_path = checkup->config_path,
        .started_wall = round->started_wall,
        .elapsed = round->elapsed,
        .lost = pgcensus_fleet_lost(checkup->fleet),
        .results = round->results,
        .n_results = round->n_results,
        .verdict = verdict,
    };
    check_summarize(round->results, round->n_results, &document.summary,
                    &document.status);
    document.status = pgcensus_status_worst(document.status, worst_group);
    document.summary.doubtful = check_count_doubtful(verdict);
    document.exit_code = exit_of(round, &rule, &document.summary, worst_group);
    rule.fail_on = FAIL_ON_WARN;
    document.verdict_code = exit_of(round, &rule, &document.summary, worst_group);
    return document;
}

/* ---- telling ---- */

static bool write_out(struct sink *sink, const struct buf *out,
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

bool checkup_tell(const struct checkup *checkup, const struct check_document *document,
                  const struct buf *out, struct sink *sink,
                  struct pgcensus_error *ret_error)
{
    if (!write_out(sink, out, ret_error) || !sink_commit(sink, ret_error))
        return false;
    print_problems(checkup->common, document);
    if (checkup->common->verbose)
        notes_on_results(document->fleet, document->results, document->n_results);
    return true;
}

/* ---- from the command line to the end ---- */

typedef bool ask_function(const struct checkup *checkup, int *ret_status,
                          struct pgcensus_error *ret_error);

static int refuse(const struct program *program, const struct common *common,
                  const struct pgcensus_error *error)
{
    signals_close(program->signals);
    return common_refuse(common, error);
}

static int open_and_ask(const struct program *program, const struct common *common,
                        const struct inventory *inventory, ask_function *ask)
{
    struct pgcensus_error error;
    AUTO(pgcensus_fleet_free)
    struct pgcensus_fleet *fleet =
        pgcensus_config_open(inventory->config, inventory->selected, &error);
    if (!fleet)
        return refuse(program, common, &error);

    int status;
    const struct checkup checkup = {program, common, fleet,
                                    pgcensus_config_path(inventory->config)};
    if (!ask(&checkup, &status, &error))
        status = refuse(program, common, &error);
    pgcensus_fleet_part(fleet);
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

static int load_and_ask(const struct program *program, const struct common *common,
                        ask_function *ask)
{
    struct pgcensus_error error;
    AUTO(inventory_fini) struct inventory inventory = {0};
    bool opened = inventory_open(common, &inventory, &error);
    int number = signals_take(program->signals);
    if (opened && number == 0) {
        if (common->verbose)
            notes_on_libpq();
        return open_and_ask(program, common, &inventory, ask);
    }
    signals_close(program->signals);
    return number ? end_by_signal(common, number) : common_refuse_told(common, &error);
}

int checkup_run(const struct program *program, const struct common *common,
                const char *command, ask_function *ask)
{
    struct pgcensus_error error;
    if (!common_verdict_makes_sense(common, &error))
        return common_refuse_usage(common, command, &error);
    if (!signals_open(program->signals, &error))
        return common_refuse(common, &error);
    return load_and_ask(program, common, ask);
}
