/* The pool's promises, one story each.  The connections and the clock are fakes. */
#include "fake_loop.h"
#include "fake_pg_conn.h"

#include "pool/pool.h"
#include "tests/test.h"

#include <string.h>

#define SEC NSEC_PER_SEC

struct guest {
    struct task task;
    struct claim claim;
    unsigned woken;
};

struct stage {
    struct loop *loop;
    struct pool *pool;
    struct rng rng;
    struct guest guests[8];
};

static struct fake_fate next_opening, next_answer;

static struct fake_fate plan_opening(const struct pg_target *target)
{
    return next_opening;
}

static struct fake_fate plan_answer(const struct pg_target *target, const char *sql)
{
    return next_answer;
}

static void guest_step(struct task *task, short revents, nsec now)
{
    container_of(task, struct guest, task)->woken++;
}

static const struct pool_options standard = {
    .max = 2,
    .idle_timeout = 60 * SEC,
    .max_lifetime = 1800 * SEC,
    .acquire_timeout = 5 * SEC,
    .connect_timeout = 5 * SEC,
};

static void raise_curtain(struct stage *stage, struct pool_options options)
{
    static const struct pg_env env;
    static const struct pg_target target = {.host = "old"};
    *stage = (struct stage){.loop = loop_new()};
    fake_reset();
    fake_plan.open = plan_opening;
    fake_plan.answer = plan_answer;
    next_opening = next_answer = (struct fake_fate){.after = SEC / 10};
    rng_init(&stage->rng, 1);
    stage->pool = pool_new(stage->loop, &env, &target, &options, &stage->rng);
    for (size_t i = 0; i < ARRAY_SIZE(stage->guests); i++) {
        task_init(&stage->guests[i].task, guest_step);
        loop_add(stage->loop, &stage->guests[i].task);
    }
    fake_run_until(stage->loop, fake_now);
}

static void drop_curtain(struct stage *stage)
{
    pool_free(stage->pool);
    for (size_t i = 0; i < ARRAY_SIZE(stage->guests); i++)
        loop_remove(&stage->guests[i].task);
    loop_free(stage->loop);
}

static struct claim *claim_within(struct stage *stage, int i, nsec patience,
                                  bool only_fresh)
{
    struct guest *guest = &stage->guests[i];
    pool_claim(stage->pool, &guest->claim, &guest->task, fake_now,
               patience == NEVER ? NEVER : fake_now + patience, only_fresh);
    return &guest->claim;
}

static struct claim *claim(struct stage *stage, int i)
{
    return claim_within(stage, i, NEVER, false);
}

static void release(struct stage *stage, int i)
{
    pool_release(stage->pool, &stage->guests[i].claim, fake_now);
}

static void pass(struct stage *stage, nsec length)
{
    fake_run_until(stage->loop, fake_now + length);
}

static struct pgcensus_pool_stats stats(const struct stage *stage)
{
    struct pgcensus_pool_stats now;
    pool_stats(stage->pool, &now);
    return now;
}

/* ---- the stories ---- */

static void a_claim_opens_a_connection_and_wakes(void **state)
{
    struct stage stage;
    raise_curtain(&stage, standard);
    unsigned woken = stage.guests[0].woken;
    assert_int_equal(claim(&stage, 0)->state, CLAIM_WAITING);
    pass(&stage, SEC);
    const struct claim *got = &stage.guests[0].claim;
    assert_int_equal(got->state, CLAIM_GRANTED);
    assert_true(got->fresh);
    assert_int_equal(stage.guests[0].woken, woken + 1);
    assert_int_equal(got->granted - got->since, SEC / 10);
    assert_int_equal(got->timing.tcp + got->timing.auth, SEC / 10);
    assert_string_equal(got->address, "192.0.2.1");
    drop_curtain(&stage);
}

static void the_warmest_connection_is_used_again(void **state)
{
    struct stage stage;
    raise_curtain(&stage, standard);
    claim(&stage, 0);
    claim(&stage, 1);
    pass(&stage, SEC);
    const struct pg_conn *last = claim_conn(&stage.guests[0].claim);
    release(&stage, 1);
    release(&stage, 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(claim(&stage, 2)->state, CLAIM_GRANTED);
        assert_false(stage.guests[2].claim.fresh);
        assert_ptr_equal(claim_conn(&stage.guests[2].claim), last);
        release(&stage, 2);
    }
    assert_int_equal(stats(&stage).opened, 2);
    drop_curtain(&stage);
}

static void who_comes_first_is_served_first(void **state)
{
    struct stage stage;
    struct pool_options one = standard;
    one.max = 1;
    raise_curtain(&stage, one);
    for (int i = 0; i < 4; i++)
        claim(&stage, i);
    pass(&stage, SEC);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(stage.guests[i].claim.state, CLAIM_GRANTED);
        assert_int_equal(stats(&stage).waiting, 3 - i);
        release(&stage, i);
    }
    assert_int_equal(stats(&stage).opened, 1);
    assert_int_equal(stats(&stage).acquired, 4);
    assert_true(stats(&stage).wait_total >= 3 * SEC);
    drop_curtain(&stage);
}

static void a_failed_opening_is_the_first_waiters_answer(void **state)
{
    struct stage stage;
    struct pool_options one = standard;
    one.max = 1;
    raise_curtain(&stage, one);
    next_opening.error_class = PGCENSUS_CLASS_AUTH;
    claim(&stage, 0);
    next_opening.error_class = PGCENSUS_CLASS_NONE;
    claim(&stage, 1);
    pass(&stage, SEC);
    assert_int_equal(stage.guests[0].claim.state, CLAIM_FAILED);
    assert_int_equal(stage.guests[0].claim.failure.error_class, PGCENSUS_CLASS_AUTH);
    assert_int_equal(stage.guests[1].claim.state, CLAIM_GRANTED);
    assert_int_equal(stats(&stage).failed, 1);
    drop_curtain(&stage);
}

static void an_opening_nobody_waits_for_is_closed(void **state)
{
    struct stage stage;
    raise_curtain(&stage, standard);
    claim(&stage, 0);
    claim(&stage, 1);
    release(&stage, 0);
    assert_int_equal(fake_conns.n, 1);
    release(&stage, 1);
    assert_int_equal(fake_conns.n, 0);
    assert_int_equal(stats(&stage).total, 0);
    drop_curtain(&stage);
}

static void patience_ends_with_the_phase(void **state)
{
    struct stage stage;
    raise_curtain(&stage, standard);
    next_opening = (struct fake_fate){.after = NEVER, .phase = PGCENSUS_PHASE_AUTH};
    claim_within(&stage, 0, 2 * SEC, false);
    assert_int_equal(claim_peek(stage.pool, &stage.guests[0].claim),
                     PGCENSUS_PHASE_AUTH);
    pass(&stage, 2 * SEC);
    const struct claim *lost = &stage.guests[0].claim;
    assert_int_equal(lost->state, CLAIM_FAILED);
    assert_int_equal(lost->failure.error_class, PGCENSUS_CLASS_TIMEOUT);
    assert_int_equal(lost->failure.phase, PGCENSUS_PHASE_AUTH);
    assert_string_equal(lost->failure.message, "timeout after 2 s (auth)");
    assert_int_equal(fake_conns.n, 0);
    drop_curtain(&stage);
}

static void who_loses_patience_with_the_opening_hears_the_opening(void **state)
{
    struct stage stage;
    raise_curtain(&stage, standard);
    next_opening = (struct fake_fate){.after = NEVER, .phase = PGCENSUS_PHASE_TLS};
    claim_within(&stage, 0, standard.connect_timeout, false);
    pass(&stage, 5 * SEC);
    assert_int_equal(stage.guests[0].claim.state, CLAIM_FAILED);
    assert_string_equal(stage.guests[0].claim.failure.message, "fake timeout");
    drop_curtain(&stage);
}

static void a_name_that_nobody_answers_for_is_a_dns_failure(void **state)
{
    struct stage stage;
    raise_curtain(&stage, standard);
    next_opening = (struct fake_fate){.after = NEVER, .phase = PGCENSUS_PHASE_RESOLVE};
    claim_within(&stage, 0, SEC / 2, false);
    pass(&stage, SEC);
    const struct pgcensus_failure *failure = &stage.guests[0].claim.failure;
    assert_int_equal(failure->error_class, PGCENSUS_CLASS_DNS);
    assert_string_equal(failure->message, "timeout after 500 ms (resolve)");
    drop_curtain(&stage);
}

static void a_full_pool_is_not_a_dead_node(void **state)
{
    struct stage stage;
    raise_curtain(&stage, standard);
    for (int i = 0; i < 3; i++)
        claim(&stage, i);
    pass(&stage, 6 * SEC);
    const struct claim *lost = &stage.guests[2].claim;
    assert_int_equal(lost->state, CLAIM_FAILED);
    assert_int_equal(lost->failure.error_class, PGCENSUS_CLASS_LOCAL);
    assert_string_equal(lost->failure.message,
                        "no connection was free within 5 s: all 2 are in use");
    drop_curtain(&stage);
}

/* acquire_timeout is for those that have to wait for others. */
static void an_opening_is_waited_for_as_long_as_it_may_take(void **state)
{
    struct stage stage;
    struct pool_options options = standard;
    options.max = 1;
    options.connect_timeout = 9 * SEC;
    options.acquire_timeout = 3 * SEC;
    raise_curtain(&stage, options);
    next_opening.after = 8 * SEC;
    claim(&stage, 0);
    claim(&stage, 1);
    pass(&stage, 4 * SEC);
    assert_int_equal(stage.guests[0].claim.state, CLAIM_WAITING);
    assert_int_equal(stage.guests[1].claim.state, CLAIM_FAILED);
    pass(&stage, 4 * SEC);
    assert_int_equal(stage.guests[0].claim.state, CLAIM_GRANTED);
    drop_curtain(&stage);
}

static void idle_ones_above_the_minimum_are_closed(void **state)
{
    struct stage stage;
    struct pool_options options = standard;
    options.min = 1;
    options.max = 3;
    raise_curtain(&stage, options);
    for (int i = 0; i < 3; i++)
        claim(&stage, i);
    pass(&stage, SEC);
    for (int i = 0; i < 3; i++)
        release(&stage, i);
    pass(&stage, 59 * SEC);
    assert_int_equal(stats(&stage).idle, 3);
    pass(&stage, 2 * SEC);
    assert_int_equal(stats(&stage).idle, 1);
    assert_int_equal(stats(&stage).closed_idle, 2);
    pass(&stage, 600 * SEC);
    assert_int_equal(stats(&stage).idle, 1);
    drop_curtain(&stage);
}

static void lives_end_spread_and_the_minimum_is_renewed(void **state)
{
    struct stage stage;
    struct pool_options options = standard;
    options.min = options.max = 20;
    options.idle_timeout = 0;
    raise_curtain(&stage, options);
    pool_keep_min(stage.pool, fake_now);
    pass(&stage, SEC);
    assert_int_equal(stats(&stage).idle, 20);
    pass(&stage, 1800 * SEC * 9 / 10 - 2 * SEC);
    assert_int_equal(stats(&stage).closed_lifetime, 0);
    pass(&stage, 1800 * SEC / 20);
    assert_in_range(stats(&stage).closed_lifetime, 4, 16);
    pass(&stage, 1800 * SEC / 20 + 3 * SEC);
    assert_int_equal(stats(&stage).closed_lifetime, 20);
    assert_int_equal(stats(&stage).idle, 20);
    drop_curtain(&stage);
}

static void an_old_connection_is_closed_on_release(void **state)
{
    struct stage stage;
    raise_curtain(&stage, standard);
    claim(&stage, 0);
    pass(&stage, 1801 * SEC);
    assert_int_equal(stats(&stage).busy, 1);
    release(&stage, 0);
    assert_int_equal(stats(&stage).closed_lifetime, 1);
    assert_int_equal(stats(&stage).total, 0);
    drop_curtain(&stage);
}

static void the_minimum_rests_after_a_failure(void **state)
{
    struct stage stage;
    struct pool_options options = standard;
    options.min = 1;
    raise_curtain(&stage, options);
    next_opening.error_class = PGCENSUS_CLASS_REFUSED;
    pool_keep_min(stage.pool, fake_now);
    pass(&stage, 100 * SEC);
    assert_int_equal(fake_opened, 1);
    next_opening.error_class = PGCENSUS_CLASS_NONE;
    pool_keep_min(stage.pool, fake_now);
    pass(&stage, SEC);
    assert_int_equal(stats(&stage).idle, 1);
    drop_curtain(&stage);
}

static void a_goodbye_is_noticed_while_idle(void **state)
{
    struct stage stage;
    raise_curtain(&stage, standard);
    pool_observe(stage.pool, &stage.guests[7].task);
    claim(&stage, 0);
    pass(&stage, SEC);
    struct pg_conn *conn = claim_conn(&stage.guests[0].claim);
    release(&stage, 0);
    unsigned woken = stage.guests[7].woken;
    fake_say_goodbye(conn);
    pass(&stage, 0);
    assert_int_equal(stats(&stage).closed_lost, 1);
    assert_int_equal(stats(&stage).total, 0);
    assert_int_equal(stage.guests[7].woken, woken + 1);
    drop_curtain(&stage);
}

static void a_lessee_is_woken_when_its_answer_is_there(void **state)
{
    struct stage stage;
    static const struct pg_statement statement = {.sql = "SELECT 1"};
    raise_curtain(&stage, standard);
    claim(&stage, 0);
    pass(&stage, SEC);
    unsigned woken = stage.guests[0].woken;
    claim_send(&stage.guests[0].claim, &statement, fake_now, fake_now + SEC);
    pass(&stage, SEC);
    assert_int_equal(stage.guests[0].woken, woken + 1);
    assert_int_equal(pg_conn_state(claim_conn(&stage.guests[0].claim)), PG_READY);
    fake_say_goodbye(claim_conn(&stage.guests[0].claim));
    pass(&stage, 0);
    assert_int_equal(stage.guests[0].woken, woken + 2);
    release(&stage, 0);
    assert_int_equal(stats(&stage).closed_lost, 1);
    drop_curtain(&stage);
}

static void a_question_to_a_lost_connection_is_not_sent(void **state)
{
    struct stage stage;
    static const struct pg_statement statement = {.sql = "SELECT 1"};
    raise_curtain(&stage, standard);
    claim(&stage, 0);
    pass(&stage, SEC);
    fake_say_goodbye(claim_conn(&stage.guests[0].claim));
    pass(&stage, 0);
    unsigned woken = stage.guests[0].woken;
    claim_send(&stage.guests[0].claim, &statement, fake_now, fake_now + SEC);
    pass(&stage, 0);
    assert_int_equal(stage.guests[0].woken, woken + 1);
    assert_true(pg_conn_failed(claim_conn(&stage.guests[0].claim)));
    drop_curtain(&stage);
}

static void a_connection_in_the_middle_of_a_statement_is_not_reused(void **state)
{
    struct stage stage;
    static const struct pg_statement statement = {.sql = "SELECT 1"};
    raise_curtain(&stage, standard);
    claim(&stage, 0);
    pass(&stage, SEC);
    claim_send(&stage.guests[0].claim, &statement, fake_now, fake_now + SEC);
    release(&stage, 0);
    assert_int_equal(stats(&stage).total, 0);
    assert_int_equal(stats(&stage).closed_other, 1);
    drop_curtain(&stage);
}

static void a_connection_in_an_open_transaction_is_not_reused(void **state)
{
    struct stage stage;
    raise_curtain(&stage, standard);
    claim(&stage, 0);
    pass(&stage, SEC);
    claim_conn(&stage.guests[0].claim)->dirty = true;
    release(&stage, 0);
    assert_int_equal(stats(&stage).total, 0);
    assert_int_equal(stats(&stage).closed_other, 1);
    drop_curtain(&stage);
}

static void who_wants_a_fresh_one_gets_room(void **state)
{
    struct stage stage;
    struct pool_options one = standard;
    one.max = 1;
    raise_curtain(&stage, one);
    claim(&stage, 0);
    pass(&stage, SEC);
    unsigned serial = claim_conn(&stage.guests[0].claim)->serial;
    release(&stage, 0);
    assert_int_equal(claim_within(&stage, 1, NEVER, true)->state, CLAIM_WAITING);
    pass(&stage, SEC);
    assert_int_equal(stage.guests[1].claim.state, CLAIM_GRANTED);
    assert_true(stage.guests[1].claim.fresh);
    assert_true(claim_conn(&stage.guests[1].claim)->serial > serial);
    drop_curtain(&stage);
}

static void a_new_generation_replaces_the_old(void **state)
{
    struct stage stage;
    static const struct pg_target new_target = {.host = "new"};
    raise_curtain(&stage, standard);
    claim(&stage, 0);
    claim(&stage, 1);
    pass(&stage, SEC);
    release(&stage, 1);
    assert_true(pool_prepare(stage.pool, &new_target));
    pool_renew(stage.pool, &standard, fake_now);
    assert_int_equal(stats(&stage).idle, 0);
    assert_string_equal(claim_conn(&stage.guests[0].claim)->target->host, "old");
    release(&stage, 0);
    assert_int_equal(stats(&stage).closed_generation, 2);
    claim(&stage, 2);
    pass(&stage, SEC);
    assert_string_equal(claim_conn(&stage.guests[2].claim)->target->host, "new");
    drop_curtain(&stage);
}

static void fewer_may_be_open_from_now_on(void **state)
{
    static const struct pg_target target = {.host = "new"};
    struct stage stage;
    struct pool_options three = standard, one = standard;
    three.max = 3;
    one.max = 1;
    raise_curtain(&stage, three);
    for (int i = 0; i < 3; i++)
        claim(&stage, i);
    pass(&stage, SEC);
    assert_true(pool_prepare(stage.pool, &target));
    pool_renew(stage.pool, &one, fake_now);
    claim(&stage, 3);
    pass(&stage, SEC);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(stage.guests[3].claim.state, CLAIM_WAITING);
        assert_int_equal(stats(&stage).total, 3 - i);
        release(&stage, i);
        pass(&stage, SEC);
    }
    assert_int_equal(stage.guests[3].claim.state, CLAIM_GRANTED);
    assert_string_equal(claim_conn(&stage.guests[3].claim)->target->host, "new");
    assert_int_equal(stats(&stage).total, 1);
    drop_curtain(&stage);
}

static void at_rest_it_keeps_none_open(void **state)
{
    struct stage stage;
    struct pool_options two = standard;
    two.min = 2;
    raise_curtain(&stage, two);
    claim(&stage, 0);
    claim(&stage, 1);
    pass(&stage, SEC);
    release(&stage, 0);
    pool_keep_min(stage.pool, fake_now);
    pool_rest(stage.pool, fake_now);
    pass(&stage, SEC);
    assert_int_equal(stats(&stage).total, 1); /* the leased one */
    release(&stage, 1);
    assert_int_equal(stats(&stage).idle, 1);
    pool_rest(stage.pool, fake_now);
    pass(&stage, SEC);
    assert_int_equal(stats(&stage).total, 0);
    pool_keep_min(stage.pool, fake_now);
    pass(&stage, SEC);
    assert_int_equal(stats(&stage).total, 2);
    drop_curtain(&stage);
}

static void draining_lets_the_leased_finish(void **state)
{
    struct stage stage;
    raise_curtain(&stage, standard);
    for (int i = 0; i < 3; i++)
        claim(&stage, i);
    pass(&stage, SEC);
    release(&stage, 1);
    assert_int_equal(stage.guests[2].claim.state, CLAIM_GRANTED);
    claim(&stage, 3);
    pool_drain(stage.pool, "it is over", fake_now);
    assert_int_equal(stage.guests[3].claim.state, CLAIM_FAILED);
    assert_int_equal(stage.guests[3].claim.failure.error_class,
                     PGCENSUS_CLASS_CANCELLED);
    assert_int_equal(claim(&stage, 4)->state, CLAIM_FAILED);
    assert_int_equal(stats(&stage).busy, 2);
    release(&stage, 0);
    release(&stage, 2);
    assert_int_equal(stats(&stage).total, 0);
    drop_curtain(&stage);
}

static void freeing_ends_every_claim(void **state)
{
    struct stage stage;
    raise_curtain(&stage, standard);
    for (int i = 0; i < 3; i++)
        claim(&stage, i);
    pass(&stage, SEC);
    drop_curtain(&stage);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(stage.guests[i].claim.state, CLAIM_FAILED);
        assert_int_equal(stage.guests[i].claim.failure.error_class,
                         PGCENSUS_CLASS_CANCELLED);
    }
    assert_int_equal(fake_conns.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_claim_opens_a_connection_and_wakes),
        cmocka_unit_test(the_warmest_connection_is_used_again),
        cmocka_unit_test(who_comes_first_is_served_first),
        cmocka_unit_test(a_failed_opening_is_the_first_waiters_answer),
        cmocka_unit_test(an_opening_nobody_waits_for_is_closed),
        cmocka_unit_test(patience_ends_with_the_phase),
        cmocka_unit_test(who_loses_patience_with_the_opening_hears_the_opening),
        cmocka_unit_test(a_name_that_nobody_answers_for_is_a_dns_failure),
        cmocka_unit_test(a_full_pool_is_not_a_dead_node),
        cmocka_unit_test(an_opening_is_waited_for_as_long_as_it_may_take),
        cmocka_unit_test(idle_ones_above_the_minimum_are_closed),
        cmocka_unit_test(lives_end_spread_and_the_minimum_is_renewed),
        cmocka_unit_test(an_old_connection_is_closed_on_release),
        cmocka_unit_test(the_minimum_rests_after_a_failure),
        cmocka_unit_test(a_goodbye_is_noticed_while_idle),
        cmocka_unit_test(a_lessee_is_woken_when_its_answer_is_there),
        cmocka_unit_test(a_question_to_a_lost_connection_is_not_sent),
        cmocka_unit_test(a_connection_in_the_middle_of_a_statement_is_not_reused),
        cmocka_unit_test(a_connection_in_an_open_transaction_is_not_reused),
        cmocka_unit_test(who_wants_a_fresh_one_gets_room),
        cmocka_unit_test(a_new_generation_replaces_the_old),
        cmocka_unit_test(fewer_may_be_open_from_now_on),
        cmocka_unit_test(at_rest_it_keeps_none_open),
        cmocka_unit_test(draining_lets_the_leased_finish),
        cmocka_unit_test(freeing_ends_every_claim),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
