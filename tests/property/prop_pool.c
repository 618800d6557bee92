/* Random lives of a pool: claims, releases, reloads, refused logins, goodbyes and hours
 * of time, with what must hold after every single step.
 *
 * The connections and the loop are fakes, so a walk of 200 steps takes well under a
 * millisecond.  Each walk prints nothing unless it fails; then its seed, and
 * PGCENSUS_SEED=… replays just that one. */
#include "../unit/fake_loop.h"
#include "../unit/fake_pg_conn.h"

#include "base/memory.h"
#include "base/rng.h"
#include "pool/pool.h"
#include "tests/test.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { WALKS = 2000, STEPS = 200, CLAIMANTS = 9, MOST_CONNS = 10000 };

struct claimant {
    struct task task;
    struct claim claim;
    enum claim_state seen;  /* when it was last woken, or did something itself */
    enum claim_state noted; /* by the checks, to find changes */
    enum pg_conn_state seen_conn;
};

struct walk {
    struct loop *loop;
    struct pool *pool;
    struct pool_options options;
    struct rng rng;
    struct claimant claimants[CLAIMANTS];
    unsigned generation;
    char host[16];
    struct pg_target target;
    bool drained;
    uint64_t claimed, granted, failed, withdrawn;
    uint64_t clock;            /* of uses */
    uint64_t used[MOST_CONNS]; /* by serial: when a connection was last put back */
    bool leased[MOST_CONNS];   /* by serial: somebody had it before */
};

static struct rng *dice; /* of the walk under way, for the fakes */

static bool chance(struct rng *rng, unsigned percent)
{
    return rng_below(rng, 100) < percent;
}

static struct fake_fate random_fate(enum pgcensus_phase phase)
{
    static const enum pgcensus_class bad[] = {PGCENSUS_CLASS_REFUSED,
                                              PGCENSUS_CLASS_AUTH, PGCENSUS_CLASS_LOST};
    struct fake_fate fate = {.phase = phase};
    fate.after = (nsec)rng_below(dice, 3 * NSEC_PER_SEC);
    if (chance(dice, 8))
        fate.after = NEVER;
    else if (chance(dice, 20))
        fate.error_class = bad[rng_below(dice, ARRAY_SIZE(bad))];
    return fate;
}

static struct fake_fate random_opening(const struct pg_target *target)
{
    return random_fate(PGCENSUS_PHASE_AUTH);
}

static struct fake_fate random_answer(const struct pg_target *target, const char *sql)
{
    struct fake_fate fate = random_fate(PGCENSUS_PHASE_QUERY);
    if (fate.error_class == PGCENSUS_CLASS_AUTH)
        fate.error_class = PGCENSUS_CLASS_QUERY;
    return fate;
}

static void claimant_step(struct task *task, short revents, nsec now)
{
    struct claimant *claimant = container_of(task, struct claimant, task);
    claimant->seen = claimant->claim.state;
    if (claimant->seen == CLAIM_GRANTED)
        claimant->seen_conn = pg_conn_state(claim_conn(&claimant->claim));
}

static struct pg_target *name_generation(struct walk *walk)
{
    snprintf(walk->host, sizeof walk->host, "g%u", walk->generation);
    walk->target.host = walk->host;
    return &walk->target;
}

/* ---- what must hold ---- */

static bool is_leased(const struct walk *walk, const struct pg_conn *conn)
{
    for (int i = 0; i < CLAIMANTS; i++)
        if (walk->claimants[i].claim.state == CLAIM_GRANTED &&
            claim_conn(&walk->claimants[i].claim) == conn)
            return true;
    return false;
}

static void check_transition(struct walk *walk, struct claimant *claimant)
{
    enum claim_state was = claimant->noted, is = claimant->claim.state;
    claimant->noted = is;
    if (was == is)
        return;
    assert_int_equal(was, CLAIM_WAITING); /* all else is done by us, and noted */
    if (is == CLAIM_GRANTED) {
        const struct pg_conn *conn = claim_conn(&claimant->claim);
        walk->granted++;
        assert_string_equal(conn->target->host, walk->host);
        assert_true(!claimant->claim.only_fresh || claimant->claim.fresh);
        assert_true(!claimant->claim.fresh || !walk->leased[conn->serial]);
        walk->leased[conn->serial] = true;
    } else {
        assert_int_equal(is, CLAIM_FAILED);
        walk->failed++;
        assert_true(claimant->claim.failure.error_class != PGCENSUS_CLASS_NONE);
        assert_true(claimant->claim.failure.message[0]);
    }
}

static void check_claimants(struct walk *walk, unsigned *ret_waiting,
                            unsigned *ret_easy, unsigned *ret_granted)
{
    *ret_waiting = *ret_easy = *ret_granted = 0;
    for (int i = 0; i < CLAIMANTS; i++) {
        struct claimant *claimant = &walk->claimants[i];
        struct claim *claim = &claimant->claim;
        check_transition(walk, claimant);
        assert_int_equal(claimant->seen, claim->state); /* it was woken */
        if (claim->state == CLAIM_WAITING) {
            assert_true(claim->deadline > fake_now);
            ++*ret_waiting;
            *ret_easy += !claim->only_fresh;
        } else if (claim->state == CLAIM_GRANTED) {
            assert_int_equal(claimant->seen_conn, pg_conn_state(claim_conn(claim)));
            ++*ret_granted;
        }
    }
}

/* What was opened to keep the minimum is as warm as what was just put back. */
static void note_opened(struct walk *walk)
{
    walk->clock++; /* one for all: which of them was first is not known here */
    list_each (&fake_conns, node, after) {
        const struct pg_conn *conn = container_of(node, struct pg_conn, node);
        assert_true(conn->serial < MOST_CONNS);
        if (conn->state == PG_READY && !walk->used[conn->serial])
            walk->used[conn->serial] = walk->clock;
    }
}

static void check(struct walk *walk)
{
    unsigned waiting, easy, granted;
    struct pgcensus_pool_stats stats;
    fake_run_until(walk->loop, fake_now);
    check_claimants(walk, &waiting, &easy, &granted);
    note_opened(walk);
    pool_stats(walk->pool, &stats);

    assert_int_equal(stats.total, stats.idle + stats.busy + stats.connecting);
    assert_int_equal(stats.total, fake_conns.n);
    /* More may only be leased, since before the maximum was lowered. */
    assert_true(stats.total <= walk->options.max || stats.total == stats.busy);
    assert_int_equal(stats.busy, granted);
    assert_int_equal(stats.waiting, waiting);
    assert_int_equal(stats.acquired, walk->granted);
    assert_int_equal(walk->claimed,
                     walk->granted + walk->failed + walk->withdrawn + waiting);
    assert_int_equal(stats.opened, stats.idle + stats.busy + stats.closed_idle +
                                       stats.closed_lifetime + stats.closed_lost +
                                       stats.closed_generation + stats.closed_other);
    assert_true(!easy || !stats.idle);
    unsigned needed = waiting > walk->options.min ? waiting : walk->options.min;
    assert_true(stats.connecting <= needed);
    assert_true(stats.total >= walk->options.max || stats.connecting >= waiting ||
                walk->drained);
    assert_true(!walk->drained || stats.total == stats.busy);
    assert_true(stats.wait_total >= 0);
}

/* ---- what can happen ---- */

static void expect_warmest(struct walk *walk, const struct claim *claim)
{
    const struct pg_conn *got = claim_conn(claim);
    list_each (&fake_conns, node, after) {
        const struct pg_conn *conn = container_of(node, struct pg_conn, node);
        if (conn->state == PG_READY && !is_leased(walk, conn))
            assert_true(walk->used[conn->serial] <= walk->used[got->serial]);
    }
}

static void act_claim(struct walk *walk, struct claimant *claimant)
{
    struct pgcensus_pool_stats before, after;
    bool only_fresh = chance(&walk->rng, 15);
    nsec deadline = NEVER;
    if (chance(&walk->rng, 50))
        deadline = fake_now + 1 + (nsec)rng_below(&walk->rng, 6 * NSEC_PER_SEC);
    pool_stats(walk->pool, &before);
    claimant->noted = CLAIM_WAITING;
    pool_claim(walk->pool, &claimant->claim, &claimant->task, fake_now, deadline,
               only_fresh);
    pool_stats(walk->pool, &after);
    claimant->seen = claimant->claim.state;
    walk->claimed++;
    if (claimant->claim.state == CLAIM_GRANTED) {
        claimant->seen_conn = PG_READY;
        assert_true(before.idle > after.idle);
        assert_true(!claimant->claim.fresh);
        expect_warmest(walk, &claimant->claim);
    }
}

static void act_end(struct walk *walk, struct claimant *claimant)
{
    struct claim *claim = &claimant->claim;
    walk->withdrawn += claim->state == CLAIM_WAITING;
    if (claim->state == CLAIM_GRANTED)
        walk->used[claim_conn(claim)->serial] = ++walk->clock;
    if (chance(&walk->rng, 25))
        pool_discard(walk->pool, claim, fake_now);
    else
        pool_release(walk->pool, claim, fake_now);
    assert_int_equal(claim->state, CLAIM_NONE);
    claimant->seen = claimant->noted = CLAIM_NONE;
}

static void act_send(struct walk *walk, struct claimant *claimant)
{
    static const struct pg_statement statement = {.sql = "SELECT 1"};
    if (pg_conn_state(claim_conn(&claimant->claim)) == PG_READY)
        claim_send(&claimant->claim, &statement, fake_now, fake_now + NSEC_PER_SEC);
    claimant->seen_conn = pg_conn_state(claim_conn(&claimant->claim));
}

static void act_goodbye(struct walk *walk)
{
    if (!fake_conns.n)
        return;
    uint64_t which = rng_below(&walk->rng, fake_conns.n);
    list_each (&fake_conns, node, after)
        if (!which--)
            fake_say_goodbye(container_of(node, struct pg_conn, node));
}

static void act_renew(struct walk *walk)
{
    walk->generation++;
    name_generation(walk);
    if (chance(&walk->rng, 50))
        walk->options.max = 1 + (unsigned)rng_below(&walk->rng, 6);
    walk->options.min = (unsigned)rng_below(&walk->rng, walk->options.max + 1);
    assert_true(pool_prepare(walk->pool, &walk->target));
    if (chance(&walk->rng, 10)) /* what was prepared before is not taken */
        assert_true(pool_prepare(walk->pool, &walk->target));
    pool_renew(walk->pool, &walk->options, fake_now);
}

static void act_wait(struct walk *walk)
{
    nsec longest = chance(&walk->rng, 10) ? 3600 * NSEC_PER_SEC : 2 * NSEC_PER_SEC;
    fake_run_until(walk->loop,
                   fake_now + (nsec)rng_below(&walk->rng, (uint64_t)longest));
}

static void act(struct walk *walk)
{
    struct claimant *claimant = &walk->claimants[rng_below(&walk->rng, CLAIMANTS)];
    uint64_t roll = rng_below(&walk->rng, 100);
    if (roll < 3)
        act_renew(walk);
    else if (roll < 8)
        act_goodbye(walk);
    else if (roll < 11)
        pool_keep_min(walk->pool, fake_now);
    else if (roll < 30)
        act_wait(walk);
    else if (claimant->claim.state == CLAIM_NONE)
        act_claim(walk, claimant);
    else if (claimant->claim.state == CLAIM_GRANTED && roll < 60)
        act_send(walk, claimant);
    else if (claimant->claim.state != CLAIM_WAITING || roll > 90)
        act_end(walk, claimant);
}

/* ---- one life ---- */

static void walk_begin(struct walk *walk, uint64_t seed)
{
    static const struct pg_env env;
    rng_init(&walk->rng, seed);
    dice = &walk->rng;
    fake_reset();
    fake_plan.open = random_opening;
    fake_plan.answer = random_answer;
    walk->options = (struct pool_options){
        .max = 1 + (unsigned)rng_below(&walk->rng, 6),
        .idle_timeout = chance(&walk->rng, 20) ? 0 : 10 * NSEC_PER_SEC,
        .max_lifetime = chance(&walk->rng, 20) ? 0 : 60 * NSEC_PER_SEC,
        .acquire_timeout = 5 * NSEC_PER_SEC,
        .connect_timeout = 4 * NSEC_PER_SEC,
    };
    walk->options.min = (unsigned)rng_below(&walk->rng, walk->options.max + 1);
    walk->loop = loop_new();
    walk->pool =
        pool_new(walk->loop, &env, name_generation(walk), &walk->options, &walk->rng);
    assert_non_null(walk->pool);
    for (int i = 0; i < CLAIMANTS; i++) {
        task_init(&walk->claimants[i].task, claimant_step);
        loop_add(walk->loop, &walk->claimants[i].task);
    }
}

static void walk_end(struct walk *walk)
{
    if (chance(&walk->rng, 50)) {
        pool_drain(walk->pool, "it is over", fake_now);
        walk->drained = true;
        check(walk);
        for (int i = 0; i < CLAIMANTS; i++)
            if (walk->claimants[i].claim.state == CLAIM_NONE) {
                act_claim(walk, &walk->claimants[i]);
                assert_int_equal(walk->claimants[i].claim.state, CLAIM_FAILED);
            } else if (chance(&walk->rng, 50)) {
                act_end(walk, &walk->claimants[i]);
            }
        check(walk);
    }
    pool_free(walk->pool);
    assert_int_equal(fake_conns.n, 0);
    for (int i = 0; i < CLAIMANTS; i++) {
        enum claim_state state = walk->claimants[i].claim.state;
        assert_true(state == CLAIM_NONE || state == CLAIM_FAILED);
        loop_remove(&walk->claimants[i].task);
    }
    loop_free(walk->loop);
}

static void walk_once(uint64_t seed)
{
    struct walk *walk = memory_new(struct walk);
    walk_begin(walk, seed);
    for (int i = 0; i < STEPS; i++) {
        act(walk);
        check(walk);
    }
    walk_end(walk);
    free(walk);
}

static uint64_t current_seed;

static int print_seed(void **state)
{
    print_message("# replay: PGCENSUS_SEED=%" PRIu64 "\n", current_seed);
    return 0;
}

static void random_lives(void **state)
{
    const char *replay = getenv("PGCENSUS_SEED");
    if (replay) {
        current_seed = strtoull(replay, NULL, 10);
        walk_once(current_seed);
        return;
    }
    struct rng seeds;
    rng_init_random(&seeds);
    for (int i = 0; i < WALKS; i++) {
        current_seed = rng_next(&seeds);
        walk_once(current_seed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(random_lives, print_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
