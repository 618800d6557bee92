#include "base/json.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

static void a_document_has_its_commas(void **state)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    struct json json;
    json_init(&json, &buf);
    json_begin_object(&json);
    json_key_string(&json, "name", "pg-a");
    json_key_string(&json, "group", NULL);
    json_key_int(&json, "port", 5432);
    json_key_bool(&json, "up", true);
    json_key_null(&json, "role");
    json_key(&json, "empty");
    json_begin_object(&json);
    json_end_object(&json);
    json_key(&json, "list");
    json_begin_array(&json);
    json_int(&json, INT64_MIN);
    json_begin_array(&json);
    json_end_array(&json);
    json_raw(&json, "1.000", 5);
    json_bool(&json, false);
    json_end_array(&json);
    json_end_object(&json);
    assert_string_equal(buf.bytes,
                        "{\"name\":\"pg-a\",\"group\":null,\"port\":5432,\"up\":true,"
                        "\"role\":null,\"empty\":{},"
                        "\"list\":[-9223372036854775808,[],1.000,false]}");
}

static void assert_json_bytes(const char *bytes, size_t n, const char *expected)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    struct json json;
    json_init(&json, &buf);
    json_bytes(&json, bytes, n);
    assert_string_equal(buf.bytes, expected);
}

static void assert_json_string(const char *str, const char *expected)
{
    assert_json_bytes(str, strlen(str), expected);
}

static void strings_are_escaped(void **state)
{
    assert_json_string("", "\"\"");
    assert_json_string("plain é ✓ 😀", "\"plain é ✓ 😀\"");
    assert_json_string("\"\\\b\f\n\r\t", "\"\\\"\\\\\\b\\f\\n\\r\\t\"");
    assert_json_bytes("a\0b", 3, "\"a\\u0000b\"");
    assert_json_string("\x1b[31m\x7f", "\"\\u001b[31m\\u007f\"");
}

static void how_much_is_plain(void **state)
{
    static const char odd[] = "\"\\\x1f\n\x7f\x80\xff";
    for (size_t n = 0; n <= 24; n++) {
        char text[32] = "";
        memset(text, n % 2 ? ' ' : '~', n);
        assert_int_equal(json_plain_length(text, n), n);
        for (size_t at = 0; at < n; at++)
            for (const char *c = odd; *c; c++) {
                char one[32];
                memcpy(one, text, sizeof one);
                one[at] = *c;
                assert_int_equal(json_plain_length(one, n), at);
            }
    }
}

static void what_deceives_is_escaped(void **state)
{
    assert_json_string("\u202e", "\"\\u202e\"");
    assert_json_string("\xc2\x9b", "\"\\u009b\"");
    assert_json_string("\U000e0041", "\"\\udb40\\udc41\"");
}

static void invalid_bytes_are_replaced(void **state)
{
    assert_json_string("a\xff"
                       "b",
                       "\"a\ufffd"
                       "b\"");
    assert_json_string("\xed\xa0\x80", "\"\ufffd\ufffd\ufffd\"");
    assert_json_string("cut \xe2\x82", "\"cut \ufffd\ufffd\"");
}

static void assert_json_number(double value, int decimals, const char *expected)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    struct json json;
    json_init(&json, &buf);
    json_number(&json, value, decimals);
    assert_string_equal(buf.bytes, expected);
}

static void numbers_lose_their_zeros(void **state)
{
    assert_json_number(0, 3, "0");
    assert_json_number(211.4, 1, "211.4");
    assert_json_number(211.4, 3, "211.4");
    assert_json_number(0.05, 3, "0.05");
    assert_json_number(0.0049, 2, "0");
    assert_json_number(-0.0001, 3, "0");
    assert_json_number(-1.5, 0, "-2");
    assert_json_number(1.999, 2, "2");
    assert_json_number(10, 0, "10");
    assert_json_number(1e20, 2, "100000000000000000000");
    assert_json_number(NAN, 2, "null");
    assert_json_number(INFINITY, 2, "null");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_has_its_commas),
        cmocka_unit_test(strings_are_escaped),
        cmocka_unit_test(how_much_is_plain),
        cmocka_unit_test(what_deceives_is_escaped),
        cmocka_unit_test(invalid_bytes_are_replaced),
        cmocka_unit_test(numbers_lose_their_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
