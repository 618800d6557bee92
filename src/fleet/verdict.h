/* What a check has learnt → what its result says.  Pure, but for reading what an open
 * connection knows. */
#ifndef FLEET_VERDICT_H
#define FLEET_VERDICT_H

#include "fleet/node.h"

/* Nothing is known yet; status unknown. */
void verdict_blank(struct pgcensus_node_result *ret_result, size_t index);

/* The facts that come with the login, whatever becomes of the question: version,
 * transport, rights. */
void verdict_login(struct pgcensus_node_result *result, const struct pg_conn *conn);
/* Role and read_only, as the server has told them unasked by now.  False: it has not,
 * and must be asked. */
bool verdict_told_role(struct pgcensus_node_result *result, const struct pg_conn *conn,
                       bool via_pooler);
/* The same from the answer to VERDICT_ROLE_SQL; an odd answer changes nothing. */
#define VERDICT_ROLE_SQL                                                               \
    "SELECT pg_catalog.pg_is_in_recovery(), "                                          \
    "pg_catalog.current_setting('transaction_read_only')"
void verdict_asked_role(struct pgcensus_node_result *result, const struct rowset *rows);
void verdict_role(struct pgcensus_node_result *result, bool standby, bool read_only);
/* Facts were wanted and there are none; the reason may be anybody's text. */
void verdict_no_facts(struct pgcensus_node_result *result, const char *reason);

/* The two ends of a check.  An answer is ok unless the role is not the expected one; a
 * failure is down, or unknown if it says nothing about the node. */
void verdict_answered(struct pgcensus_node_result *result,
                      const struct node_options *options);
void verdict_failed(struct pgcensus_node_result *result,
                    const struct pgcensus_failure *failure);
/* A check that did not come to its end, or never to its start. */
void verdict_cancelled(struct pgcensus_node_result *result,
                       enum pgcensus_class error_class, const char *reason);

#endif
