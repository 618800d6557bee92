/* A narrow passage between a server and libpq.
 *
 * libpq reads for as long as bytes arrive, into a buffer as large as the message that
 * the server has announced: a fast one fills 2 GB inside one PQconsumeInput(), while
 * nobody else is served.  Behind a relay it can only read what was passed on. */
#ifndef PG_RELAY_H
#define PG_RELAY_H

#include "base/auto.h"

#include <stdbool.h>
#include <stddef.h>

struct relay {
    int server;     /* the server's socket, -1: there is no relay */
    int inner;      /* our end of the pair whose other end libpq has */
    bool filled;    /* what was passed on last may not all be read yet */
    size_t portion; /* the largest */
};

#define RELAY_NONE ((struct relay){-1, -1, false, 0})

/* Puts itself under the number fd, which libpq goes on using.  Nothing may be waiting
 * to be sent.  False: no descriptors left, nothing changed. */
bool relay_open(struct relay *relay, int fd);
/* Gives the server back to fd.  Nothing may be left to be read from the inside. */
void relay_close(struct relay *relay, int fd);
/* The same when fd is closed already. */
void relay_fini(struct relay *relay);

/* Passes one portion on, at most so many bytes of it, if libpq has read the one before;
 * its size.  The server's end, or its error, becomes an end. */
size_t relay_forward(struct relay *relay, int fd, size_t most);
/* Whether libpq has not read all that was passed on. */
bool relay_pending(struct relay *relay, int fd);

#endif
