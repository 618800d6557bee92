/* Equal problems of many nodes, put together: forty lines that say the same hide the
 * forty-first that does not. */
#ifndef REPORT_GATHER_H
#define REPORT_GATHER_H

#include "base/buf.h"
#include "report/explain.h"

#include <pgcensus/pgcensus.h>

struct gathered {
    const struct pgcensus_node_result *const *members;
    size_t n;     /* 1: that node's own problem */
    char *detail; /* what they share, safe for people */
};

struct gathering {
    struct gathered *items; /* in order of their first member */
    size_t n, cap;
    const struct pgcensus_node_result **members;
};

/* Gathers what is a problem in results: more than ten nodes that say the same, or at
 * least fail in the same class and phase, become one item.  same_statement: they were
 * all asked the same, so that an error in it is said once however few they are.  False:
 * no memory. */
bool gather_problems(const struct pgcensus_fleet *fleet,
                     const struct pgcensus_node_result *const *results, size_t n,
                     bool same_statement, struct gathering *ret_gathering);
void gathering_fini(struct gathering *gathering);
AUTO_DEFINE_VALUE(struct gathering, gathering_fini)

/* How much is said below a problem. */
struct gathering_words {
    bool verbose; /* all of it; else only of a problem that stands alone */
    struct statement_source source; /* of the statement that everybody was asked */
};

/* A line of stderr for each: "pgcensus: pg-c: connection refused …", and below it what
 * its server added; the place in the statement once, with the first that names it. */
void gathering_add_lines(const struct gathering *gathering,
                         const struct pgcensus_fleet *fleet,
                         const struct gathering_words *words, struct buf *out);
/* What is said below one of them. */
void gathering_explain(const struct gathering *gathering, size_t which,
                       const struct pgcensus_fleet *fleet,
                       const struct gathering_words *words, struct buf *out);

/* "pg-[0412-0448]": the names of its nodes. */
void gathered_add_names(const struct gathered *gathered,
                        const struct pgcensus_fleet *fleet, struct buf *out);

#endif
