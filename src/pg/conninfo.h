/* Connection strings and URIs, read by libpq's own parser, and the keywords it knows.
 *
 * libpq's error texts quote pieces of what they were given, passwords among them, so
 * none of them leaves this file. */
#ifndef PG_CONNINFO_H
#define PG_CONNINFO_H

#include "pg/target.h"

struct pg_conninfo {
    struct pg_keyword *keywords; /* the given ones, in libpq's order */
    size_t n;
    void *options; /* libpq's own, which keywords point into */
};

enum pg_conninfo_verdict {
    PG_CONNINFO_FINE,
    PG_CONNINFO_INVALID,
    PG_CONNINFO_NO_MEMORY,
};

enum pg_conninfo_verdict pg_conninfo_read(const char *text,
                                          struct pg_conninfo *ret_conninfo);
void pg_conninfo_fini(struct pg_conninfo *conninfo);
AUTO_DEFINE_VALUE(struct pg_conninfo, pg_conninfo_fini)

/* The directory in which libpq looks for sockets by default; "" if unknown.  It
 * is compiled into libpq, and a connection attempt that fails before it begins
 * reveals it. */
void pg_default_socket_directory(char *to, size_t size);

/* Which of these keywords the libpq of this process knows.  Reads neither the
 * environment nor files.  False: no memory. */
bool pg_conninfo_knows(const char *const *keywords, size_t n, bool *ret_known);

#endif
