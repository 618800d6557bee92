/* Whether the nodes of a group are one cluster, and at one point of its history.
 *
 * Primaries without a standby between them, and without rules, are a mere collection of
 * servers: nothing is said of their clusters. */
#include "base/memory.h"
#include "judge/judging.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- who belongs to it ---- */

/* Those with a primary come first, unless there are more of them than there should be;
 * then those with more nodes; then as in the inventory. */
struct candidate {
    const struct run *run;
    bool has_primary;
};

static size_t first_place(const struct run *run)
{
    size_t first = run->places[0];
    for (size_t i = 1; i < run->n; i++)
        first = run->places[i] < first ? run->places[i] : first;
    return first;
}

static int compare_candidates(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;
    if (left->has_primary != right->has_primary)
        return left->has_primary ? -1 : 1;
    if (left->run->n != right->run->n)
        return left->run->n > right->run->n ? -1 : 1;
    return first_place(left->run) > first_place(right->run) ? 1 : -1;
}

/* The clusters that the group is meant to be, by its runs; the first of them, NULL:
 * none is known. */
static const struct run *find_main(struct judging *judging, bool *is_main)
{
    const struct company *company = judging->company;
    int primaries = judging->question->require.primaries;
    size_t wanted = primaries > 1 ? (size_t)primaries : 1, n = 0, n_led = 0;
    AUTO(free)
    struct candidate *candidates = memory_array(company->n_runs, sizeof *candidates);
    judging->no_memory |= !candidates;
    for (size_t i = 0; candidates && i < company->n_runs; i++)
        if (company->runs[i].cluster) {
            bool has_primary = company->runs[i].n_primaries > 0;
            candidates[n++] = (struct candidate){&company->runs[i], has_primary};
            n_led += has_primary;
        }
    for (size_t i = 0; n_led > wanted && i < n; i++)
        candidates[i].has_primary = false;
    if (n == 0)
        return NULL;
    qsort(candidates, n, sizeof *candidates, compare_candidates);
    for (size_t i = 0; i < n && i < wanted; i++)
        is_main[candidates[i].run - company->runs] = true;
    return candidates[0].run;
}

static void judge_identity(struct judging *judging, const bool *is_main,
                           const struct run *main)
{
    const struct company *company = judging->company;
    enum pgcensus_status status =
        judging_has_rules(judging) ? PGCENSUS_DOWN : PGCENSUS_WARN;
    int primaries = judging->question->require.primaries;
    for (size_t i = 0; i < company->n; i++) {
        const char *name = company->peers[i].identity->name;
        uint64_t cluster = company_run(company, i)->cluster;
        if (!cluster || is_main[company->run_of[i]])
            continue;
        if (primaries > 1)
            judging_add(judging, status, "system_identifier",
                        "%s belongs to none of the %d clusters (system identifier "
                        "%" PRIu64 ")",
                        name, primaries, cluster);
        else
            judging_add(judging, status, "system_identifier",
                        "%s belongs to another cluster (system identifier %" PRIu64
                        ", the others': %" PRIu64 ")",
                        name, cluster, main->cluster);
    }
}

/* ---- history ---- */

/* A standby on a later timeline follows a server that was promoted after this primary;
 * one that streams an earlier timeline follows the primary of then.  A control file
 * that is behind is no news. */
static void judge_timeline(struct judging *judging, const struct peer *standby,
                           const struct peer *primary)
{
    const struct pgcensus_facts *own = standby->result->facts;
    const struct pgcensus_facts *theirs = primary->result->facts;
    if (!own->timeline || !theirs->timeline || own->timeline == theirs->timeline)
        return;
    bool is_later = own->timeline > theirs->timeline;
    if (is_later ? !lag_primary_has_timeline(primary) : !lag_has_timeline(standby))
        return;
    judging_add(judging, is_later ? PGCENSUS_DOWN : PGCENSUS_WARN, "timeline",
                "%s is on timeline %" PRIu32 ", its primary %s on %" PRIu32,
                standby->identity->name, own->timeline, primary->identity->name,
                theirs->timeline);
}

/* Of several primaries nobody knows which is its own, and of what is behind a pooler
 * whether it is. */
static void judge_history(struct judging *judging, const struct run *run)
{
    if (run->n_primaries != 1)
        return;
    const struct peer *primary = &judging->company->peers[run->primaries[0]];
    if (!peer_may_be_measured(primary))
        return;
    for (size_t i = 0; i < run->n; i++) {
        const struct peer *standby = &judging->company->peers[run->places[i]];
        if (!peer_is(standby, PGCENSUS_STANDBY) || !peer_may_be_measured(standby))
            continue;
        judge_timeline(judging, standby, primary);
        if (lag_is_ahead(standby, primary))
            judging_add(judging, PGCENSUS_DOWN, "standby_ahead",
                        "%s has WAL that its primary %s does not have",
                        standby->identity->name, primary->identity->name);
    }
}

/* ---- versions ---- */

/* "15.4", without what a distribution puts behind it. */
static int length_of_version(const struct peer *peer)
{
    return (int)strcspn(peer->result->server_version, " ");
}

/* Standbys replay what their primary wrote, so they must be of one major version; minor
 * ones differ while a fleet is being updated, and that is worth a remark in a group. */
static void judge_versions(struct judging *judging, const struct run *run)
{
    const struct peer *oldest = NULL, *newest = NULL;
    for (size_t i = 0; i < run->n; i++) {
        const struct peer *peer = &judging->company->peers[run->places[i]];
        int version = peer->result->server_version_num;
        if (!version)
            continue;
        if (!oldest || version < oldest->result->server_version_num)
            oldest = peer;
        if (!newest || version > newest->result->server_version_num)
            newest = peer;
    }
    if (!oldest ||
        oldest->result->server_version_num == newest->result->server_version_num)
        return;
    bool major = oldest->result->server_version_num / 10000 !=
                 newest->result->server_version_num / 10000;
    if (major || judging->question->group)
        judging_add(judging, major ? PGCENSUS_WARN : PGCENSUS_OK, "version_skew",
                    "versions differ: %s has %.*s, %s has %.*s", oldest->identity->name,
                    length_of_version(oldest), oldest->result->server_version,
                    newest->identity->name, length_of_version(newest),
                    newest->result->server_version);
}

void judging_clusters(struct judging *judging)
{
    const struct company *company = judging->company;
    AUTO(free) bool *is_main = memory_array(company->n_runs, sizeof *is_main);
    judging->no_memory |= !is_main;
    if (!is_main || (judging->verdict->n_standbys == 0 && !judging_has_rules(judging)))
        return;
    const struct run *main = find_main(judging, is_main);
    if (!main)
        return;
    if (judging->question->group)
        judge_identity(judging, is_main, main);
    for (size_t i = 0; i < company->n_runs; i++)
        if (company->runs[i].cluster)
            judge_history(judging, &company->runs[i]);
    for (size_t i = 0; i < company->n_runs; i++)
        if (company->runs[i].cluster)
            judge_versions(judging, &company->runs[i]);
}
