/* One statement, from asking the nodes to its output, once or with --repeat. */
#ifndef CLI_QUERY_QUERY_RUN_H
#define CLI_QUERY_QUERY_RUN_H

#include "cli/query/query_arguments.h"
#include "cli/shared/fleet_session.h"

/* Asks all nodes, again and again if the arguments say so, and delivers what comes;
 * *ret_status is then what to exit with.  False: that was not possible. */
bool query_run(const struct fleet_session *session,
               const struct query_arguments *arguments, const char *sql,
               int *ret_status, struct pgcensus_error *ret_error);

#endif
