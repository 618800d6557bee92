/* How far a standby is behind.  Pure. */
#ifndef JUDGE_LAG_H
#define JUDGE_LAG_H

#include <pgcensus/fleet.h>

/* A node with what it takes to measure it, or against it. */
struct party {
    const struct pgcensus_identity *identity;
    struct pgcensus_node_result *result;
};

/* Whether it answered, and as what. */
static inline bool party_is(const struct party *party, enum pgcensus_role role)
{
    const struct pgcensus_node_result *result = party->result;
    return result->attempted && !result->failed && result->role == role;
}

/* 0: unknown. */
static inline uint64_t party_cluster(const struct party *party)
{
    const struct pgcensus_facts *facts = party->result->facts;
    return facts ? facts->system_identifier : 0;
}

/* Whether both are one server under two names, directly and behind a pooler, say: of
 * one cluster, and started in the same microsecond. */
static inline bool party_is_same_server(const struct party *a, const struct party *b)
{
    const struct pgcensus_facts *one = a->result->facts, *other = b->result->facts;
    return one && other && one->system_identifier &&
           one->system_identifier == other->system_identifier && one->started_at &&
           one->started_at == other->started_at;
}

/* Of this standby, behind whichever of the others is the live primary of its cluster.
 * Both ends are samples: what was written between them is no lag, and is never counted
 * as negative either. */
void lag_measure(const struct party *standby, const struct party *others, size_t n,
                 struct pgcensus_lag *ret_lag);

/* The reason where the primary may be a node that missed this check and may. */
#define LAG_MISSED_CHECK "missed_check"

/* The standby has WAL that its primary had not written when it was asked later, or that
 * it cannot have from there. */
bool lag_is_ahead(const struct party *standby, const struct party *primary);

#endif
