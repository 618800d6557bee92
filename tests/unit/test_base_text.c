#include "base/text.h"
#include "tests/test.h"

#include <string.h>

static void characters_are_decoded(void **state)
{
    uint32_t code = 42;
    assert_int_equal(text_decode("a", 1, &code), 1);
    assert_int_equal(code, 'a');
    assert_int_equal(text_decode("\0", 1, &code), 1);
    assert_int_equal(code, 0);
    assert_int_equal(text_decode("é!", 3, &code), 2);
    assert_int_equal(code, 0xe9);
    assert_int_equal(text_decode("✓", 3, &code), 3);
    assert_int_equal(code, 0x2713);
    assert_int_equal(text_decode("\xf4\x8f\xbf\xbf", 4, &code), 4);
    assert_int_equal(code, 0x10ffff);
}

static void invalid_bytes_are_refused(void **state)
{
    static const char *const invalid[] = {
        "\x80",             /* continuation alone */
        "\xc3",             /* cut off */
        "\xe2\x82",         /* cut off */
        "\xc0\x80",         /* overlong NUL */
        "\xe0\x80\xaf",     /* overlong slash */
        "\xf0\x80\x80\x80", /* overlong */
        "\xed\xa0\x80",     /* surrogate */
        "\xf4\x90\x80\x80", /* above U+10FFFF */
        "\xf8\x88\x80\x80\x80",
        "\xc3(",
        "\xff",
    };
    for (size_t i = 0; i < ARRAY_SIZE(invalid); i++) {
        uint32_t untouched = 42;
        assert_int_equal(text_decode(invalid[i], strlen(invalid[i]), &untouched), 0);
        assert_int_equal(untouched, 42);
    }
}

static void encode_is_the_inverse(void **state)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        if (code >= 0xd800 && code <= 0xdfff)
            continue;
        uint32_t again = 0;
        buf_clear(&buf);
        text_add_utf8(&buf, code);
        if (text_decode(buf.bytes, buf.len, &again) != buf.len || again != code)
            fail_msg("U+%04X became U+%04X", code, again);
    }
}

static void assert_safe(const char *bytes, const char *expected)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    text_add_safe_str(&buf, bytes);
    assert_string_equal(buf.bytes, expected);
}

static void what_acts_or_hides_is_shown(void **state)
{
    assert_safe("", "");
    assert_safe("plain é ✓ 表 \\x1b", "plain é ✓ 表 \\x1b");
    assert_safe("\x1b[31mred", "\\x1b[31mred");
    assert_safe("a\nb\tc\rd", "a\\nb\\tc\\x0dd");
    assert_safe("\x7f\xc2\x85\xc2\x9b", "\\x7f\\x85\\x9b");
    assert_safe("\u202egpj.exe", "\\u{202e}gpj.exe");
    assert_safe("pg\u200b-1\ufeff", "pg\\u{200b}-1\\u{feff}");
    assert_safe("\u2028\u2066\U000e0041", "\\u{2028}\\u{2066}\\u{e0041}");
    assert_safe("\xff\xc3(", "\\xff\\xc3(");
}

static void a_nul_is_shown(void **state)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    text_add_safe(&buf, "a\0b", 3);
    assert_string_equal(buf.bytes, "a\\x00b");
}

static void assert_copies_safe(size_t size, const char *text, const char *expected)
{
    char to[32];
    memset(to, '#', sizeof to);
    text_copy_safe(to, size, text, strlen(text));
    assert_string_equal(to, expected);
    assert_true(strlen(to) < size);
}

static void a_safe_copy_says_that_it_was_cut(void **state)
{
    assert_copies_safe(32, "short", "short");
    assert_copies_safe(6, "short", "short");
    assert_copies_safe(5, "short", "s…");
    assert_copies_safe(8, "ab\x1b[mcd", "ab…");
    assert_copies_safe(8, "éééé", "éé…");
    assert_copies_safe(9, "éééé", "éééé");
    assert_copies_safe(4, "long", "…");
    assert_copies_safe(3, "long", "lo");
    assert_copies_safe(1, "long", "");
    char none = '#';
    text_copy_safe(&none, 0, "long", 4);
    assert_int_equal(none, '#');
}

static void assert_copies(size_t size, const char *text, const char *expected)
{
    char to[32];
    memset(to, '#', sizeof to);
    text_copy(to, size, text);
    assert_string_equal(to, expected);
}

static void a_copy_ends_between_characters(void **state)
{
    assert_copies(32, "all of it", "all of it");
    assert_copies(4, "abc", "abc");
    assert_copies(3, "abc", "ab");
    assert_copies(4, "ab✓", "ab");
    assert_copies(5, "ab✓", "ab");
    assert_copies(6, "ab✓", "ab✓");
    assert_copies(1, "é", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_are_decoded),
        cmocka_unit_test(invalid_bytes_are_refused),
        cmocka_unit_test(encode_is_the_inverse),
        cmocka_unit_test(what_acts_or_hides_is_shown),
        cmocka_unit_test(a_nul_is_shown),
        cmocka_unit_test(a_safe_copy_says_that_it_was_cut),
        cmocka_unit_test(a_copy_ends_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
