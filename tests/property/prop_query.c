/* Random queries over random fleets: every node comes out exactly once, rows are
 * counted, what may not be asked is not asked, what may not be repeated is not
 * repeated, any-node queries go round the healthy ones, and nothing is left behind.
 *
 * PGCENSUS_SEED=… replays one seed. */
#include "../unit/fake_fleet.h"

#include "tests/test.h"
#include "walk.h"

#include <math.h>
#include <pgcensus/query.h>
#include <stdio.h>
#include <string.h>

enum { QUERIES = 1500, ROUNDS = 200, MOST = 24 };

static const char *const behaviours[] = {
    "ok",   "ok",      "ok",     "standby", "old",    "silly", "auth",
    "full", "refused", "silent", "mute",    "broken", "syntax"};
static const char statement[] = "SELECT x";
static struct rng rng;

static bool chance(unsigned percent)
{
    return rng_below(&rng, 100) < percent;
}

/* ---- how often each host was asked ---- */

static struct fake_plan plan;
static unsigned asked[MOST]; /* by index: the name of a host ends in it */

static size_t index_of(const struct pg_target *target)
{
    const char *dash = strrchr(target->host, '-');
    return (size_t)strtoul(dash + 1, NULL, 10);
}

static struct fake_fate count_and_answer(const struct pg_target *target,
                                         const char *sql)
{
    if (!strcmp(sql, statement))
        asked[index_of(target)]++;
    return plan.answer(target, sql);
}

struct cast {
    struct pgcensus_fleet *fleet;
    struct node_options options[MOST];
    char hosts[MOST][24];
    size_t n;
};

static void random_cast(struct cast *cast, size_t n)
{
    fake_fleet_plan();
    plan = fake_plan;
    fake_plan.answer = count_and_answer;
    memset(asked, 0, sizeof asked);
    *cast = (struct cast){.fleet = fleet_new(NULL, NULL), .n = n};
    for (size_t i = 0; i < n; i++) {
        static char name[24];
        snprintf(name, sizeof name, "n%zu", i);
        snprintf(cast->hosts[i], sizeof cast->hosts[i], "%s-%zu",
                 behaviours[rng_below(&rng, ARRAY_SIZE(behaviours))], i);
        cast->options[i] = fake_node(name, cast->hosts[i]);
        cast->options[i].identity.enabled = chance(90);
        cast->options[i].identity.allow_write = chance(70);
        cast->options[i].identity.via_pooler = chance(10);
        cast->options[i].retry.max_retries = (unsigned)rng_below(&rng, 3);
        assert_true(fleet_add(cast->fleet, &cast->options[i], NULL));
    }
}

static struct pgcensus_query_options random_options(void)
{
    struct pgcensus_query_options options = {
        .sql = statement, .retries = -1, .stop_fd = -1};
    options.role = chance(20) ? (enum pgcensus_role)(1 + rng_below(&rng, 2))
                              : PGCENSUS_ROLE_UNKNOWN;
    options.healthy = chance(20);
    options.any = chance(20);
    options.canary = chance(15);
    options.fail_fast = chance(15);
    options.write = chance(25);
    options.in_order = chance(50);
    options.streams = chance(50);
    options.keep = chance(30);
    options.jobs = chance(50) ? 0 : 1 + (unsigned)rng_below(&rng, 4);
    options.deadline = chance(20) ? (nsec)rng_below(&rng, 8 * SEC) + MSEC : 0;
    options.max_rows = chance(20) ? 1 + rng_below(&rng, 6) : 0;
    options.max_bytes = chance(10) ? 1 + rng_below(&rng, 200) : 0;
    return options;
}

static void judge(const struct cast *cast, const struct pgcensus_query_options *options,
                  const struct pgcensus_query_result *result, size_t n_rows)
{
    const struct node_options *node = &cast->options[result->index];
    const char *host = node->identity.host;
    unsigned times = asked[result->index];
    assert_int_equal(result->n_rows, n_rows);
    assert_int_equal(result->status == PGCENSUS_QUERY_DISABLED,
                     !node->identity.enabled);
    assert_true(times <= result->attempts + 1u); /* and once for a stale connection */
    assert_true(result->attempts <= 1 + node->retry.max_retries);
    if (!node->identity.enabled || (options->write && !node->identity.allow_write))
        assert_int_equal(times, 0);
    if (options->write)
        assert_true(times <= 1);
    if ((options->healthy || options->any) &&
        (!strncmp(host, "refused", 7) || !strncmp(host, "mute", 4) ||
         !strncmp(host, "auth", 4) || !strncmp(host, "broken", 6)))
        assert_int_equal(times, 0); /* who is unwell gets no statement */
    if (result->status == PGCENSUS_QUERY_OK) {
        assert_true(times >= 1 && !result->failed && result->query > 0);
        assert_true(options->role == PGCENSUS_ROLE_UNKNOWN ||
                    options->role == result->role);
    }
    if (result->status == PGCENSUS_QUERY_FAILED ||
        result->status == PGCENSUS_QUERY_PARTIAL)
        assert_true(result->failed && result->failure.message[0]);
}

static void random_query(void)
{
    static struct cast cast;
    size_t rows[MOST] = {0}, last = 0, out = 0, all_rows = 0;
    random_cast(&cast, 1 + rng_below(&rng, MOST));
    struct pgcensus_query_options options = random_options();
    struct pgcensus_query *query = pgcensus_query_start(cast.fleet, &options, NULL);
    unsigned answered = 0, turns = 0, stop_at = chance(15) ? 3 : 0;
    nsec began = fake_now;
    for (enum pgcensus_query_turn turn = PGCENSUS_QUERY_TICK;
         turn != PGCENSUS_QUERY_END;) {
        struct pgcensus_query_event event;
        turn = pgcensus_query_next(query, SEC, &event);
        if (++turns == stop_at)
            pgcensus_query_stop(query, "interrupted");
        if (turn == PGCENSUS_QUERY_ROWS) {
            rows[event.index] += event.rows->n_rows;
            all_rows += event.rows->n_rows;
            pgcensus_rows_free(event.rows);
        }
        if (turn != PGCENSUS_QUERY_NODE)
            continue;
        assert_true(!options.in_order || out == 0 || event.index > last);
        last = event.index;
        out++;
        answered += event.result->status == PGCENSUS_QUERY_OK;
        judge(&cast, &options, event.result, rows[event.index]);
    }
    assert_int_equal(out, cast.n);
    assert_true(!options.any || answered <= 1);
    assert_true(!options.max_rows || all_rows <= options.max_rows);
    assert_true(!options.deadline || fake_now <= began + options.deadline);
    pgcensus_query_free(query);
    if (!options.keep)
        assert_int_equal(fake_conns.n, 0);
    pgcensus_fleet_free(cast.fleet);
    assert_int_equal(fake_conns.n, 0);
}

/* ---- limits of the whole run ---- */

static size_t needs[MOST]; /* rows, by index */

static size_t rows_of(const struct pg_target *target)
{
    return needs[index_of(target)];
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* What max-min fairness gives each who needs more than that, by trying. */
static size_t fair_share(size_t limit, size_t n)
{
    for (size_t share = 0;; share++) {
        size_t sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += least(needs[i], share + 1);
        if (sum > limit || share > limit)
            return share;
    }
}

static size_t random_need(void)
{
    return chance(20) ? rng_below(&rng, 3000) : rng_below(&rng, 40);
}

/* Rows of each node, which have come out; true if the node was cut. */
static bool take_shared(struct pgcensus_fleet *fleet,
                        const struct pgcensus_query_options *options, size_t *rows)
{
    struct pgcensus_query *query = pgcensus_query_start(fleet, options, NULL);
    struct pgcensus_query_event event;
    enum pgcensus_query_turn turn;
    bool any = false;
    while ((turn = pgcensus_query_next(query, SEC, &event)) != PGCENSUS_QUERY_END) {
        if (turn == PGCENSUS_QUERY_ROWS) {
            rows[event.index] += event.rows->n_rows;
            pgcensus_rows_free(event.rows);
        } else if (turn == PGCENSUS_QUERY_NODE) {
            bool cut = rows[event.index] < needs[event.index];
            any |= cut;
            assert_int_equal(event.result->truncated, cut);
            assert_int_equal(event.result->n_rows, rows[event.index]);
            assert_int_equal(event.result->status,
                             cut ? PGCENSUS_QUERY_PARTIAL : PGCENSUS_QUERY_OK);
        }
    }
    pgcensus_query_free(query);
    return any;
}

static void random_shares(void)
{
    static char hosts[MOST][24];
    const char *names[MOST];
    size_t n = 1 + rng_below(&rng, MOST), rows[MOST] = {0}, sum = 0, all = 0;
    fake_fleet_plan();
    fake_plan.rows = rows_of;
    for (size_t i = 0; i < n; i++) {
        needs[i] = random_need();
        all += needs[i];
        snprintf(hosts[i], sizeof hosts[i], "ok-%zu", i);
        names[i] = hosts[i];
    }
    struct pgcensus_query_options options = {
        .sql = statement,
        .retries = -1,
        .stop_fd = -1,
        .streams = chance(50),
        .in_order = chance(50),
        .jobs = chance(30) ? 1 + (unsigned)rng_below(&rng, 4) : 0,
        .max_rows = 1 + rng_below(&rng, chance(50) ? 3000 : 100),
        .max_bytes = chance(20) ? (size_t)1 << 40 : 0,
    };
    struct pgcensus_fleet *fleet = fake_fleet(names, n);
    bool cut = take_shared(fleet, &options, rows);
    /* Where rows flow and not all can begin, an even share is all that is sure. */
    bool exact = !options.streams || !options.jobs;
    size_t share = exact ? fair_share(options.max_rows, n) : options.max_rows / n;
    for (size_t i = 0; i < n; i++) {
        sum += rows[i];
        assert_true(rows[i] >= least(needs[i], share));
        assert_true(!exact || rows[i] <= least(needs[i], share + 1));
    }
    assert_true(sum <= options.max_rows);
    assert_int_equal(cut, sum < all);
    if (exact)
        assert_int_equal(sum, least(all, options.max_rows));
    pgcensus_fleet_free(fleet);
}

static void ask_any(struct pgcensus_fleet *fleet)
{
    struct pgcensus_query_options options = {
        .sql = statement, .any = true, .retries = -1, .stop_fd = -1};
    struct pgcensus_query *query = pgcensus_query_start(fleet, &options, NULL);
    struct pgcensus_query_event event;
    enum pgcensus_query_turn turn;
    while ((turn = pgcensus_query_next(query, SEC, &event)) != PGCENSUS_QUERY_END)
        if (turn == PGCENSUS_QUERY_ROWS)
            pgcensus_rows_free(event.rows);
    pgcensus_query_free(query);
}

/* n nodes, of which some, dead[i], are down or disabled. */
static struct pgcensus_fleet *fleet_of_any(struct cast *cast, size_t n,
                                           const bool *dead)
{
    random_cast(cast, n);
    pgcensus_fleet_free(cast->fleet);
    cast->fleet = fleet_new(NULL, NULL);
    for (size_t i = 0; i < n; i++) {
        char name[24];
        bool disabled = dead[i] && chance(50);
        snprintf(name, sizeof name, "n%zu", i);
        snprintf(cast->hosts[i], sizeof cast->hosts[i], "%s-%u",
                 dead[i] && !disabled ? "refused" : "ok", (unsigned)i);
        struct node_options node = fake_node(name, cast->hosts[i]);
        node.identity.enabled = !disabled;
        assert_true(fleet_add(cast->fleet, &node, NULL));
    }
    return cast->fleet;
}

/* Over k healthy nodes everybody is asked as often as any other, within one. */
static void random_distribution(void)
{
    static struct cast cast;
    static const bool dead[MOST];
    size_t n = 1 + rng_below(&rng, 8);
    struct pgcensus_fleet *fleet = fleet_of_any(&cast, n, dead);
    for (size_t i = 0; i < 4 * n; i++)
        ask_any(fleet);
    for (size_t i = 0; i < n; i++)
        assert_in_range(asked[i], 4 - 1, 4 + 1);
    pgcensus_fleet_free(fleet);
}

/* The share of the dead goes to all others alike: what each gets of it is within eight
 * standard deviations. */
static void random_distribution_of_the_dead(void)
{
    enum { EACH = 40 };
    static struct cast cast;
    bool dead[MOST] = {false};
    size_t n = 3 + rng_below(&rng, 6), n_dead = 1 + rng_below(&rng, n - 2);
    for (size_t i = 0; i < n_dead;) {
        size_t at = rng_below(&rng, n);
        i += !dead[at];
        dead[at] = true;
    }
    struct pgcensus_fleet *fleet = fleet_of_any(&cast, n, dead);
    for (size_t i = 0; i < EACH * n; i++)
        ask_any(fleet);
    double share = 1.0 / (double)(n - n_dead), spread = EACH * (double)n_dead * share;
    double bound = 1 + 8 * sqrt(spread * (1 - share));
    for (size_t i = 0; i < n; i++) {
        double excess = (double)asked[i] - EACH - spread;
        assert_true(dead[i] ? asked[i] == 0 : excess <= bound && -excess <= bound);
    }
    pgcensus_fleet_free(fleet);
}

static void random_queries(void **state)
{
    rng = walk_begin("queries");
    for (int i = 0; i < QUERIES; i++)
        random_query();
}

static void limits_are_shared_fairly(void **state)
{
    rng = walk_begin("shares");
    for (int i = 0; i < QUERIES; i++)
        random_shares();
}

static void random_distributions(void **state)
{
    rng = walk_begin("distribution");
    for (int i = 0; i < ROUNDS; i++)
        random_distribution();
    for (int i = 0; i < ROUNDS / 10; i++)
        random_distribution_of_the_dead();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_queries),
        cmocka_unit_test(limits_are_shared_fairly),
        cmocka_unit_test(random_distributions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
