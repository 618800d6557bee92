/* Rows of trees, as fields: nodes of a tree, nodes that are in none, and what else
 * takes WAL from a node. */
#ifndef REPORT_TOPOLOGY_FIELDS_H
#define REPORT_TOPOLOGY_FIELDS_H

#include "report/check_fields.h"
#include "report/topology.h"

struct tree_row {
    struct check_line check; /* of a node; of others without identity and result */
    const struct tree_line *line;
    bool is_drawn;  /* the tree, in the column of names */
    bool is_narrow; /* no room for the state of what is no node */
};

extern const struct field_table tree_fields;

/* Rows for lines.  NULL: no memory.  Freed by the caller. */
struct tree_row *tree_rows_new(const struct tree_line *lines, size_t n,
                               const struct pgcensus_fleet *fleet);

#endif
