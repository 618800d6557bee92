#include "base/secrets.h"
#include "tests/test.h"

#include <string.h>

static void assert_redacted(const char *secret, const char *text, const char *expected)
{
    AUTO(secrets_free) struct secrets *secrets = secrets_new();
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    assert_true(secrets_add(secrets, secret));
    buf_add_str(&buf, text);
    secrets_redact(secrets, &buf);
    assert_string_equal(buf.bytes, expected);
}

static void test_raw(void **state)
{
    assert_redacted("hunter2", "login with hunter2 failed", "login with *** failed");
    assert_redacted("hunter2", "hunter2hunter2", "******");
    assert_redacted("hunter2", "xhunter2y", "x***y");
    assert_redacted("hunter2", "hunter", "hunter");
    assert_redacted("hunter2", "", "");
}

static void test_percent_encoded(void **state)
{
    assert_redacted("p@ss word", "postgres://u:p%40ss%20word@h", "postgres://u:***@h");
    assert_redacted("p/éz", "u:p%2F%c3%A9z@", "u:***@");
    assert_redacted("%secret", "%25secret", "***");
    assert_redacted("%41%42", "%41%42", "***");
    assert_redacted("AAAA", "%41A%41A", "***");
}

static void test_quoted(void **state)
{
    assert_redacted("it's", "PASSWORD 'it''s'", "PASSWORD '***'");
    assert_redacted("it's", "password='it\\'s'", "password='***'");
    assert_redacted("'quoted'", "'''quoted'''", "'***'");
    assert_redacted("back\\slash", "E'back\\\\slash'", "E'***'");
    assert_redacted("say \"hi\"", "{\"pw\":\"say \\\"hi\\\"\"}", "{\"pw\":\"***\"}");
    assert_redacted("o'b\\x", "o''b\\x", "***");
}

static void test_base64(void **state)
{
    assert_redacted("hunter2", "Basic aHVudGVyMg==", "Basic ***==");
    assert_redacted("secret", "c2VjcmV0", "***");
    assert_redacted("secret12", "c2VjcmV0MTI=", "***=");
}

static void test_short_secrets_are_words(void **state)
{
    assert_redacted("ab", "ab abc cab a-ab.", "*** abc cab a-***.");
    assert_redacted("x", "xx x", "xx ***");
    assert_redacted("e", "ée e", "ée ***");
}

static void test_pieces_are_words(void **state)
{
    assert_redacted("my post office", "missing \"=\" after \"office\" in postgres",
                    "missing \"=\" after \"***\" in postgres");
    assert_redacted("p@sswd", "invalid port number: \"sswd\"",
                    "invalid port number: \"***\"");
}

static void test_longest_wins(void **state)
{
    AUTO(secrets_free) struct secrets *secrets = secrets_new();
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    assert_true(secrets_add(secrets, "abc"));
    assert_true(secrets_add(secrets, "abcdef"));
    assert_true(secrets_add(secrets, "cde"));
    buf_add_str(&buf, "abcdef abcx cdef");
    secrets_redact(secrets, &buf);
    assert_string_equal(buf.bytes, "*** ***x ***f");
}

static void test_counts_each_once(void **state)
{
    AUTO(secrets_free) struct secrets *secrets = secrets_new();
    assert_int_equal(secrets_count(secrets), 0);
    assert_true(secrets_add(secrets, ""));
    assert_int_equal(secrets_count(secrets), 0);
    assert_true(secrets_add(secrets, "one two"));
    assert_true(secrets_add(secrets, "one two"));
    assert_int_equal(secrets_count(secrets), 1);
    assert_true(secrets_add(secrets, "two"));
    assert_int_equal(secrets_count(secrets), 2);
}

static void test_no_secrets(void **state)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    buf_add_str(&buf, "text");
    secrets_redact(NULL, &buf);
    assert_string_equal(buf.bytes, "text");
    secrets_free(NULL);
}

static void test_array(void **state)
{
    AUTO(secrets_free) struct secrets *secrets = secrets_new();
    char text[8] = "a b b b";
    assert_true(secrets_add(secrets, "b"));
    secrets_redact_array(secrets, text, sizeof text);
    assert_string_equal(text, "a *** *");

    char longer[16] = "x secret y";
    assert_true(secrets_add(secrets, "secret"));
    secrets_redact_array(secrets, longer, sizeof longer);
    assert_string_equal(longer, "x *** y");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_raw),
        cmocka_unit_test(test_percent_encoded),
        cmocka_unit_test(test_quoted),
        cmocka_unit_test(test_base64),
        cmocka_unit_test(test_short_secrets_are_words),
        cmocka_unit_test(test_pieces_are_words),
        cmocka_unit_test(test_longest_wins),
        cmocka_unit_test(test_counts_each_once),
        cmocka_unit_test(test_no_secrets),
        cmocka_unit_test(test_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
