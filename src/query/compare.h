/* When cells, rows and answers are the same. */
#ifndef QUERY_COMPARE_H
#define QUERY_COMPARE_H

#include <pgcensus/rows.h>
#include <stdbool.h>
#include <stdint.h>

/* NULL is the same as NULL, and not as an empty text. */
bool compare_same(const struct pgcensus_cell *a, const struct pgcensus_cell *b);

/* Names and types, in order; see pgcensus_type_same(). */
bool compare_same_columns(const struct pgcensus_rows *a, const struct pgcensus_rows *b);

/* < 0, 0, > 0, in some order that is always the same. */
int compare_rows(const struct pgcensus_rows *a, size_t row_of_a,
                 const struct pgcensus_rows *b, size_t row_of_b);

/* Of some cells of a row; what is the same has the same. */
uint64_t compare_hash(uint64_t seed, const struct pgcensus_cell *cell);
uint64_t compare_hash_row(const struct pgcensus_rows *rows, size_t row);

#endif
