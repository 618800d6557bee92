/* Reads the rest of the answer to a statement that was given up, until the
 * server is ready for the next one, and throws it away, in constant memory. */
#ifndef PG_CANCEL_REST_H
#define PG_CANCEL_REST_H

#include <stdbool.h>
#include <stddef.h>

struct session;

struct cancel_rest {
    unsigned char tail[6]; /* the last bytes that were read off the socket */
    size_t n;              /* how many of them are known */
};

enum cancel_rest_state {
    CANCEL_REST_COMES, /* the server is not ready */
    CANCEL_REST_LEFT,  /* more than one call reads has come: read again, even if poll()
                          reports nothing */
    CANCEL_REST_OPEN,  /* it is ready, with an open or a failed transaction */
    CANCEL_REST_OVER,  /* it is ready without a transaction, has closed, or is out of
                          reach */
};

/* Whether the rest can be read at all: not under TLS. */
bool cancel_rest_is_legible(struct session *session);
/* Takes what libpq has read already, from a session without a relay.  Called
 * once, before the others. */
enum cancel_rest_state cancel_rest_take(struct session *session);
/* Reads what has come since, without waiting and without libpq. */
enum cancel_rest_state cancel_rest_read(struct cancel_rest *rest, int fd);
/* Sends sql to a server that is ready; the answer is read by
 * cancel_rest_read().  False: the socket takes nothing. */
bool cancel_rest_ask(struct cancel_rest *rest, int fd, const char *sql);
/* Drops what comes after our Terminate.  False: the server has closed. */
bool cancel_rest_drop(int fd);

#endif
