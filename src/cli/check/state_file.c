#include "cli/check/state_file.h"

#include "base/clock.h"
#include "cli/term/messages.h"

#include <string.h>

/* So long another run may take: a check of nodes that are down takes seconds. */
static const nsec most_patience = 10 * NSEC_PER_SEC;

static void complain(struct past *past, const char *message)
{
    past->complaint.trouble = PGCENSUS_TROUBLE_OUTPUT;
    snprintf(past->complaint.message, sizeof past->complaint.message, "%s", message);
    if (past->tells)
        say("warning: %s", message);
}

/* Half of a deadline is left for the nodes. */
static nsec patience(nsec deadline)
{
    return deadline > 0 && deadline / 2 < most_patience ? deadline / 2 : most_patience;
}

bool past_open(const struct common *common, const struct signals *signals,
               struct past *ret_past, struct pgcensus_error *ret_error)
{
    *ret_past = (struct past){.tells = !common_is_plugin(common)};
    if (!common->state_file)
        return true;
    nsec began = clock_now();
    ret_past->recall = pgcensus_recall_open(
        common->state_file, patience(common->deadline), signals->wake_fd, ret_error);
    if (!ret_past->recall)
        return false;
    ret_past->waited = clock_now() - began;
    const char *complaint = pgcensus_recall_complaint(ret_past->recall);
    ret_past->silent = common->quiet && pgcensus_recall_is_new(ret_past->recall);
    if (complaint && !ret_past->silent)
        complain(ret_past, complaint);
    return true;
}

/* The first time is nothing that whoever wants silence has to hear of; but it is why a
 * node that did not answer is down at once. */
void past_end(struct past *past, int exit_code)
{
    if (past->silent && exit_code != EXIT_GOOD)
        complain(past, pgcensus_recall_complaint(past->recall));
}

void past_keep(struct past *past, const struct pgcensus_fleet *fleet,
               struct pgcensus_node_result *const *results, size_t n)
{
    struct pgcensus_error error;
    if (past->recall && !pgcensus_recall_keep(past->recall, fleet, results, n, &error))
        complain(past, error.message);
}

const char *past_complaint(const struct past *past)
{
    return past->complaint.trouble == PGCENSUS_TROUBLE_NONE ? NULL
                                                            : past->complaint.message;
}

void past_fini(struct past *past)
{
    pgcensus_recall_free(past->recall);
    past->recall = NULL;
}
