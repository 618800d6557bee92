/* Who is checked when, in one round.
 *
 * The round is a task: each time it is stepped it starts as many checks as the pace
 * allows, in inventory order, so that no more are under way than descriptors allow and
 * starting a thousand does not delay the answers of those that run.
 *
 * Invariant: each node is in exactly one place: not looked at yet (behind a cursor),
 * under way, finished, parked, settled, or taken.  Nodes that are never asked, the
 * disabled ones and those that are left when the round is stopped, have no result until
 * it is taken: of ten thousand, that would be 20 MB.
 *
 * The surprise: a check that failed for want of descriptors or memory of ours says
 * nothing about its node.  It is parked, and started again when every node has had its
 * first turn; the number of jobs shrinks to what evidently fits and grows with every
 * newcomer that finds what it needs.  So one node that can never be asked from here
 * costs the others no time, and a real shortage is found out and kept to.  Whoever
 * failed so with nobody beside him, or too often, settles for it. */
#include "fleet/round.h"

#include "base/memory.h"
#include "base/quantity.h"
#include "base/text.h"
#include "fleet/descriptors.h"
#include "fleet/engine.h"
#include "fleet/probe.h"
#include "fleet/verdict.h"
#include "health/pace.h"

#include <stdio.h>

/* How soon to ask again when the pace says: not now; and how long it may say so.  A
 * server that floods us makes every turn long, and must not hold up those that have not
 * been asked yet. */
#define BREATH NSEC_PER_MSEC
#define PATIENCE (5 * NSEC_PER_MSEC)

/* So often a node may be parked: once while the jobs grow, once while they shrink. */
enum { MOST_PARKINGS = 3 };

struct seat {
    struct probe probe;
    unsigned parkings;
    unsigned serial; /* how many checks had begun then, this one too */
    bool alone;      /* nobody else was under way then */
};

struct round {
    struct task task;
    struct engine *engine;
    struct roster *roster; /* as it was when the round began */
    struct probe_group group;
    struct list parked, settled;
    unsigned jobs, most_jobs;
    int retries; /* -1: as configured */
    enum pgcensus_facts_level facts;
    void **kept; /* facts that were handed out, freed with the round */
    size_t n_kept, cap_kept;
    unsigned begun;        /* checks, repeated ones too */
    nsec deadline, length; /* of the whole round; NEVER, 0 */

    size_t next_disabled; /* cursors into the roster */
    size_t next;          /* to start or, when ended, to come out unasked */
    nsec started;         /* when the latest one was */
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
    probe_group_init(&round->group, &round->task);
    list_init(&round->parked);
    list_init(&round->settled);
    round->jobs = round->most_jobs = descriptors_jobs(options->jobs);
    round->retries = options->retries;
    round->facts = options->facts;
    round->length = options->deadline;
    round->deadline =
        options->deadline ? clock_add(now, options->deadline - options->spent) : NEVER;
    if (!loop_add(engine->home.loop, &round->task))
        return NULL;
    return take_ptr(round);
}

static struct probe *probe_of(struct list_node *link)
{
    return container_of(link, struct probe, link);
}

static struct seat *seat_of(struct list_node *link)
{
    return container_of(probe_of(link), struct seat, probe);
}

static void free_seat(struct seat *seat)
{
    free(seat->probe.facts);
    free(seat);
}

static void free_seats(struct list *seats)
{
    for (struct list_node *link; (link = list_first(seats));) {
        list_remove(seats, link);
        free_seat(seat_of(link));
    }
}

static void move_all(struct list *from, struct list *to)
{
    for (struct list_node *link; (link = list_first(from));) {
        list_remove(from, link);
        list_push_back(to, link);
    }
}

/* The next one that is finished; NULL: none is.  Its connection is closed at once,
 * since its descriptor is what the next node waits for; unless the node is watched,
 * too. */
static struct seat *next_finished(struct round *round)
{
    struct list_node *link = list_first(&round->group.finished);
    if (!link)
        return NULL;
    list_remove(&round->group.finished, link);
    if (!probe_of(link)->node->watch)
        node_drop_check_pool(probe_of(link)->node);
    return seat_of(link);
}

static void settle_all_finished(struct round *round)
{
    for (struct seat *seat; (seat = next_finished(round));)
        list_push_back(&round->settled, &seat->probe.link);
}

void round_free(struct round *round)
{
    if (!round)
        return;
    nsec now = engine_now(round->engine);
    list_each (&round->group.under_way, link, after)
        probe_cancel(probe_of(link), "not wanted any more", now);
    settle_all_finished(round);
    free_seats(&round->parked);
    free_seats(&round->settled);
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

static void begin(struct round *round, struct seat *seat, struct node *node, nsec now)
{
    struct probe_plan plan = {node->options.retry, round->deadline, round->facts};
    if (round->retries >= 0)
        plan.retry.max_retries = (unsigned)round->retries;
    seat->alone = round->group.under_way.n == 0;
    seat->serial = ++round->begun;
    probe_begin(&seat->probe, node, &round->engine->home, &round->group, &plan, now);
}

static bool start_parked(struct round *round, nsec now)
{
    struct list_node *link = list_first(&round->parked);
    if (!link)
        return false;
    list_remove(&round->parked, link);
    begin(round, seat_of(link), probe_of(link)->node, now);
    return true;
}

/* Newcomers first.  False: nobody is left, or there is no memory for another one. */
static bool start_one(struct round *round, nsec now)
{
    size_t at = round->next;
    struct node *node = next_node(round, &round->next, /* enabled= */ true);
    if (!node)
        return start_parked(round, now);
    struct seat *seat = memory_new(struct seat);
    if (seat) {
        begin(round, seat, node, now);
        return true;
    }
    round->next = at;
    round->jobs = (unsigned)round->group.under_way.n;
    if (!round->jobs)
        round_stop(round, PGCENSUS_CLASS_LOCAL, "out of memory", now);
    return false;
}

static void start_some(struct round *round, nsec now)
{
    struct pace_options pace = {.in_flight_max = round->jobs};
    bool full = round->group.under_way.n >= round->jobs;
    unsigned allowed = pace_allow(&pace, (unsigned)round->group.under_way.n,
                                  engine_lag(round->engine, now));
    if (!allowed && !full && now - round->started >= PATIENCE)
        allowed = 1;
    for (unsigned i = 0; i < allowed; i++)
        if (!start_one(round, now))
            return;
    if (allowed) {
        round->started = now;
        round->task.again = true;
    } else if (!full) {
        round->task.deadline = clock_add(now, BREATH);
    }
}

/* ---- what becomes of those that are finished ---- */

/* It had everything that we have to itself, all the time. */
static bool was_alone(const struct round *round, const struct seat *seat)
{
    return seat->alone && seat->serial == round->begun;
}

static void park(struct round *round, struct seat *seat)
{
    size_t fits = round->group.under_way.n;
    if (fits < round->jobs)
        round->jobs = fits ? (unsigned)fits : 1;
    seat->parkings++;
    list_push_back(&round->parked, &seat->probe.link);
}

static void settle_finished(struct round *round)
{
    for (struct seat *seat; (seat = next_finished(round));) {
        const struct pgcensus_node_result *result = &seat->probe.result;
        bool lacking = result->failed && !seat->probe.attempt.claim.starved &&
                       result->failure.error_class == PGCENSUS_CLASS_LOCAL;
        if (lacking && seat->parkings < MOST_PARKINGS && !was_alone(round, seat)) {
            park(round, seat);
            continue;
        }
        list_push_back(&round->settled, &seat->probe.link);
        if (!lacking && !seat->parkings && round->jobs < round->most_jobs)
            round->jobs++;
    }
}

/* ---- ending ---- */

static void end(struct round *round, enum pgcensus_class error_class,
                const char *reason)
{
    round->ended = true;
    round->ended_class = error_class;
    text_copy(round->reason, sizeof round->reason, reason);
    settle_all_finished(round);
    move_all(&round->parked, &round->settled);
}

/* The deadline of the round: whoever is being tried has used up his time, and whoever
 * was not never had any. */
static void strike(struct round *round, nsec now)
{
    AUTO(buf_fini) struct buf length = BUF_INIT;
    char why[96];
    quantity_format_duration(round->length, &length);
    snprintf(why, sizeof why, "the whole run may take %s", length.bytes);
    list_each (&round->group.under_way, link, after)
        probe_strike(probe_of(link), why, now);
    end(round, PGCENSUS_CLASS_CANCELLED, "not started before the deadline");
}

void round_stop(struct round *round, enum pgcensus_class error_class,
                const char *reason, nsec now)
{
    if (round->ended)
        return;
    list_each (&round->group.under_way, link, after)
        probe_cancel(probe_of(link), reason, now);
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
    settle_finished(round);
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
    struct seat *seat = seat_of(link);
    list_remove(&round->settled, link);
    keep_facts(round, &seat->probe);
    *ret_result = seat->probe.result;
    free_seat(seat);
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
