#include "base/json.h"
#include "tests/test.h"

#include <string.h>

static const char *embed(const char *text)
{
    static struct buf out;
    buf_fini(&out);
    out = BUF_INIT;
    json_add_embedded(&out, text, strlen(text));
    return out.bytes;
}

static void json_stays_what_it_is(void **state)
{
    static const char *const same[] = {
        "null",
        "true",
        "false",
        "0",
        "-1.5e+10",
        "\"\"",
        "\"a\\n\\u00e9\\\"\"",
        "[]",
        "{}",
        "[1,2]",
        "{\"a\":[{}]}",
        "1234567890123456789012345678901234567890.5",
        "\"\u00e9\U0001f600\"",
    };
    for (size_t i = 0; i < ARRAY_SIZE(same); i++)
        assert_string_equal(embed(same[i]), same[i]);
}

static void white_space_goes(void **state)
{
    assert_string_equal(embed(" {\n\t\"a b\" : [ 1 , 2 ] \r\n} "), "{\"a b\":[1,2]}");
}

static void what_is_no_json_becomes_a_string(void **state)
{
    static const char *const stories[][2] = {
        {"", "\"\""},
        {"tru", "\"tru\""},
        {"nullx", "\"nullx\""},
        {"01", "\"01\""},
        {"-", "\"-\""},
        {"1.", "\"1.\""},
        {".5", "\".5\""},
        {"1e", "\"1e\""},
        {"NaN", "\"NaN\""},
        {"[1,]", "\"[1,]\""},
        {"[1", "\"[1\""},
        {"{\"a\"}", "\"{\\\"a\\\"}\""},
        {"{a:1}", "\"{a:1}\""},
        {"'a'", "\"'a'\""},
        {"\"\\x\"", "\"\\\"\\\\x\\\"\""},
        {"\"\\u12g4\"", "\"\\\"\\\\u12g4\\\"\""},
        {"\"a\nb\"", "\"\\\"a\\nb\\\"\""},
        {"1 2", "\"1 2\""},
        {"\"\xff\"", "\"\\\"\xef\xbf\xbd\\\"\""},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++)
        assert_string_equal(embed(stories[i][0]), stories[i][1]);
}

static void pairs_of_surrogates_are_whole(void **state)
{
    static const char *const halves[] = {
        "\"\\ud800\"",        "\"\\udc00\"",  "\"\\ud800\\n\"",  "\"\\ud800\\ud800\"",
        "\"\\ud800x",         "\"\\ud800\\u", "\"\\ud800\\udc0", "\"\\u",
        "\"\\uDBFF\\uE000\"", "\"\\",
    };
    for (size_t i = 0; i < ARRAY_SIZE(halves); i++) {
        AUTO(buf_fini) struct buf quoted = BUF_INIT;
        json_add_quoted(&quoted, halves[i], strlen(halves[i]));
        assert_string_equal(embed(halves[i]), quoted.bytes);
    }
    assert_string_equal(embed("[\"\\uD83D\\ude00\\ud7ff\\uE000\"]"),
                        "[\"\\uD83D\\ude00\\ud7ff\\uE000\"]");
}

static void what_is_too_deep_is_a_string(void **state)
{
    char text[400];
    memset(text, '[', 64);
    memset(text + 64, ']', 64);
    text[128] = '\0';
    assert_string_equal(embed(text), text);
    memset(text, '[', 65);
    memset(text + 65, ']', 65);
    text[130] = '\0';
    assert_int_equal(embed(text)[0], '"');
}

static void what_hides_is_escaped(void **state)
{
    assert_string_equal(embed("[\"\u202ex\u200b\"]"), "[\"\\u202ex\\u200b\"]");
}

static void what_stood_before_stays(void **state)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    buf_add_str(&out, "before:");
    json_add_embedded(&out, "[1,oops]", 8);
    assert_string_equal(out.bytes, "before:\"[1,oops]\"");
}

static void digits_stay_as_they_are(void **state)
{
    static const char *const numbers[] = {"0", "-0", "10", "0.10", "1e+20", "-5.5E-3"};
    static const char *const others[] = {
        "NaN", "Infinity", "-Infinity", "", "-", "00", "1.", "+1", "1e", "0x1", "1 "};
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        AUTO(buf_fini) struct buf out = BUF_INIT;
        json_add_digits(&out, numbers[i], strlen(numbers[i]));
        assert_string_equal(out.bytes, numbers[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        AUTO(buf_fini) struct buf out = BUF_INIT;
        json_add_digits(&out, others[i], strlen(others[i]));
        assert_int_equal(out.len, strlen(others[i]) + 2);
        assert_int_equal(out.bytes[0], '"');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_stays_what_it_is),
        cmocka_unit_test(white_space_goes),
        cmocka_unit_test(what_is_no_json_becomes_a_string),
        cmocka_unit_test(pairs_of_surrogates_are_whole),
        cmocka_unit_test(what_is_too_deep_is_a_string),
        cmocka_unit_test(what_hides_is_escaped),
        cmocka_unit_test(what_stood_before_stays),
        cmocka_unit_test(digits_stay_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
