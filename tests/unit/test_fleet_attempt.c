/* When a failure is no failure yet, told with a machine that does nothing but ask: it
 * claims, sends one statement, and does what the attempt says. */
#include "fake_fleet.h"

#include "fleet/attempt.h"
#include "tests/test.h"

#include <string.h>

/* What the machine is: once: its statement may write. */
struct guest {
    struct task task;
    struct node_home home;
    struct node *node;
    struct attempt attempt;
    bool once, paused, done;
    char story[32]; /* g: granted, r: rows, o: over, a: again, l: later */
    struct pgcensus_failure failure;
};

static struct guest guest;
static struct pg_env env;

static void tell(char letter)
{
    guest.story[strlen(guest.story)] = letter;
}

static void fail_attempt(const struct pgcensus_failure *failure, nsec now)
{
    guest.failure = *failure;
    switch (attempt_fail(&guest.attempt, failure, now)) {
    case ATTEMPT_OVER:
        tell('o');
        guest.done = true;
        attempt_release(&guest.attempt, now);
        break;
    case ATTEMPT_AGAIN:
        tell('a');
        break;
    case ATTEMPT_LATER:
        tell('l');
        guest.paused = true;
        guest.task.deadline = guest.attempt.resumes;
        break;
    }
}

static void send_statement(nsec now)
{
    tell('g');
    if (guest.once)
        attempt_send_once(&guest.attempt, attempt_statement("SELECT x"), SEC, now);
    else
        attempt_send(&guest.attempt, attempt_statement("SELECT x"), SEC, now);
}

static void take_answer(nsec now)
{
    struct pg_conn *conn = claim_conn(&guest.attempt.claim);
    struct pgcensus_failure failure = *pg_conn_failure(conn);
    if (pg_conn_state(conn) == PG_BUSY)
        return;
    if (pg_conn_failed(conn)) {
        fail_attempt(&failure, now);
    } else {
        tell('r');
        guest.done = true;
        attempt_release(&guest.attempt, now);
    }
}

static void guest_step(struct task *task, short revents, nsec now)
{
    if (guest.done || (guest.paused && now < guest.task.deadline))
        return;
    guest.task.deadline = NEVER;
    if (guest.paused) {
        guest.paused = false;
        attempt_begin(&guest.attempt, now);
        return;
    }
    if (guest.attempt.asked) {
        take_answer(now);
        return;
    }
    switch (attempt_claimed(&guest.attempt)) {
    case CLAIM_NONE:
    case CLAIM_WAITING:
        break;
    case CLAIM_GRANTED:
        send_statement(now);
        break;
    case CLAIM_FAILED:
        fail_attempt(&guest.attempt.claim.failure, now);
        break;
    }
}

static int setup(void **state)
{
    fake_fleet_plan();
    fake_lost = 0;
    guest = (struct guest){.home = {.loop = loop_new()}};
    guest.home.env = env;
    rng_init(&guest.home.rng, 1);
    task_init(&guest.task, guest_step);
    assert_true(loop_add(guest.home.loop, &guest.task));
    return 0;
}

static int teardown(void **state)
{
    if (!guest.done)
        attempt_discard(&guest.attempt, fake_now);
    loop_remove(&guest.task);
    node_drop(guest.node);
    loop_free(guest.home.loop);
    assert_int_equal(fake_conns.n, 0);
    return 0;
}

static void begin(const char *host, const struct attempt_options *options)
{
    struct node_options node = fake_node("n", host);
    if (!guest.node)
        guest.node = node_new(&node, 0, fake_now);
    guest.done = guest.paused = false;
    memset(guest.story, 0, sizeof guest.story);
    attempt_init(&guest.attempt, &guest.task, guest.node,
                 node_pool(guest.node, &guest.home), options, fake_now);
    attempt_begin(&guest.attempt, fake_now);
}

static void pass(nsec length)
{
    fake_run_until(guest.home.loop, fake_now + length);
}

static const struct attempt_options plain = {.length = 6 * SEC, .latest = NEVER};
static const struct attempt_options thrice = {
    .retry = {.max_retries = 3, .initial = SEC, .max = 10 * SEC, .multiplier = 2},
    .length = NEVER,
    .latest = NEVER};

/* ---- what is sent again ---- */

static unsigned losses; /* so many of the next answers are a lost connection */

static struct fake_fate lose_some(const struct pg_target *target, const char *sql)
{
    struct fake_fate fate = {.after = 2 * MSEC, .phase = PGCENSUS_PHASE_QUERY};
    if (losses > 0) {
        losses--;
        fate.error_class = PGCENSUS_CLASS_LOST;
    }
    return fate;
}

/* On a connection that was used before. */
static void begin_used(const struct attempt_options *options, unsigned n_losses)
{
    fake_plan.answer = lose_some;
    losses = 0;
    begin("ok", options);
    pass(SEC);
    assert_string_equal(guest.story, "gr");
    losses = n_losses;
    begin("ok", options);
}

static void a_used_connection_that_is_lost_is_no_failure(void **state)
{
    begin_used(&plain, 1);
    pass(SEC);
    assert_string_equal(guest.story, "gagr");
    assert_int_equal(guest.attempt.count, 1);
    assert_int_equal(fake_opened, 2);
}

static void a_fresh_connection_that_is_lost_counts(void **state)
{
    begin_used(&plain, 2);
    pass(SEC);
    assert_string_equal(guest.story, "gago");
    assert_int_equal(guest.failure.error_class, PGCENSUS_CLASS_LOST);
}

static void what_may_write_is_not_sent_twice(void **state)
{
    begin_used(&thrice, 1);
    guest.once = true;
    fake_lost = SEC;
    pass(SEC);
    assert_string_equal(guest.story, "go");
}

static void what_was_never_sent_may_be(void **state)
{
    begin_used(&thrice, 0);
    guest.once = true;
    struct pg_conn *conn = claim_conn(&guest.attempt.claim);
    fake_say_goodbye(conn);
    pg_conn_step(conn, 0, fake_now); /* it is lost before the guest is stepped */
    pass(SEC);
    assert_string_equal(guest.story, "gagr");
}

static void what_was_seen_is_not_asked_for_again(void **state)
{
    begin_used(&thrice, 1);
    pass(0);
    attempt_note_rows(&guest.attempt);
    assert_int_equal(attempt_phase(&guest.attempt), PGCENSUS_PHASE_STREAM);
    pass(SEC);
    assert_string_equal(guest.story, "go");
}

/* ---- standing still ---- */

static void standing_still_is_pardoned_once(void **state)
{
    fake_plan.answer = lose_some;
    losses = 1;
    begin("ok", &plain);
    fake_lost = SEC;
    pass(SEC);
    assert_string_equal(guest.story, "gagr");
    assert_int_equal(guest.attempt.count, 2);

    losses = 2;
    node_drop(take_ptr(guest.node));
    begin("ok", &plain);
    fake_lost = 2 * SEC;
    pass(5 * MSEC);
    fake_lost = 3 * SEC;
    pass(SEC);
    assert_string_equal(guest.story, "gago");
}

static void our_own_deadlines_need_no_pardon(void **state)
{
    begin("mute", &plain);
    fake_lost = SEC;
    pass(2 * SEC);
    assert_string_equal(guest.story, "go");
    assert_int_equal(guest.failure.error_class, PGCENSUS_CLASS_TIMEOUT);
}

/* ---- retries ---- */

static void retries_pause_longer_and_longer(void **state)
{
    nsec began = fake_now; /* each takes 10 ms; pauses of 1, 2 and 4 s */
    begin("refused", &thrice);
    pass(100 * SEC);
    assert_string_equal(guest.story, "lllo");
    assert_int_equal(guest.attempt.count, 4);
    assert_int_equal(guest.attempt.began - began, 7 * SEC + 30 * MSEC);
}

static void no_attempt_begins_when_it_is_too_late(void **state)
{
    struct attempt_options options = thrice;
    options.latest = fake_now + 2 * SEC; /* the third would begin behind 3 s */
    begin("refused", &options);
    pass(100 * SEC);
    assert_string_equal(guest.story, "lo");

    options = thrice;
    options.all = SEC / 2;
    begin("refused", &options);
    pass(100 * SEC);
    assert_string_equal(guest.story, "o");
}

static void the_time_of_all_attempts_ends_the_last(void **state)
{
    struct attempt_options options = thrice;
    options.all = SEC / 2;
    nsec began = fake_now;
    begin("mute", &options);
    pass(20 * MSEC);
    const struct pg_conn *conn = claim_conn(&guest.attempt.claim);
    assert_int_equal(conn->deadline, began + SEC / 2);
    assert_int_equal(conn->patience, SEC / 2);
    pass(SEC);
    assert_string_equal(guest.story, "go");
}

/* ---- whose time it was ---- */

static void what_waits_for_a_thread_is_not_the_nodes_time(void **state)
{
    nsec began = fake_now;
    begin("queued", &plain); /* 4 s in a queue, then it takes 3 s */
    pass(7 * SEC);
    assert_string_equal(guest.story, "g");
    assert_int_equal(attempt_opening(&guest.attempt), 3 * SEC);
    assert_int_equal(attempt_length(&guest.attempt, fake_now), 3 * SEC);
    assert_int_equal(guest.attempt.deadline, began + 10 * SEC);
    pass(SEC);
}

static void a_used_connection_took_nothing_to_open(void **state)
{
    begin_used(&plain, 0);
    pass(0);
    assert_int_equal(attempt_opening(&guest.attempt), PGCENSUS_UNKNOWN_TIME);
    pass(SEC);
}

/* ---- from outside ---- */

static void a_strike_names_the_phase(void **state)
{
    static const struct {
        const char *host;
        enum pgcensus_class error_class;
        enum pgcensus_phase phase;
        const char *message;
    } cases[] = {
        {"ok", PGCENSUS_CLASS_TIMEOUT, PGCENSUS_PHASE_CONNECT, "timeout: that is all"},
        {"silent", PGCENSUS_CLASS_TIMEOUT, PGCENSUS_PHASE_AUTH, "timeout: that is all"},
        {"mute", PGCENSUS_CLASS_TIMEOUT, PGCENSUS_PHASE_QUERY, "timeout: that is all"},
        {"starved", PGCENSUS_CLASS_LOCAL, PGCENSUS_PHASE_RESOLVE,
         "not begun, and that is all: all threads of ours were busy"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct pgcensus_failure failure;
        begin(cases[i].host, &plain);
        pass(i == 0 ? MSEC : 50 * MSEC);
        attempt_strike(&guest.attempt, "that is all", &failure);
        assert_int_equal(failure.error_class, cases[i].error_class);
        assert_int_equal(failure.phase, cases[i].phase);
        assert_string_equal(failure.message, cases[i].message);
        attempt_discard(&guest.attempt, fake_now);
        node_drop(take_ptr(guest.node));
    }
    guest.done = true;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_used_connection_that_is_lost_is_no_failure),
        TEST(a_fresh_connection_that_is_lost_counts),
        TEST(what_may_write_is_not_sent_twice),
        TEST(what_was_never_sent_may_be),
        TEST(what_was_seen_is_not_asked_for_again),
        TEST(standing_still_is_pardoned_once),
        TEST(our_own_deadlines_need_no_pardon),
        TEST(retries_pause_longer_and_longer),
        TEST(no_attempt_begins_when_it_is_too_late),
        TEST(the_time_of_all_attempts_ends_the_last),
        TEST(what_waits_for_a_thread_is_not_the_nodes_time),
        TEST(a_used_connection_took_nothing_to_open),
        TEST(a_strike_names_the_phase),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
