/* A run that checks the fleet, whatever is made of it: `check`, `nodes --topology`. */
#ifndef CLI_CHECK_CHECK_RUN_H
#define CLI_CHECK_CHECK_RUN_H

#include "cli/check/check_loop.h"
#include "cli/shared/check_options.h"
#include "output/sink.h"
#include "report/check.h"

AUTO_DEFINE(struct pgcensus_verdict *, pgcensus_verdict_free)

/* What the command line says of a round; waited: how much of --deadline is gone. */
struct check_loop_options check_run_options(const struct check_options *options,
                                            nsec waited);

/* False: --role has left no node to report on. */
bool check_run_found_any(const struct check_outcome *outcome, enum pgcensus_role role,
                         struct pgcensus_error *ret_error);

/* The round as a document, with its status and exit code. */
struct check_document check_run_document(const struct fleet_session *session,
                                         const struct verdict_options *options,
                                         const struct check_outcome *outcome,
                                         const struct pgcensus_verdict *verdict);

/* Writes out, at once; the file of -o appears whole or not at all.  Then says what is
 * wrong, for people, unless out has told them already. */
bool check_run_tell(const struct fleet_session *session,
                    const struct check_document *document, const struct buf *out,
                    struct sink *sink, struct pgcensus_error *ret_error);

#endif
