/* Who is told what of which name, and for how long it is remembered, in front of a name
 * service of our own. */
#include "io/resolve.h"
#include "name_service.h"
#include "scarce_threads.h"
#include "tests/test.h"

#include <sched.h>
#include <string.h>

#define PATIENCE (20 * NSEC_PER_SEC)

/* ---- a stage ---- */

struct claimant {
    struct lookup lookup;
    struct task task;
    unsigned woken;
};

struct stage {
    struct loop *loop;
    struct workers *workers;
    struct resolver *resolver;
    struct claimant a, b;
};

static void claimant_step(struct task *task, short revents, nsec now)
{
    container_of(task, struct claimant, task)->woken++;
}

static void start_claimant(struct stage *stage, struct claimant *claimant)
{
    task_init(&claimant->task, claimant_step);
    assert_true(loop_add(stage->loop, &claimant->task));
}

static int set_up(void **state)
{
    struct stage *stage = calloc(1, sizeof *stage);
    stage->loop = loop_new();
    stage->workers = workers_new(stage->loop, 1);
    stage->resolver = resolver_new(stage->loop, stage->workers);
    start_claimant(stage, &stage->a);
    start_claimant(stage, &stage->b);
    loop_turn(stage->loop, 0);
    stage->a.woken = stage->b.woken = 0;
    service_calls = 0;
    sem_init(&service_gate, 0, 0);
    *state = stage;
    return stage->resolver ? 0 : -1;
}

static int tear_down(void **state)
{
    struct stage *stage = *state;
    resolver_forget(stage->resolver, &stage->a.lookup);
    resolver_forget(stage->resolver, &stage->b.lookup);
    resolver_free(stage->resolver);
    loop_remove(&stage->a.task);
    loop_remove(&stage->b.task);
    workers_free(stage->workers);
    loop_free(stage->loop);
    free(stage);
    return 0;
}

static void ask_at(struct stage *stage, struct claimant *claimant, const char *name,
                   nsec now)
{
    resolver_forget(stage->resolver, &claimant->lookup);
    resolver_ask(stage->resolver, &claimant->lookup, name, &claimant->task, now);
}

static void ask(struct stage *stage, struct claimant *claimant, const char *name)
{
    ask_at(stage, claimant, name, clock_now());
}

static void wait_for(struct stage *stage, const struct claimant *claimant)
{
    nsec give_up = clock_now() + PATIENCE;
    while (claimant->lookup.state == LOOKUP_WAITING && clock_now() < give_up)
        assert_true(loop_turn(stage->loop, clock_now() + 10 * NSEC_PER_MSEC));
    assert_true(loop_turn(stage->loop, 0));
}

static void turn_until_inside(struct stage *stage, unsigned n)
{
    nsec give_up = clock_now() + PATIENCE;
    while (service_inside != n) {
        assert_true(clock_now() < give_up);
        assert_true(loop_turn(stage->loop, clock_now() + NSEC_PER_MSEC));
    }
}

/* ---- one question for all ---- */

static void finds_an_address(void **state)
{
    struct stage *stage = *state;
    ask(stage, &stage->a, "one.test");
    assert_int_equal(stage->a.lookup.state, LOOKUP_WAITING);
    wait_for(stage, &stage->a);
    assert_int_equal(stage->a.lookup.state, LOOKUP_FOUND);
    assert_int_equal(stage->a.lookup.addresses->n, 1);
    assert_string_equal(stage->a.lookup.addresses->text[0], "10.0.0.1");
    assert_int_equal(stage->a.woken, 1);
}

static void asks_once_for_all_who_want_to_know(void **state)
{
    enum { MANY = 200 };
    struct stage *stage = *state;
    static struct claimant crowd[MANY];
    memset(crowd, 0, sizeof crowd);
    for (size_t i = 0; i < MANY; i++) {
        start_claimant(stage, &crowd[i]);
        ask(stage, &crowd[i], "hangs.test");
    }
    turn_until_inside(stage, 1);
    sem_post(&service_gate);
    for (size_t i = 0; i < MANY; i++) {
        wait_for(stage, &crowd[i]);
        assert_int_equal(crowd[i].lookup.state, LOOKUP_FOUND);
        loop_remove(&crowd[i].task);
    }
    assert_int_equal(service_calls, 1);
}

static void many_names_at_once(void **state)
{
    enum { MANY = 2000 };
    struct stage *stage = *state;
    static struct claimant crowd[MANY];
    memset(crowd, 0, sizeof crowd);
    for (size_t i = 0; i < MANY; i++) {
        char name[32];
        snprintf(name, sizeof name, "one-%zu.test", i);
        start_claimant(stage, &crowd[i]);
        ask(stage, &crowd[i], name);
    }
    for (size_t i = 0; i < MANY; i++) {
        wait_for(stage, &crowd[i]);
        assert_int_equal(crowd[i].lookup.state, LOOKUP_FOUND);
        loop_remove(&crowd[i].task);
    }
    assert_int_equal(service_calls, MANY);
}

static void a_silent_name_does_not_hold_up_another(void **state)
{
    struct stage *stage = *state;
    ask(stage, &stage->a, "hangs.test");
    turn_until_inside(stage, 1);
    ask(stage, &stage->b, "one.test");
    wait_for(stage, &stage->b);
    assert_int_equal(stage->b.lookup.state, LOOKUP_FOUND);
    assert_int_equal(stage->a.lookup.state, LOOKUP_WAITING);
    sem_post(&service_gate);
    wait_for(stage, &stage->a);
    assert_int_equal(stage->a.lookup.state, LOOKUP_FOUND);
}

/* The loop does not turn here, so it is not the growth of a crowded queue. */
static void names_are_asked_side_by_side(void **state)
{
    enum { MANY = 10 };
    struct stage *stage = *state;
    struct lookup lookups[MANY] = {0};
    nsec now = clock_now();
    for (size_t i = 0; i < MANY; i++) {
        char name[32];
        snprintf(name, sizeof name, "hangs-%zu.test", i);
        resolver_ask(stage->resolver, &lookups[i], name, &stage->a.task, now);
    }
    while (service_inside < MANY && clock_now() < now + PATIENCE)
        sched_yield();
    assert_int_equal(service_inside, MANY);
    for (size_t i = 0; i < MANY; i++) {
        resolver_forget(stage->resolver, &lookups[i]);
        sem_post(&service_gate);
    }
    turn_until_inside(stage, 0);
}

static void without_threads_it_is_our_fault(void **state)
{
    struct stage *stage = *state;
    no_threads = true;
    ask(stage, &stage->a, "one.test");
    no_threads = false;
    assert_int_equal(stage->a.lookup.state, LOOKUP_LOCAL);
    assert_true(stage->a.lookup.reason[0]);
    ask(stage, &stage->a, "one.test");
    wait_for(stage, &stage->a);
    assert_int_equal(stage->a.lookup.state, LOOKUP_FOUND);
}

/* ---- memory ---- */

static void remembers_addresses_for_15_s(void **state)
{
    struct stage *stage = *state;
    ask(stage, &stage->a, "one.test");
    wait_for(stage, &stage->a);
    nsec now = clock_now();
    ask_at(stage, &stage->b, "one.test", now + 14 * NSEC_PER_SEC);
    assert_int_equal(stage->b.lookup.state, LOOKUP_FOUND);
    assert_string_equal(stage->b.lookup.addresses->text[0], "10.0.0.1");
    assert_int_equal(service_calls, 1);
    ask_at(stage, &stage->b, "one.test", now + 16 * NSEC_PER_SEC);
    assert_int_equal(stage->b.lookup.state, LOOKUP_WAITING);
    wait_for(stage, &stage->b);
    assert_int_equal(service_calls, 2);
}

static void forgets_failures_before_a_retry(void **state)
{
    struct stage *stage = *state;
    ask(stage, &stage->a, "nowhere.test");
    wait_for(stage, &stage->a);
    nsec now = clock_now();
    ask_at(stage, &stage->b, "nowhere.test", now);
    assert_int_equal(stage->b.lookup.state, LOOKUP_FAILED);
    assert_string_equal(stage->b.lookup.reason, gai_strerror(EAI_NONAME));
    ask_at(stage, &stage->b, "nowhere.test", now + 60 * NSEC_PER_MSEC);
    wait_for(stage, &stage->b);
    assert_int_equal(service_calls, 2);
}

static void does_not_remember_our_own_faults(void **state)
{
    struct stage *stage = *state;
    ask(stage, &stage->a, "z-memory.test");
    wait_for(stage, &stage->a);
    ask(stage, &stage->b, "z-memory.test");
    assert_int_equal(stage->b.lookup.state, LOOKUP_WAITING);
    wait_for(stage, &stage->b);
    assert_int_equal(service_calls, 2);
}

static void what_was_forgotten_is_still_remembered(void **state)
{
    struct stage *stage = *state;
    ask(stage, &stage->a, "hangs.test");
    turn_until_inside(stage, 1);
    resolver_forget(stage->resolver, &stage->a.lookup);
    assert_int_equal(stage->a.lookup.state, LOOKUP_NONE);
    resolver_forget(stage->resolver, &stage->a.lookup);
    ask(stage, &stage->b, "hangs.test");
    sem_post(&service_gate);
    wait_for(stage, &stage->b);
    assert_int_equal(stage->b.lookup.state, LOOKUP_FOUND);
    assert_int_equal(stage->a.woken, 0);
    assert_int_equal(service_calls, 1);
}

static void leaves_with_questions_open(void **state)
{
    struct stage *stage = *state;
    ask(stage, &stage->a, "hangs.test");
    turn_until_inside(stage, 1);
    resolver_free(stage->resolver);
    assert_int_equal(stage->a.lookup.state, LOOKUP_NONE);
    assert_int_equal(workers_stuck(stage->workers), 1);
    stage->resolver = resolver_new(stage->loop, stage->workers);
    sem_post(&service_gate);
    turn_until_inside(stage, 0);
    assert_int_equal(stage->a.woken, 0);
}

/* ---- literals ---- */

static void addresses_are_recognised(void **state)
{
    static const char *const yes[] = {
        "127.0.0.1",    "255.255.255.255", "::", "::1", "2001:db8::1",
        "fe80::1%eth0", "::ffff:1.2.3.4"};
    static const char *const no[] = {
        "",
        "localhost",
        "1.2.3",
        "1.2.3.4.5",
        "256.1.1.1",
        "01.2.3.4",
        "::1%",
        "%eth0",
        ":::",
        "1.2.3.4%eth0",
        "[::1]",
        "::1 ",
        "fe80::g",
        "/tmp",
        "1.2.3.4 ",
        "0x7f.0.0.1",
        "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000%eth0"};
    for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
        if (!resolve_is_address(yes[i]))
            fail_msg("%s is an address", yes[i]);
    for (size_t i = 0; i < ARRAY_SIZE(no); i++)
        if (resolve_is_address(no[i]))
            fail_msg("%s is no address", no[i]);
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGED(finds_an_address),
        STAGED(asks_once_for_all_who_want_to_know),
        STAGED(many_names_at_once),
        STAGED(a_silent_name_does_not_hold_up_another),
        STAGED(names_are_asked_side_by_side),
        STAGED(without_threads_it_is_our_fault),
        STAGED(remembers_addresses_for_15_s),
        STAGED(forgets_failures_before_a_retry),
        STAGED(does_not_remember_our_own_faults),
        STAGED(what_was_forgotten_is_still_remembered),
        STAGED(leaves_with_questions_open),
        cmocka_unit_test(addresses_are_recognised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
