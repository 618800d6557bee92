/* A narrow passage between a server and libpq.
 *
 * libpq reads for as long as bytes arrive, into a buffer as large as the message that
 * the server has announced: a fast one fills 2 GB inside one PQconsumeInput(), while
 * nobody else is served.  Behind a strait it can only read what was passed on. */
#ifndef PG_STRAIT_H
#define PG_STRAIT_H

#include "base/auto.h"

#include <stdbool.h>
#include <stddef.h>

struct strait {
    int server;     /* the server's socket, -1: there is no strait */
    int inner;      /* our end of the pair whose other end libpq has */
    bool filled;    /* what was passed on last may not all be read yet */
    size_t portion; /* the largest */
};

#define STRAIT_NONE ((struct strait){-1, -1, false, 0})

/* Puts itself under the number fd, which libpq goes on using.  Nothing may be waiting
 * to be sent.  False: no descriptors left, nothing changed. */
bool strait_open(struct strait *strait, int fd);
/* Gives the server back to fd.  Nothing may be left to be read from the inside. */
void strait_close(struct strait *strait, int fd);
/* The same when fd is closed already. */
void strait_fini(struct strait *strait);

/* Passes one portion on, at most so many bytes of it, if libpq has read the one before;
 * its size.  The server's end, or its error, becomes an end. */
size_t strait_pass(struct strait *strait, int fd, size_t most);
/* Whether libpq has not read all that was passed on. */
bool strait_left(struct strait *strait, int fd);

#endif
