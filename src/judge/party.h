/* A node with what it takes to judge it among others. */
#ifndef JUDGE_PARTY_H
#define JUDGE_PARTY_H

#include <pgcensus/fleet.h>

struct party {
    const struct pgcensus_identity *identity;
    struct pgcensus_node_result *result;
};

/* Whether it answered, as whatever. */
static inline bool party_answered(const struct party *party)
{
    return party->result->attempted && !party->result->failed;
}

/* Whether it answered, and as what. */
static inline bool party_is(const struct party *party, enum pgcensus_role role)
{
    return party_answered(party) && party->result->role == role;
}

/* 0: unknown. */
static inline uint64_t party_cluster(const struct party *party)
{
    const struct pgcensus_facts *facts = party->result->facts;
    return facts ? facts->system_identifier : 0;
}

/* When its server was started, by the server's clock; 0: unknown. */
static inline nsec party_started(const struct party *party)
{
    const struct pgcensus_facts *facts = party->result->facts;
    return facts ? facts->started_at : 0;
}

/* A pooler answers with whichever server it likes, so no position is measured there. */
static inline bool party_may_be_measured(const struct party *party)
{
    return party->result->facts && !party->identity->via_pooler;
}

#endif
