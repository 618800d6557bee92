/* What has become of a question → what its result says.  Pure. */
#ifndef QUERY_RESULT_H
#define QUERY_RESULT_H

#include <pgcensus/query.h>

/* Nothing is known yet; status failed. */
void result_blank(struct pgcensus_query_result *ret_result, size_t index);
/* Partial if there were rows. */
void result_failed(struct pgcensus_query_result *result,
                   const struct pgcensus_failure *failure);
/* The same for a reason of our own. */
void result_refused(struct pgcensus_query_result *result,
                    enum pgcensus_class error_class, enum pgcensus_phase phase,
                    const char *why);
/* A statement_timeout ended it, and ours would have come later: says whose it may be.
 */
void result_blame_limit(struct pgcensus_failure *failure);
/* It failed after the statement was sent, with these options.  rests: the connection is
 * ready for the next one, so the server has said how it ended; otherwise nobody knows
 * what a write did. */
void result_ended(struct pgcensus_query_result *result,
                  const struct pgcensus_query_options *options, bool rests);

#endif
