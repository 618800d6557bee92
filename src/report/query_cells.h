/* Cells of answers, as programs and as people read them. */
#ifndef REPORT_QUERY_CELLS_H
#define REPORT_QUERY_CELLS_H

#include "base/json.h"
#include "report/query.h"

/* A JSON value: every digit of a number, true and false, JSON in place, SQL NULL as
 * null, all else as PostgreSQL's text.  strings: numbers between quotes. */
void query_add_value(unsigned type, const struct pgcensus_cell *cell, bool strings,
                     struct buf *out);

/* For tables and CSV; the cell keeps pointing to the text. */
struct cell query_cell(const struct pgcensus_cell *cell);
enum align query_align(unsigned type);

/* Names of columns as keys of an object: "a", "a_2", ready to be written.  NULL: no
 * memory.  The caller frees each, and the array. */
char **query_keys(const struct pgcensus_column *columns, size_t n);
void query_keys_free(char **keys, size_t n);

#endif
