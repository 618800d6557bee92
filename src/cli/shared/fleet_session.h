/* A run that asks nodes, from its command line to its exit status: signals,
 * configuration, selection, fleet, and what is said if one of them fails.
 *
 * Signals belong to the session: it opens them, and it alone says from when on nothing
 * listens any more.  The pull loop obeys them in between (pull_loop.h). */
#ifndef CLI_SHARED_FLEET_SESSION_H
#define CLI_SHARED_FLEET_SESSION_H

#include "cli/command.h"
#include "cli/shared/inventory.h"

struct fleet_session {
    const struct process *process;
    const struct output_options *output;
    struct pgcensus_fleet *fleet;
    const char *config_path; /* NULL: all nodes came from --url */
};

/* What a command does with its fleet; *ret_status is then what to exit with.  False: it
 * could not be done, for the reason in ret_error, which the session tells. */
typedef bool fleet_session_work(const struct fleet_session *session,
                                const void *context, int *ret_status,
                                struct pgcensus_error *ret_error);

/* Opens what the command line selects, has it worked on, and returns what to exit with:
 * 128+N if signal N came and the work could not be done, whatever the reason. */
int fleet_session_run(const struct process *process, const struct node_request *request,
                      fleet_session_work *work, const void *context);

/* From now on a signal ends the process on the spot: nothing waits that would obey it,
 * and a reader that takes nothing must not have to be interrupted twice. */
void fleet_session_stop_listening(const struct fleet_session *session);
/* Signals are obeyed again. */
void fleet_session_listen(const struct fleet_session *session);

/* The signal that came first, 0: none. */
int fleet_session_signal(const struct fleet_session *session);
/* Readable once a signal has come. */
int fleet_session_stop_fd(const struct fleet_session *session);

/* Keeps the fleet turning until then, or until a signal comes. */
void fleet_session_wait(const struct fleet_session *session, nsec until);

#endif
