/* What it costs to judge a round, without asking anybody.
 *
 *     judge CONFIG SHAPE
 *
 * Loads the configuration, makes up what each node has answered, judges all of it as
 * `pgcensus check` does at the end of a round, and prints how many nodes are ok.
 *
 *     none       not judged: what everything around it costs
 *     clusters   every node is the primary of a cluster of its own
 *     primaries  they are primaries of one cluster, on servers of their own
 *     standbys   the first is a primary, all others stream from it
 *     pairs      every second node is the standby of the one before */
#include <pgcensus/pgcensus.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECOND = 1000000000, WAL = 0x20000000, CLUSTER = 1000 };

struct round {
    size_t n;
    struct pgcensus_node_result *results, **order;
    struct pgcensus_facts *facts;
};

struct shape {
    const char *name;
    size_t nodes_a_cluster; /* 0: all */
    int standbys;           /* all but the first of a cluster */
};

static const struct shape shapes[] = {
    {"none", 1, 0},     {"clusters", 1, 0}, {"primaries", 0, 0},
    {"standbys", 0, 1}, {"pairs", 2, 1},
};

static const struct shape *find(const char *name)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (strcmp(shapes[i].name, name) == 0)
            return &shapes[i];
    return NULL;
}

/* ---- what they have answered ---- */

static void answer(const struct pgcensus_fleet *fleet, struct round *round,
                   const struct shape *shape, size_t i)
{
    size_t nodes = shape->nodes_a_cluster ? shape->nodes_a_cluster : round->n;
    size_t primary = i - i % nodes;
    int standby = shape->standbys && i != primary;
    struct pgcensus_node_result *result = &round->results[i];
    const struct pgcensus_identity *from = pgcensus_fleet_node(fleet, primary);
    round->order[i] = result;
    result->index = i;
    result->status = PGCENSUS_OK;
    result->attempted = true;
    result->role = standby ? PGCENSUS_STANDBY : PGCENSUS_PRIMARY;
    result->facts = &round->facts[i];
    result->lag = (struct pgcensus_lag){-1, -1, -1, -1, NULL, SIZE_MAX};
    snprintf(result->hostaddr, sizeof result->hostaddr, "%s",
             pgcensus_fleet_node(fleet, i)->host);

    struct pgcensus_facts *facts = &round->facts[i];
    facts->level = PGCENSUS_FACTS_FULL;
    facts->system_identifier = CLUSTER + primary;
    facts->timeline = 1;
    facts->started_at = SECOND + (nsec)i;
    facts->uptime = facts->sampled = SECOND;
    facts->paused = -1;
    if (!standby) {
        facts->wal = WAL;
        return;
    }
    facts->received = facts->replayed = WAL;
    facts->receiver = PGCENSUS_RECEIVER_STREAMING;
    snprintf(facts->upstream_host, sizeof facts->upstream_host, "%s", from->host);
    facts->upstream_port = from->port;
}

static int make_up(const struct pgcensus_fleet *fleet, const struct shape *shape,
                   struct round *round)
{
    round->n = pgcensus_fleet_size(fleet);
    round->results = calloc(round->n, sizeof *round->results);
    round->order = calloc(round->n, sizeof *round->order);
    round->facts = calloc(round->n, sizeof *round->facts);
    if (!round->results || !round->order || !round->facts)
        return 0;
    for (size_t i = 0; i < round->n; i++)
        answer(fleet, round, shape, i);
    return 1;
}

/* ---- judged ---- */

static size_t count_ok(const struct round *round)
{
    size_t n = 0;
    for (size_t i = 0; i < round->n; i++)
        n += round->results[i].status == PGCENSUS_OK;
    return n;
}

static int judge(const struct pgcensus_fleet *fleet, const struct round *round,
                 struct pgcensus_error *ret_error)
{
    const struct pgcensus_verdict_options options = {.require = {-1, -1, -1}};
    struct pgcensus_verdict *verdict =
        pgcensus_verdict_new(fleet, round->order, round->n, &options, ret_error);
    pgcensus_verdict_free(verdict);
    return verdict != NULL;
}

/* Nothing is freed: the process ends. */
static int run(const char *path, const struct shape *shape, struct round *round,
               struct pgcensus_error *ret_error)
{
    const struct pgcensus_config_source source = {.path = path};
    struct pgcensus_diagnostics diagnostics;
    struct pgcensus_config *config =
        pgcensus_config_load(&source, &diagnostics, ret_error);
    struct pgcensus_fleet *fleet =
        config ? pgcensus_config_open(config, NULL, ret_error) : NULL;
    if (!fleet)
        return 0;
    if (!make_up(fleet, shape, round)) {
        snprintf(ret_error->message, sizeof ret_error->message, "no memory");
        return 0;
    }
    return strcmp(shape->name, "none") == 0 || judge(fleet, round, ret_error);
}

int main(int argc, char **argv)
{
    struct pgcensus_error error;
    struct round round;
    const struct shape *shape = argc == 3 ? find(argv[2]) : NULL;
    if (!shape) {
        fprintf(stderr, "usage: judge CONFIG SHAPE\n");
        return 3;
    }
    if (!run(argv[1], shape, &round, &error)) {
        fprintf(stderr, "judge: %s\n", error.message);
        return 3;
    }
    printf("%zu ok\n", count_ok(&round));
    return 0;
}
