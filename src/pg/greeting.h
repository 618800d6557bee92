/* Counts what a server sends between accepting the login and being ready,
 * message by message, before libpq reads it, if there is no TLS.
 *
 * libpq keeps all parameters in one list and walks it for each new one, so a
 * flood of names costs their number squared.  A usual greeting has 15 of them
 * and 500 bytes.  Pure over bytes, so that it is tested without a socket. */
#ifndef PG_GREETING_H
#define PG_GREETING_H

#include <stdbool.h>
#include <stddef.h>

enum { GREETING_PARAMETERS = 200, GREETING_BYTES = 64 * 1024 };

struct greeting {
    size_t bytes; /* so far */
    size_t left;  /* of the message that the last bytes end in */
    unsigned parameters;
    bool over; /* the server is ready, or has sent nonsense that libpq will report */
};

/* bytes: those that follow the bytes of the call before.  Returns how many of
 * them may be read: all except an incomplete header, which is passed again with
 * more behind it. */
size_t greeting_count(struct greeting *greeting, const unsigned char *bytes, size_t n);
/* Whether the bytes, which may begin in the middle of a message, hold at least
 * three parameters in a row. */
bool greeting_resembles(const unsigned char *bytes, size_t n);
/* Why the login must end here; NULL: it may go on. */
const char *greeting_excess(const struct greeting *greeting);

#endif
