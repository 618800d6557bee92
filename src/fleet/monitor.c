/* Checking again and again.
 *
 * Each node has a watch, a task that sleeps until the next check is due.  The monitor
 * itself is a task that is woken when checks are finished; it draws the conclusions:
 * state, events, the time of the next one.  So two checks of a node cannot overlap: the
 * next one is only scheduled when this one is judged.
 *
 * The launcher says when a check that is due may start.  A shortage of descriptors does
 * not change its jobs, as it does in a round: each node keeps a connection, so what is
 * under way says nothing of what fits, and the next interval is another chance anyway.
 *
 * A check uses a connection of its own, which stays open.  That it (or any other idle
 * one) is closed by the server is no verdict, but a reason to ask at once; this, and
 * fast_interval afterwards, is how a stopped server is known to be down long before the
 * next regular check.
 *
 * The surprise: "connected" here is what we believe of the node, not whether a socket
 * is open.  A connection that was closed for its age is not news. */
#include "fleet/monitor.h"

#include "base/memory.h"
#include "fleet/engine.h"
#include "fleet/launch.h"
#include "fleet/probe.h"

/* Checks begin at ticks, so that some wake the process together: waking it costs more
 * than a check.  Intervals are seconds; of a shorter one a tick would be too much. */
#define TICK (50 * NSEC_PER_MSEC)
#define SHORTEST_IN_TICKS (20 * TICK)
/* Being so far behind is a full load. */
#define FULL_LAG (100 * NSEC_PER_MSEC)

struct watch {
    struct task task; /* its deadline is the next check; woken by lost connections */
    struct node *node;
    struct monitor *monitor;
    struct list_node due; /* in monitor->due, while its check may not start yet */
    struct probe *probe;  /* NULL: none is under way */
    nsec next, began;     /* the next and the latest check */
    bool connected;
    uint64_t idle_lost; /* that we know of */
    nsec calm_until;    /* no goodbye brings a check further forward than this */
};

struct monitor {
    struct task task;
    struct engine *engine;
    struct launch launch; /* of probes */
    struct list due;      /* watches, those that were due first in front */
    bool quiet;
};

/* ---- telling ---- */

/* failure: what it is about, or NULL. */
static void tell(struct watch *watch, struct pgcensus_event event,
                 const struct pgcensus_failure *failure)
{
    event.index = (uint32_t)watch->node->index;
    event.generation = watch->node->generation;
    event.consecutive_failures = watch->node->health.failures;
    events_add(watch->monitor->engine->events, &event, failure);
}

static void tell_kind(struct watch *watch, enum pgcensus_event_kind kind)
{
    tell(watch, (struct pgcensus_event){.kind = kind}, NULL);
}

static void set_connected(struct watch *watch, bool connected)
{
    if (watch->connected != connected)
        tell_kind(watch, connected ? PGCENSUS_EVENT_NODE_CONNECTED
                                   : PGCENSUS_EVENT_NODE_DISCONNECTED);
    watch->connected = connected;
}

static void tell_change(struct watch *watch, struct health_change change)
{
    if (change.from == change.to)
        return;
    struct pgcensus_event event = {
        .kind = PGCENSUS_EVENT_NODE_HEALTH,
        .from = change.from,
        .to = change.to,
        .rule = (uint8_t)change.row,
    };
    tell(watch, event, &watch->node->last->failure);
}

static struct health_change apply(struct watch *watch, enum health_fact fact, nsec now)
{
    return health_apply(&watch->node->health, &watch->node->options.health, fact, now);
}

/* ---- beginning a check ---- */

static void leave_due(struct watch *watch)
{
    if (list_linked(&watch->due))
        list_remove(&watch->monitor->due, &watch->due);
}

static void sleep_until(struct watch *watch, nsec at)
{
    leave_due(watch);
    watch->next = watch->task.deadline = at;
    loop_update(&watch->task);
}

static nsec tick_of(nsec at, nsec delay)
{
    return at == NEVER || delay < SHORTEST_IN_TICKS ? at
                                                    : (at + TICK / 2) / TICK * TICK;
}

static bool is_down(const struct node *node)
{
    return node->health.state == PGCENSUS_UNHEALTHY ||
           node->health.state == PGCENSUS_RECONNECTING;
}

static void begin_check(struct watch *watch, nsec now)
{
    static const struct probe_plan plan = {.latest = NEVER}; /* no retries, no facts */
    struct monitor *monitor = watch->monitor;
    watch->probe = memory_new(struct probe);
    if (!watch->probe) {
        sleep_until(watch, clock_add(now, watch->node->options.schedule.interval));
        return;
    }
    watch->began = now;
    watch->next = NEVER;
    if (is_down(watch->node))
        tell_change(watch, apply(watch, HEALTH_RETRYING, now));
    probe_begin(watch->probe, watch->node, &monitor->engine->home, &monitor->launch,
                &plan, now);
    if (watch->node->check_pool)
        pool_observe(watch->node->check_pool, &watch->task);
}

static struct watch *first_due(const struct monitor *monitor)
{
    struct list_node *first = list_first(&monitor->due);
    return first ? container_of(first, struct watch, due) : NULL;
}

/* As many as may start; the monitor is stepped when the next one may. */
static void begin_due(struct monitor *monitor, nsec now)
{
    struct watch *watch;
    while ((watch = first_due(monitor)) &&
           launch_allow(&monitor->launch, watch->next, now) > 0) {
        list_remove(&monitor->due, &watch->due);
        begin_check(watch, now);
    }
    nsec again = launch_again(&monitor->launch, /* more= */ watch, now);
    if (monitor->task.deadline != again) {
        monitor->task.deadline = again;
        loop_update(&monitor->task);
    }
}

static uint64_t idle_lost(const struct node *node)
{
    return (node->pool ? pool_idle_lost(node->pool) : 0) +
           (node->check_pool ? pool_idle_lost(node->check_pool) : 0);
}

/* A goodbye brings the next check forward, to now, but a server that says it all the
 * time is not checked all the time.  While a check is under way it has to wait: that
 * one may have been answered before. */
static void notice_idle_lost(struct watch *watch, nsec now)
{
    if (watch->probe || watch->idle_lost == idle_lost(watch->node))
        return;
    watch->idle_lost = idle_lost(watch->node);
    if (!watch->connected)
        return;
    set_connected(watch, false);
    nsec soonest = watch->calm_until > now ? watch->calm_until : now;
    watch->calm_until = clock_add(soonest, watch->node->options.schedule.fast_interval);
    if (soonest < watch->next)
        sleep_until(watch, soonest);
}

static void watch_step(struct task *task, short revents, nsec now)
{
    struct watch *watch = container_of(task, struct watch, task);
    notice_idle_lost(watch, now);
    if (watch->monitor->quiet) {
        watch->task.deadline = NEVER;
    } else if (now >= watch->task.deadline) {
        watch->task.deadline = NEVER;
        list_push_back(&watch->monitor->due, &watch->due);
        begin_due(watch->monitor, now);
    }
}

/* ---- judging a check ---- */

static struct backoff_climate climate(const struct watch *watch, nsec now)
{
    double lag = (double)engine_lag(watch->monitor->engine, now) / (double)FULL_LAG;
    return (struct backoff_climate){
        .error_rate = watch->node->latency.error_rate,
        .own_load = lag < 1 ? lag : 1,
    };
}

/* Regular checks keep their rhythm unless one takes longer than that; pauses are
 * pauses. */
static void schedule(struct watch *watch, nsec now)
{
    const struct node *node = watch->node;
    nsec delay =
        schedule_next(&node->options.schedule, &node->options.reconnect, &node->health,
                      node->last->failure.error_class, climate(watch, now),
                      rng_unit(&watch->monitor->engine->home.rng));
    bool regular = node->health.state == PGCENSUS_HEALTHY && !node->health.failures &&
                   now - watch->began < delay;
    nsec next = clock_add(regular ? watch->began : now, delay);
    sleep_until(watch, regular ? tick_of(next, delay) : next);
    if (delay != NEVER && node->health.state == PGCENSUS_UNHEALTHY)
        tell(watch,
             (struct pgcensus_event){.kind = PGCENSUS_EVENT_RETRY_SCHEDULED,
                                     .delay = delay},
             &watch->node->last->failure);
}

/* Whether the server was there to say what it said. */
static bool was_reached(enum pgcensus_class error_class)
{
    return error_class == PGCENSUS_CLASS_NONE || error_class == PGCENSUS_CLASS_QUERY ||
           error_class == PGCENSUS_CLASS_LIMIT;
}

static void judge(struct watch *watch, const struct pgcensus_node_result *result,
                  nsec now)
{
    struct node *node = watch->node;
    enum health_fact fact;
    enum pgcensus_class error_class = result->failure.error_class;
    if (!health_fact_of(error_class, &fact)) {
        apply(watch, HEALTH_UNTOLD, now);
        return;
    }

    if (fact == HEALTH_SUCCEEDED)
        latency_add(&node->latency, result->latency.total);
    else
        latency_add_failure(&node->latency);
    struct health_change change = apply(watch, fact, now);
    struct pgcensus_event check = {
        .kind = result->failed ? PGCENSUS_EVENT_CHECK_FAILED : PGCENSUS_EVENT_CHECK_OK,
        .latency = result->latency.total,
    };
    tell(watch, check, &watch->node->last->failure);
    set_connected(watch, was_reached(error_class));
    tell_change(watch, change);
    if (change.from != change.to && change.to == PGCENSUS_FAILED)
        tell(watch, (struct pgcensus_event){.kind = PGCENSUS_EVENT_RETRY_EXHAUSTED},
             &watch->node->last->failure);
}

/* The pool for queries is filled when the node is known to be there. */
static void keep_pool(struct watch *watch, nsec now)
{
    struct engine *engine = watch->monitor->engine;
    if (watch->node->health.state != PGCENSUS_HEALTHY)
        return;
    struct pool *pool = node_pool(watch->node, &engine->home);
    if (!pool)
        return;
    pool_observe(pool, &watch->task);
    pool_keep_min(pool, now);
}

static void judge_finished(struct monitor *monitor, nsec now)
{
    for (struct launch_entry *entry;
         (entry = launch_next_finished(&monitor->launch));) {
        struct probe *probe = probe_of(entry);
        struct watch *watch = probe->node->watch;
        node_keep_last(watch->node, &probe->result, probe->facts, now);
        judge(watch, watch->node->last, now);
        watch->probe = NULL;
        free(probe);
        if (monitor->quiet)
            continue;
        keep_pool(watch, now);
        schedule(watch, now);
        notice_idle_lost(watch, now);
    }
}

static void monitor_step(struct task *task, short revents, nsec now)
{
    struct monitor *monitor = container_of(task, struct monitor, task);
    monitor->task.deadline = NEVER;
    judge_finished(monitor, now);
    if (!monitor->quiet)
        begin_due(monitor, now);
}

/* ---- beginning and end ---- */

static bool watch_new(struct monitor *monitor, struct node *node, nsec first, nsec now)
{
    AUTO(free) struct watch *watch = memory_new(struct watch);
    if (!watch || !node_forget_last(node))
        return false;
    task_init(&watch->task, watch_step);
    watch->node = node;
    watch->monitor = monitor;
    watch->began = now;
    watch->idle_lost = idle_lost(node);
    watch->next = watch->task.deadline = first;
    if (!loop_add(monitor->engine->home.loop, &watch->task))
        return false;
    /* Nothing is known of a node that was watched before and then was not. */
    health_init(&node->health, now);
    tell_kind(watch, PGCENSUS_EVENT_NODE_ADDED);
    node->watch = take_ptr(watch);
    return true;
}

/* The check that is under way will not have been, whatever becomes of it. */
static void drop_check(struct watch *watch, nsec now)
{
    struct probe *probe = take_ptr(watch->probe);
    if (!probe)
        return;
    probe_cancel(probe, "not wanted any more", now);
    list_remove(&watch->monitor->launch.finished, &probe->entry.link);
    free(probe->facts);
    free(probe);
    apply(watch, HEALTH_UNTOLD, now);
}

/* All but its memory. */
static void watch_end(struct watch *watch, nsec now)
{
    struct node *node = watch->node;
    if (node->pool)
        pool_observe(node->pool, NULL);
    if (node->check_pool)
        pool_observe(node->check_pool, NULL);
    set_connected(watch, false);
    tell_change(watch, apply(watch, HEALTH_REMOVED, now));
    loop_remove(&watch->task);
    leave_due(watch);
    node->watch = NULL;
}

struct monitor *monitor_new(struct engine *engine, nsec now)
{
    AUTO(monitor_free) struct monitor *monitor = memory_new(struct monitor);
    if (!monitor)
        return NULL;
    task_init(&monitor->task, monitor_step);
    launch_init(&monitor->launch, engine, &monitor->task, /* jobs= */ 0);
    list_init(&monitor->due);
    monitor->engine = engine;
    if (!loop_add(engine->home.loop, &monitor->task))
        return NULL;
    const struct roster *roster = engine->roster;
    for (size_t i = 0; i < roster->n; i++) {
        struct node *node = roster->nodes[i];
        if (!node->options.identity.enabled)
            continue;
        nsec spread =
            schedule_first(&node->options.schedule, rng_unit(&engine->home.rng));
        if (!watch_new(monitor, node, clock_add(now, spread), now))
            return NULL;
    }
    return take_ptr(monitor);
}

void monitor_free(struct monitor *monitor)
{
    if (!monitor)
        return;
    nsec now = engine_now(monitor->engine);
    monitor->quiet = true;
    list_each (&monitor->launch.under_way, link, after)
        probe_cancel(probe_at(link), "shutting down", now);
    judge_finished(monitor, now);
    const struct roster *roster = monitor->engine->roster;
    for (size_t i = 0; i < roster->n; i++) {
        struct watch *watch = roster->nodes[i]->watch;
        if (watch)
            watch_end(watch, now);
        free(watch);
    }
    loop_remove(&monitor->task);
    free(monitor);
}

void monitor_quiet(struct monitor *monitor)
{
    monitor->quiet = true;
}

size_t monitor_busy(const struct monitor *monitor)
{
    return monitor->launch.under_way.n;
}

void monitor_snapshot(const struct node *node, nsec now,
                      struct pgcensus_node_snapshot *snapshot)
{
    const struct watch *watch = node->watch;
    snapshot->next_check = PGCENSUS_UNKNOWN_TIME;
    if (!watch)
        return;
    if (watch->next != NEVER)
        snapshot->next_check = watch->next > now ? watch->next - now : 0;
}

/* ---- nodes that come, go and change ---- */

bool monitor_add(struct monitor *monitor, struct node *node, nsec now)
{
    return !node->options.identity.enabled || watch_new(monitor, node, now, now);
}

void monitor_remove(struct node *node, nsec now)
{
    struct watch *watch = node->watch;
    if (!watch)
        return;
    drop_check(watch, now);
    watch_end(watch, now);
    tell_kind(watch, PGCENSUS_EVENT_NODE_REMOVED);
    free(watch);
}

/* What was bad news may be due to what has changed, so that it begins anew. */
bool monitor_renew(struct monitor *monitor, struct node *node, struct node *successor,
                   nsec now)
{
    if (!successor->options.identity.enabled) {
        monitor_remove(node, now);
        successor->health = node->health;
        return true;
    }
    struct watch *watch = node->watch;
    if (!watch)
        return watch_new(monitor, successor, now, now);
    if (!node_forget_last(successor))
        return false;
    drop_check(watch, now);
    node->watch = NULL;
    watch->node = successor;
    successor->watch = watch;
    successor->health = node->health;
    tell_change(watch, apply(watch, HEALTH_RESET, now));
    if (successor->health.state != PGCENSUS_SUSPENDED)
        sleep_until(watch, now);
    return true;
}

bool monitor_suspend(struct node *node, nsec now)
{
    struct watch *watch = node->watch;
    if (!watch)
        return false;
    drop_check(watch, now);
    set_connected(watch, false);
    tell_change(watch, apply(watch, HEALTH_SUSPEND, now));
    sleep_until(watch, NEVER);
    node_rest(node, now);
    return true;
}

/* One that is being checked is so soon enough. */
static bool begin_anew(struct node *node, enum health_fact fact, nsec now)
{
    struct watch *watch = node->watch;
    if (!watch)
        return false;
    struct health_change change = apply(watch, fact, now);
    tell_change(watch, change);
    if (change.from != change.to && !watch->probe)
        sleep_until(watch, now);
    return true;
}

bool monitor_resume(struct node *node, nsec now)
{
    return begin_anew(node, HEALTH_RESUME, now);
}

bool monitor_reset(struct node *node, nsec now)
{
    return begin_anew(node, HEALTH_RESET, now);
}
