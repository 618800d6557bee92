#include "base/memory.h"
#include "tests/test.h"

static void array_is_zeroed(void **state)
{
    AUTO(free) int *numbers = memory_array(100, sizeof *numbers);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(numbers[i], 0);
}

static void array_of_nothing_is_a_pointer(void **state)
{
    AUTO(free) void *nothing = memory_array(0, 8);
    assert_non_null(nothing);
}

static void an_array_too_large_is_refused(void **state)
{
    volatile size_t huge = SIZE_MAX / 2;
    AUTO(free) void *array = memory_array(huge, 3);
    assert_null(array);
}

static void grow_keeps_and_zeroes(void **state)
{
    AUTO(free) long *numbers = NULL;
    size_t cap = 0;
    for (size_t i = 0; i < 1000; i++) {
        assert_true(memory_grow(&numbers, &cap, i, sizeof *numbers));
        assert_true(cap > i);
        assert_int_equal(numbers[i], 0);
        numbers[i] = (long)i;
    }
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(numbers[i], i);
}

static void grow_that_cannot(void **state)
{
    AUTO(free) long *numbers = NULL;
    size_t cap = 0;
    assert_true(memory_grow(&numbers, &cap, 0, sizeof *numbers));
    long *before = numbers;
    size_t cap_before = cap;
    assert_false(memory_grow(&numbers, &cap, SIZE_MAX / 2, sizeof *numbers));
    assert_ptr_equal(numbers, before);
    assert_int_equal(cap, cap_before);
    assert_false(memory_grow(&numbers, &cap, SIZE_MAX - 1, 1));
}

/* Of any place and size; what stands there stays. */
static void a_hint_changes_nothing(void **state)
{
    enum { SIZE = 1 << 20 };
    AUTO(free) unsigned char *block = malloc(SIZE);
    for (size_t i = 0; i < SIZE / 2; i++)
        block[i] = (unsigned char)(i * 7);
    memory_will_fill(block, SIZE);
    memory_will_fill(block + 1, SIZE - 1);
    memory_will_fill(block, 1);
    memory_will_fill(NULL, 0);
    for (size_t i = 0; i < SIZE / 2; i++)
        assert_int_equal(block[i], (unsigned char)(i * 7));
}

static void a_format_becomes_a_string(void **state)
{
    AUTO(free) char *text = memory_format("%s-%d", "pg", 7);
    assert_string_equal(text, "pg-7");
}

static void wipe_of_nothing(void **state)
{
    memory_wipe_str(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(array_is_zeroed),
        cmocka_unit_test(array_of_nothing_is_a_pointer),
        cmocka_unit_test(an_array_too_large_is_refused),
        cmocka_unit_test(grow_keeps_and_zeroes),
        cmocka_unit_test(grow_that_cannot),
        cmocka_unit_test(a_hint_changes_nothing),
        cmocka_unit_test(a_format_becomes_a_string),
        cmocka_unit_test(wipe_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
