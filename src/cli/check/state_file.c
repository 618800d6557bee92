#include "cli/check/state_file.h"

#include "base/clock.h"
#include "cli/exit_status.h"
#include "cli/term/messages.h"

/* Another run may hold the file that long: a check of nodes that are down takes
 * seconds. */
static const nsec longest_wait = 10 * NSEC_PER_SEC;

static void complain_of_file(struct state_file *file, const char *message)
{
    file->complaint.trouble = PGCENSUS_TROUBLE_OUTPUT;
    snprintf(file->complaint.message, sizeof file->complaint.message, "%s", message);
    if (file->tells)
        say("warning: %s", message);
}

bool state_file_open(const struct fleet_session *session,
                     const struct check_options *options, struct state_file *ret_file,
                     struct pgcensus_error *ret_error)
{
    const char *path = options->history.state_file;
    nsec deadline = options->time.deadline;
    *ret_file = (struct state_file){.tells = !output_is_plugin(session->output)};
    if (!path)
        return true;
    /* Half of a deadline is left for the nodes. */
    nsec patience = longest_wait, began = clock_now();
    if (deadline > 0 && deadline / 2 < patience)
        patience = deadline / 2;
    ret_file->history =
        pgcensus_recall_open(path, patience, fleet_session_stop_fd(session), ret_error);
    if (!ret_file->history)
        return false;
    ret_file->waited = clock_now() - began;
    const char *complaint = pgcensus_recall_complaint(ret_file->history);
    ret_file->silent =
        session->output->quiet && pgcensus_recall_is_new(ret_file->history);
    if (complaint && !ret_file->silent)
        complain_of_file(ret_file, complaint);
    return true;
}

/* With --quiet a first run that goes well says nothing.  But that the file is new is
 * why a node that did not answer is down at once. */
void state_file_end(struct state_file *file, int exit_code)
{
    if (file->silent && exit_code != EXIT_GOOD)
        complain_of_file(file, pgcensus_recall_complaint(file->history));
}

void state_file_keep(struct state_file *file, const struct pgcensus_fleet *fleet,
                     struct pgcensus_node_result *const *results, size_t n)
{
    struct pgcensus_error error;
    if (file->history &&
        !pgcensus_recall_keep(file->history, fleet, results, n, &error))
        complain_of_file(file, error.message);
}

const char *state_file_complaint(const struct state_file *file)
{
    return file->complaint.trouble == PGCENSUS_TROUBLE_NONE ? NULL
                                                            : file->complaint.message;
}

void state_file_fini(struct state_file *file)
{
    pgcensus_recall_free(file->history);
    file->history = NULL;
}
