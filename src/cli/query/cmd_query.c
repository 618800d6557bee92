/* pgcensus query: arguments, run.
 *
 * Like check: signals are noted from the first moment on, so that whatever they end
 * still ends with a document.  The options are in query_options.c, what is done with
 * them in query_arguments.c, one query from its start to its output in query_run.c. */
#include "cli/parse/suggest.h"
#include "cli/query/confirm.h"
#include "cli/query/query_run.h"
#include "cli/shared/inventory.h"
#include "cli/shared/verbose_notes.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"

#include <string.h>
#include <unistd.h>

AUTO_DEFINE(struct pgcensus_fleet *, pgcensus_fleet_free)

static const struct option format_options[] = {
    COMMON_FORMAT(report_query_writes,
                  "The documents are described in *pgcensus-json*(7)."),
};
static const struct option_group format_group = {"Output", format_options,
                                                 ARRAY_SIZE(format_options)};

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
    &format_group,
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

/* ---- again and again ---- */

/* Until it is time for the next one, or for the end of all, or a signal comes. */
static void pause_before_next(const struct errand *errand)
{
    struct signals *signals = errand->program->signals;
    nsec until = clock_add(clock_now(), errand->arguments->repeat);
    if (errand_deadline(errand) < until)
        until = errand_deadline(errand);
    while (!signals_take(signals) && clock_now() < until)
        pgcensus_fleet_turn(errand->fleet, until - clock_now(), signals->wake_fd);
}

static bool ask_again_and_again(struct errand *errand, struct pgcensus_error *ret_error)
{
    while (errand_run(errand, ret_error)) {
        if (!errand->arguments->repeat)
            return true;
        pause_before_next(errand);
        int number = signals_take(errand->program->signals);
        if (number)
            errand->status = EXIT_BY_SIGNAL + number;
        if (number || clock_now() >= errand_deadline(errand))
            return true;
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
                      const struct pgcensus_fleet *fleet, const char *sql,
                      struct pgcensus_error *ret_error)
{
    signals_close(program->signals);
    bool may =
        confirm_writing(&program->terminal, fleet, sql, arguments->yes, ret_error);
    signals_listen(program->signals);
    return may;
}

/* Before anybody is asked; whoever --role leaves out later is found missing then. */
static bool knows_reference(const struct query_arguments *arguments,
                            const struct pgcensus_fleet *fleet,
                            struct pgcensus_error *ret_error)
{
    const char *name = arguments->diff.reference;
    size_t n = pgcensus_fleet_size(fleet);
    AUTO(free) const char **names = memory_array(n, sizeof *names);
    if (!names)
        return error_memory(ret_error);
    for (size_t i = 0; i < n; i++) {
        names[i] = pgcensus_fleet_node(fleet, i)->name;
        if (!name || strcmp(names[i], name) == 0)
            return true;
    }
    const char *nearest = suggest(name, names, n);
    return error_set(ret_error, PGCENSUS_TROUBLE_SELECTION,
                     "--diff: no selected node is called \"%s\"%s%s%s", name,
                     nearest ? " (did you mean \"" : "", nearest ? nearest : "",
                     nearest ? "\"?)" : "");
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
    if (!knows_reference(arguments, fleet, &error))
        return refuse(program, common, &error);
    if (arguments->write && !may_write(program, arguments, fleet, sql, &error))
        return refuse(program, common, &error);
    if (!ask_again_and_again(&errand, &error))
        errand.status = refuse(program, common, &error);
    errand_fini(&errand);
    pgcensus_fleet_part(fleet);
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
    .options = {.groups = groups, .unlisted = &common_foreign},
    .arguments_size = sizeof(struct query_arguments),
    .run = run,
};
