/* Signals are noted before anything is read: loading a long configuration takes a
 * while, and a program that waits for a document gets one even if it is interrupted
 * then.
 *
 * A run that was interrupted exits with 128+N also when it ends without output.  Why it
 * has none (no node left to report, an output that cannot be written) is said, but is
 * mostly a consequence of the signal, and a shell loop that the user wants to end
 * ends only if it sees the signal. */
#include "cli/shared/session.h"

#include "base/clock.h"
#include "base/error.h"
#include "cli/exit_status.h"
#include "cli/shared/refuse.h"
#include "cli/shared/verbose_notes.h"

#include <unistd.h>

AUTO_DEFINE(struct pgcensus_fleet *, pgcensus_fleet_free)

/* Ends the run; told: stderr has the reason already. */
static int end_session(const struct program *program,
                       const struct output_options *output,
                       const struct pgcensus_error *error, bool told)
{
    int number = signals_take(program->signals);
    signals_close(program->signals);
    int status = told ? refuse_told(output, error) : refuse_run(output, error);
    return number ? EXIT_BY_SIGNAL + number : status;
}

static int open_and_work(const struct program *program,
                         const struct node_request *request,
                         const struct inventory *inventory, session_work *work,
                         const void *context)
{
    struct pgcensus_error error;
    AUTO(pgcensus_fleet_free)
    struct pgcensus_fleet *fleet =
        pgcensus_config_open(inventory->config, inventory->selected, &error);
    if (!fleet)
        return end_session(program, request->output, &error, /* told= */ false);

    int status;
    const struct session session = {program, request->output, fleet,
                                    pgcensus_config_path(inventory->config)};
    if (!work(&session, context, &status, &error))
        status = end_session(program, request->output, &error, /* told= */ false);
    pgcensus_fleet_part(fleet);
    /* A thread is stuck in a library whose exit handlers must not run under it. */
    if (pgcensus_fleet_abandoned(fleet))
        _exit(status);
    return status;
}

int session_run(const struct program *program, const struct node_request *request,
                session_work *work, const void *context)
{
    struct pgcensus_error error;
    if (!signals_open(program->signals, &error))
        return refuse_run(request->output, &error);

    AUTO(inventory_fini) struct inventory inventory = {0};
    bool opened = inventory_open(request, &inventory, &error);
    if (signals_take(program->signals)) {
        error_set(&error, PGCENSUS_TROUBLE_INTERRUPTED, "interrupted");
        return end_session(program, request->output, &error, /* told= */ false);
    }
    if (!opened)
        return end_session(program, request->output, &error, /* told= */ true);
    if (request->output->verbose)
        notes_on_libpq();
    return open_and_work(program, request, &inventory, work, context);
}

void session_stop_listening(const struct session *session)
{
    signals_close(session->program->signals);
}

void session_listen(const struct session *session)
{
    signals_listen(session->program->signals);
}

int session_signal(const struct session *session)
{
    return signals_take(session->program->signals);
}

int session_stop_fd(const struct session *session)
{
    return session->program->signals->wake_fd;
}

void session_wait(const struct session *session, nsec until)
{
    while (!session_signal(session) && clock_now() < until)
        pgcensus_fleet_turn(session->fleet, until - clock_now(),
                            session_stop_fd(session));
}
