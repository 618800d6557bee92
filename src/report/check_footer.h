/* What stands below a page about a round. */
#ifndef REPORT_CHECK_FOOTER_H
#define REPORT_CHECK_FOOTER_H

#include "report/check.h"

enum verdict_extra { EXTRA_NONE, EXTRA_NAMES, EXTRA_SPREAD };

/* What psql calls the footer: both of the below, nothing with -t. */
void check_add_footer(const struct check_document *document, const struct look *look,
                      enum verdict_extra extra, struct buf *out);

/* "✗ orders  split brain: 2 primaries of one cluster: pg-[1-2]", a line per reason. */
void check_add_group_lines(const struct check_document *document,
                           const struct look *look, struct buf *out);

/* "5 nodes: 3 ok, 1 warn, 1 down  (0.21 s)"; with the names of problems, or with the
 * spread of latencies. */
void check_add_verdict(const struct check_document *document, const struct look *look,
                       enum verdict_extra extra, struct buf *out);

/* The names of all nodes with that status, folded. */
void check_add_names(const struct check_document *document, enum pgcensus_status status,
                     struct buf *out);

#endif
