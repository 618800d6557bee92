#include "fake_fleet.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

nsec __wrap_clock_now(void);

nsec __wrap_clock_now(void)
{
    return fake_now;
}

bool fake_down;
nsec fake_opening_time;

static bool is(const struct pg_target *target, const char *behaviour)
{
    size_t n = strlen(behaviour);
    return !strncmp(target->host, behaviour, n) &&
           (target->host[n] == '-' || !target->host[n]);
}

static struct fake_fate open_fate(const struct pg_target *target)
{
    struct fake_fate fate = {.after = fake_opening_time,
                             .phase = PGCENSUS_PHASE_CONNECT};
    if (is(target, "refused") || (is(target, "ok") && fake_down))
        fate.error_class = PGCENSUS_CLASS_REFUSED;
    else if (is(target, "auth"))
        fate.error_class = PGCENSUS_CLASS_AUTH;
    else if (is(target, "full"))
        fate.error_class = PGCENSUS_CLASS_LOCAL;
    else if (is(target, "silent"))
        fate = (struct fake_fate){.after = NEVER, .phase = PGCENSUS_PHASE_AUTH};
    else if (is(target, "queued"))
        fate = (struct fake_fate){
            .after = 3 * SEC, .phase = PGCENSUS_PHASE_RESOLVE, .queued = 4 * SEC};
    else if (is(target, "starved"))
        fate = (struct fake_fate){.phase = PGCENSUS_PHASE_RESOLVE, .queued = NEVER};
    return fate;
}

static struct fake_fate answer_fate(const struct pg_target *target, const char *sql)
{
    struct fake_fate fate = {.after = 2 * MSEC, .phase = PGCENSUS_PHASE_QUERY};
    fate.empty = is(target, "empty");
    if (is(target, "mute"))
        fate.after = NEVER;
    else if (is(target, "broken"))
        fate.error_class = PGCENSUS_CLASS_LOST;
    else if (is(target, "syntax"))
        fate.error_class = PGCENSUS_CLASS_QUERY;
    return fate;
}

static struct fake_server server_of(const struct pg_target *target)
{
    struct fake_server server = {
        .in_hot_standby = is(target, "standby") ? "on" : "off",
        .default_transaction_read_only = "off",
        .is_superuser = "off",
        .server_version = "15.20 (Debian 15.20-0+deb12u1)",
        .version = 150020,
        .role_cells = {"t", "on"},
    };
    if (is(target, "old") || is(target, "silly"))
        server = (struct fake_server){
            .server_version = "11.22", .version = 110022, .role_cells = {"f", "off"}};
    if (is(target, "silly"))
        server.role_cells[0] = "maybe";
    return server;
}

void fake_fleet_plan(void)
{
    fake_reset();
    fake_plan = (struct fake_plan){open_fate, answer_fate, server_of};
    fake_opening_time = 10 * MSEC;
    fake_down = false;
    fake_last_turn = 0;
}

struct node_options fake_node(const char *name, const char *host)
{
    return (struct node_options){
        .identity = {.name = name,
                     .host = host,
                     .port = 5432,
                     .dbname = "postgres",
                     .user = "pgcensus",
                     .enabled = true},
        .target = {.host = host,
                   .port = 5432,
                   .dbname = "postgres",
                   .user = "pgcensus"},
        .pool = {.min = 1,
                 .max = 4,
                 .idle_timeout = 60 * SEC,
                 .max_lifetime = 1800 * SEC,
                 .acquire_timeout = 5 * SEC,
                 .connect_timeout = 5 * SEC},
        .probe = {.total = 6 * SEC,
                  .timeout = SEC,
                  .query = "SELECT 1",
                  .role_status = PGCENSUS_WARN},
        .statement = {.timeout = 30 * SEC, .max_row_bytes = 1 << 20},
        .health = {.fall = 3, .rise = 1},
        .schedule = {.interval = 5 * SEC, .fast_interval = SEC / 2},
        .reconnect = {.strategy = BACKOFF_EXPONENTIAL,
                      .initial = SEC,
                      .max = 30 * SEC,
                      .increment = SEC,
                      .multiplier = 2},
        .retry = {.initial = SEC / 10, .max = 5 * SEC, .multiplier = 2},
    };
}

struct pgcensus_fleet *fake_fleet(const char *const *hosts, size_t n)
{
    struct pgcensus_fleet *fleet = fleet_new(NULL, NULL);
    for (size_t i = 0; i < n; i++) {
        char name[24];
        snprintf(name, sizeof name, "n%zu", i);
        struct node_options options = fake_node(name, hosts[i]);
        bool added = fleet_add(fleet, &options, NULL);
        assert(added);
        (void)added;
    }
    return fleet;
}

void fake_harvest_add(struct fake_harvest *harvest,
                      const struct pgcensus_node_result *result)
{
    assert(result->index < FAKE_HARVEST && harvest->n < FAKE_HARVEST);
    harvest->results[result->index] = *result;
    harvest->seen[result->index]++;
    harvest->order[harvest->n++] = result->index;
}

void fake_harvest_rest(struct fake_harvest *harvest, struct pgcensus_check *check)
{
    const struct pgcensus_node_result *result;
    for (;;)
        switch (pgcensus_check_next(check, SEC, &result)) {
        case PGCENSUS_TURN_NODE:
            fake_harvest_add(harvest, result);
            break;
        case PGCENSUS_TURN_TICK:
            break;
        case PGCENSUS_TURN_END:
            harvest->took = fake_now - harvest->began;
            return;
        }
}

void fake_harvest_run(struct fake_harvest *harvest, struct pgcensus_fleet *fleet,
                      const struct pgcensus_check_options *options)
{
    *harvest = (struct fake_harvest){.began = fake_now};
    struct pgcensus_check *check = pgcensus_check_start(fleet, options, NULL);
    assert(check);
    fake_harvest_rest(harvest, check);
    pgcensus_check_free(check);
    for (size_t i = 0; i < pgcensus_fleet_size(fleet); i++)
        assert(harvest->seen[i] == 1);
    assert(fake_conns.n == 0);
}
