/* The inside of pgcensus_reduce(), shared by its files and nobody else.
 *
 *   reduce.c            one statement over a database in memory, and its guards
 *   reduce_shape.c      what becomes of a column: numbers, or text and how it compares
 *   reduce_load.c       the tables r and nodes
 *   reduce_result.c     its rows
 *   reduce_scale.c      zeros behind the point that are not stored
 *   reduce_numbers.c    which double stands for which decimal
 *   reduce_literals.c   those that stand in the statement
 *   reduce_short.c      decimals that a double holds
 *   reduce_compare.c    text that is compared by what it means
 *   reduce_rewrite.c    and stays so when a function had it
 *   reduce_program.c    what SQLite made of the statement
 *   reduce_order.c      statements that put in order what has none
 *   reduce_flow.c       and those that take a moment or a length for a number
 *   reduce_flow_steps.c by following what SQLite does with each value
 *   reduce_sum.c        sum() and avg()
 *   reduce_functions.c  percentile() and stddev() */
#ifndef QUERY_REDUCE_PRIVATE_H
#define QUERY_REDUCE_PRIVATE_H

#include "base/auto.h"
#include "query/order.h"
#include "query/reduce_numbers.h"

#include <pgcensus/replies.h>
#include <sqlite3.h>
#include <stdbool.h>

AUTO_DEFINE(sqlite3_stmt *, sqlite3_finalize)

enum { REDUCE_OWN_COLUMNS = 2 }; /* node, node_group */

/* Until when it may go on. */
struct reduce_patience {
    const struct pgcensus_reduce_options *options;
    size_t memory;  /* that SQLite may have in use; SIZE_MAX while rows are loaded */
    nsec next_poll; /* of the descriptor */
    bool interrupted, late, large; /* why it may not */
};

/* What SQLite is to make of a column. */
enum reduce_shape {
    REDUCE_SHAPE_NONE,    /* no node has it */
    REDUCE_SHAPE_TEXT,    /* everything in it */
    REDUCE_SHAPE_INTEGER, /* integers of 64 bits */
    REDUCE_SHAPE_BOOL,    /* 1, 0 */
    REDUCE_SHAPE_FLOAT,
    REDUCE_SHAPE_COUNT,   /* numerics without a point: integers as far as they fit */
    REDUCE_SHAPE_DECIMAL, /* numerics, or numbers of several types: all doubles */
};

/* How text is compared. */
enum reduce_way {
    REDUCE_BY_ORDER, /* by value, see order.h */
    REDUCE_BY_TEXT,  /* the same text is the same value, but nothing tells the order */
    REDUCE_NEVER,    /* PostgreSQL does not, or the same value has many texts */
};

struct reduce_compare;

struct reduce_column {
    enum reduce_shape shape;
    enum reduce_way way; /* of TEXT */
    enum order order;    /* of BY_ORDER */
    unsigned type;       /* of the first node that has it */
    unsigned other_type; /* of one that has another; 0: none has */
    bool crowded;        /* some number has no double */
    size_t scale;        /* of DECIMAL: so many digits are behind each point; else 0 */
    bool begun, settled; /* scale is known; its texts are */
    char *name;          /* in r; owned */
    struct reduce_compare *compare;
};

/* Whatever is known of the database, beside what is in it. */
struct reduce_compare {
    struct reduce_column *columns;
    size_t n;
    struct reduce_numbers *numbers;
    bool failed;
    char message[256]; /* why */
};

void reduce_compare_fini(struct reduce_compare *compare);
AUTO_DEFINE_VALUE(struct reduce_compare, reduce_compare_fini)

/* Whether it has to end now; also the handler that SQLite calls. */
int reduce_look_around(void *patience);
/* Why it ended, or what SQLite says; returns false. */
bool reduce_explain(sqlite3 *db, const struct reduce_patience *patience,
                    struct pgcensus_error *ret_error);

/* Looks at all answers; columns are the merged ones. */
void reduce_shape_columns(const struct pgcensus_replies *replies,
                          const struct pgcensus_merge *merge,
                          struct reduce_compare *compare);
/* "TEXT COLLATE ..." */
void reduce_add_declaration(const struct reduce_compare *compare, size_t column,
                            struct buf *text);

/* Both make tables and fill them.  False: error says why. */
bool reduce_load_rows(sqlite3 *db, const struct pgcensus_replies *replies,
                      struct reduce_compare *compare, struct reduce_patience *patience,
                      struct pgcensus_error *ret_error);
bool reduce_load_nodes(sqlite3 *db, const struct pgcensus_replies *replies,
                       struct pgcensus_error *ret_error);

/* The texts of a column whose numbers have been loaded without their zeros. */
bool reduce_settle_column(sqlite3 *db, struct reduce_column *column);
/* And of all such columns. */
bool reduce_settle(sqlite3 *db, struct reduce_compare *compare);
/* Zeros up to the scale behind a number that was printed from at on. */
void reduce_add_zeros(struct buf *text, size_t at, size_t scale);

/* Once the columns are known, and before the tables are made. */
bool reduce_add_collations(sqlite3 *db, struct reduce_compare *compare);
bool reduce_has_collation(const struct reduce_column *column);
/* What a column is called among collations. */
void reduce_collation_name(size_t column, char (*ret_name)[24]);
/* A column cannot be compared, or cannot be put in order; says which, and a way out. */
void reduce_refuse_column(struct reduce_compare *compare, size_t column,
                          const char *why);
/* False: the statement puts in order what has no order. */
bool reduce_check_order(sqlite3 *db, const char *sql, struct reduce_compare *compare,
                        struct pgcensus_error *ret_error);

/* False: the statement calculates with text that is none of numbers, or has forgotten
 * how it is compared. */
bool reduce_check_flow(sqlite3 *db, const char *sql, struct reduce_compare *compare,
                       struct pgcensus_error *ret_error);

/* The statement with collations where SQLite would forget them. */
void reduce_add_collations_to(const char *sql, const struct reduce_compare *compare,
                              struct buf *text);

struct rowset;

struct reduce_result {
    struct rowset *rowset;
    sqlite3_stmt *statement;
    sqlite3 *db;
    struct reduce_compare *compare;
};

/* Columns, then rows, then what types the columns have.  False: no memory. */
bool reduce_begin_result(struct rowset *rowset, sqlite3_stmt *statement);
bool reduce_add_row(const struct reduce_result *result);
void reduce_settle_types(struct rowset *rowset);

bool reduce_add_functions(sqlite3 *db);
bool reduce_add_sums(sqlite3 *db, struct reduce_numbers *numbers);

/* Before anything is loaded: numbers of the statement are those that SQLite makes of
 * them.  False: one of them cannot be. */
bool reduce_claim_literals(sqlite3 *db, struct reduce_numbers *numbers, const char *sql,
                           struct pgcensus_error *ret_error);

/* What SQLite says, as our own complaint; returns false. */
bool reduce_fail(sqlite3 *db, struct pgcensus_error *ret_error);

#endif
