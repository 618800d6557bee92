/* Whether the nodes of a group are one cluster, and at one point of its history.
 *
 * Primaries without a standby between them, and without rules, are a mere collection of
 * servers: nothing is said of their clusters. */
#include "judge/judging.h"

#include <inttypes.h>
#include <stddef.h>

static size_t count(const struct judging *judging, uint64_t cluster)
{
    size_t n = 0;
    for (size_t i = 0; i < judging->question->n; i++)
        n += party_cluster(&judging->question->parties[i]) == cluster;
    return n;
}

/* That of the primary; of several or none the one that most nodes have; 0: unknown. */
static uint64_t find_main(const struct judging *judging)
{
    uint64_t best = 0;
    if (judging->n_primaries == 1)
        best = party_cluster(judging_primary(judging, 0));
    if (best)
        return best;
    for (size_t i = 0; i < judging->question->n; i++) {
        uint64_t cluster = party_cluster(&judging->question->parties[i]);
        if (cluster && (!best || count(judging, cluster) > count(judging, best)))
            best = cluster;
    }
    return best;
}

static void judge_identity(struct judging *judging, uint64_t main)
{
    bool has_rules = judging_has_rules(judging);
    for (size_t i = 0; i < judging->question->n; i++) {
        const struct party *party = &judging->question->parties[i];
        uint64_t cluster = party_cluster(party);
        if (cluster && cluster != main)
            judging_add(judging, has_rules ? PGCENSUS_DOWN : PGCENSUS_WARN,
                        "system_identifier",
                        "%s belongs to another cluster (system identifier %" PRIu64
                        ", the others': %" PRIu64 ")",
                        party->identity->name, cluster, main);
    }
}

/* ---- history ---- */

/* A standby on a later timeline follows somebody who was promoted after this primary;
 * one on an earlier timeline has been left behind, or follows who was primary then. */
static void judge_timeline(struct judging *judging, const struct party *standby,
                           const struct party *primary)
{
    const struct pgcensus_facts *own = standby->result->facts;
    const struct pgcensus_facts *theirs = primary->result->facts;
    if (!own->timeline || !theirs->timeline || own->timeline == theirs->timeline)
        return;
    bool is_later = own->timeline > theirs->timeline;
    judging_add(judging, is_later ? PGCENSUS_DOWN : PGCENSUS_WARN, "timeline",
                "%s is on timeline %" PRIu32 ", its primary %s on %" PRIu32,
                standby->identity->name, own->timeline, primary->identity->name,
                theirs->timeline);
}

static void judge_pair(struct judging *judging, const struct party *standby,
                       const struct party *primary)
{
    /* Two clusters that we may not see are not one. */
    if (!party_cluster(standby) || party_cluster(standby) != party_cluster(primary))
        return;
    judge_timeline(judging, standby, primary);
    if (lag_is_ahead(standby, primary))
        judging_add(judging, PGCENSUS_DOWN, "standby_ahead",
                    "%s has WAL that its primary %s does not have",
                    standby->identity->name, primary->identity->name);
}

/* Standbys replay what their primary wrote, so they must be of one major version; minor
 * ones differ while a fleet is being updated, and that is worth a remark. */
static void judge_versions(struct judging *judging, uint64_t main)
{
    const struct party *oldest = NULL, *newest = NULL;
    for (size_t i = 0; i < judging->question->n; i++) {
        const struct party *party = &judging->question->parties[i];
        int version = party->result->server_version_num;
        if (!version || party_cluster(party) != main)
            continue;
        if (!oldest || version < oldest->result->server_version_num)
            oldest = party;
        if (!newest || version > newest->result->server_version_num)
            newest = party;
    }
    if (!oldest ||
        oldest->result->server_version_num == newest->result->server_version_num)
        return;
    bool major = oldest->result->server_version_num / 10000 !=
                 newest->result->server_version_num / 10000;
    judging_add(judging, major ? PGCENSUS_WARN : PGCENSUS_OK, "version_skew",
                "versions differ: %s has %s, %s has %s", oldest->identity->name,
                oldest->result->server_version, newest->identity->name,
                newest->result->server_version);
}

void judging_clusters(struct judging *judging)
{
    uint64_t main = find_main(judging);
    if (!main || (judging->n_standbys == 0 && !judging_has_rules(judging)))
        return;
    if (judging->question->group)
        judge_identity(judging, main);
    for (size_t i = 0; i < judging->n_standbys; i++)
        for (size_t j = 0; j < judging->n_primaries; j++)
            judge_pair(judging, judging_standby(judging, i),
                       judging_primary(judging, j));
    judge_versions(judging, main);
}
