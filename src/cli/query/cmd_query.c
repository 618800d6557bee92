/* pgcensus query: its table of options, and what is refused before a node is asked.
 *
 * The rows of its own options are in query_options.c, what they mean together in
 * query_arguments.c, a statement from the first node to the output in query_run.c. */
#include "base/error.h"
#include "base/memory.h"
#include "cli/parse/suggest.h"
#include "cli/query/confirm.h"
#include "cli/query/query_run.h"
#include "cli/query/query_statement.h"
#include "cli/shared/refuse.h"
#include "report/query.h"

#include <string.h>

static const struct option format_rows[] = {
    OUTPUT_FORMAT(report_query_writes,
                  "The documents are described in *pgcensus-json*(7)."),
};
static const struct option_group format_options = {"Output", format_rows,
                                                   ARRAY_SIZE(format_rows)};

#define PART(group, type, member)                                                      \
    OPTION_PART(group, struct type, struct query_arguments, member)

static const struct option_part parts[] = {
    {&query_statement_options, 0},
    {&query_answer_options, 0},
    PART(source_options, source_options, source),
    PART(selection_options, selection_options, selection),
    PART(result_options, result_options, results),
    {&query_nodes_options, 0},
    PART(time_options, time_options, time),
    PART(verdict_options, verdict_options, verdict),
    {&query_limit_options, 0},
    PART(format_options, output_options, output),
    PART(output_options, output_options, output),
    {&query_document_options, 0},
    PART(general_options, general_options, general),
    {NULL, 0},
};

static const struct example examples[] = {
    {"pgcensus query 'select version()'", "every node of the configuration"},
    {"pgcensus query --fold 'show shared_buffers'", "who says what"},
    {"pgcensus query --diff 'select name, setting from pg_settings'",
     "what differs from most"},
    {"pgcensus query --csv -f report.sql -o all.csv", "rows of all nodes in one file"},
};

/* ---- run ---- */

/* Asked before the first node is.  While the terminal is asked, Ctrl-C ends the process
 * on the spot. */
static bool may_write(const struct fleet_session *session,
                      const struct query_arguments *arguments, const char *sql,
                      struct pgcensus_error *ret_error)
{
    fleet_session_stop_listening(session);
    bool may = confirm_writing(&session->process->terminal, session->fleet, sql,
                               arguments->yes, ret_error);
    fleet_session_listen(session);
    return may;
}

/* Looked for before the first node is asked; one that --role leaves out later is found
 * missing then. */
static bool knows_reference(const char *name, const struct pgcensus_fleet *fleet,
                            struct pgcensus_error *ret_error)
{
    size_t n = pgcensus_fleet_size(fleet);
    AUTO(free) const char **names = memory_array(n, sizeof *names);
    if (!names)
        return error_memory(ret_error);
    for (size_t i = 0; i < n; i++) {
        names[i] = pgcensus_fleet_node(fleet, i)->name;
        if (strcmp(names[i], name) == 0)
            return true;
    }
    const char *nearest = suggest(name, names, n);
    return error_set(ret_error, PGCENSUS_TROUBLE_SELECTION,
                     "--diff: no selected node is called \"%s\"%s%s%s", name,
                     nearest ? " (did you mean \"" : "", nearest ? nearest : "",
                     nearest ? "\"?)" : "");
}

struct statement {
    const struct query_arguments *arguments;
    const char *sql;
};

static bool ask_fleet(const struct fleet_session *session, const void *context,
                      int *ret_status, struct pgcensus_error *ret_error)
{
    const struct statement *statement = context;
    const struct query_arguments *arguments = statement->arguments;
    const char *reference = arguments->diff.reference;
    if (reference && !knows_reference(reference, session->fleet, ret_error))
        return false;
    if (arguments->write && !may_write(session, arguments, statement->sql, ret_error))
        return false;
    return query_run(session, arguments, statement->sql, ret_status, ret_error);
}

static int run_query(const struct process *process, const void *any)
{
    const struct query_arguments *arguments = any;
    const struct output_options *output = &arguments->output;
    struct pgcensus_error error;
    AUTO(free) char *sql = NULL;
    if (!query_makes_sense(arguments, &error))
        return refuse_usage(output, command_query.name, &error);
    if (!query_read_statement(arguments, &sql, &error))
        return refuse_run(output, &error);
    const struct statement statement = {arguments, sql};
    const struct node_request request = {
        .source = &arguments->source,
        .selection = &arguments->selection,
        .time = &arguments->time,
        .output = output,
    };
    return fleet_session_run(process, &request, ask_fleet, &statement);
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
    .options = {.parts = parts, .unlisted = &foreign_table},
    .arguments_size = sizeof(struct query_arguments),
    .source_at = offsetof(struct query_arguments, source),
    .output_at = offsetof(struct query_arguments, output),
    .run = run_query,
};
