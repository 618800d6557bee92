/* One query from its start to its output. */
#ifndef CLI_QUERY_QUERY_RUN_H
#define CLI_QUERY_QUERY_RUN_H

#include "cli/query/query_collect.h"

/* What came of it once, and what it is printed from. */
struct outcome {
    struct holding holding;
    struct asking asking;
    struct query_document document;
};

struct errand {
    const struct program *program;
    const struct query_arguments *arguments;
    struct pgcensus_fleet *fleet;
    const char *sql;
    nsec started;          /* the first time */
    int status;            /* to exit with */
    struct outcome before; /* of the time before; document.n 0: there was none */
};

/* Asks everybody and delivers what comes; errand->status is then what to exit with.
 * False: that was not possible. */
bool errand_run(struct errand *errand, struct pgcensus_error *ret_error);
/* When --deadline ends all of it, however often it is run; NEVER: not at all. */
nsec errand_deadline(const struct errand *errand);
void errand_fini(struct errand *errand);

#endif
