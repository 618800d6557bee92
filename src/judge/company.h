/* Nodes that are judged together, put in order once: a group, or all without one.
 *
 * Who is of one cluster is a run, so that whatever is asked of pairs is asked inside of
 * one, and of servers, not of their names.  All of it takes n log n. */
#ifndef JUDGE_COMPANY_H
#define JUDGE_COMPANY_H

#include "base/auto.h"
#include "judge/addresses.h"

/* The nodes of a cluster, by their places. */
struct run {
    uint64_t cluster;     /* 0: it is not known, so they may be of any */
    const size_t *places; /* of primaries, by server, then of others in their order */
    size_t n;
    /* Primaries, a node for each server: one that can be measured if it has one. */
    const size_t *primaries;
    size_t n_primaries;
};

/* Zeroed: empty. */
struct company {
    const struct peer *peers; /* of the caller */
    size_t n;
    size_t *servers;  /* by place: the first place of the same server */
    bool *dated;      /* by server: it is known when it was started */
    struct run *runs; /* by cluster, what is not known first */
    size_t n_runs;
    size_t *run_of; /* by place: index of its run */
    struct addresses addresses;

    /* Of the whole company. */
    size_t n_held;       /* nodes that missed this check and may */
    size_t n_measurable; /* servers of primaries whose position is known … */
    size_t n_hidden;     /* … and is not, or not their cluster */

    size_t *places, *primaries; /* what runs point to */
};

/* False: no memory.  Free with company_fini() either way. */
bool company_init(struct company *ret_company, const struct peer *peers, size_t n);
void company_fini(struct company *company);
AUTO_DEFINE_VALUE(struct company, company_fini)

static inline const struct run *company_run(const struct company *company, size_t place)
{
    return &company->runs[company->run_of[place]];
}

/* What a position can be measured against, or is one itself. */
bool company_is_measurable(const struct peer *primary);

#endif
