#include "output/exposition.h"
#include "tests/test.h"

static void assert_label(const char *value, const char *expected)
{
    AUTO(buf_fini) struct buf out = BUF_INIT, line = BUF_INIT;
    struct exposition text;
    exposition_init(&text, &out);
    exposition_family(&text, "a", "b");
    exposition_begin(&text);
    exposition_label(&text, "l", value);
    exposition_count(&text, 1);
    buf_add_format(&line, "# HELP a b\n# TYPE a gauge\na{l=\"%s\"} 1\n", expected);
    assert_string_equal(out.bytes, line.bytes);
}

static void labels_are_escaped(void **state)
{
    assert_label("plain", "plain");
    assert_label("", "");
    assert_label(NULL, "");
    assert_label("a\"b\\c\nd", "a\\\"b\\\\c\\nd");
    assert_label("\\n", "\\\\n");
    assert_label("{}=,'|", "{}=,'|");
}

static void labels_are_utf8(void **state)
{
    assert_label("Bücher", "Bücher");
    assert_label("\xff", "\xef\xbf\xbd");
    assert_label("a\xc3", "a\xef\xbf\xbd");
    assert_label("\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd");
    assert_label("\xed\xa0\x80x", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdx");
}

static void what_acts_or_hides_becomes_visible(void **state)
{
    assert_label("\x1b[31m", "\\\\x1b[31m");
    assert_label("\r\t", "\\\\x0d\\\\t");
    assert_label("\xe2\x80\xae", "\\\\u{202e}");
}

static void a_family_begins_with_its_first_sample(void **state)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    struct exposition text;
    exposition_init(&text, &out);
    exposition_family(&text, "nobody", "has it");
    exposition_family(&text, "two", "samples");
    exposition_begin(&text);
    exposition_label(&text, "x", "1");
    exposition_label(&text, "y", "2");
    exposition_number(&text, -0.5, 3);
    exposition_begin(&text);
    exposition_count(&text, UINT64_MAX);
    exposition_family(&text, "three", "more");
    exposition_begin(&text);
    exposition_number(&text, 1790865133.117, 3);
    assert_string_equal(out.bytes, "# HELP two samples\n"
                                   "# TYPE two gauge\n"
                                   "two{x=\"1\",y=\"2\"} -0.5\n"
                                   "two 18446744073709551615\n"
                                   "# HELP three more\n"
                                   "# TYPE three gauge\n"
                                   "three 1790865133.117\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_are_escaped),
        cmocka_unit_test(labels_are_utf8),
        cmocka_unit_test(what_acts_or_hides_becomes_visible),
        cmocka_unit_test(a_family_begins_with_its_first_sample),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
