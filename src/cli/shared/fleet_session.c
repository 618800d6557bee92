/* Signals are noted before anything is read: loading a long configuration takes a
 * while, and a program that waits for a document gets one even if it is interrupted
 * then.
 *
 * A run that was interrupted exits with 128+N also when it ends without output.  Why it
 * has none (no node left to report, an output that cannot be written) is said, but is
 * mostly a consequence of the signal, and a shell loop that the user wants to end
 * ends only if it sees the signal. */
#include "cli/shared/fleet_session.h"

#include "base/clock.h"
#include "base/error.h"
#include "cli/exit_status.h"
#include "cli/shared/refuse.h"
#include "cli/shared/verbose_notes.h"

#include <unistd.h>

AUTO_DEFINE(struct pgcensus_fleet *, pgcensus_fleet_free)

/* Ends the run; told: stderr has the reason already. */
static int end_session(const struct process *process,
                       const struct output_options *output,
                       const struct pgcensus_error *error, bool told)
{
    int number = signals_take(process->signals);
    signals_close(process->signals);
    int status = told ? refuse_told(output, error) : refuse_run(output, error);
    return number ? EXIT_BY_SIGNAL + number : status;
}

static int open_and_work(const struct process *process,
                         const struct node_request *request,
                         const struct inventory *inventory, fleet_session_work *work,
                         const void *context)
{
    struct pgcensus_error error;
    AUTO(pgcensus_fleet_free)
    struct pgcensus_fleet *fleet =
        pgcensus_config_open(inventory->config, inventory->selected, &error);
    if (!fleet)
        return end_session(process, request->output, &error, /* told= */ false);

    int status;
    const struct fleet_session session = {process, request->output, fleet,
                                          pgcensus_config_path(inventory->config)};
    if (!work(&session, context, &status, &error))
        status = end_session(process, request->output, &error, /* told= */ false);
    pgcensus_fleet_part(fleet);
    /* A thread is stuck in a library whose exit handlers must not run under it. */
    if (pgcensus_fleet_abandoned(fleet))
        _exit(status);
    return status;
}

int fleet_session_run(const struct process *process, const struct node_request *request,
                      fleet_session_work *work, const void *context)
{
    struct pgcensus_error error;
    if (!signals_open(process->signals, &error))
        return refuse_run(request->output, &error);

    AUTO(inventory_fini) struct inventory inventory = {0};
    bool opened = inventory_open(request, &inventory, &error);
    if (signals_take(process->signals)) {
        error_set(&error, PGCENSUS_TROUBLE_INTERRUPTED, "interrupted");
        return end_session(process, request->output, &error, /* told= */ false);
    }
    if (!opened)
        return end_session(process, request->output, &error, /* told= */ true);
    if (request->output->verbose)
        notes_on_libpq();
    return open_and_work(process, request, &inventory, work, context);
}

void fleet_session_stop_listening(const struct fleet_session *session)
{
    signals_close(session->process->signals);
}

void fleet_session_listen(const struct fleet_session *session)
{
    signals_listen(session->process->signals);
}

int fleet_session_signal(const struct fleet_session *session)
{
    return signals_take(session->process->signals);
}

int fleet_session_stop_fd(const struct fleet_session *session)
{
    return session->process->signals->wake_fd;
}

void fleet_session_wait(const struct fleet_session *session, nsec until)
{
    while (!fleet_session_signal(session) && clock_now() < until)
        pgcensus_fleet_turn(session->fleet, until - clock_now(),
                            fleet_session_stop_fd(session));
}
