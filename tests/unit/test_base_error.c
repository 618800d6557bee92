#include "base/error.h"

#include "base/text.h"
#include "tests/test.h"

#include <string.h>

static void an_error_is_set_and_false(void **state)
{
    struct pgcensus_error error = {0};
    assert_false(error_set(&error, PGCENSUS_TROUBLE_CONFIG, "no node %d", 3));
    assert_int_equal(error.trouble, PGCENSUS_TROUBLE_CONFIG);
    assert_string_equal(error.message, "no node 3");
}

static void nobody_wants_to_know(void **state)
{
    assert_false(error_set(NULL, PGCENSUS_TROUBLE_CONFIG, "x"));
    assert_false(error_memory(NULL));
}

static void memory_is_an_error_of_its_own(void **state)
{
    struct pgcensus_error error = {0};
    assert_false(error_memory(&error));
    assert_int_equal(error.trouble, PGCENSUS_TROUBLE_MEMORY);
    assert_string_equal(error.message, "out of memory");
}

static void long_message_is_cut_between_characters(void **state)
{
    struct pgcensus_error error = {0};
    AUTO(buf_fini) struct buf text = BUF_INIT;
    for (size_t i = 0; i < sizeof error.message; i++)
        buf_add_str(&text, "é");
    error_set(&error, PGCENSUS_TROUBLE_USAGE, "%s", text.bytes);
    assert_int_equal(strlen(error.message), sizeof error.message - 2);
    assert_memory_equal(error.message, text.bytes, sizeof error.message - 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_is_set_and_false),
        cmocka_unit_test(nobody_wants_to_know),
        cmocka_unit_test(memory_is_an_error_of_its_own),
        cmocka_unit_test(long_message_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
