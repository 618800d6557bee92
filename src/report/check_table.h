/* The table of a round, without deciding which nodes it shows. */
#ifndef REPORT_CHECK_TABLE_H
#define REPORT_CHECK_TABLE_H

#include "output/format.h"

#include <pgcensus/pgcensus.h>

/* A node, or many that share a problem. */
struct check_line {
    const struct pgcensus_node_result *result; /* of many: of one of them */
    const struct pgcensus_identity *identity;  /* NULL: many */
    const char *name, *detail;                 /* of many; else NULL */
    bool more; /* what the server added to its message, too */
};

/* Columns follow from the width; details go below if there is no room beside. */
void check_table_print(const struct check_line *lines, size_t n,
                       const struct look *look, struct buf *out);

#endif
