/* The inventory, its settings, what is wrong with the configuration, and errors as
 * documents. */
#ifndef REPORT_NODES_H
#define REPORT_NODES_H

#include "base/buf.h"
#include "report/field.h"

#include <pgcensus/pgcensus.h>

extern const struct field_table node_fields, setting_fields;

/* Nodes in inventory order, in a format of a kind that there is here. */
bool report_nodes_writes(enum format_kind kind);
void report_nodes(const struct pgcensus_identity *const *nodes, size_t n,
                  const struct view *view, struct buf *out);

struct settings_of_node {
    const char *node;
    const struct pgcensus_setting *settings;
    size_t n;
};
bool report_settings_writes(enum format_kind kind);
void report_settings(const struct settings_of_node *nodes, size_t n,
                     const struct view *view, struct buf *out);

/* GNU form with source line and caret, or {"schema":"pgcensus.diagnostics/1",…}. */
void report_diagnostics(const struct pgcensus_diagnostics *diagnostics, bool notes_too,
                        struct buf *out);
/* One of them without its source, and without a line end. */
void report_diagnostic_line(const struct pgcensus_diagnostic *diagnostic,
                            struct buf *out);
void report_diagnostics_json(const struct pgcensus_diagnostics *diagnostics,
                             struct buf *out);

/* {"schema":"pgcensus.error/1",…} for runs that could not start. */
void report_error_json(const struct pgcensus_error *error, struct buf *out);

/* "pgcensus: pg-c: connection refused …", one line; one failing class on many nodes
 * folds: "pgcensus: 37 nodes: connection refused: pg-[0412-0448]".  Below it DETAIL and
 * HINT of the server, if it is the only one, or of all. */
void report_problems(const struct pgcensus_fleet *fleet,
                     const struct pgcensus_node_result *const *results, size_t n,
                     bool verbose, struct buf *out);

#endif
