#include "cli/term/progress.h"
#include "tests/test.h"

#define MSEC NSEC_PER_MSEC

static const nsec start = 7 * NSEC_PER_SEC;

static void the_line_says_how_far_it_is(void **state)
{
    struct progress progress;
    progress_init(&progress, "check", 1000, true, start);
    progress.done = 412;
    progress.down = 3;
    AUTO(buf_fini) struct buf line = BUF_INIT;
    progress_format(&progress, start + 2149 * MSEC, &line);
    assert_string_equal(line.bytes, "check: 412/1000 nodes, 3 down  2.1 s");
}

static void nothing_is_due_within_the_first_second(void **state)
{
    struct progress progress;
    progress_init(&progress, "check", 10, true, start);
    assert_int_equal(progress_pause(&progress, start), 1000 * MSEC);
    assert_int_equal(progress_pause(&progress, start + 400 * MSEC), 600 * MSEC);
    assert_int_equal(progress_pause(&progress, start + 5000 * MSEC), 0);

    progress_show(&progress, start + 999 * MSEC);
    assert_false(progress.drawn);
    assert_int_equal(progress_pause(&progress, start + 999 * MSEC), 1 * MSEC);
}

static void it_is_drawn_ten_times_a_second(void **state)
{
    struct progress progress;
    progress_init(&progress, "check", 10, true, start);
    nsec now = start + 1000 * MSEC;
    progress_show(&progress, now);
    assert_int_equal(progress_pause(&progress, now), 100 * MSEC);
}

static void unwanted_it_never_is(void **state)
{
    struct progress progress;
    progress_init(&progress, "check", 10, false, start);
    progress_show(&progress, start + 60 * NSEC_PER_SEC);
    assert_false(progress.drawn);
    assert_true(progress_pause(&progress, start + 60 * NSEC_PER_SEC) > NSEC_PER_SEC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_says_how_far_it_is),
        cmocka_unit_test(nothing_is_due_within_the_first_second),
        cmocka_unit_test(it_is_drawn_ten_times_a_second),
        cmocka_unit_test(unwanted_it_never_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
