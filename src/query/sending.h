/* What is sent to a server, in which bounds.  Pure, but for reading what an open
 * connection knows. */
#ifndef QUERY_SENDING_H
#define QUERY_SENDING_H

#include "fleet/envelope.h"
#include "query/plan.h"

/* How the statement is to be met, if it must not write. */
struct envelope_wish sending_wish(struct plan *plan, const struct node *node);

/* What everybody is asked. */
struct pg_statement sending_statement(struct plan *plan, const struct node *node);

#endif
