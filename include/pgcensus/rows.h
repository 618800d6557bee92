/* Rows: the answer of a server, or a result computed from such answers.
 *
 * Values are PostgreSQL's own text form, every digit of it; nothing here is ever a
 * double.  All text is untrusted: to be made safe before a person sees it. */
#ifndef PGCENSUS_ROWS_H
#define PGCENSUS_ROWS_H

#include <stdbool.h>
#include <stddef.h>

struct pgcensus_column {
    const char *name; /* may be empty; several columns may have the same */
    unsigned type;    /* OID in pg_type; 0: unknown */
};

struct pgcensus_cell {
    const char *text; /* NULL: SQL NULL; else there is a NUL behind it */
    size_t len;
};

struct pgcensus_rows {
    size_t n_columns, n_rows; /* a row may have no columns, and counts all the same */
    const struct pgcensus_column *columns;
    const struct pgcensus_cell *cells; /* n_rows * n_columns, row by row */
    char command[64];                  /* "SELECT 1"; "" until the last rows */
};

/* Frees all that the rows hold.  NULL is fine. */
void pgcensus_rows_free(struct pgcensus_rows *rows);

static inline const struct pgcensus_cell *
pgcensus_rows_at(const struct pgcensus_rows *rows, size_t row, size_t column)
{
    return &rows->cells[row * rows->n_columns + column];
}

/* The form of a type's values, as a program sees it. */
enum pgcensus_kind {
    PGCENSUS_KIND_TEXT,
    PGCENSUS_KIND_NUMBER, /* int2 int4 int8 oid float4 float8 numeric */
    PGCENSUS_KIND_BOOL,
    PGCENSUS_KIND_JSON, /* json, jsonb */
};

enum pgcensus_kind pgcensus_type_kind(unsigned type);
/* "int4", "text[]"; NULL for types that are not built in. */
const char *pgcensus_type_name(unsigned type);
/* True if the types are equal, or if neither is built in: types of extensions
 * and enums have another OID in each cluster, so they cannot be told apart. */
bool pgcensus_type_same(unsigned a, unsigned b);

/* OIDs that never change. */
enum {
    PGCENSUS_TYPE_BOOL = 16,
    PGCENSUS_TYPE_BYTEA = 17,
    PGCENSUS_TYPE_INT8 = 20,
    PGCENSUS_TYPE_TEXT = 25,
    PGCENSUS_TYPE_FLOAT8 = 701,
    PGCENSUS_TYPE_NUMERIC = 1700,
};

#endif
