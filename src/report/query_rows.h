/* The rows that a query came to, one after another, whatever was made of the answers.
 */
#ifndef REPORT_QUERY_ROWS_H
#define REPORT_QUERY_ROWS_H

#include "base/auto.h"
#include "report/query.h"

struct query_rows {
    const struct query_document *document;
    struct pgcensus_column *columns; /* owned; their names are others' */
    size_t n_columns;
    struct pgcensus_rows *made; /* of --fold and --diff, owned; NULL otherwise */

    /* the row at hand */
    size_t reply, row;
    struct pgcensus_cell *cells;
    unsigned *types; /* of its cells; a node may have another type than the header */
    size_t group,
        group_end; /* --fold: the group behind this row's, and its first row */
    bool *changed; /* which of them are not what they were the time before */
};

/* False: no memory. */
bool query_rows_init(struct query_rows *rows, const struct query_document *document);
void query_rows_fini(struct query_rows *rows);
AUTO_DEFINE_VALUE(struct query_rows, query_rows_fini)

/* Fills cells and types; false behind the last row. */
bool query_rows_next(struct query_rows *rows);

/* "pg-[1-3]": the nodes of some replies, folded. */
void query_add_names(const struct query_document *document, const size_t *members,
                     size_t n, struct buf *out);

#endif
