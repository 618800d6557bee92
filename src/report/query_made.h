/* What has no table of its own made into one, for programs. */
#ifndef REPORT_QUERY_MADE_H
#define REPORT_QUERY_MADE_H

#include "report/query.h"

enum { MADE_ANSWER = 2 }; /* where the columns of answers begin */

/* nodes, count, then the columns of the answers: a group's rows under its nodes. */
struct pgcensus_rows *query_make_fold(const struct query_document *document);
/* node, kind, the columns of the key, column, reference, value: a row per difference.
 */
struct pgcensus_rows *query_make_diff(const struct query_document *document);

/* The column that is merged with that one; SIZE_MAX: there is none. */
size_t query_same_column(const struct pgcensus_rows *from, size_t column,
                         const struct pgcensus_rows *to);

/* The name of a kind of difference. */
const char *query_kind_name(enum pgcensus_difference_kind kind);

#endif
