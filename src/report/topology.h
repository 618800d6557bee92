/* The trees of replication of a round as a document. */
#ifndef REPORT_TOPOLOGY_H
#define REPORT_TOPOLOGY_H

#include "report/check.h"
#include "report/row_view.h"

#include <pgcensus/topology.h>

struct topology_document {
    const struct check_document *check; /* the round that it was made from */
    const struct pgcensus_topology *topology;
};

/* In a format of a kind that there is here. */
bool report_topology_writes(enum format_kind kind);
void report_topology(const struct topology_document *document,
                     const struct row_view *view, struct buf *out);

/* ---- for the files of this document ---- */

/* A row: a node of a tree, one that is in none, or somebody who takes WAL from one. */
struct tree_line {
    const struct pgcensus_cluster *cluster;   /* NULL: in no tree */
    const struct pgcensus_tree_node *node;    /* of a stranger: from whom it takes */
    const struct pgcensus_unplaced *unplaced; /* NULL: in a tree */
    const struct pgcensus_sender *stranger;   /* NULL: a node, or the hidden */
    int n_hidden;                             /* not 0: so many more */
    bool last; /* nobody below the same upstream comes behind it */
};

/* Of what a line of a node is about; NULL for the others. */
const struct pgcensus_node_result *tree_line_result(const struct tree_line *line);

/* All trees, strangers behind the nodes below the same upstream, then what is in none.
 * NULL: no memory.  Freed by the caller. */
struct tree_line *tree_lines_new(const struct pgcensus_topology *topology,
                                 size_t *ret_n);

/* The names of the groups that its nodes are in, each once.  NULL: no memory.  Freed by
 * the caller. */
const char **topology_groups(const struct topology_document *document,
                             const struct pgcensus_cluster *cluster, size_t *ret_n);

/* What it is called: the name of a node, "(pg_receivewal)", "(2 more)". */
void tree_line_add_name(const struct tree_line *line,
                        const struct pgcensus_fleet *fleet, struct buf *out);
/* Its address, "local" of a stranger without one. */
void tree_line_add_where(const struct tree_line *line,
                         const struct pgcensus_fleet *fleet, struct buf *out);
/* What is to be said of it beyond its columns, for people; nothing for most. */
void tree_line_add_detail(const struct tree_line *line,
                          const struct pgcensus_fleet *fleet, struct buf *out);

/* Whether a tree can be drawn, in a table for each cluster; else there is one table,
 * and a column for the node that another follows. */
bool topology_is_drawn(const struct row_view *view);
void topology_table_print(const struct tree_line *lines, size_t n,
                          const struct pgcensus_fleet *fleet,
                          const struct row_view *view, struct buf *out);

typedef void topology_writer(const struct topology_document *document,
                             const struct row_view *view, struct buf *out);

topology_writer topology_page_write, topology_rows_write, topology_json_write,
    topology_json_write_lines;

#endif
