/* Nodes come, go and change while they are watched, checked and queried, in any order.
 * Every server says its own name, so that it shows when one answers for another.
 *
 * What must hold: a round and a query bring out exactly the nodes that were there when
 * they began, and each by a server at which that node was since; what is kept of a node
 * was said by the server at which it is now; an event is about the node that it was
 * about when it happened, however late it is read; handles and names lead to the right
 * nodes, or to none; nothing is left behind.  PGCENSUS_SEED=… replays one walk. */
#include "../unit/fake_fleet.h"

#include "tests/property/walk.h"
#include "tests/test.h"

#include <pgcensus/nodes.h>
#include <pgcensus/query.h>
#include <string.h>

enum { WALKS = 120, STEPS = 250, MOST = 12, EVER = STEPS + MOST, READERS = 2 };

static const char *const behaviours[] = {"ok",     "ok",   "ok",      "standby", "auth",
                                         "silent", "mute", "refused", "broken"};

/* A node that was ever in the fleet.  Its servers are called
 * "<behaviour>-<serial>-<how often it was renewed>". */
struct actor {
    struct pgcensus_handle handle;
    char name[16], host[40];
    unsigned renewed;
    bool there, enabled;
    enum pgcensus_state state; /* as the events say; DISCONNECTED: it is not watched */
};

/* What a round or a query knows: the actor at each index, from the start. */
struct program {
    size_t n, n_out;
    const struct actor *actors[EVER]; /* NULL: vacant */
    unsigned renewed[EVER];           /* at the start */
    bool out[EVER];
};

struct play {
    struct rng rng;
    struct pgcensus_fleet *fleet;
    struct actor actors[EVER];
    size_t n; /* actors that ever were */
    unsigned next_name;
    struct pgcensus_check *check;
    struct program of_check;
    struct pgcensus_query *query;
    struct program of_query;
    struct pgcensus_query_options options;
    struct pgcensus_cursor readers[READERS]; /* the first one reads all, at once */
};

static bool chance(struct play *play, unsigned percent)
{
    return rng_below(&play->rng, 100) < percent;
}

/* ---- servers that say who they are ---- */

static struct fake_server (*plain_server)(const struct pg_target *target);
static struct fake_fate (*plain_answer)(const struct pg_target *target,
                                        const char *sql);

static struct fake_server named_server(const struct pg_target *target)
{
    struct fake_server server = plain_server(target);
    server.server_version = target->host;
    return server;
}

static struct fake_fate named_answer(const struct pg_target *target, const char *sql)
{
    struct fake_fate fate = plain_answer(target, sql);
    fate.warning = target->host;
    return fate;
}

/* One at which the actor is, or was since it had been renewed so often. */
static void assert_own_server(const struct actor *actor, unsigned since,
                              const char *said)
{
    const char *dash = strchr(said, '-');
    unsigned serial, renewed;
    assert_non_null(dash);
    assert_int_equal(sscanf(dash, "-%u-%u", &serial, &renewed), 2);
    assert_int_equal(serial, actor->handle.generation);
    assert_in_range(renewed, since, actor->renewed);
}

/* ---- nodes ---- */

static struct actor *random_actor(struct play *play)
{
    size_t first = rng_below(&play->rng, play->n + 1);
    for (size_t i = 0; i < play->n; i++) {
        struct actor *actor = &play->actors[(first + i) % play->n];
        if (actor->there)
            return actor;
    }
    return NULL;
}

static size_t count(const struct play *play)
{
    size_t n = 0;
    for (size_t i = 0; i < play->n; i++)
        n += play->actors[i].there;
    return n;
}

static struct node_options random_options(struct play *play, struct actor *actor)
{
    const char *behaviour = behaviours[rng_below(&play->rng, ARRAY_SIZE(behaviours))];
    snprintf(actor->host, sizeof actor->host, "%s-%u-%u", behaviour,
             (unsigned)(actor - play->actors) + 1, actor->renewed);
    struct node_options options = fake_node(actor->name, actor->host);
    options.identity.enabled = chance(play, 90);
    options.schedule.interval = (nsec)(1 + rng_below(&play->rng, 5)) * SEC;
    options.probe.total = (nsec)(1 + rng_below(&play->rng, 5)) * SEC;
    options.pool.max = 1 + (unsigned)rng_below(&play->rng, 3);
    options.pool.min = (unsigned)rng_below(&play->rng, options.pool.max + 1);
    options.health.max_attempts = (unsigned)rng_below(&play->rng, 3);
    return options;
}

static void act_add(struct play *play)
{
    if (count(play) == MOST)
        return;
    struct actor *actor = &play->actors[play->n++];
    *actor = (struct actor){.there = true, .state = PGCENSUS_DISCONNECTED};
    /* A few names only, which are used again. */
    do
        snprintf(actor->name, sizeof actor->name, "n%u", play->next_name++ % 20);
    while (pgcensus_fleet_find(play->fleet, actor->name, &(size_t){0}));
    struct node_options options = random_options(play, actor);
    actor->enabled = options.identity.enabled;
    assert_true(fleet_add(play->fleet, &options, NULL));
    size_t index;
    assert_true(pgcensus_fleet_find(play->fleet, actor->name, &index));
    assert_true(pgcensus_fleet_handle(play->fleet, index, &actor->handle));
    assert_int_equal(actor->handle.generation, play->n);
    assert_false(fleet_add(play->fleet, &options, NULL));
}

static void act_remove(struct play *play, struct actor *actor)
{
    assert_true(pgcensus_fleet_remove(play->fleet, actor->handle, NULL));
    assert_false(pgcensus_fleet_remove(play->fleet, actor->handle, NULL));
    actor->there = false;
}

static void act_renew(struct play *play, struct actor *actor)
{
    actor->renewed++;
    struct node_options options = random_options(play, actor);
    actor->enabled = options.identity.enabled;
    assert_true(fleet_renew(play->fleet, &options, NULL));
}

static void act_operate(struct play *play, struct actor *actor)
{
    bool (*const acts[])(struct pgcensus_fleet *, struct pgcensus_handle,
                         struct pgcensus_error *) = {
        pgcensus_fleet_suspend, pgcensus_fleet_resume, pgcensus_fleet_reset};
    bool done = acts[rng_below(&play->rng, 3)](play->fleet, actor->handle, NULL);
    assert_int_equal(done, actor->enabled);
}

/* ---- rounds and queries ---- */

static void begin_program(const struct play *play, struct program *program)
{
    *program = (struct program){.n = pgcensus_fleet_size(play->fleet)};
    for (size_t i = 0; i < play->n; i++) {
        const struct actor *actor = &play->actors[i];
        if (!actor->there)
            continue;
        program->actors[actor->handle.index] = actor;
        program->renewed[actor->handle.index] = actor->renewed;
    }
}

static const struct actor *come_out(const struct play *play, struct program *program,
                                    size_t index)
{
    assert_true(index < program->n);
    const struct actor *actor = program->actors[index];
    assert_non_null(actor);
    assert_false(program->out[index]);
    program->out[index] = true;
    assert_string_equal(pgcensus_fleet_node(play->fleet, index)->name, actor->name);
    return actor;
}

static void assert_all_out(const struct program *program)
{
    for (size_t i = 0; i < program->n; i++)
        assert_int_equal(program->out[i], program->actors[i] != NULL);
}

static void act_check(struct play *play)
{
    const struct pgcensus_node_result *result;
    struct pgcensus_check_options options = {
        .retries = -1, .stop_fd = -1, .jobs = (unsigned)rng_below(&play->rng, 4)};
    if (!play->check) {
        begin_program(play, &play->of_check);
        play->check = pgcensus_check_start(play->fleet, &options, NULL);
        assert_non_null(play->check);
    }
    if (chance(play, 5))
        pgcensus_check_stop(play->check, "interrupted");
    switch (
        pgcensus_check_next(play->check, (nsec)rng_below(&play->rng, SEC), &result)) {
    case PGCENSUS_TURN_TICK:
        break;
    case PGCENSUS_TURN_NODE: {
        const struct actor *actor = come_out(play, &play->of_check, result->index);
        if (result->server_version[0])
            assert_own_server(actor, play->of_check.renewed[result->index],
                              result->server_version);
        if (result->failed && strstr(result->failure.message, "removed"))
            assert_false(actor->there);
        break;
    }
    case PGCENSUS_TURN_END:
        assert_all_out(&play->of_check);
        pgcensus_check_free(play->check);
        play->check = NULL;
        break;
    }
}

static void take_result(struct play *play, const struct pgcensus_query_result *result)
{
    const struct actor *actor = come_out(play, &play->of_query, result->index);
    for (size_t i = 0; i < result->notices.n; i++)
        assert_own_server(actor, play->of_query.renewed[result->index],
                          result->notices.items[i].message);
}

static void act_query(struct play *play)
{
    struct pgcensus_query_event event;
    if (!play->query) {
        begin_program(play, &play->of_query);
        play->options = (struct pgcensus_query_options){
            .sql = "SELECT 2",
            .retries = -1,
            .stop_fd = -1,
            .jobs = (unsigned)rng_below(&play->rng, 4),
            .in_order = chance(play, 50),
            .streams = chance(play, 50),
            .any = chance(play, 20),
            .canary = chance(play, 10),
            .healthy = chance(play, 20),
            .keep = chance(play, 50),
            .max_rows = chance(play, 20) ? 1 + rng_below(&play->rng, 4) : 0,
        };
        play->query = pgcensus_query_start(play->fleet, &play->options, NULL);
        assert_non_null(play->query);
    }
    if (chance(play, 5))
        pgcensus_query_stop(play->query, "interrupted");
    nsec wait = (nsec)rng_below(&play->rng, SEC);
    switch (pgcensus_query_next(play->query, wait, &event)) {
    case PGCENSUS_QUERY_TICK:
        break;
    case PGCENSUS_QUERY_ROWS:
        pgcensus_rows_free(event.rows);
        break;
    case PGCENSUS_QUERY_NODE:
        take_result(play, event.result);
        break;
    case PGCENSUS_QUERY_END:
        assert_all_out(&play->of_query);
        pgcensus_query_free(play->query);
        play->query = NULL;
        break;
    }
}

static void act_ask(struct play *play, const struct actor *actor)
{
    struct pgcensus_answer answer;
    if (!actor->enabled)
        return;
    assert_true(pgcensus_fleet_ask(play->fleet, actor->handle.index, "SELECT 3", SEC,
                                   &answer, NULL));
    pgcensus_answer_fini(&answer);
}

/* Any of them may be given up in the middle. */
static void act_give_up(struct play *play)
{
    if (chance(play, 50)) {
        pgcensus_check_free(play->check);
        play->check = NULL;
    } else {
        pgcensus_query_free(play->query);
        play->query = NULL;
    }
}

/* ---- what is seen from outside ---- */

static void read_events(struct play *play, size_t reader, size_t most)
{
    struct pgcensus_event event;
    for (; most > 0; most--) {
        if (!pgcensus_events_next(play->fleet, &play->readers[reader], &event))
            return;
        assert_in_range(event.generation, 1, play->n);
        struct actor *actor = &play->actors[event.generation - 1];
        assert_int_equal(event.index, actor->handle.index);
        assert_string_equal(pgcensus_event_node(play->fleet, &event), actor->name);
        if (reader > 0)
            continue;
        if (event.kind == PGCENSUS_EVENT_NODE_ADDED)
            actor->state = PGCENSUS_CONNECTING;
        if (event.kind != PGCENSUS_EVENT_NODE_HEALTH)
            continue;
        assert_int_equal(event.from, actor->state);
        actor->state = event.to;
    }
}

static void look_at(struct play *play, const struct actor *actor)
{
    size_t index;
    struct pgcensus_node_snapshot snapshot;
    assert_int_equal(pgcensus_fleet_has(play->fleet, actor->handle), actor->there);
    if (!actor->there) {
        assert_int_equal(actor->state, PGCENSUS_DISCONNECTED);
        return;
    }
    assert_true(pgcensus_fleet_find(play->fleet, actor->name, &index));
    assert_int_equal(index, actor->handle.index);
    assert_string_equal(pgcensus_fleet_node(play->fleet, index)->name, actor->name);
    assert_string_equal(pgcensus_fleet_node(play->fleet, index)->host, actor->host);
    assert_true(pgcensus_fleet_snapshot(play->fleet, index, &snapshot));
    assert_true(snapshot.failures <= snapshot.checks);
    if (actor->enabled)
        assert_int_equal(snapshot.state, actor->state);
    const struct pgcensus_node_result *last = pgcensus_fleet_last(play->fleet, index);
    assert_ptr_equal(last, snapshot.last);
    if (last && last->server_version[0])
        assert_own_server(actor, actor->renewed, last->server_version);
}

static void look(struct play *play)
{
    read_events(play, 0, SIZE_MAX);
    for (size_t i = 0; i < play->n; i++)
        look_at(play, &play->actors[i]);
    size_t n = 0;
    for (size_t i = 0; i < pgcensus_fleet_size(play->fleet); i++)
        n += pgcensus_fleet_handle(play->fleet, i, &(struct pgcensus_handle){0});
    assert_int_equal(n, count(play));
    if (chance(play, 10))
        read_events(play, 1, rng_below(&play->rng, 100));
}

/* ---- walks ---- */

static void act(struct play *play)
{
    uint64_t roll = rng_below(&play->rng, 100);
    struct actor *actor = random_actor(play);
    if (chance(play, 10))
        fake_down = !fake_down;
    if (roll < 8 || !actor)
        act_add(play);
    else if (roll < 14)
        act_remove(play, actor);
    else if (roll < 24)
        act_renew(play, actor);
    else if (roll < 30)
        act_operate(play, actor);
    else if (roll < 50)
        act_check(play);
    else if (roll < 75)
        act_query(play);
    else if (roll < 78)
        act_ask(play, actor);
    else if (roll < 80)
        act_give_up(play);
    else
        pgcensus_fleet_turn(play->fleet, (nsec)rng_below(&play->rng, 3 * SEC), -1);
}

static void walk_once(struct play *play)
{
    fake_fleet_plan();
    plain_server = fake_plan.server;
    plain_answer = fake_plan.answer;
    fake_plan.server = named_server;
    fake_plan.answer = named_answer;
    play->fleet = fleet_new(NULL, NULL);
    assert_true(pgcensus_fleet_monitor(play->fleet, NULL));
    for (int step = 0; step < STEPS; step++) {
        act(play);
        look(play);
    }
    pgcensus_query_free(play->query);
    if (chance(play, 50))
        pgcensus_check_free(take_ptr(play->check));
    if (chance(play, 50))
        pgcensus_fleet_stop(play->fleet, (nsec)rng_below(&play->rng, 5 * SEC));
    pgcensus_fleet_free(play->fleet);
    pgcensus_check_free(play->check); /* it may outlive its fleet */
    assert_int_equal(fake_conns.n, 0);
}

static void nothing_leaks_and_nothing_answers_for_something_else(void **state)
{
    struct rng rng = walk_begin("nodes come and go");
    for (int walk = 0; walk < WALKS; walk++) {
        AUTO(free) struct play *play = calloc(1, sizeof *play);
        rng_init(&play->rng, rng_next(&rng));
        walk_once(play);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_leaks_and_nothing_answers_for_something_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
