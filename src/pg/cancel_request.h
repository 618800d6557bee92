/* The request that ends a statement on its server: a connection of its own that
 * names the backend and nothing else.
 *
 * From libpq 17 on it is encrypted if the connection is, and never waits; what
 * TLS computes is lent to a worker thread.  An older libpq waits for the
 * server, so it runs on a worker thread.  It also sends the key of the backend
 * in the clear, with which any listener could cancel that connection's
 * statements; so it is used only if the connection has no TLS either. */
#ifndef PG_CANCEL_REQUEST_H
#define PG_CANCEL_REQUEST_H

#include "io/workers.h"

#include <libpq-fe.h>

struct cancel_request;

/* The task is woken, and its fd and events are set to what the request waits
 * for.  NULL: it cannot be sent, or not safely, or there is no memory. */
struct cancel_request *cancel_request_new(PGconn *pg, struct workers *workers,
                                          struct task *task);
/* Goes as far as it can without waiting.  True: it has succeeded or failed, and
 * the server has seen it if it ever will. */
bool cancel_request_step(struct cancel_request *request, short revents);
/* Never blocks; a call that does not end is left to the workers. */
void cancel_request_free(struct cancel_request *request);
AUTO_DEFINE(struct cancel_request *, cancel_request_free)

#endif
