#include "io/ready.h"

#include "base/clock.h"
#include "tests/test.h"

#include <string.h>

#include <sys/socket.h>
#include <unistd.h>

static void a_look_does_not_wait(void **state)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_false(ready_to_read(ends[0]));
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_true(ready_to_read(ends[0]));
    assert_true(ready_to_read(ends[0])); /* it takes nothing */
    close(ends[0]);
    close(ends[1]);
    assert_false(ready_to_read(ends[0]));
    assert_false(ready_to_read(-1));
}

static void it_waits_no_longer_than_asked(void **state)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    nsec before = clock_now();
    assert_false(ready_within(ends[0], 5));
    assert_false(ready_within(-1, 5));
    assert_true(clock_now() - before >= 9 * NSEC_PER_MSEC);
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_true(ready_within(ends[0], 60000));
    close(ends[0]);
    close(ends[1]);
}

static void the_end_can_be_read(void **state)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_false(ready_to_read(ends[0]));
    close(ends[1]);
    assert_true(ready_to_read(ends[0]));
    close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_look_does_not_wait),
        cmocka_unit_test(it_waits_no_longer_than_asked),
        cmocka_unit_test(the_end_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
