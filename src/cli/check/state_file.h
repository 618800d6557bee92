/* --state-file: what earlier runs saw, from before the round until it is judged. */
#ifndef CLI_CHECK_STATE_FILE_H
#define CLI_CHECK_STATE_FILE_H

#include "cli/shared/check_options.h"
#include "cli/shared/fleet_session.h"

#include <pgcensus/recall.h>

struct state_file {
    struct pgcensus_recall *history; /* NULL: there is no --state-file */
    nsec waited;                     /* for another run that had the file */
    bool silent; /* that the file is new is told only if something is wrong */
    bool tells;  /* complaints go to stderr; a plugin has them in its output */
    struct pgcensus_error complaint; /* TROUBLE_NONE: none */
};

/* False: no memory.  Anything else that is wrong with the file is a complaint. */
bool state_file_open(const struct fleet_session *session,
                     const struct check_options *options, struct state_file *ret_file,
                     struct pgcensus_error *ret_error);
/* The round becomes part of it. */
void state_file_keep(struct state_file *file, const struct pgcensus_fleet *fleet,
                     struct pgcensus_node_result *const *results, size_t n);
/* Says what is worth telling once the exit status is known. */
void state_file_end(struct state_file *file, int exit_code);
/* NULL: nothing is wrong. */
const char *state_file_complaint(const struct state_file *file);
void state_file_fini(struct state_file *file);
AUTO_DEFINE_VALUE(struct state_file, state_file_fini)

#endif
