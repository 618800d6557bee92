/* What is asked of every node, the same for all: made once.  A question reads it, but
 * for the budget and the memo, which they share and change. */
#ifndef QUERY_PLAN_H
#define QUERY_PLAN_H

#include "fleet/envelope.h"
#include "pg/conn.h"

#include <pgcensus/query.h>

struct plan {
    const struct pgcensus_query_options *options;
    size_t batch; /* bytes of rows that wait for the reader, per node; 0: all of them */
    struct pg_budget budget;       /* what all may still keep; not used by streams */
    struct envelope_memo envelope; /* the same for most nodes */
    bool check;                    /* the health check comes first */
    bool ask_role;                 /* the role matters */
    struct list offering; /* questions that have rows, also when they are done */
};

#endif
