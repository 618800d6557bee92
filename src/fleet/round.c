/* Which node is checked when, in one round.
 *
 * The round is a task: each time it is stepped it starts as many checks as its launcher
 * allows, in inventory order; those that were deferred come last, so a node that can
 * never be asked from here costs the others no time.
 *
 * Invariant: each node is in exactly one place: not looked at yet (behind a cursor), in
 * one of the launcher's lists, settled, or taken.  Nodes that are never asked, the
 * disabled ones and those that are left when the round is stopped, have no result until
 * it is taken: of ten thousand, that would be 45 MB. */
#include "fleet/round.h"

#include "base/memory.h"
#include "base/quantity.h"
#include "base/text.h"
#include "fleet/engine.h"
#include "fleet/launch.h"
#include "fleet/probe.h"
#include "fleet/verdict.h"

#include <stdio.h>

struct round {
    struct task task;
    struct engine *engine;
    struct roster *roster; /* as it was when the round began */
    struct launch launch;  /* of probes */
    struct list settled;
    int retries; /* -1: as configured */
    enum pgcensus_facts_level facts;
    void **kept; /* facts that were handed out, freed with the round */
    size_t n_kept, cap_kept;
    nsec deadline, length; /* of the whole round; NEVER, 0 */

    size_t next_disabled; /* cursors into the roster */
    size_t next;          /* to start or, when ended, to come out unasked */
    size_t n_taken;       /* vacant places are from the start */

    bool ended; /* nothing is started any more, because: */
    enum pgcensus_class ended_class;
    char reason[128];
};

static void round_step(struct task *task, short revents, nsec now);

struct round *round_new(struct engine *engine,
                        const struct pgcensus_check_options *options, nsec now)
{
    AUTO(round_free) struct round *round = memory_new(struct round);
    if (!round)
        return NULL;
    round->engine = engine;
    round->roster = engine_roster(engine);
    for (size_t i = 0; i < round->roster->n; i++)
        round->n_taken += node_is_vacant(round->roster->nodes[i]);
    task_init(&round->task, round_step);
    launch_init(&round->launch, engine, &round->task, options->jobs);
    list_init(&round->settled);
    round->retries = options->retries;
    round->facts = options->facts;
    round->length = options->deadline;
    round->deadline =
        options->deadline ? clock_add(now, options->deadline - options->spent) : NEVER;
    if (!loop_add(engine->home.loop, &round->task))
        return NULL;
    return take_ptr(round);
}

static void free_probe(struct probe *probe)
{
    free(probe->facts);
    free(probe);
}

static void settle(struct round *round, struct probe *probe)
{
    list_push_back(&round->settled, &probe->entry.link);
}

/* The next one that is finished; NULL: none is.  Its connection is closed at once,
 * since its descriptor is what the next node waits for; unless the node is watched. */
static struct probe *next_finished(struct round *round)
{
    struct launch_entry *entry = launch_next_finished(&round->launch);
    if (!entry)
        return NULL;
    struct probe *probe = probe_of(entry);
    if (!probe->node->watch)
        node_drop_check_pool(probe->node);
    return probe;
}

/* Nothing starts any more. */
static void settle_all(struct round *round)
{
    struct launch_entry *deferred;
    for (struct probe *probe; (probe = next_finished(round));)
        settle(round, probe);
    while ((deferred = launch_drop_deferred(&round->launch)))
        settle(round, probe_of(deferred));
}

void round_free(struct round *round)
{
    if (!round)
        return;
    nsec now = engine_now(round->engine);
    list_each (&round->launch.under_way, link, after)
        probe_cancel(probe_at(link), "not wanted any more", now);
    settle_all(round);
    list_each (&round->settled, link, after)
        free_probe(probe_at(link));
    for (size_t i = 0; i < round->n_kept; i++)
        free(round->kept[i]);
    free(round->kept);
    loop_remove(&round->task);
    engine_leave(round->engine, round->roster);
    free(round);
}

/* ---- starting ---- */

/* NULL behind the last one. */
static struct node *next_node(struct round *round, size_t *cursor, bool enabled)
{
    while (*cursor < round->roster->n) {
        struct node *node = round->roster->nodes[(*cursor)++];
        if (node->options.identity.enabled == enabled && !node_is_vacant(node))
            return node;
    }
    return NULL;
}

static void begin(struct round *round, struct probe *probe, struct node *node, nsec now)
{
    struct probe_plan plan = {node->options.retry, round->deadline, round->facts};
    if (round->retries >= 0)
        plan.retry.max_retries = (unsigned)round->retries;
    probe_begin(probe, node, &round->engine->home, &round->launch, &plan, now);
}

static bool start_deferred(struct round *round, nsec now)
{
    struct launch_entry *entry = launch_next_deferred(&round->launch, now);
    if (entry)
        begin(round, probe_of(entry), probe_of(entry)->node, now);
    return entry;
}

/* Newcomers first.  False: none is left, or there is no memory for another one. */
static bool start_one(struct round *round, nsec now)
{
    size_t at = round->next;
    struct node *node = next_node(round, &round->next, /* enabled= */ true);
    if (!node)
        return start_deferred(round, now);
    struct probe *probe = memory_new(struct probe);
    if (probe) {
        begin(round, probe, node, now);
        return true;
    }
    round->next = at;
    if (!launch_shrink(&round->launch))
        round_stop(round, PGCENSUS_CLASS_LOCAL, "out of memory", now);
    return false;
}

static void start_some(struct round *round, nsec now)
{
    unsigned n = launch_allow(&round->launch, /* due= */ NEVER, now);
    while (n > 0 && start_one(round, now))
        n--;
    bool more = !round->ended && round->next < round->roster->n;
    round->task.deadline = launch_again(&round->launch, more, now);
}

static void settle_finished(struct round *round, nsec now)
{
    for (struct probe *probe; (probe = next_finished(round));)
        if (!launch_settle(&round->launch, &probe->entry, probe_lacks(probe), now))
            settle(round, probe);
}

/* ---- ending ---- */

static void end(struct round *round, enum pgcensus_class error_class,
                const char *reason)
{
    round->ended = true;
    round->ended_class = error_class;
    text_copy(round->reason, sizeof round->reason, reason);
    settle_all(round);
}

/* The deadline of the round: nodes that are being asked have used up their time, and
 * the others never had any. */
static void strike(struct round *round, nsec now)
{
    AUTO(buf_fini) struct buf length = BUF_INIT;
    char why[96];
    quantity_format_duration(round->length, &length);
    snprintf(why, sizeof why, "the whole run may take %s", length.bytes);
    list_each (&round->launch.under_way, link, after)
        probe_strike(probe_at(link), why, now);
    end(round, PGCENSUS_CLASS_CANCELLED, "not started before the deadline");
}

void round_stop(struct round *round, enum pgcensus_class error_class,
                const char *reason, nsec now)
{
    if (round->ended)
        return;
    list_each (&round->launch.under_way, link, after)
        probe_cancel(probe_at(link), reason, now);
    end(round, error_class, reason);
}

static void round_step(struct task *task, short revents, nsec now)
{
    struct round *round = container_of(task, struct round, task);
    round->task.deadline = NEVER;
    if (round->ended)
        return;
    if (now >= round->deadline) {
        strike(round, now);
        return;
    }
    settle_finished(round, now);
    start_some(round, now);
    if (round->deadline < round->task.deadline)
        round->task.deadline = round->deadline;
}

/* ---- what comes out ---- */

/* The result points to them; without memory to keep them it does not. */
static void keep_facts(struct round *round, struct probe *probe)
{
    if (!probe->facts)
        return;
    if (memory_grow(&round->kept, &round->cap_kept, round->n_kept,
                    sizeof *round->kept)) {
        round->kept[round->n_kept++] = take_ptr(probe->facts);
    } else {
        probe->result.facts = NULL;
        verdict_no_facts(&probe->result, "out of memory");
    }
}

static bool take_settled(struct round *round, struct pgcensus_node_result *ret_result)
{
    struct list_node *link = list_first(&round->settled);
    if (!link)
        return false;
    struct probe *probe = probe_at(link);
    list_remove(&round->settled, link);
    keep_facts(round, probe);
    *ret_result = probe->result;
    free_probe(probe);
    return true;
}

static bool take_disabled(struct round *round, struct pgcensus_node_result *ret_result)
{
    struct node *node = next_node(round, &round->next_disabled, /* enabled= */ false);
    if (!node)
        return false;
    verdict_blank(ret_result, node->index);
    ret_result->status = PGCENSUS_DISABLED;
    return true;
}

static bool take_unasked(struct round *round, struct pgcensus_node_result *ret_result)
{
    struct node *node =
        round->ended ? next_node(round, &round->next, /* enabled= */ true) : NULL;
    if (!node)
        return false;
    verdict_blank(ret_result, node->index);
    verdict_cancelled(ret_result, round->ended_class, round->reason);
    return true;
}

bool round_take(struct round *round, struct pgcensus_node_result *ret_result)
{
    if (!take_disabled(round, ret_result) && !take_settled(round, ret_result) &&
        !take_unasked(round, ret_result))
        return false;
    round->n_taken++;
    return true;
}

bool round_over(const struct round *round)
{
    return round->n_taken == round->roster->n;
}
