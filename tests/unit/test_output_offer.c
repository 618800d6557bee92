/* A terminal that stands still, as after Ctrl-S. */
#include "output/offer.h"
#include "tests/test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

struct terminal {
    int screen, end; /* what the user has, and what programs write to */
};

static struct terminal open_terminal(void)
{
    int screen = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(screen >= 0);
    assert_int_equal(grantpt(screen), 0);
    assert_int_equal(unlockpt(screen), 0);
    int end = open(ptsname(screen), O_RDWR | O_NOCTTY);
    assert_true(end >= 0);
    return (struct terminal){screen, end};
}

static void close_terminal(struct terminal *terminal)
{
    close(terminal->end);
    close(terminal->screen);
}

static void a_terminal_takes_it(void **state)
{
    struct terminal terminal = open_terminal();
    char shown[8] = "";
    assert_true(offer(terminal.end, "5/9", 3));
    assert_int_equal(read(terminal.screen, shown, sizeof shown), 3);
    assert_string_equal(shown, "5/9");
    close_terminal(&terminal);
}

/* Were it to wait, the test would not end. */
static void one_that_stands_still_is_not_waited_for(void **state)
{
    struct terminal terminal = open_terminal();
    assert_int_equal(tcflow(terminal.end, TCOOFF), 0);
    for (int i = 0; i < 3; i++)
        assert_false(offer(terminal.end, "5/9", 3));
    assert_int_equal(tcflow(terminal.end, TCOON), 0);
    assert_true(offer(terminal.end, "5/9", 3));
    close_terminal(&terminal);
}

/* The shell has the same open file. */
static void others_still_wait_for_it(void **state)
{
    struct terminal terminal = open_terminal();
    assert_true(offer(terminal.end, "5/9", 3));
    assert_false(fcntl(terminal.end, F_GETFL) & O_NONBLOCK);
    close_terminal(&terminal);
}

/* Nobody empties it: sooner or later there is no room. */
static void a_full_one_is_not_waited_for(void **state)
{
    enum { ENOUGH = 1 << 20 };
    struct terminal terminal = open_terminal();
    static char line[1000];
    memset(line, 'x', sizeof line);
    size_t n = 0;
    while (n < ENOUGH && offer(terminal.end, line, sizeof line))
        n += sizeof line;
    assert_true(n < ENOUGH);
    close_terminal(&terminal);
}

static void one_that_is_gone(void **state)
{
    struct terminal terminal = open_terminal();
    close(terminal.screen);
    assert_false(offer(terminal.end, "5/9", 3));
    assert_false(offer(-1, "5/9", 3));
    close(terminal.end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_terminal_takes_it),
        cmocka_unit_test(one_that_stands_still_is_not_waited_for),
        cmocka_unit_test(others_still_wait_for_it),
        cmocka_unit_test(a_full_one_is_not_waited_for),
        cmocka_unit_test(one_that_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
