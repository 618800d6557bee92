/* Queries that never took place, for the reports to print. */
#ifndef GOLDEN_ANSWERS_H
#define GOLDEN_ANSWERS_H

#include "report/query.h"

struct answers {
    struct query_document document;
    struct pgcensus_query_result results[8];
    const struct pgcensus_query_result *list[8];
    struct pgcensus_reply replies[8];
};

/* Five nodes of a database each: four answer, one of them differently, one is dead. */
void answers_of_five(struct answers *answers);
/* All that is strange in values and names, and everything that can become of a node. */
void answers_of_odd_ones(struct answers *answers);
/* Nobody gave rows: three nodes did something, one could not. */
void answers_without_rows(struct answers *answers);
void answers_fini(struct answers *answers);

#endif
