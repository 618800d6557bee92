/* A key on each line, and nothing that is different looks equal. */
#include "spread.h"
#include "tests/test.h"

static void assert_spread(const char *document, const char *expected)
{
    AUTO(buf_fini) struct buf text = BUF_INIT, lines = BUF_INIT;
    buf_add_str(&text, document);
    assert_true(spread_json(&text, &lines));
    assert_string_equal(lines.bytes, expected);
}

static void a_key_has_a_line(void **state)
{
    assert_spread("{\"a\":1,\"b\":{\"c\":\"d\"}}\n", "{\n"
                                                     "  \"a\": 1,\n"
                                                     "  \"b\": {\n"
                                                     "    \"c\": \"d\"\n"
                                                     "  }\n"
                                                     "}\n");
}

static void what_is_short_shares_one(void **state)
{
    assert_spread("[[1,\"a\"],[],{}]\n", "[\n  [1, \"a\"],\n  [],\n  {}\n]\n");
    assert_spread("{}\n[]\n", "{}\n[]\n");
}

static void marks_in_strings_are_none(void **state)
{
    assert_spread("[\"{,\\\"[: \",\"\\\\\"]\n", "[\"{,\\\"[: \", \"\\\\\"]\n");
}

static void white_space_is_refused(void **state)
{
    static const char *const bad[] = {"{ }\n", "{\"a\": 1}\n", "[1\n]\n", "[\t1]\n",
                                      "{} \n"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        AUTO(buf_fini) struct buf text = BUF_INIT, lines = BUF_INIT;
        buf_add_str(&text, bad[i]);
        assert_false(spread_json(&text, &lines));
    }
}

static void a_nul_is_refused(void **state)
{
    AUTO(buf_fini) struct buf text = BUF_INIT, lines = BUF_INIT;
    buf_add(&text, "{}\n\0{}\n", 7);
    assert_false(spread_json(&text, &lines));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_has_a_line),
        cmocka_unit_test(what_is_short_shares_one),
        cmocka_unit_test(marks_in_strings_are_none),
        cmocka_unit_test(white_space_is_refused),
        cmocka_unit_test(a_nul_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
