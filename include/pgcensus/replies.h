/* What to make of the answers of many nodes: merge, fold, compare, reduce.
 *
 * Pure functions over rows that were kept; nothing here knows a connection.  Failed
 * nodes take part: each result says who is missing.  All of them return false or NULL
 * with an error for what cannot be done. */
#ifndef PGCENSUS_REPLIES_H
#define PGCENSUS_REPLIES_H

#include <pgcensus/rows.h>
#include <pgcensus/status.h>

/* One node's. */
struct pgcensus_reply {
    const char *node;
    const char *group;                /* NULL: in none */
    const char *status;               /* "ok", "failed" … */
    const char *error;                /* NULL: none */
    nsec latency;                     /* PGCENSUS_UNKNOWN_TIME: unknown */
    const struct pgcensus_rows *rows; /* NULL: it gave none */
    bool complete;                    /* false: there would have been more rows */
};

struct pgcensus_replies {
    const struct pgcensus_reply *items; /* in inventory order */
    size_t n;
};

/* ---- one header for all ---- */

/* Columns of several nodes, merged by name: the n-th column of a name is one with the
 * n-th of that name elsewhere.  New ones are added behind the others, in order of
 * appearance; a column's type is that of whoever brought it. */
struct pgcensus_merge;

/* n: how many nodes there are.  NULL: no memory. */
struct pgcensus_merge *pgcensus_merge_new(size_t n);
void pgcensus_merge_free(struct pgcensus_merge *merge);
/* Adds the columns of one node, once.  frozen: no new columns any more; false then if
 * the node has one, and nothing was changed.  False also: no memory. */
bool pgcensus_merge_add(struct pgcensus_merge *merge, size_t index,
                        const struct pgcensus_rows *rows, bool frozen);
size_t pgcensus_merge_columns(const struct pgcensus_merge *merge,
                              const struct pgcensus_column **ret_columns);
/* For each merged column the node's own, SIZE_MAX where it has none; NULL if it was
 * not added.  As the list of columns, good until the next one is added. */
const size_t *pgcensus_merge_map(const struct pgcensus_merge *merge, size_t index);
/* Some node has other columns than some other, or in another order. */
bool pgcensus_merge_differs(const struct pgcensus_merge *merge);
/* Some node has not all of them. */
bool pgcensus_merge_lacks(const struct pgcensus_merge *merge);
/* Some column has another type with some node. */
bool pgcensus_merge_types_differ(const struct pgcensus_merge *merge);

/* ---- equal answers, folded ---- */

struct pgcensus_fold_group {
    const size_t *members; /* indexes into the replies, ascending */
    size_t n_members;
    const struct pgcensus_rows *rows; /* of its first member */
};

/* The largest group first; among equals the one whose first member comes first.  Two
 * answers are equal if their columns (names and types, as far as those are the same
 * everywhere) and rows are; values that PostgreSQL calls equal are, whatever settings
 * wrote them, and one that cannot be read is an error.  So with differences below. */
struct pgcensus_fold {
    struct pgcensus_fold_group *groups;
    size_t n_groups;
    size_t *members; /* what the groups point into */
};

/* unordered: the order of rows does not matter, how often each is there does.  Replies
 * without rows, and those that are not complete, are in no group. */
struct pgcensus_fold *pgcensus_fold(const struct pgcensus_replies *replies,
                                    bool unordered, struct pgcensus_error *ret_error);
void pgcensus_fold_free(struct pgcensus_fold *fold);

/* ---- differences from a reference ---- */

enum pgcensus_difference_kind {
    PGCENSUS_DIFFERENT, /* a cell has another value than in the reference */
    PGCENSUS_MISSING,   /* a row of the reference is not there */
    PGCENSUS_EXTRA,     /* a row is there that the reference has not */
};

struct pgcensus_difference {
    enum pgcensus_difference_kind kind;
    size_t reference_row, row;       /* in the rows of either; SIZE_MAX if not there */
    size_t reference_column, column; /* DIFFERENT: of the cell; else SIZE_MAX */
};

struct pgcensus_diff_node {
    size_t index; /* into the replies */
    /* In name, type or order.  Cells of a column that only one of the two has are not
     * listed, and without a column of the key no row is. */
    bool columns_differ;
    struct pgcensus_difference *items; /* in order of the reference's rows, extra ones
                                          last */
    size_t n;
    size_t n_rows; /* that differ; 0 also if only their order does */
};

struct pgcensus_diff {
    size_t *reference; /* who agrees with the reference, itself too; indexes */
    size_t n_reference;
    const struct pgcensus_rows *rows; /* of the reference; NULL: nobody has answered in
                                         full, and all else is empty */
    size_t *key;                      /* columns of the reference that name a row */
    size_t n_key;
    struct pgcensus_diff_node *nodes; /* complete answers that differ, in inventory
                                         order */
    size_t n_nodes;
};

struct pgcensus_diff_options {
    const char *reference;   /* a node's name; NULL: the largest group */
    const char *const *keys; /* names of columns; none: the first column */
    size_t n_keys;
    bool unordered; /* only for who agrees with whom */
};

/* Rows are matched by key: those of a key that are the same first, of what is left the
 * n-th with the n-th. */
struct pgcensus_diff *pgcensus_diff(const struct pgcensus_replies *replies,
                                    const struct pgcensus_diff_options *options,
                                    struct pgcensus_error *ret_error);
void pgcensus_diff_free(struct pgcensus_diff *diff);

/* ---- a second statement over all rows ---- */

struct pgcensus_reduce_options {
    nsec deadline;       /* absolute, CLOCK_MONOTONIC; 0: none */
    int stop_fd;         /* readable: interrupted; -1: none */
    size_t max_rows;     /* of the result; 0: no limit */
    size_t max_bytes;    /* of the result; 0: no limit */
    bool *ret_truncated; /* set if there would have been more; may be NULL */
    /* Called when the rows of a reply are in the table: they are not looked at any
     * more, and whoever owns them may free them.  NULL: nobody does. */
    void (*loaded)(void *context, size_t index);
    void *context;
};

/* Loads all rows into table r (node, node_group, then the merged columns) and one row
 * per node into nodes (node, status, error, latency_ms), in memory, and runs one
 * statement, which may only read.  Of two columns of one name, whatever its case, the
 * second is name_2.  Values compare, sort, group, join and add up as PostgreSQL says:
 * numbers as numbers with every digit kept, bool as 1 and 0, timestamptz by instant,
 * intervals by length, text by its bytes.  What has no order here, an enum or types
 * that have nothing in common, may be grouped and compared for equality, and a
 * statement that puts it in order is refused; json and what has no equality is refused
 * whenever it is compared.  Of equal numerics that came as 1.1 and 1.10 one text is
 * shown for both. percentile(x, p), p of 100, and stddev(x) are there, too. Without
 * SQLite it says so. */
struct pgcensus_rows *pgcensus_reduce(const struct pgcensus_replies *replies,
                                      const char *sql,
                                      const struct pgcensus_reduce_options *options,
                                      struct pgcensus_error *ret_error);

/* ---- one number over all rows ---- */

enum pgcensus_tally_kind {
    PGCENSUS_TALLY_COUNT, /* of what is not NULL */
    PGCENSUS_TALLY_SUM,
    PGCENSUS_TALLY_MIN, /* of numbers, bool, moments, intervals, money, networks … */
    PGCENSUS_TALLY_MAX, /* and of text by its bytes; any other type is refused */
    PGCENSUS_TALLY_AVG, /* at least 16 significant digits, rounded half away from 0 */
};

struct pgcensus_tally {
    enum pgcensus_tally_kind kind;
    const char *column;
};

/* One row, a column "sum(bytes)" for each tally; exact.  NULL over no values, as in
 * SQL.  A column that no node has, a sum of what is no number, and the smallest or
 * largest of values that only a server can compare are errors. */
struct pgcensus_rows *pgcensus_tally(const struct pgcensus_replies *replies,
                                     const struct pgcensus_tally *tallies, size_t n,
                                     struct pgcensus_error *ret_error);

#endif
