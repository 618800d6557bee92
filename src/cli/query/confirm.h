/* Asking before something is changed. */
#ifndef CLI_QUERY_CONFIRM_H
#define CLI_QUERY_CONFIRM_H

#include "cli/term/terminal.h"

#include <pgcensus/pgcensus.h>

/* Whether a statement may write on all nodes of a fleet: each of them must allow it,
 * and the user must say yes, on the command line or at the terminal, where statement
 * and nodes are shown. */
bool confirm_writing(const struct terminal *terminal,
                     const struct pgcensus_fleet *fleet, const char *sql, bool yes,
                     struct pgcensus_error *ret_error);

#endif
