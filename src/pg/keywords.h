/* What libpq is told about one attempt. */
#ifndef PG_KEYWORDS_H
#define PG_KEYWORDS_H

#include "pg/conn.h"

enum { KEYWORDS_MAX = 96 }; /* libpq 18 knows 50 */

struct keyword_list {
    const char *keywords[KEYWORDS_MAX + 1], *values[KEYWORDS_MAX + 1];
    size_t n;
    char port[8];
    char *options; /* the only one that is put together */
};

struct attempt_options {
    const char *address; /* NULL: a unix socket */
    enum pg_sslmode mode;
    bool local;          /* nobody can listen in */
    nsec server_timeout; /* 0: no startup options of ours */
};

/* Everything but options points into its arguments.  False: no memory, or more keywords
 * than any libpq knows. */
bool keyword_list_init(struct keyword_list *list, const struct pg_target *target,
                       const struct pg_abilities *abilities,
                       const struct attempt_options *attempt);
void keyword_list_fini(struct keyword_list *list);
AUTO_DEFINE_VALUE(struct keyword_list, keyword_list_fini)

#endif
