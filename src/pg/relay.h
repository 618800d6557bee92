/* A relay with a byte budget between a server and libpq.
 *
 * libpq reads for as long as bytes arrive, into a buffer as large as the
 * message that the server has announced: a fast server fills 2 GB inside one
 * PQconsumeInput(), while no other node is served.  Behind a relay libpq can
 * read only what was passed on. */
#ifndef PG_RELAY_H
#define PG_RELAY_H

#include "base/auto.h"

#include <stdbool.h>
#include <stddef.h>

struct relay {
    int server;     /* the server's socket, -1: there is no relay */
    int inner;      /* our end of the pair whose other end libpq has */
    bool filled;    /* libpq may not have read all of the last portion */
    size_t portion; /* the largest size */
};

#define RELAY_NONE ((struct relay){-1, -1, false, 0})

/* Puts the relay's socket under the number fd, which libpq goes on using. libpq
 * must have nothing left to send.  False: no descriptors left, nothing changed. */
bool relay_open(struct relay *relay, int fd);
/* Gives the server's socket back to fd. libpq must have read all that was passed on. */
void relay_close(struct relay *relay, int fd);
/* As relay_close(), when fd is closed already. */
void relay_fini(struct relay *relay);

/* Passes on one portion of at most `most` bytes if libpq has read the one
 * before; returns its size.  An end or an error of the server's socket becomes
 * an end. */
size_t relay_forward(struct relay *relay, int fd, size_t most);
/* Whether libpq has not read all that was passed on. */
bool relay_pending(struct relay *relay, int fd);

#endif
