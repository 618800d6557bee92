/* What the pages of query for people share. */
#ifndef REPORT_QUERY_PAGE_H
#define REPORT_QUERY_PAGE_H

#include "report/query.h"
#include "report/query_cells.h"

/* A table in the look of psql, of these columns; cells are added row by row. */
struct page_table {
    struct look look;
    struct column *columns; /* owned */
    struct cell *cells;     /* owned; of the row at hand */
    size_t n;
    struct writer *writer;
};

/* False: no memory; what is added then goes nowhere, and out is broken. */
bool page_table_begin(struct page_table *table, const struct query_view *view,
                      const struct pgcensus_column *columns, size_t n, struct buf *out);
/* changed: which cells are marked; NULL: none. */
void page_table_row(struct page_table *table, const struct pgcensus_cell *cells,
                    const bool *changed);
/* Frees the table. */
void page_table_end(struct page_table *table);

/* "1 row", "5 rows" */
void page_add_count(struct buf *out, size_t n, const char *one, const char *many);

void query_fold_page(const struct query_document *document,
                     const struct query_view *view, struct buf *out);
void query_diff_page(const struct query_document *document,
                     const struct query_view *view, struct buf *out);

/* Who failed, answered in part or was left out, and why, below headings ("--- failed,
 * 2 nodes: …") or in lines of their own. */
void page_add_failures(const struct query_document *document, bool headings,
                       struct buf *out);
/* How many these are: ", 2 failed, 1 incomplete", or nothing. */
void page_add_missing(const struct query_document *document, struct buf *out);

#endif
