/* The keywords that libpq gets for one attempt. */
#ifndef PG_KEYWORDS_H
#define PG_KEYWORDS_H

#include "pg/conn.h"

enum { KEYWORDS_MAX = 96 }; /* libpq 18 knows 50 */

struct keyword_list {
    const char *keywords[KEYWORDS_MAX + 1], *values[KEYWORDS_MAX + 1];
    size_t n;
    char port[8];
};

struct login_options {
    const char *address; /* NULL: a unix socket */
    enum pg_sslmode mode;
    bool local; /* a unix socket or loopback: no network to listen on */
    bool bare;  /* only what a server requires: user and database */
};

/* Points into its arguments.  False: more keywords than any libpq knows. */
bool keyword_list_init(struct keyword_list *list, const struct pg_target *target,
                       const struct pg_abilities *abilities,
                       const struct login_options *attempt);

#endif
