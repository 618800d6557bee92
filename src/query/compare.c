#include "query/compare.h"

#include <string.h>

bool compare_same(const struct pgcensus_cell *a, const struct pgcensus_cell *b)
{
    if (!a->text || !b->text)
        return a->text == b->text;
    return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

bool compare_same_columns(const struct pgcensus_rows *a, const struct pgcensus_rows *b)
{
    if (a->n_columns != b->n_columns)
        return false;
    for (size_t i = 0; i < a->n_columns; i++)
        if (!pgcensus_type_same(a->columns[i].type, b->columns[i].type) ||
            strcmp(a->columns[i].name, b->columns[i].name) != 0)
            return false;
    return true;
}

static int compare_cells(const struct pgcensus_cell *a, const struct pgcensus_cell *b)
{
    if (!a->text || !b->text)
        return (a->text != NULL) - (b->text != NULL);
    int order = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);
    return order ? order : (a->len > b->len) - (a->len < b->len);
}

int compare_rows(const struct pgcensus_rows *a, size_t row_of_a,
                 const struct pgcensus_rows *b, size_t row_of_b)
{
    for (size_t i = 0; i < a->n_columns; i++) {
        int order = compare_cells(pgcensus_rows_at(a, row_of_a, i),
                                  pgcensus_rows_at(b, row_of_b, i));
        if (order)
            return order;
    }
    return 0;
}

/* FNV-1a; whoever compares by it looks again before he believes it. */
static const uint64_t basis = 0xcbf29ce484222325, prime = 0x100000001b3;

uint64_t compare_hash(uint64_t seed, const struct pgcensus_cell *cell)
{
    uint64_t hash = seed ^ (cell->text ? cell->len + 1 : 0);
    hash *= prime;
    for (size_t i = 0; i < cell->len; i++)
        hash = (hash ^ (unsigned char)cell->text[i]) * prime;
    return hash;
}

uint64_t compare_hash_row(const struct pgcensus_rows *rows, size_t row)
{
    uint64_t hash = basis;
    for (size_t i = 0; i < rows->n_columns; i++)
        hash = compare_hash(hash, pgcensus_rows_at(rows, row, i));
    return hash;
}
