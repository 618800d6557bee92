/* The inventory. */
#ifndef REPORT_NODES_H
#define REPORT_NODES_H

#include "report/field.h"

#include <pgcensus/fleet.h>

extern const struct field_table node_fields;

/* Nodes in inventory order, in a format of a kind that there is here. */
bool report_nodes_writes(enum format_kind kind);
void report_nodes(const struct pgcensus_identity *const *nodes, size_t n,
                  const struct row_view *view, struct buf *out);

#endif
