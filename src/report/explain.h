/* What a server adds to its message, in lines below it. */
#ifndef REPORT_EXPLAIN_H
#define REPORT_EXPLAIN_H

#include "base/buf.h"

#include <pgcensus/pgcensus.h>

/* What everybody was asked. */
struct statement_source {
    const char *sql;  /* NULL: not known, or nothing that a person wrote */
    const char *file; /* it was read from; NULL: none that has a name */
};

/* "LINE 4:   form pg_class" and a caret below it, or "bad.sql:4:   form pg_class";
 * nothing if the failure names no place in the statement.  Secrets of the fleet are
 * replaced. */
void explain_place(const struct statement_source *source,
                   const struct pgcensus_failure *failure,
                   const struct pgcensus_fleet *fleet, struct buf *out);
/* "DETAIL: …" and "HINT: …", each if there is one. */
void explain_words(const struct pgcensus_failure *failure, struct buf *out);

#endif
