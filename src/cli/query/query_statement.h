/* Where the statement of query comes from. */
#ifndef CLI_QUERY_QUERY_STATEMENT_H
#define CLI_QUERY_QUERY_STATEMENT_H

#include "cli/query/query_arguments.h"

/* Reads it from the command line, a file, or standard input; the caller frees it.
 * False: it cannot be read, or is one that is never sent. */
bool query_read_statement(const struct query_arguments *arguments, char **ret_sql,
                          struct pgcensus_error *ret_error);
/* The name of its file; NULL: it comes from none. */
const char *query_file(const struct query_arguments *arguments);

#endif
