/* One query from start to end: waits, shows progress, obeys signals, and passes on what
 * comes in. */
#ifndef CLI_QUERY_QUERY_LOOP_H
#define CLI_QUERY_QUERY_LOOP_H

#include "base/auto.h"
#include "cli/command.h"

#include <pgcensus/pgcensus.h>

AUTO_DEFINE(struct pgcensus_query *, pgcensus_query_free)

/* Who takes what comes in; false ends the query, which then has failed. */
struct taker {
    bool (*rows)(void *context, struct pgcensus_query *query, size_t index,
                 struct pgcensus_rows *owned, struct pgcensus_error *ret_error);
    /* The last word on a node; may change it (columns that fit no header any more). */
    bool (*node)(void *context, struct pgcensus_query *query,
                 struct pgcensus_query_result *result,
                 struct pgcensus_error *ret_error);
    /* Everybody has come out. */
    bool (*end)(void *context, struct pgcensus_query *query,
                struct pgcensus_error *ret_error);
    /* How many bytes a reader has not taken yet; more than a little is looked after.
     * NULL: there is no reader before the end. */
    size_t (*backlog)(void *context);
    /* Hands over what can be handed over now.  *ret_full: a descriptor that takes no
     * more bytes for now; -1: more rows are welcome. */
    bool (*drain)(void *context, int *ret_full, struct pgcensus_error *ret_error);
    void *context;
};

struct asking {
    nsec started_wall, elapsed;
    int signal; /* that ended it early; 0: none */

    /* What is reported, in inventory order: all but those that were left out. */
    const struct pgcensus_query_result **results;
    size_t n_results;

    struct pgcensus_query_result
        *by_index; /* what results points into; notices owned */
    size_t n;
};

/* program->signals are open, and stay so. */
bool asking_run(const struct program *program, struct pgcensus_fleet *fleet,
                const struct pgcensus_query_options *options, const struct taker *taker,
                bool progress, struct asking *ret_asking,
                struct pgcensus_error *ret_error);
void asking_fini(struct asking *asking);
AUTO_DEFINE_VALUE(struct asking, asking_fini)

#endif
