/* Answers that are kept until all are there, and what is made of them. */
#ifndef CLI_QUERY_ANSWERS_H
#define CLI_QUERY_ANSWERS_H

#include "cli/query/query_arguments.h"
#include "cli/query/query_loop.h"
#include "report/query.h"

struct answers {
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
bool answers_init(struct answers *answers, const struct pgcensus_fleet *fleet);
void answers_fini(struct answers *answers);
AUTO_DEFINE_VALUE(struct answers, answers_fini)

struct row_sink answers_sink(struct answers *answers);

/* Merges, and folds, compares or reduces, as the arguments say.  A reduction may take
 * long: it ends at the deadline (0: none), or when stop_fd is readable.  False: it
 * cannot be done, for the reason given. */
bool answers_combine(struct answers *answers, const struct query_arguments *arguments,
                     const struct query_outcome *outcome, nsec deadline, int stop_fd,
                     struct pgcensus_error *ret_error);

/* Answers were compared, and are not all the same. */
bool answers_differ(const struct answers *answers);

#endif
