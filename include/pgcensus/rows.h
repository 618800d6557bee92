/* Rows: what a server answered, or what was made of such answers.
 *
 * Values are PostgreSQL's own text form, every digit of it; nothing here is ever a
 * double.  All text is untrusted: to be made safe before a person sees it. */
#ifndef PGCENSUS_ROWS_H
#define PGCENSUS_ROWS_H

#include <stdbool.h>
#include <stddef.h>

struct pgcensus_column {
    const char *name; /* may be empty, may stand there twice */
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
    char command[64];                  /* "SELECT 1"; "" while more is to come */
};

/* Everything in it.  NULL is fine. */
void pgcensus_rows_free(struct pgcensus_rows *rows);

static inline const struct pgcensus_cell *
pgcensus_rows_at(const struct pgcensus_rows *rows, size_t row, size_t column)
{
    return &rows->cells[row * rows->n_columns + column];
}

/* What a type looks like to a program. */
enum pgcensus_kind {
    PGCENSUS_KIND_TEXT,
    PGCENSUS_KIND_NUMBER, /* int2 int4 int8 oid float4 float8 numeric */
    PGCENSUS_KIND_BOOL,
    PGCENSUS_KIND_JSON, /* json, jsonb */
};

enum pgcensus_kind pgcensus_type_kind(unsigned type);
/* "int4", "text[]"; NULL for types that PostgreSQL itself does not bring along. */
const char *pgcensus_type_name(unsigned type);
/* Types that PostgreSQL does not bring along, enums and those of extensions, have an
 * OID of their own in each cluster; nothing tells one of them from another. */
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
