/* How much a server says between letting us in and being ready: counted message by
 * message, where it can be seen, before libpq reads it.
 *
 * libpq keeps every parameter in one list that it walks for each of them, so a flood of
 * names costs their number squared.  A usual greeting has 15 of them and 500 bytes.
 * Pure over bytes, so that it is tested without a socket. */
#ifndef PG_GREETING_H
#define PG_GREETING_H

#include <stdbool.h>
#include <stddef.h>

enum { GREETING_PARAMETERS = 200, GREETING_BYTES = 64 * 1024 };

struct greeting {
    size_t bytes; /* so far */
    size_t left;  /* of the message that the last bytes end in */
    unsigned parameters;
    bool over; /* the server is ready, or talks nonsense that libpq will name */
};

/* bytes: what follows those before.  How many of them may be read: all but for a header
 * that is not complete, which is to be shown again, with more. */
size_t greeting_count(struct greeting *greeting, const unsigned char *bytes, size_t n);
/* Whether parameters follow each other somewhere in there, three at least: for bytes
 * that begin in the middle of a message. */
bool greeting_resembles(const unsigned char *bytes, size_t n);
/* Why it must end here; NULL: it need not. */
const char *greeting_excess(const struct greeting *greeting);

#endif
