/* What has no table of its own made into one, for programs. */
#ifndef REPORT_QUERY_MADE_H
#define REPORT_QUERY_MADE_H

#include "report/query.h"

enum { MADE_ANSWER = 2 }; /* where the columns of answers begin */

/* nodes, count, then the columns of the answers: a group's rows under its nodes. */
struct pgcensus_rows *query_make_fold(const struct query_document *document);
/* node, kind, the columns of the key, column, reference, value: a row per difference,
 * before them one per column that differs, and one if nothing but an order does. */
struct pgcensus_rows *query_make_diff(const struct query_document *document);

/* The name of a kind of difference. */
const char *query_kind_name(enum pgcensus_difference_kind kind);

#endif
