/* How many are under way at once, and what a shortage of ours does.
 *
 * Invariant: where places are kept, entries that are under way and those that are
 * deferred are never more than most_jobs together, so that a deferred entry can start
 * when everything waits for it, and its user's limit of jobs still holds. */
#include "fleet/launch.h"

#include "fleet/descriptors.h"
#include "fleet/engine.h"
#include "health/pace.h"

/* How long a shortage of ours gets to pass: lookups, cancels and answers that are read
 * give their descriptors back by themselves. */
#define SHORTAGE_WAIT (20 * NSEC_PER_MSEC)

/* Once while the jobs grow, once while they shrink, and once more. */
enum { MAX_DEFERS = 3, USUAL_JOBS = 1000 };

void launch_init(struct launch *launch, struct engine *engine, struct task *owner,
                 unsigned jobs)
{
    unsigned room = descriptors_free();
    unsigned wanted = jobs ? jobs : USUAL_JOBS;
    *launch = (struct launch){.engine = engine, .owner = owner};
    launch->jobs = launch->most_jobs = wanted < room ? wanted : room;
    list_init(&launch->under_way);
    list_init(&launch->finished);
    list_init(&launch->deferred);
}

/* ---- what may start ---- */

static unsigned places(const struct launch *launch)
{
    return launch->one_by_one ? 1 : launch->jobs;
}

unsigned launch_allow(struct launch *launch, nsec due, nsec now)
{
    unsigned under_way = (unsigned)launch->under_way.n, most = places(launch);
    if (under_way >= most)
        return 0;
    if (launch->one_by_one)
        return 1;
    const struct pace_options pace = {.in_flight_max = most};
    unsigned n = pace_allow(&pace, under_way, engine_lag(launch->engine, now));
    bool late = now - launch->latest >= MAX_START_DELAY ||
                (due != NEVER && now - due >= MAX_DUE_DELAY);
    if (!n && late)
        n = 1;
    launch->slowed = n == 0;
    if (n)
        launch->latest = now;
    return n;
}

bool launch_has_place(const struct launch *launch)
{
    size_t taken = launch->under_way.n;
    if (launch->keeps_places)
        taken += launch->deferred.n;
    return taken < places(launch);
}

bool launch_has_room(const struct launch *launch)
{
    return launch->under_way.n < places(launch);
}

static nsec later(nsec a, nsec b)
{
    return a > b ? a : b;
}

nsec launch_again(const struct launch *launch, bool more, nsec now)
{
    nsec soon = clock_add(now, RETRY_START_AFTER);
    const struct list_node *first = list_first(&launch->deferred);
    if (more && launch_has_place(launch))
        return launch->slowed ? soon : now;
    if (first && launch_has_room(launch))
        return later(soon, container_of(first, struct launch_entry, link)->ready);
    return NEVER;
}

/* ---- from list to list ---- */

void launch_enter(struct launch *launch, struct launch_entry *entry)
{
    entry->alone = launch->under_way.n == 0;
    entry->serial = ++launch->started;
    list_push_back(&launch->under_way, &entry->link);
}

void launch_finish(struct launch *launch, struct launch_entry *entry)
{
    list_remove(&launch->under_way, &entry->link);
    list_push_back(&launch->finished, &entry->link);
    loop_wake(launch->owner);
}

static struct launch_entry *take_first(struct list *list)
{
    struct list_node *link = list_first(list);
    if (!link)
        return NULL;
    list_remove(list, link);
    return container_of(link, struct launch_entry, link);
}

struct launch_entry *launch_next_finished(struct launch *launch)
{
    return take_first(&launch->finished);
}

struct launch_entry *launch_drop_deferred(struct launch *launch)
{
    struct launch_entry *entry = take_first(&launch->deferred);
    if (entry)
        entry->is_deferred = false;
    return entry;
}

/* ---- a shortage of ours ---- */

bool launch_shrink(struct launch *launch)
{
    size_t fits = launch->under_way.n;
    if (fits < launch->jobs)
        launch->jobs = fits ? (unsigned)fits : 1;
    return fits > 0;
}

/* It had everything that we have to itself, all the time. */
static bool was_alone(const struct launch *launch, const struct launch_entry *entry)
{
    return entry->alone && entry->serial == launch->started;
}

bool launch_settle(struct launch *launch, struct launch_entry *entry, bool lacks,
                   nsec now)
{
    bool is_final =
        entry->defers == MAX_DEFERS || (entry->defers > 0 && was_alone(launch, entry));
    if (lacks && !is_final) {
        launch_shrink(launch);
        entry->defers++;
        entry->is_deferred = true;
        entry->ready = clock_add(now, SHORTAGE_WAIT);
        list_push_back(&launch->deferred, &entry->link);
        return true;
    }
    if (!lacks && !entry->defers && launch->jobs < launch->most_jobs)
        launch->jobs++;
    return false;
}

bool launch_take_deferred(struct launch *launch, struct launch_entry *entry, nsec now)
{
    if (now < entry->ready)
        return false;
    list_remove(&launch->deferred, &entry->link);
    entry->is_deferred = false;
    return true;
}

/* They are ready in the order in which they were deferred. */
struct launch_entry *launch_next_deferred(struct launch *launch, nsec now)
{
    struct list_node *first = list_first(&launch->deferred);
    if (!first || !launch_has_room(launch))
        return NULL;
    struct launch_entry *entry = container_of(first, struct launch_entry, link);
    return launch_take_deferred(launch, entry, now) ? entry : NULL;
}
