/* What is sent to a server, in which bounds.  Pure, but for reading what an open
 * connection knows. */
#ifndef QUERY_SENDING_H
#define QUERY_SENDING_H

#include "fleet/node.h"
#include "query/plan.h"

/* The health check of the node. */
struct pg_statement sending_check(const struct node *node);

/* Opens the envelope; the text stays in `text`. */
struct pg_statement sending_envelope(const struct plan *plan, const struct node *node,
                                     const struct pg_conn *conn, char *text,
                                     size_t size);

/* What everybody is asked. */
struct pg_statement sending_statement(struct plan *plan, const struct node *node);

#endif
