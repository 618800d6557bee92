/* A node with what it takes to judge it among others. */
#ifndef JUDGE_PEER_H
#define JUDGE_PEER_H

#include <pgcensus/verdict.h>

struct peer {
    const struct pgcensus_identity *identity;
    const struct pgcensus_node_result *result; /* as its check left it */
    struct pgcensus_node_verdict *verdict; /* what is made of it; NULL: nothing yet */
};

static inline enum pgcensus_status peer_status(const struct peer *peer)
{
    return peer->verdict ? peer->verdict->status : peer->result->status;
}

/* It missed this check, and may. */
static inline bool peer_is_held(const struct peer *peer)
{
    return peer->verdict ? peer->verdict->held : peer->result->held;
}

/* Whether it answered, as whatever. */
static inline bool peer_answered(const struct peer *peer)
{
    return peer->result->attempted && !peer->result->failed;
}

/* Whether it answered, and as what. */
static inline bool peer_is(const struct peer *peer, enum pgcensus_role role)
{
    return peer_answered(peer) && peer->result->role == role;
}

/* 0: unknown. */
static inline uint64_t peer_cluster(const struct peer *peer)
{
    const struct pgcensus_facts *facts = peer->result->facts;
    return facts ? facts->system_identifier : 0;
}

/* When its server was started, by the server's clock; 0: unknown. */
static inline nsec peer_started(const struct peer *peer)
{
    const struct pgcensus_facts *facts = peer->result->facts;
    return facts ? facts->started_at : 0;
}

/* A pooler answers with whichever server it likes, so no position is measured there. */
static inline bool peer_may_be_measured(const struct peer *peer)
{
    return peer->result->facts && !peer->identity->via_pooler;
}

#endif
