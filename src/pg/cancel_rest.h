/* What a server has still to say of a statement that was given up: read until it is
 * ready for the next one, and thrown away.  In constant memory, whatever it says. */
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
    CANCEL_REST_COMES, /* it is not ready */
    CANCEL_REST_LEFT,  /* so much has come that we do not know: read again, though no
                          more may come */
    CANCEL_REST_OPEN,  /* it is ready, and in a transaction, be it a failed one */
    CANCEL_REST_OVER,  /* it is ready, and nothing is left to be undone; or it has
                          closed, or is out of reach */
};

/* Whether it can be read at all: not under TLS. */
bool cancel_rest_is_legible(struct session *session);
/* What libpq has read already, from a session that is wide.  Once, and first. */
enum cancel_rest_state cancel_rest_take(struct session *session);
/* What has come since, as far as it goes without waiting; libpq's share is over. */
enum cancel_rest_state cancel_rest_read(struct cancel_rest *rest, int fd);
/* To a server that is ready; the answer is read as above.  False: it takes nothing. */
bool cancel_rest_ask(struct cancel_rest *rest, int fd, const char *sql);
/* Whatever comes after the goodbye.  False: the server has closed. */
bool cancel_rest_drop(int fd);

#endif
