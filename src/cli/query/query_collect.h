/* Answers that are kept until all are there, and what is made of them. */
#ifndef CLI_QUERY_QUERY_COLLECT_H
#define CLI_QUERY_QUERY_COLLECT_H

#include "cli/query/query_arguments.h"
#include "cli/query/query_loop.h"
#include "report/query.h"

struct holding {
    const struct pgcensus_fleet *fleet;
    struct pgcensus_rows **rows; /* by index; NULL: none */
    size_t n;

    /* Made of them, beside the results that are reported. */
    struct pgcensus_reply *replies;
    struct pgcensus_merge *merge;
    struct pgcensus_rows *reduced;
    struct pgcensus_fold *fold;
    struct pgcensus_diff *diff;
    bool cut;
};

/* False: no memory. */
bool holding_init(struct holding *holding, const struct pgcensus_fleet *fleet);
void holding_fini(struct holding *holding);
AUTO_DEFINE_VALUE(struct holding, holding_fini)

struct taker holding_taker(struct holding *holding);

/* Merges, and folds, compares or reduces, as the arguments say.  stop_fd, deadline: for
 * what may take long.  False: it cannot be done, for the reason given. */
bool holding_make(struct holding *holding, const struct query_arguments *arguments,
                  const struct asking *asking, nsec deadline, int stop_fd,
                  struct pgcensus_error *ret_error);

/* Answers were compared, and are not all the same. */
bool holding_differs(const struct holding *holding);

#endif
