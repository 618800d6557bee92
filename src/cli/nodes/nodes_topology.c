#include "cli/nodes/nodes_topology.h"

#include "base/error.h"
#include "cli/check/check_run.h"
#include "report/topology_fields.h"

AUTO_DEFINE(struct pgcensus_topology *, pgcensus_topology_free)

static void render_trees(const struct session *session,
                         const struct topology_document *document, struct buf *out)
{
    const struct common *common = session->common;
    struct row_view view;
    common_view(common, &session->program->terminal, &view);
    do
        report_topology(document, &view, out);
    while (common_look_again(common, &view.look, out));
}

/* The output is opened before the first node is asked: an unwritable -o is found out at
 * once. */
static bool draw_trees(const struct session *session, const void *context,
                       int *ret_status, struct pgcensus_error *ret_error)
{
    const struct common *common = session->common;
    const struct pgcensus_verdict_options rules = {.require = common_require(common)};
    const struct check_loop_options options = check_run_options(session, 0);
    AUTO(sink_free) struct sink *sink = sink_open(common->output, ret_error);
    if (!sink)
        return false;
    AUTO(check_outcome_fini) struct check_outcome outcome = {0};
    if (!check_loop_run(session, &options, &outcome, ret_error))
        return false;
    session_stop_listening(session);
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
    struct check_document check = check_run_document(session, &outcome, verdict);
    const struct topology_document document = {&check, topology};
    *ret_status = check.exit_code;
    render_trees(session, &document, &out);
    return check_run_tell(session, &check, &out, sink, ret_error);
}

/* What check understands and a tree has no use for: refused, because ignored it would
 * seem to have been obeyed. */
static bool suits_topology(const struct common *common,
                           struct pgcensus_error *ret_error)
{
    const struct {
        bool is;
        const char *message;
    } rules[] = {
        {common->role != PGCENSUS_ROLE_UNKNOWN,
         "--role would tear the trees of --topology apart"},
        {common_facts_level(common) != PGCENSUS_FACTS_FULL,
         "--topology needs all facts; leave --facts out"},
        {common->state_file, "--state-file belongs to check"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
        if (rules[i].is)
            return error_set(ret_error, PGCENSUS_TROUBLE_USAGE, "%s", rules[i].message);
    return common_columns_make_sense(common, &tree_fields, ret_error);
}

int topology_run(const struct program *program, const struct common *common,
                 const char *command)
{
    struct pgcensus_error error;
    if (!suits_topology(common, &error))
        return common_refuse_usage(common, command, &error);
    return check_run(program, common, command, draw_trees);
}
