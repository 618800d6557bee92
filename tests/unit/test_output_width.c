#include "output/width.h"

#include "built_with.h"
#include "tests/test.h"

#include <string.h>

static size_t width_of(const char *text)
{
    return text_width(text, strlen(text));
}

static void how_wide_it_will_be(void **state)
{
    assert_int_equal(width_of(""), 0);
    assert_int_equal(width_of("plain"), 5);
    assert_int_equal(width_of("é✓✗…"), 4);
    assert_int_equal(width_of("\xff\xfe"), 2);
}

static void wide_and_combining(void **state)
{
    if (!HAVE_UTF8PROC)
        return;
    assert_int_equal(width_of("表"), 2);
    assert_int_equal(width_of("e\u0301"), 1);
    assert_int_equal(width_of("한글"), 4);
}

static void colours_take_no_room(void **state)
{
    assert_int_equal(width_of("\x1b[1;7;31mdown\x1b[0m"), 4);
    assert_int_equal(width_of("\x1b[0m"), 0);
}

static size_t fit(const char *text, size_t columns)
{
    return text_fit(text, strlen(text), columns);
}

static void what_fits_is_whole_characters(void **state)
{
    assert_int_equal(fit("abc", 0), 0);
    assert_int_equal(fit("abc", 2), 2);
    assert_int_equal(fit("abc", 9), 3);
    assert_int_equal(fit("éé", 1), 2);
    if (!HAVE_UTF8PROC)
        return;
    assert_int_equal(fit("表表", 3), 3);
    assert_int_equal(fit("e\u0301x", 1), 3);
}

/* The lines of text, joined by "|". */
static void assert_lines(const char *text, size_t columns, const char *expected)
{
    char lines[256] = "";
    size_t n = strlen(text);
    for (size_t at = 0, next; at < n; at += next) {
        size_t len = text_break(text + at, n - at, columns, &next);
        assert_true(next > 0 && len <= next);
        strncat(lines, text + at, len);
        strcat(lines, "|");
    }
    assert_string_equal(lines, expected);
}

static void lines_break_between_words(void **state)
{
    assert_lines("connection refused (10.2.0.12:5432)", 0,
                 "connection refused (10.2.0.12:5432)|");
    assert_lines("connection refused (10.2.0.12:5432)", 20,
                 "connection refused|(10.2.0.12:5432)|");
    assert_lines("connection refused", 18, "connection refused|");
    assert_lines("connection refused", 10, "connection|refused|");
    assert_lines("connection refused", 9, "connectio|n refused|");
    assert_lines("a  b", 2, "a|b|");
    assert_lines("pg-[0001-0216,0218-0411]", 20, "pg-[0001-0216,|0218-0411]|");
    assert_lines("ok (9): pg-[0001-0216,0218-0411]", 22,
                 "ok (9): pg-[0001-0216,|0218-0411]|");
    assert_lines("/var/run/postgresql/x", 20, "/var/run/postgresql/|x|");
    assert_lines("", 5, "");
    assert_lines("  x", 1, "|x|");
}

static void break_of_wide_text_in_no_room(void **state)
{
    assert_lines("表表", 1, "表|表|");
    size_t next, len = text_break("", 0, 5, &next);
    assert_int_equal(len, 0);
    assert_int_equal(next, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(how_wide_it_will_be),
        cmocka_unit_test(wide_and_combining),
        cmocka_unit_test(colours_take_no_room),
        cmocka_unit_test(what_fits_is_whole_characters),
        cmocka_unit_test(lines_break_between_words),
        cmocka_unit_test(break_of_wide_text_in_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
