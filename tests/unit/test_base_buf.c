#include "base/buf.h"
#include "tests/test.h"

#include <string.h>

static void empty_is_a_string(void **state)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    assert_string_equal(buf.bytes, "");
    buf_clear(&buf);
    buf_add(&buf, "", 0);
    buf_add_repeat(&buf, 'x', 0);
    buf_add_format(&buf, "%s", "");
    assert_string_equal(buf.bytes, "");
    assert_false(buf.broken);
}

static void grows_and_stays_terminated(void **state)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    for (size_t i = 0; i < 1000; i++) {
        buf_add_char(&buf, (char)('a' + i % 26));
        assert_int_equal(buf.len, i + 1);
        assert_int_equal(buf.bytes[buf.len], '\0');
    }
    assert_int_equal(buf.bytes[999], 'a' + 999 % 26);
}

static void adds_all_kinds(void **state)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    buf_add_str(&buf, "a");
    buf_add(&buf, "b\0c", 3);
    buf_add_repeat(&buf, '-', 3);
    buf_add_format(&buf, "%d%s", 42, "!");
    assert_int_equal(buf.len, 10);
    assert_memory_equal(buf.bytes, "ab\0c---42!", 11);
}

static void formats_longer_than_its_room(void **state)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    buf_add_format(&buf, "%0500d", 7);
    assert_int_equal(buf.len, 500);
    assert_int_equal(buf.bytes[499], '7');
}

static void it_stays_broken(void **state)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    buf_add_str(&buf, "kept");
    assert_false(buf_reserve(&buf, SIZE_MAX - 2));
    assert_true(buf.broken);
    buf_add_str(&buf, " lost");
    assert_string_equal(buf.bytes, "kept");
    assert_null(buf_take(&buf));
    assert_false(buf.broken);
}

static void clear_forgets_the_break(void **state)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    buf_add_str(&buf, "old");
    buf_reserve(&buf, SIZE_MAX / 2);
    buf_clear(&buf);
    buf_add_str(&buf, "new");
    assert_string_equal(buf.bytes, "new");
    assert_false(buf.broken);
}

static void it_is_cut_to_a_length(void **state)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    buf_cut(&buf, 3);
    buf_add_str(&buf, "abcdef");
    buf_cut(&buf, 9);
    assert_string_equal(buf.bytes, "abcdef");
    buf_cut(&buf, 2);
    buf_add_char(&buf, 'x');
    assert_string_equal(buf.bytes, "abx");
}

static void the_bytes_are_taken_once(void **state)
{
    struct buf buf = BUF_INIT;
    AUTO(free) char *nothing = buf_take(&buf);
    assert_string_equal(nothing, "");

    buf_add_str(&buf, "mine");
    AUTO(free) char *text = buf_take(&buf);
    assert_string_equal(text, "mine");
    assert_int_equal(buf.len, 0);
    assert_string_equal(buf.bytes, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_is_a_string),
        cmocka_unit_test(grows_and_stays_terminated),
        cmocka_unit_test(adds_all_kinds),
        cmocka_unit_test(formats_longer_than_its_room),
        cmocka_unit_test(it_stays_broken),
        cmocka_unit_test(clear_forgets_the_break),
        cmocka_unit_test(it_is_cut_to_a_length),
        cmocka_unit_test(the_bytes_are_taken_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
