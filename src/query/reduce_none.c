/* Built without SQLite. */
#include <pgcensus/replies.h>

#include "base/error.h"
#include "query/sqlite.h"

#include <stddef.h>

const char *query_sqlite_version(void)
{
    return NULL;
}

struct pgcensus_rows *pgcensus_reduce(const struct pgcensus_replies *replies,
                                      const char *sql,
                                      const struct pgcensus_reduce_options *options,
                                      struct pgcensus_error *ret_error)
{
    error_set_about(ret_error, PGCENSUS_TROUBLE_USAGE, PGCENSUS_SUBJECT_REDUCE,
                    "this pgcensus was built without SQLite, which reduce needs");
    return NULL;
}
