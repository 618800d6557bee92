/* Combines the answers of many nodes: merge, fold, compare, reduce.
 *
 * Pure functions over rows that were kept; none of them uses a connection.
 * Failed nodes take part: each result names the missing ones.  A function that
 * cannot do its work returns false or NULL with an error. */
#ifndef PGCENSUS_REPLIES_H
#define PGCENSUS_REPLIES_H

#include <pgcensus/rows.h>
#include <pgcensus/status.h>

/* The answer of one node. */
struct pgcensus_reply {
    const char *node;
    const char *group;                /* NULL: in none */
    const char *status;               /* "ok", "failed" … */
    const char *error;                /* NULL: none */
    nsec latency;                     /* PGCENSUS_UNKNOWN_TIME: unknown */
    const struct pgcensus_rows *rows; /* NULL: there are none */
    bool complete;                    /* false: there would have been more rows */
};

struct pgcensus_replies {
    const struct pgcensus_reply *items; /* in inventory order */
    size_t n;
};

/* ---- one header for all ---- */

/* Columns of several nodes, matched by name and by occurrence: the second "a"
 * of one node matches the second "a" of another.  New columns are added behind
 * the others, in order of appearance; a column has the type that it has on the
 * first node with it. */
struct pgcensus_merge;

/* n: the number of nodes.  NULL: no memory. */
struct pgcensus_merge *pgcensus_merge_new(size_t n);
void pgcensus_merge_free(struct pgcensus_merge *merge);
/* Adds the columns of one node, once.  frozen: no columns may be added; false
 * if the node has a new one, and then nothing has changed.  False also: no
 * memory. */
bool pgcensus_merge_add(struct pgcensus_merge *merge, size_t index,
                        const struct pgcensus_rows *rows, bool frozen);
size_t pgcensus_merge_columns(const struct pgcensus_merge *merge,
                              const struct pgcensus_column **ret_columns);
/* For each merged column the index of the node's own, SIZE_MAX if it has none;
 * NULL if the node was not added.  Both arrays are valid until the next
 * pgcensus_merge_add(). */
const size_t *pgcensus_merge_map(const struct pgcensus_merge *merge, size_t index);
/* True if the columns or their order are not the same on all nodes. */
bool pgcensus_merge_differs(const struct pgcensus_merge *merge);
/* True if some node does not have all columns. */
bool pgcensus_merge_lacks(const struct pgcensus_merge *merge);
/* True if a column has different types on different nodes. */
bool pgcensus_merge_types_differ(const struct pgcensus_merge *merge);

/* ---- equal answers, folded ---- */

struct pgcensus_fold_group {
    const size_t *members; /* indexes into the replies, ascending */
    size_t n_members;
    const struct pgcensus_rows *rows; /* of its first member */
};

/* The largest group first; among equals the one whose first member comes first.
 * Two answers are equal if their rows and columns are: names, and types as far
 * as pgcensus_type_same() can tell.  Values are equal if PostgreSQL calls them
 * so, in whatever format a session wrote them; a value that cannot be read is
 * an error.  The same holds for differences below. */
struct pgcensus_fold {
    struct pgcensus_fold_group *groups;
    size_t n_groups;
    size_t *members; /* the arrays that groups point into */
};

/* unordered: ignores the order of rows, but not how often each occurs.  Replies
 * without rows, and incomplete ones, are in no group. */
struct pgcensus_fold *pgcensus_fold(const struct pgcensus_replies *replies,
                                    bool unordered, struct pgcensus_error *ret_error);
void pgcensus_fold_free(struct pgcensus_fold *fold);

/* ---- differences from a reference ---- */

enum pgcensus_difference_kind {
    PGCENSUS_DIFFERENT, /* a cell has another value than in the reference */
    PGCENSUS_MISSING,   /* a row of the reference is missing on the node */
    PGCENSUS_EXTRA,     /* the node has a row that the reference does not have */
};

struct pgcensus_difference {
    enum pgcensus_difference_kind kind;
    size_t reference_row, row;       /* in the rows of each; SIZE_MAX if missing */
    size_t reference_column, column; /* DIFFERENT: of the cell; else SIZE_MAX */
};

struct pgcensus_diff_node {
    size_t index; /* into the replies */
    /* Columns differ in name, type or order.  Cells of a column that only one
     * of the two has are not listed, and if a key column is missing, no rows
     * are. */
    bool columns_differ;
    struct pgcensus_difference *items; /* in order of the reference's rows, extra ones
                                          last */
    size_t n;
    size_t n_rows; /* rows that differ; 0 also if only their order does */
};

struct pgcensus_diff {
    size_t *reference; /* indexes of the nodes that agree with it, its own too */
    size_t n_reference;
    const struct pgcensus_rows *rows; /* of the reference; NULL: no node has answered in
                                         full, and all else is empty */
    size_t *key;                      /* columns of the reference that identify a row */
    size_t n_key;
    struct pgcensus_diff_node *nodes; /* complete answers that differ, in inventory
                                         order */
    size_t n_nodes;
};

struct pgcensus_diff_options {
    const char *reference;   /* a node's name; NULL: the largest group */
    const char *const *keys; /* names of columns; none: the first column */
    size_t n_keys;
    bool unordered; /* only for whether two answers agree */
};

/* Rows are matched by key.  If several rows have one key, equal ones are
 * matched first, then the first of the rest with the first of the rest, and so
 * on. */
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
    /* Called when the rows of a reply are in the table: they are no longer
     * needed and their owner may free them.  May be NULL. */
    void (*loaded)(void *context, size_t index);
    void *context;
};

/* Loads all rows into table r (node, node_group, then the merged columns) and
 * one row per node into nodes (node, status, error, latency_ms), in memory, and
 * runs one statement, which may only read.  Of two columns of one name,
 * whatever its case, the second is name_2.  Values compare, sort, group, join
 * and add up as PostgreSQL says: numbers as numbers with every digit kept, bool
 * as 1 and 0, timestamptz by instant, intervals by length, text by its bytes.
 * Values without an order here (enums, mixed types with nothing in common) may
 * be grouped and compared for equality; a statement that sorts them is refused.
 * Comparing json, or other types without equality, is refused.  Equal numerics
 * that came as 1.1 and 1.10 are shown with one of the texts.  percentile(x, p),
 * p of 100, and stddev(x) are there, too.  If SQLite was not built in, the
 * error says so. */
struct pgcensus_rows *pgcensus_reduce(const struct pgcensus_replies *replies,
                                      const char *sql,
                                      const struct pgcensus_reduce_options *options,
                                      struct pgcensus_error *ret_error);

/* ---- one number over all rows ---- */

enum pgcensus_tally_kind {
    PGCENSUS_TALLY_COUNT, /* of values that are not NULL */
    PGCENSUS_TALLY_SUM,
    PGCENSUS_TALLY_MIN, /* of numbers, bool, moments, intervals, money, networks … */
    PGCENSUS_TALLY_MAX, /* and of text by its bytes; any other type is refused */
    PGCENSUS_TALLY_AVG, /* at least 16 significant digits, rounded half away from 0 */
};

struct pgcensus_tally {
    enum pgcensus_tally_kind kind;
    const char *column;
};

/* One row, a column "sum(bytes)" for each tally; exact.  NULL over no values,
 * as in SQL.  Errors are: a column that no node has, a sum of values that are
 * no numbers, and the smallest or largest of values that only a server can
 * compare. */
struct pgcensus_rows *pgcensus_tally(const struct pgcensus_replies *replies,
                                     const struct pgcensus_tally *tallies, size_t n,
                                     struct pgcensus_error *ret_error);

#endif
