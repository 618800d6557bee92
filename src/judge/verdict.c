/* From results to verdicts: first what earlier runs saw of a node, then its lag, then
 * its thresholds, of which lag may be one, then the groups, whose rules count healthy
 * nodes.
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

struct work {
    const struct pgcensus_fleet *fleet;
    const struct pgcensus_verdict_options *options;
    struct party *parties; /* by group, then in inventory order */
    size_t n;
};

AUTO_DEFINE(struct pgcensus_verdict *, pgcensus_verdict_free)

static int compare_indexes(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

/* Those without a group first. */
static int compare_parties(const void *a, const void *b)
{
    const struct party *left = a, *right = b;
    const char *one = left->identity->group, *other = right->identity->group;
    int order = one && other ? strcmp(one, other) : (one != NULL) - (other != NULL);
    return order ? order : compare_indexes(left->result->index, right->result->index);
}

static bool same_group(const struct party *a, const struct party *b)
{
    const char *one = a->identity->group, *other = b->identity->group;
    return one && other ? strcmp(one, other) == 0 : one == other;
}

static size_t end_of_group(const struct work *work, size_t begin)
{
    size_t end = begin + 1;
    while (end < work->n && same_group(&work->parties[begin], &work->parties[end]))
        end++;
    return end;
}

/* ---- nodes ---- */

static void judge_past(const struct work *work, struct pgcensus_node_result *result)
{
    struct health_status status = health_status_of(
        result->status,
        result->failed ? result->failure.error_class : PGCENSUS_CLASS_NONE,
        &result->past, fleet_health(work->fleet, result->index));
    result->status = status.status;
    result->held = status.held;
    for (size_t i = 0; i < status.n_reasons; i++)
        result->reasons[result->n_reasons++] = status.reasons[i];
}

static void judge_node(const struct work *work, const struct company *company,
                       size_t place)
{
    const struct party *party = &company->parties[place];
    struct pgcensus_node_result *result = party->result;
    bool wanted = result->facts || *result->facts_reason;
    if (!party_answered(party))
        return;
    if (party_is(party, PGCENSUS_STANDBY) && wanted) {
        lag_measure(company, place, &result->lag);
        standby_judge(company, place);
    }
    slots_judge(result);
    for (unsigned i = 0; i < PGCENSUS_METRICS; i++)
        thresholds_judge(
            result, party->identity->via_pooler, (enum pgcensus_metric)i,
            pgcensus_fleet_limits(work->fleet, result->index, (enum pgcensus_metric)i));
}

/* ---- groups ---- */

static int stronger(int given, int configured)
{
    return given >= 0 ? given : configured;
}

static struct group_question ask(const struct work *work, const struct company *company)
{
    const char *name = company->parties[0].identity->group;
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

/* Of those in no group it is worth a word if something is wrong; that some of them were
 * not judged they say themselves. */
static bool is_worth_telling(const struct pgcensus_group_verdict *group)
{
    return group->group || group->n_reasons > 0;
}

static bool judge_group(const struct work *work, const struct company *company,
                        struct pgcensus_verdict *verdict)
{
    struct group_question question = ask(work, company);
    struct pgcensus_group_verdict *group = &verdict->groups[verdict->n_groups];
    if (!group_judge(&question, group))
        return false;
    group->group = question.group;
    if (is_worth_telling(group))
        verdict->n_groups++;
    else
        group_verdict_fini(group);
    return true;
}

/* The past of all comes first: whether the node that may be the primary missed this
 * check and may is a part of what is known of the others. */
static bool judge_company(const struct work *work, size_t begin, size_t end,
                          struct pgcensus_verdict *verdict)
{
    AUTO(company_fini) struct company company = {.n = 0};
    for (size_t i = begin; i < end && work->options->recall; i++)
        judge_past(work, work->parties[i].result);
    if (!company_init(&company, &work->parties[begin], end - begin))
        return false;
    for (size_t i = 0; i < company.n; i++)
        judge_node(work, &company, i);
    return judge_group(work, &company, verdict);
}

/* ---- all of it ---- */

static bool collect(struct work *work, struct pgcensus_node_result *const *results,
                    size_t n)
{
    work->parties = memory_array(n, sizeof *work->parties);
    work->n = n;
    if (!work->parties)
        return false;
    for (size_t i = 0; i < n; i++)
        work->parties[i] = (struct party){
            pgcensus_fleet_node(work->fleet, results[i]->index), results[i]};
    qsort(work->parties, n, sizeof *work->parties, compare_parties);
    return true;
}

static bool judge_all(const struct work *work, struct pgcensus_verdict *verdict)
{
    for (size_t begin = 0, end; begin < work->n; begin = end) {
        end = end_of_group(work, begin);
        if (!judge_company(work, begin, end, verdict))
            return false;
    }
    return true;
}

struct pgcensus_verdict *
pgcensus_verdict_new(const struct pgcensus_fleet *fleet,
                     struct pgcensus_node_result *const *results, size_t n,
                     const struct pgcensus_verdict_options *options,
                     struct pgcensus_error *ret_error)
{
    struct work work = {.fleet = fleet, .options = options};
    AUTO(pgcensus_verdict_free)
    struct pgcensus_verdict *verdict = memory_new(struct pgcensus_verdict);
    bool judged = false;
    if (verdict)
        verdict->groups = memory_array(n, sizeof *verdict->groups);
    if (verdict && verdict->groups && collect(&work, results, n))
        judged = judge_all(&work, verdict);
    free(work.parties);
    if (judged)
        return take_ptr(verdict);
    error_memory(ret_error);
    return NULL;
}

void pgcensus_verdict_free(struct pgcensus_verdict *verdict)
{
    if (!verdict)
        return;
    for (size_t i = 0; i < verdict->n_groups; i++)
        group_verdict_fini(&verdict->groups[i]);
    free(verdict->groups);
    free(verdict);
}
