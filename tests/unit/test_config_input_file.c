#include "config/read/input_file.h"

#include "config_stage.h"

#include <fcntl.h>
#include <string.h>

static void reads_whole_files(void **state)
{
    char reason[INPUT_FILE_REASON] = "";
    AUTO(input_file_fini) struct input_file file = {.bytes = NULL};
    assert_true(
        input_file_read(stage_write("f", "one\ntwo\n", 0640), 8, &file, reason));
    assert_string_equal(file.bytes, "one\ntwo\n");
    assert_int_equal(file.n, 8);
    assert_true(input_file_is_open_to_others(&file));
    AUTO(free) char *line = input_file_first_line(&file);
    assert_string_equal(line, "one");
}

static void refuses_more_than_was_agreed(void **state)
{
    char reason[INPUT_FILE_REASON];
    struct input_file file = {.bytes = NULL};
    assert_false(
        input_file_read(stage_write("f", "123456789", 0600), 8, &file, reason));
    assert_string_equal(reason, "is larger than 8 bytes");
    assert_null(file.bytes);
}

/* Files of /proc have a size of 0. */
static void believes_read_more_than_stat(void **state)
{
    char reason[INPUT_FILE_REASON];
    AUTO(input_file_fini) struct input_file file = {.bytes = NULL};
    assert_true(input_file_read("/proc/self/status", 1 << 20, &file, reason));
    assert_true(file.n > 100);
    assert_int_equal(file.n, strlen(file.bytes));
    struct input_file small = {.bytes = NULL};
    assert_false(input_file_read("/proc/self/status", 100, &small, reason));
    assert_string_equal(reason, "is larger than 100 bytes");
}

static void tells_missing_from_unreadable(void **state)
{
    assert_true(input_file_missing("no-such-file"));
    assert_true(input_file_missing("/dev/null/none"));
    assert_false(input_file_missing(stage_write("f", "", 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_whole_files),
        cmocka_unit_test(refuses_more_than_was_agreed),
        cmocka_unit_test(believes_read_more_than_stat),
        cmocka_unit_test(tells_missing_from_unreadable),
    };
    return cmocka_run_group_tests(tests, stage_set_up, stage_tear_down);
}
