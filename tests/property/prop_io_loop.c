/* A crowd of tasks that do anything to each other from inside their steps: add, remove,
 * free, wake, change deadlines.  Kept apart from the loop, a ledger says who is in and
 * what it is owed. */
#include "io/deadlines.h"
#include "io/loop.h"
#include "tests/property/walk.h"
#include "tests/test.h"

#include <sys/socket.h>
#include <unistd.h>

enum { CROWD = 40, TURNS = 300, WALKS = 60 };

struct member {
    struct task task;
    struct crowd *crowd;
    size_t at;
    int far; /* the other end of its socket, which never says anything; -1: none */
};

struct ledger {
    unsigned stepped_in; /* the last turn in which it stepped */
    unsigned owed_by;    /* the turn in which it must have stepped; 0: none */
    nsec deadline;       /* as published; the earliest one since its last step */
};

struct crowd {
    struct loop *loop;
    struct rng rng;
    unsigned turn;
    struct member *members[CROWD]; /* NULL: not in the loop, and freed */
    struct ledger ledgers[CROWD];
};

static void member_step(struct task *task, short revents, nsec now);

static void owe(struct crowd *crowd, size_t at, unsigned turn)
{
    struct ledger *ledger = &crowd->ledgers[at];
    if (!ledger->owed_by || turn < ledger->owed_by)
        ledger->owed_by = turn;
}

static void enter(struct crowd *crowd, size_t at)
{
    struct member *member = calloc(1, sizeof *member);
    assert_non_null(member);
    task_init(&member->task, member_step);
    member->crowd = crowd;
    member->at = at;
    int ends[2] = {-1, -1};
    if (rng_below(&crowd->rng, 2))
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    member->task.fd = ends[0];
    member->far = ends[1];
    member->task.events = POLLIN;
    member->task.idle = rng_below(&crowd->rng, 2);
    assert_true(loop_add(crowd->loop, &member->task));
    crowd->members[at] = member;
    crowd->ledgers[at] = (struct ledger){.deadline = NEVER};
    owe(crowd, at, crowd->turn + 1);
}

static void leave(struct crowd *crowd, size_t at)
{
    struct member *member = crowd->members[at];
    loop_remove(&member->task);
    if (member->far >= 0) {
        close(member->far);
        close(member->task.fd);
    }
    free(member);
    crowd->members[at] = NULL;
}

static nsec random_deadline(struct rng *rng)
{
    return rng_below(rng, 3) ? clock_now() + (nsec)rng_below(rng, 3000000) : NEVER;
}

static void meddle(struct crowd *crowd)
{
    size_t at = rng_below(&crowd->rng, CROWD);
    struct member *other = crowd->members[at];
    if (!other) {
        enter(crowd, at);
        return;
    }
    switch (rng_below(&crowd->rng, 4)) {
    case 0:
        leave(crowd, at);
        return;
    case 1:
        loop_wake(&other->task);
        owe(crowd, at, crowd->turn + 1);
        return;
    case 2:
        other->task.again = true;
        other->task.idle = !other->task.idle;
        loop_update(&other->task);
        assert_false(other->task.again);
        owe(crowd, at, crowd->turn + 1);
        return;
    default:
        other->task.deadline = random_deadline(&crowd->rng);
        if (other->task.deadline < crowd->ledgers[at].deadline)
            crowd->ledgers[at].deadline = other->task.deadline;
        loop_update(&other->task);
        return;
    }
}

static void member_step(struct task *task, short revents, nsec now)
{
    struct member *member = container_of(task, struct member, task);
    struct crowd *crowd = member->crowd;
    struct ledger *ledger = &crowd->ledgers[member->at];
    assert_int_equal(revents, 0);
    assert_ptr_equal(crowd->members[member->at], member);
    assert_true(ledger->stepped_in < crowd->turn);
    assert_true(ledger->owed_by == crowd->turn || ledger->owed_by == crowd->turn + 1 ||
                ledger->deadline <= now);
    ledger->stepped_in = crowd->turn;
    ledger->owed_by = 0;
    ledger->deadline = task->deadline = random_deadline(&crowd->rng);
    for (size_t n = rng_below(&crowd->rng, 4); n > 0; n--)
        meddle(crowd);
}

static void check_nobody_was_forgotten(const struct crowd *crowd)
{
    for (size_t i = 0; i < CROWD; i++)
        if (crowd->members[i] && crowd->ledgers[i].owed_by)
            assert_true(crowd->ledgers[i].owed_by > crowd->turn);
}

static void a_crowd_that_meddles_is_served(void **state)
{
    struct rng rng = walk_begin("loop crowd");
    for (int walk = 0; walk < WALKS; walk++) {
        struct crowd crowd = {.loop = loop_new()};
        assert_non_null(crowd.loop);
        rng_init(&crowd.rng, rng_next(&rng));
        while (crowd.turn < TURNS) {
            meddle(&crowd);
            crowd.turn++;
            assert_true(loop_turn(crowd.loop, 0));
            check_nobody_was_forgotten(&crowd);
        }
        for (size_t i = 0; i < CROWD; i++)
            if (crowd.members[i])
                leave(&crowd, i);
        assert_int_equal(loop_load(crowd.loop).tasks, 0);
        loop_free(crowd.loop);
    }
}

/* ---- the heap, against looking at all of them ---- */

enum { TASKS = 50, MOVES = 2000 };

static nsec earliest(const nsec *at, size_t n)
{
    nsec first = NEVER;
    for (size_t i = 0; i < n; i++)
        if (at[i] < first)
            first = at[i];
    return first;
}

static void deadlines_come_in_order(void **state)
{
    struct rng rng = walk_begin("deadlines");
    struct deadlines deadlines = {0};
    struct task tasks[TASKS];
    nsec at[TASKS];
    assert_true(deadlines_reserve(&deadlines, TASKS));
    for (size_t i = 0; i < TASKS; i++) {
        task_init(&tasks[i], NULL);
        at[i] = NEVER;
    }
    for (int move = 0; move < 20 * MOVES; move++) {
        size_t i = rng_below(&rng, TASKS);
        at[i] = rng_below(&rng, 4) ? (nsec)rng_below(&rng, 100) : NEVER;
        deadlines_set(&deadlines, &tasks[i], at[i]);
        assert_int_equal(deadlines_first(&deadlines), earliest(at, TASKS));
        nsec now = (nsec)rng_below(&rng, 10);
        struct task *due;
        while ((due = deadlines_pop(&deadlines, now))) {
            assert_int_equal(at[due - tasks], earliest(at, TASKS));
            assert_true(at[due - tasks] <= now);
            at[due - tasks] = NEVER;
        }
        assert_true(earliest(at, TASKS) > now);
    }
    deadlines_fini(&deadlines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crowd_that_meddles_is_served),
        cmocka_unit_test(deadlines_come_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
