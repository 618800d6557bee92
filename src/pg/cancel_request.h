/* The request that ends a statement on its server: a connection of its own that says
 * which backend is meant, nothing else.
 *
 * From libpq 17 on it is as encrypted as the connection is and never waits; what TLS
 * computes is lent to a worker thread.  Before that libpq waits for the server, so a
 * worker thread does; and it sends the key of the backend in the clear, with which
 * everybody who listens could cancel that connection's statements: so only where the
 * connection has no TLS either. */
#ifndef PG_CANCEL_REQUEST_H
#define PG_CANCEL_REQUEST_H

#include "io/workers.h"

#include <libpq-fe.h>

struct cancel_request;

/* The task is woken, and its fd and events say what is waited for.  NULL: it cannot be
 * sent, or not without harm, or there is no memory. */
struct cancel_request *cancel_request_new(PGconn *pg, struct workers *workers,
                                          struct task *task);
/* Goes as far as it can without waiting.  True: it is through, for good or bad, and the
 * server has seen it if it ever will. */
bool cancel_request_step(struct cancel_request *request, short revents);
/* Never blocks; a call that does not end is left to the workers. */
void cancel_request_free(struct cancel_request *request);
AUTO_DEFINE(struct cancel_request *, cancel_request_free)

#endif
