#include "cli/nodes/nodes_topology.h"

#include "base/error.h"
#include "cli/check/check_run.h"
#include "cli/shared/refuse.h"
#include "report/topology_fields.h"

AUTO_DEFINE(struct pgcensus_topology *, pgcensus_topology_free)

static void render_trees(const struct fleet_session *session,
                         const struct nodes_arguments *arguments,
                         const struct topology_document *document, struct buf *out)
{
    struct row_view view;
    output_view(&arguments->output, &arguments->columns, &session->process->terminal,
                &view);
    do
        report_topology(document, &view, out);
    while (output_look_again(session->output, &view.look, out));
}

/* The output is opened before the first node is asked: an unwritable -o is found out at
 * once. */
static bool draw_trees(const struct fleet_session *session, const void *context,
                       int *ret_status, struct pgcensus_error *ret_error)
{
    const struct nodes_arguments *arguments = context;
    const struct check_options *options = &arguments->check;
    const struct pgcensus_verdict_options rules = {.require =
                                                       check_require(&options->limits)};
    const struct check_loop_options loop = check_run_options(options, 0);
    AUTO(sink_free) struct sink *sink = sink_open(session->output->file, ret_error);
    if (!sink)
        return false;
    AUTO(check_outcome_fini) struct check_outcome outcome = {0};
    if (!check_loop_run(session, &loop, &outcome, ret_error))
        return false;
    fleet_session_stop_listening(session);
    AUTO(pgcensus_verdict_free)
    struct pgcensus_verdict *verdict = pgcensus_verdict_new(
        session->fleet, outcome.all, outcome.n_all, &rules, ret_error);
    if (!verdict)
        return false;
    AUTO(pgcensus_topology_free)
    struct pgcensus_topology *topology = pgcensus_topology_new(
        session->fleet, outcome.results, outcome.n_results, ret_error);
    if (!topology)
        return false;

    AUTO(buf_fini) struct buf out = BUF_INIT;
    struct check_document check =
        check_run_document(session, &options->verdict, &outcome, verdict);
    const struct topology_document document = {&check, topology};
    *ret_status = check.exit_code;
    render_trees(session, arguments, &document, &out);
    return check_run_tell(session, &check, &out, sink, ret_error);
}

/* Options of check that make no sense for trees are refused: if they were ignored, they
 * would seem to have been obeyed. */
static bool suits_trees(const struct check_options *options,
                        struct pgcensus_error *ret_error)
{
    const struct {
        bool is;
        const char *message;
    } rules[] = {
        {options->results.role != PGCENSUS_ROLE_UNKNOWN,
         "--role would tear the trees of --topology apart"},
        {check_facts_level(&options->facts) != PGCENSUS_FACTS_FULL,
         "--topology needs all facts; leave --facts out"},
        {options->history.state_file, "--state-file belongs to check"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
        if (rules[i].is)
            return error_set(ret_error, PGCENSUS_TROUBLE_USAGE, "%s", rules[i].message);
    return true;
}

int nodes_topology_run(const struct process *process,
                       const struct nodes_arguments *arguments,
                       const struct node_request *request)
{
    const struct check_options *options = &arguments->check;
    struct pgcensus_error error;
    if (!suits_trees(options, &error) ||
        !output_columns_make_sense(&arguments->output, &arguments->columns,
                                   &tree_fields, &error) ||
        !check_makes_sense(options, &error))
        return refuse_usage(request->output, command_nodes.name, &error);
    return fleet_session_run(process, request, draw_trees, arguments);
}
