/* What a task can wait for: never told too early, never told what is no longer so.
 *
 * Times are only compared with deadlines that have passed, never with how long
 * something should have taken, so a busy machine makes no failures. */
#include "loop_stage.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- deadlines ---- */

static void deadline_is_not_early(void **state)
{
    struct stage *stage = *state;
    add_all(stage);
    turn(stage);
    nsec begun = clock_now();
    stage->b.task.deadline = begun + 3 * NSEC_PER_MSEC + 100;
    stage->c.task.deadline = begun + 6 * NSEC_PER_MSEC;
    loop_update(&stage->b.task);
    loop_update(&stage->c.task);
    memset(stage->log, 0, sizeof stage->log);
    stage->n = 0;
    while (stage->n < 2)
        assert_true(loop_turn(stage->loop, NEVER));
    assert_string_equal(stage->log, "bc");
    assert_true(stage->b.now >= begun + 3 * NSEC_PER_MSEC + 100);
    assert_true(stage->c.now >= begun + 6 * NSEC_PER_MSEC);
}

static void until_is_not_early_either(void **state)
{
    struct stage *stage = *state;
    nsec until = clock_now() + 2 * NSEC_PER_MSEC;
    assert_true(loop_turn(stage->loop, until));
    assert_true(clock_now() >= until);
}

static void ignore(int signal)
{
}

static void signals_do_not_shorten_it(void **state)
{
    struct stage *stage = *state;
    struct sigaction action = {.sa_handler = ignore}, before;
    sigaction(SIGALRM, &action, &before);
    struct itimerval often = {.it_interval.tv_usec = 1000, .it_value.tv_usec = 1000};
    setitimer(ITIMER_REAL, &often, NULL);
    nsec until = clock_now() + 20 * NSEC_PER_MSEC;
    bool turned = loop_turn(stage->loop, until);
    nsec ended = clock_now();
    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    sigaction(SIGALRM, &before, NULL);
    assert_true(turned);
    assert_true(ended >= until);
    assert_true(ended < until + 5 * NSEC_PER_SEC);
}

/* ---- descriptors ---- */

struct ends {
    int near, far;
};

static struct ends connect_actor(struct actor *actor)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    actor->task.fd = fds[0];
    actor->task.events = POLLIN;
    return (struct ends){.near = fds[0], .far = fds[1]};
}

static void hears_its_descriptor(void **state)
{
    struct stage *stage = *state;
    struct ends a = connect_actor(&stage->a), b = connect_actor(&stage->b);
    add_all(stage);
    turn(stage);
    assert_int_equal(write(b.far, "x", 1), 1);
    assert_string_equal(turn(stage), "b");
    assert_int_equal(stage->b.revents, POLLIN);
    stage->b.task.events = 0;
    loop_update(&stage->b.task);
    assert_string_equal(turn(stage), "");
    close(b.far);
    assert_string_equal(turn(stage), "b");
    assert_true(stage->b.revents & POLLHUP);
    assert_int_equal(loop_load(stage->loop).polled, 2);
    loop_remove(&stage->a.task);
    loop_remove(&stage->b.task);
    assert_int_equal(loop_load(stage->loop).polled, 0);
    close(a.near);
    close(a.far);
    close(b.near);
}

static void a_leaver_takes_no_other_along(void **state)
{
    struct stage *stage = *state;
    struct ends a = connect_actor(&stage->a), b = connect_actor(&stage->b),
                c = connect_actor(&stage->c);
    add_all(stage);
    turn(stage);
    loop_remove(&stage->a.task);
    assert_int_equal(write(c.far, "x", 1), 1);
    assert_string_equal(turn(stage), "c");
    stage->c.task.events = 0;
    loop_update(&stage->c.task);
    assert_string_equal(turn(stage), "");
    assert_int_equal(write(b.far, "x", 1), 1);
    assert_string_equal(turn(stage), "b");
    loop_remove(&stage->b.task);
    loop_remove(&stage->c.task);
    for (const struct ends *ends = (struct ends[]){a, b, c, {-1, -1}}; ends->near >= 0;
         ends++) {
        close(ends->near);
        close(ends->far);
    }
}

static void a_closed_descriptor_is_its_owners_bug(void **state)
{
    struct stage *stage = *state;
    struct ends ends = connect_actor(&stage->a);
    close(ends.near);
    close(ends.far);
    assert_true(loop_add(stage->loop, &stage->a.task));
    assert_string_equal(turn(stage), "a");
    assert_int_equal(stage->a.revents, POLLNVAL);
}

/* Until b's time is up; then its answer arrives. */
static void be_slow(struct actor *actor)
{
    struct stage *stage = actor->stage;
    while (clock_now() < stage->b.task.deadline)
        ;
    assert_int_equal(write((int)stage->c.now, "x", 1), 1);
}

static void a_late_loop_invents_no_timeout(void **state)
{
    struct stage *stage = *state;
    struct ends b = connect_actor(&stage->b);
    stage->c.now = b.far;
    assert_true(loop_add(stage->loop, &stage->a.task));
    assert_true(loop_add(stage->loop, &stage->b.task));
    stage->a.act = be_slow;
    stage->b.task.deadline = clock_now() + 5 * NSEC_PER_MSEC;
    loop_update(&stage->b.task);
    nsec deadline = stage->b.task.deadline;
    assert_string_equal(turn(stage), "ab");
    assert_true(stage->b.now >= deadline);
    assert_int_equal(stage->b.revents, POLLIN);
    loop_remove(&stage->b.task);
    close(b.near);
    close(b.far);
}

/* ---- time that was ours ---- */

#define STOP (2 * LOOP_SLACK)

/* Stops this process for that long, while it waits in poll(). */
static pid_t stop_me_soon(void)
{
    pid_t me = getpid(), child = fork();
    if (child != 0)
        return child;
    usleep(20 * 1000);
    kill(me, SIGSTOP);
    usleep(STOP / NSEC_PER_USEC);
    kill(me, SIGCONT);
    _exit(0);
}

static void a_stop_is_charged_to_nobody(void **state)
{
    struct stage *stage = *state;
    assert_true(loop_add(stage->loop, &stage->a.task));
    turn(stage);
    nsec begun = loop_now(stage->loop), raw = clock_now();
    stage->a.task.deadline = begun + STOP;
    loop_update(&stage->a.task);
    pid_t child = stop_me_soon();
    assert_true(child > 0);
    stage->n = 0;
    while (stage->n == 0)
        assert_true(loop_turn(stage->loop, NEVER));
    nsec lost = loop_lost(stage->loop);
    /* a heartbeat of it may look like waiting */
    assert_in_range(lost, STOP - LOOP_SLACK, STOP + 20 * NSEC_PER_SEC);
    assert_true(stage->a.now >= begun + STOP);
    assert_true(clock_now() - raw >= STOP + lost);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void sleep_long(struct actor *actor)
{
    actor->act = NULL;
    usleep(STOP / NSEC_PER_USEC);
}

/* a blocks; b, whose time would have been up meanwhile, still has it. */
static void a_step_that_blocks_is_charged_to_nobody(void **state)
{
    struct stage *stage = *state;
    add_all(stage);
    turn(stage);
    stage->a.act = sleep_long;
    stage->b.task.deadline = loop_now(stage->loop) + STOP;
    loop_update(&stage->b.task);
    loop_wake(&stage->a.task);
    assert_string_equal(turn(stage), "a");
    assert_true(loop_lost(stage->loop) >= STOP);
    assert_string_equal(turn(stage), "");
    assert_true(loop_now(stage->loop) < stage->b.task.deadline);
    assert_int_equal(loop_load(stage->loop).last_turn / STOP, 0);
}

static void time_between_turns_is_lost_to_the_attentive(void **state)
{
    struct stage *stage = *state;
    turn(stage);
    usleep(STOP / NSEC_PER_USEC);
    turn(stage);
    assert_int_equal(loop_lost(stage->loop), 0);
    loop_attend(stage->loop, true);
    usleep(STOP / NSEC_PER_USEC);
    turn(stage);
    assert_int_equal(loop_lost(stage->loop), 0);
    usleep(STOP / NSEC_PER_USEC);
    turn(stage);
    assert_true(loop_lost(stage->loop) >= STOP);
}

static void usual_pauses_are_not_lost(void **state)
{
    struct stage *stage = *state;
    loop_attend(stage->loop, true);
    nsec until = loop_now(stage->loop) + LOOP_SLACK + LOOP_SLACK / 2;
    while (loop_now(stage->loop) < until)
        assert_true(loop_turn(stage->loop, until));
    /* unless this machine paused by itself */
    assert_true(loop_lost(stage->loop) == 0 || loop_lost(stage->loop) > LOOP_SLACK);
}

/* b hung up; a gives it a new socket, which happens to get the same number. */
static void reconnect_b(struct actor *actor)
{
    struct stage *stage = actor->stage;
    struct ends fresh = connect_actor(&stage->c);
    assert_int_equal(dup2(fresh.near, stage->b.task.fd), stage->b.task.fd);
    close(fresh.near);
    stage->c.task.fd = fresh.far; /* kept for closing */
    loop_update(&stage->b.task);
}

static void what_the_old_socket_said_is_forgotten(void **state)
{
    struct stage *stage = *state;
    struct ends b = connect_actor(&stage->b);
    assert_true(loop_add(stage->loop, &stage->a.task));
    assert_true(loop_add(stage->loop, &stage->b.task));
    turn(stage);
    stage->a.act = reconnect_b;
    close(b.far);
    loop_wake(&stage->a.task);
    assert_string_equal(turn(stage), "ab");
    assert_int_equal(stage->b.revents, 0);
    loop_remove(&stage->b.task);
    close(b.near);
    close(stage->c.task.fd);
    stage->c.task.fd = -1;
}

/* poll() refuses more entries than there may be open files. */
/* ---- the idle ---- */

static struct ends idle_actor(struct actor *actor)
{
    struct ends ends = connect_actor(actor);
    actor->task.idle = true;
    return ends;
}

static void close_ends(struct ends ends)
{
    close(ends.near);
    close(ends.far);
}

static const char *live(struct stage *stage, int turns)
{
    memset(stage->log, 0, sizeof stage->log);
    stage->n = 0;
    while (turns-- > 0)
        assert_true(loop_turn(stage->loop, 0));
    return stage->log;
}

static void the_idle_are_heard_and_take_no_place(void **state)
{
    struct stage *stage = *state;
    struct ends a = idle_actor(&stage->a), b = idle_actor(&stage->b),
                c = idle_actor(&stage->c);
    add_all(stage);
    turn(stage);
    assert_string_equal(live(stage, 3), "");
#ifdef __linux__
    assert_int_equal(loop_load(stage->loop).polled, 1);
#endif
    assert_int_equal(write(b.far, "x", 1), 1);
    assert_string_equal(turn(stage), "b");
    assert_int_equal(stage->b.revents, POLLIN);
    close(a.far);
    char byte;
    assert_int_equal(read(b.near, &byte, 1), 1);
    assert_string_equal(turn(stage), "a");
    assert_true(stage->a.revents & POLLIN);
    loop_remove(&stage->a.task);
    assert_string_equal(live(stage, 3), "");
    loop_remove(&stage->b.task);
    loop_remove(&stage->c.task);
    close(a.near);
    close_ends(b);
    close_ends(c);
}

/* A socket that lives on under another number was reported for a task that is gone. */
static void an_idle_task_leaves_nothing_behind(void **state)
{
    struct stage *stage = *state;
    struct ends a = idle_actor(&stage->a);
    assert_true(loop_add(stage->loop, &stage->a.task));
    turn(stage);
    int again = dup(a.near);
    assert_true(again >= 0);
    loop_remove(&stage->a.task);
    close_ends(a);
    memset(&stage->a.task, 0xff, sizeof stage->a.task);
    stage->a.task.loop = NULL;
    assert_string_equal(live(stage, 3), "");
    assert_int_equal(loop_load(stage->loop).tasks, 0);
    close(again);
}

static void swap_socket(struct actor *actor)
{
    actor->act = NULL;
    int old = actor->task.fd;
    connect_actor(actor);
    int moved = dup(old); /* the old socket lives on, and is still readable */
    assert_true(moved >= 0);
    assert_int_equal(dup2(actor->task.fd, old), old);
    close(actor->task.fd);
    actor->task.fd = old;
}

static void a_step_may_replace_what_was_idle(void **state)
{
    struct stage *stage = *state;
    struct ends a = idle_actor(&stage->a);
    assert_true(loop_add(stage->loop, &stage->a.task));
    turn(stage);
    assert_int_equal(write(a.far, "x", 1), 1);
    stage->a.act = swap_socket;
    assert_string_equal(turn(stage), "a");
    assert_string_equal(live(stage, 5), "");
    assert_int_equal(stage->a.task.fd, a.near);
    loop_remove(&stage->a.task);
    close_ends(a);
}

static void from_idle_to_busy_and_back(void **state)
{
    struct stage *stage = *state;
    struct ends a = idle_actor(&stage->a);
    assert_true(loop_add(stage->loop, &stage->a.task));
    turn(stage);
    for (int i = 0; i < 3; i++) {
        stage->a.task.idle = !stage->a.task.idle;
        loop_update(&stage->a.task);
        assert_int_equal(write(a.far, "x", 1), 1);
        assert_string_equal(turn(stage), "a");
        char byte;
        assert_int_equal(read(a.near, &byte, 1), 1);
        assert_string_equal(live(stage, 3), "");
    }
    loop_remove(&stage->a.task);
    close_ends(a);
}

static void tasks_without_a_descriptor_take_no_place(void **state)
{
    enum { MANY = 1000 };
    struct stage *stage = *state;
    struct rlimit before, few;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = before;
    few.rlim_cur = 100;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);

    struct ends ends = connect_actor(&stage->a);
    assert_true(loop_add(stage->loop, &stage->a.task));
    turn(stage);
    static struct actor crowd[MANY];
    for (size_t i = 0; i < MANY; i++) {
        actor_init(stage, &crowd[i], 'x');
        crowd[i].task.fd = i % 2 ? ends.near : -1;
        assert_true(loop_add(stage->loop, &crowd[i].task));
    }
    for (size_t i = 0; i < MANY; i++) {
        crowd[i].task.fd = -1;
        loop_update(&crowd[i].task);
        if (i % 3 == 0)
            loop_remove(&crowd[i].task);
    }
    assert_int_equal(loop_load(stage->loop).polled, 1);
    for (size_t i = 0; i < MANY; i++)
        loop_remove(&crowd[i].task);
    assert_int_equal(write(ends.far, "x", 1), 1);
    assert_string_equal(turn(stage), "a");

    setrlimit(RLIMIT_NOFILE, &before);
    loop_remove(&stage->a.task);
    close(ends.near);
    close(ends.far);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGED(deadline_is_not_early),
        STAGED(until_is_not_early_either),
        STAGED(signals_do_not_shorten_it),
        STAGED(hears_its_descriptor),
        STAGED(a_leaver_takes_no_other_along),
        STAGED(a_closed_descriptor_is_its_owners_bug),
        STAGED(a_late_loop_invents_no_timeout),
        STAGED(a_stop_is_charged_to_nobody),
        STAGED(a_step_that_blocks_is_charged_to_nobody),
        STAGED(time_between_turns_is_lost_to_the_attentive),
        STAGED(usual_pauses_are_not_lost),
        STAGED(what_the_old_socket_said_is_forgotten),
        STAGED(the_idle_are_heard_and_take_no_place),
        STAGED(an_idle_task_leaves_nothing_behind),
        STAGED(a_step_may_replace_what_was_idle),
        STAGED(from_idle_to_busy_and_back),
        STAGED(tasks_without_a_descriptor_take_no_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
