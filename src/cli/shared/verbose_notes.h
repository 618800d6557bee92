/* What -v adds: nothing that is wrong with a node, but worth knowing. */
#ifndef CLI_SHARED_VERBOSE_NOTES_H
#define CLI_SHARED_VERBOSE_NOTES_H

#include <pgcensus/pgcensus.h>

/* variables: comma-separated names */
void notes_on_environment(const char *variables);

/* Why this libpq should be upgraded, if it should. */
void notes_on_libpq(void);

/* MD5 logins and superusers among what was found, and time in which we stood still. */
void notes_on_results(const struct pgcensus_fleet *fleet,
                      const struct pgcensus_node_result *const *results, size_t n);
/* The same of a query. */
void notes_on_answers(const struct pgcensus_fleet *fleet,
                      const struct pgcensus_query_result *const *results, size_t n);

#endif
