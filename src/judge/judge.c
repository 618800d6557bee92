/* From results to verdicts: first what the past of a node makes of its check, then its
 * lag, then its thresholds, of which lag may be one, then the groups, whose rules count
 * healthy nodes.
 *
 * Results are only read, so that they can be judged again when one of them has changed:
 * what is made of a node stands beside its result, in a verdict of its own.
 *
 * Nodes that are in no group are told apart by their clusters alone: they are judged
 * together, and appear as a group only if that found something. */
#include "base/auto.h"
#include "base/error.h"
#include "base/memory.h"
#include "fleet/fleet.h"
#include "fleet/groups.h"
#include "health/status.h"
#include "judge/group.h"
#include "judge/slots.h"
#include "judge/standby.h"
#include "judge/thresholds.h"

#include <stdlib.h>
#include <string.h>

/* What the caller gets, with what it points to. */
struct verdict {
    struct pgcensus_verdict public;
    struct pgcensus_node_verdict *nodes; /* in the order of the results */
    struct reason_list reasons;          /* in the order of the peers */
};

struct work {
    const struct pgcensus_fleet *fleet;
    const struct pgcensus_verdict_options *options;
    struct peer *peers; /* by group, then in inventory order */
    size_t n;
    struct verdict *verdict;
};

AUTO_DEFINE(struct pgcensus_verdict *, pgcensus_verdict_free)

/* Those without a group first. */
static int compare_peers(const void *a, const void *b)
{
    const struct peer *left = a, *right = b;
    const char *one = left->identity->group, *other = right->identity->group;
    size_t first = left->result->index, second = right->result->index;
    int order = one && other ? strcmp(one, other) : (one != NULL) - (other != NULL);
    return order ? order : (first > second) - (first < second);
}

static bool same_group(const struct peer *a, const struct peer *b)
{
    const char *one = a->identity->group, *other = b->identity->group;
    return one && other ? strcmp(one, other) == 0 : one == other;
}

/* ---- nodes ---- */

static struct health_status judge_past(const struct work *work, const struct peer *peer)
{
    const struct pgcensus_node_result *result = peer->result;
    return health_status_of(
        result->status,
        result->failed ? result->failure.error_class : PGCENSUS_CLASS_NONE,
        &peer->verdict->past, fleet_health(work->fleet, result->index));
}

/* As its check left it, in the light of its past. */
static void begin_node(const struct work *work, const struct peer *peer)
{
    struct pgcensus_node_verdict *verdict = peer->verdict;
    verdict->index = peer->result->index;
    verdict->lag = peer->result->lag;
    if (work->options->past)
        verdict->past = work->options->past[verdict->index];
    else if (work->options->recall)
        verdict->past = peer->result->past;
    struct health_status status = judge_past(work, peer);
    verdict->status = status.status;
    verdict->held = status.held;
}

static void copy_reasons(struct reason_list *list, const struct peer *peer,
                         const struct pgcensus_reason *reasons, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct pgcensus_reason *reason =
            reason_add(list, peer, peer_status(peer), reasons[i].code);
        if (reason)
            *reason = reasons[i];
    }
}

/* A node that did not answer has nothing to judge: its verdict points to the reasons of
 * its result.  A whole fleet that is down would cost as many copies otherwise. */
static void lend_reasons(const struct peer *peer)
{
    peer->verdict->reasons = peer->result->reasons;
    peer->verdict->n_reasons = peer->result->n_reasons;
}

/* Its reasons are added here and nowhere else, so that they stand together. */
static void judge_node(const struct work *work, const struct company *company,
                       size_t place)
{
    const struct peer *peer = &company->peers[place];
    const struct pgcensus_node_result *result = peer->result;
    struct reason_list *reasons = &work->verdict->reasons;
    const struct health_status status = judge_past(work, peer);
    if (!peer_answered(peer) && status.n_reasons == 0) {
        lend_reasons(peer);
        return;
    }
    copy_reasons(reasons, peer, result->reasons, result->n_reasons);
    copy_reasons(reasons, peer, status.reasons, status.n_reasons);
    if (!peer_answered(peer))
        return;
    if (peer_is(peer, PGCENSUS_STANDBY) && (result->facts || *result->facts_reason)) {
        lag_measure(company, place, &peer->verdict->lag);
        standby_judge(company, place, reasons);
    }
    slots_judge(peer, reasons);
    for (unsigned i = 0; i < PGCENSUS_METRICS; i++)
        thresholds_judge(
            peer, (enum pgcensus_metric)i,
            pgcensus_fleet_limits(work->fleet, result->index, (enum pgcensus_metric)i),
            reasons);
}

/* ---- groups ---- */

static int stronger(int given, int configured)
{
    return given >= 0 ? given : configured;
}

static struct group_question ask(const struct work *work, const struct company *company)
{
    const char *name = company->peers[0].identity->group;
    const struct fleet_group *group = fleet_group_find(work->fleet, name);
    const struct pgcensus_require *given = &work->options->require;
    struct group_question question = {
        .group = name,
        .company = company,
        .complete = !group || company->n == group->n_members,
        .require = *given,
    };
    if (group) {
        const struct pgcensus_require *own = &group->require;
        question.require.primaries = stronger(given->primaries, own->primaries);
        question.require.standbys = stronger(given->standbys, own->standbys);
        question.require.min_healthy = stronger(given->min_healthy, own->min_healthy);
    }
    return question;
}

static bool judge_group(const struct work *work, const struct company *company)
{
    struct pgcensus_verdict *verdict = &work->verdict->public;
    struct group_question question = ask(work, company);
    struct pgcensus_group_verdict *group = &verdict->groups[verdict->n_groups];
    if (!group_judge(&question, group))
        return false;
    group->group = question.group;
    /* Nodes in no group are worth a word if something is wrong with them together; that
     * some were not judged each of them says itself. */
    if (group->group || group->n_reasons > 0)
        verdict->n_groups++;
    else
        group_verdict_fini(group);
    return true;
}

/* The past of all comes first: whether the node that may be the primary missed this
 * check and may is a part of what is known of the others. */
static bool judge_company(const struct work *work, size_t begin, size_t end)
{
    AUTO(company_fini) struct company company = {.n = 0};
    for (size_t i = begin; i < end; i++)
        begin_node(work, &work->peers[i]);
    if (!company_init(&company, &work->peers[begin], end - begin))
        return false;
    for (size_t i = 0; i < company.n; i++)
        judge_node(work, &company, i);
    return judge_group(work, &company);
}

/* ---- all of it ---- */

static bool collect(struct work *work,
                    const struct pgcensus_node_result *const *results, size_t n)
{
    work->peers = memory_array(n, sizeof *work->peers);
    work->n = n;
    if (!work->peers)
        return false;
    for (size_t i = 0; i < n; i++)
        work->peers[i] =
            (struct peer){pgcensus_fleet_node(work->fleet, results[i]->index),
                          results[i], &work->verdict->nodes[i]};
    qsort(work->peers, n, sizeof *work->peers, compare_peers);
    return true;
}

/* The list no longer grows, so nodes can point into it. */
static bool hand_out_reasons(const struct work *work)
{
    const struct reason_list *list = &work->verdict->reasons;
    for (size_t i = 0, at = 0; i < work->n && !list->no_memory; i++) {
        struct pgcensus_node_verdict *node = work->peers[i].verdict;
        if (node->n_reasons == 0 || node->reasons)
            continue;
        node->reasons = &list->reasons[at];
        at += node->n_reasons;
    }
    return !list->no_memory;
}

static bool judge_all(const struct work *work)
{
    for (size_t begin = 0, end; begin < work->n; begin = end) {
        end = begin + 1;
        while (end < work->n && same_group(&work->peers[begin], &work->peers[end]))
            end++;
        if (!judge_company(work, begin, end))
            return false;
    }
    return hand_out_reasons(work);
}

static struct verdict *make_room(size_t n)
{
    AUTO(free) struct verdict *verdict = memory_new(struct verdict);
    if (!verdict)
        return NULL;
    verdict->public.groups = memory_array(n, sizeof *verdict->public.groups);
    verdict->public.nodes = verdict->nodes = memory_array(n, sizeof *verdict->nodes);
    verdict->public.n_nodes = n;
    return take_ptr(verdict);
}

struct pgcensus_verdict *
pgcensus_judge(const struct pgcensus_fleet *fleet,
               const struct pgcensus_node_result *const *results, size_t n,
               const struct pgcensus_verdict_options *options,
               struct pgcensus_error *ret_error)
{
    struct work work = {.fleet = fleet, .options = options, .verdict = make_room(n)};
    AUTO(pgcensus_verdict_free)
    struct pgcensus_verdict *verdict = work.verdict ? &work.verdict->public : NULL;
    bool judged = verdict && verdict->groups && verdict->nodes &&
                  collect(&work, results, n) && judge_all(&work);
    free(work.peers);
    if (judged)
        return take_ptr(verdict);
    error_memory(ret_error);
    return NULL;
}

void pgcensus_verdict_apply(const struct pgcensus_node_verdict *node,
                            struct pgcensus_node_result *result)
{
    result->status = node->status;
    result->held = node->held;
    result->lag = node->lag;
    result->past = node->past;
    result->n_reasons = node->n_reasons;
    for (size_t i = 0; i < node->n_reasons; i++)
        result->reasons[i] = node->reasons[i];
}

struct pgcensus_verdict *
pgcensus_verdict_new(const struct pgcensus_fleet *fleet,
                     struct pgcensus_node_result *const *results, size_t n,
                     const struct pgcensus_verdict_options *options,
                     struct pgcensus_error *ret_error)
{
    struct pgcensus_verdict *verdict =
        pgcensus_judge(fleet, (const struct pgcensus_node_result *const *)results, n,
                       options, ret_error);
    for (size_t i = 0; verdict && i < n; i++)
        pgcensus_verdict_apply(&verdict->nodes[i], results[i]);
    return verdict;
}

void pgcensus_verdict_free(struct pgcensus_verdict *public)
{
    struct verdict *verdict = (struct verdict *)public;
    if (!verdict)
        return;
    for (size_t i = 0; i < public->n_groups; i++)
        group_verdict_fini(&public->groups[i]);
    free(public->groups);
    free(verdict->nodes);
    free(verdict->reasons.reasons);
    free(verdict);
}
