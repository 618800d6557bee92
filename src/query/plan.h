/* What is asked of every node, the same for all: made once, read by each question. */
#ifndef QUERY_PLAN_H
#define QUERY_PLAN_H

#include <pgcensus/query.h>

struct plan {
    const struct pgcensus_query_options *options;
    size_t batch; /* bytes of rows that wait for the reader, per node; 0: all of them */
    size_t budget; /* bytes that all may still keep; SIZE_MAX: no limit */
    bool check;    /* the health check comes first */
    bool ask_role; /* the role matters */
};

#endif
