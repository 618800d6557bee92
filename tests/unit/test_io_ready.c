#include "io/ready.h"

#include "base/clock.h"
#include "tests/test.h"

#include <string.h>

#include <sys/socket.h>
#include <unistd.h>

static void test_a_look(void **state)
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

static void test_a_moment(void **state)
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

static void test_the_end_can_be_read(void **state)
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
        cmocka_unit_test(test_a_look),
        cmocka_unit_test(test_a_moment),
        cmocka_unit_test(test_the_end_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
