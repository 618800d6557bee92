#include "cli/term/signals.h"
#include "tests/test.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

static void on_signal(int number);

static struct signals signals = {.handler = on_signal};

static void on_signal(int number)
{
    signals_note(&signals, number);
}

/* Each story runs in a process of its own, which ends with its result. */
static int status_of(int (*story)(void))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(story());
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static bool is_awake(void)
{
    struct pollfd wake = {.fd = signals.wake_fd, .events = POLLIN};
    return poll(&wake, 1, 0) == 1;
}

static int note_the_first(void)
{
    if (!signals_open(&signals, NULL) || is_awake() || signals_take(&signals) != 0)
        return 1;
    raise(SIGTERM);
    if (!is_awake())
        return 2;
    if (signals_take(&signals) != SIGTERM)
        return 3;
    return is_awake() ? 4 : 0;
}

static int end_with_the_second(void)
{
    signals_open(&signals, NULL);
    raise(SIGINT);
    raise(SIGTERM);
    return 1;
}

/* As timeout(1) sends it: to the process, and to its group. */
static int end_with_the_second_moment(void)
{
    signals_open(&signals, NULL);
    raise(SIGTERM);
    raise(SIGTERM);
    signals_close(&signals);
    raise(SIGTERM);
    if (signals_take(&signals) != SIGTERM)
        return 1;
    usleep(60000);
    raise(SIGTERM);
    return 2;
}

static int end_with_the_first_when_nobody_listens(void)
{
    signals_open(&signals, NULL);
    signals_close(&signals);
    raise(SIGINT);
    return 1;
}

static int keep_ignoring(void)
{
    signal(SIGHUP, SIG_IGN);
    signals_open(&signals, NULL);
    raise(SIGHUP);
    return is_awake();
}

static void the_first_signal_is_noted(void **state)
{
    assert_int_equal(status_of(note_the_first), 0);
}

static void the_second_ends_the_process(void **state)
{
    assert_int_equal(status_of(end_with_the_second), 128 + SIGTERM);
}

static void a_moment_has_one_signal(void **state)
{
    assert_int_equal(status_of(end_with_the_second_moment), 128 + SIGTERM);
}

static void any_does_when_nobody_listens(void **state)
{
    assert_int_equal(status_of(end_with_the_first_when_nobody_listens), 128 + SIGINT);
}

static void what_nohup_ignores_stays_ignored(void **state)
{
    assert_int_equal(status_of(keep_ignoring), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_signal_is_noted),
        cmocka_unit_test(the_second_ends_the_process),
        cmocka_unit_test(a_moment_has_one_signal),
        cmocka_unit_test(any_does_when_nobody_listens),
        cmocka_unit_test(what_nohup_ignores_stays_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
