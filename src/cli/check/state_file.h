/* --state-file: what earlier runs saw, from before the round until it is judged. */
#ifndef CLI_CHECK_STATE_FILE_H
#define CLI_CHECK_STATE_FILE_H

#include "cli/shared/common.h"
#include "cli/term/signals.h"

#include <pgcensus/recall.h>

struct past {
    struct pgcensus_recall *recall; /* NULL: nobody asked for it */
    nsec waited;                    /* for another run that had the file */
    bool silent; /* that it is new is told only if something is wrong */
    bool tells;  /* complaints go to stderr; a plugin has them in its output */
    struct pgcensus_error complaint; /* TROUBLE_NONE: none */
};

/* False: no memory.  Anything else that is wrong with the file is a complaint. */
bool past_open(const struct common *common, const struct signals *signals,
               struct past *ret_past, struct pgcensus_error *ret_error);
/* The round becomes part of it. */
void past_keep(struct past *past, const struct pgcensus_fleet *fleet,
               struct pgcensus_node_result *const *results, size_t n);
/* What is worth telling once the exit status is known. */
void past_end(struct past *past, int exit_code);
/* NULL: nothing is wrong. */
const char *past_complaint(const struct past *past);
void past_fini(struct past *past);
AUTO_DEFINE_VALUE(struct past, past_fini)

#endif
