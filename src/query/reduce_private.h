/* The inside of pgcensus_reduce(), shared by its files and nobody else.
 *
 *   reduce.c            one statement over a database in memory, and its guards
 *   reduce_load.c       the tables r and nodes
 *   reduce_functions.c  percentile() and stddev() */
#ifndef QUERY_REDUCE_PRIVATE_H
#define QUERY_REDUCE_PRIVATE_H

#include <pgcensus/replies.h>

#include <sqlite3.h>
#include <stdbool.h>

/* Until when it may go on. */
struct reduce_patience {
    const struct pgcensus_reduce_options *options;
    size_t memory;  /* that SQLite may have in use; SIZE_MAX while rows are loaded */
    nsec next_poll; /* of the descriptor */
    bool interrupted, late, large; /* why it may not */
};

/* Whether it has to end now; also the handler that SQLite calls. */
int reduce_look_around(void *patience);
/* Why it ended, or what SQLite says; returns false. */
bool reduce_explain(sqlite3 *db, const struct reduce_patience *patience,
                    struct pgcensus_error *ret_error);

/* Both make tables and fill them.  False: error says why. */
bool reduce_load_rows(sqlite3 *db, const struct pgcensus_replies *replies,
                      struct reduce_patience *patience,
                      struct pgcensus_error *ret_error);
bool reduce_load_nodes(sqlite3 *db, const struct pgcensus_replies *replies,
                       struct pgcensus_error *ret_error);

bool reduce_add_functions(sqlite3 *db);

/* What SQLite says, as our own complaint; returns false. */
bool reduce_fail(sqlite3 *db, struct pgcensus_error *ret_error);

#endif
