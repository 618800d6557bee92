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

static void secrets_vanish_as_they_are(void **state)
{
    assert_redacted("hunter2", "login with hunter2 failed", "login with *** failed");
    assert_redacted("hunter2", "hunter2hunter2", "******");
    assert_redacted("hunter2", "xhunter2y", "x***y");
    assert_redacted("hunter2", "hunter", "hunter");
    assert_redacted("hunter2", "", "");
}

static void percent_encoded_secrets_vanish(void **state)
{
    assert_redacted("p@ss word", "postgres://u:p%40ss%20word@h", "postgres://u:***@h");
    assert_redacted("p/éz", "u:p%2F%c3%A9z@", "u:***@");
    assert_redacted("%secret", "%25secret", "***");
    assert_redacted("%41%42", "%41%42", "***");
    assert_redacted("AAAA", "%41A%41A", "***");
}

static void quoted_secrets_vanish(void **state)
{
    assert_redacted("it's", "PASSWORD 'it''s'", "PASSWORD '***'");
    assert_redacted("it's", "password='it\\'s'", "password='***'");
    assert_redacted("'quoted'", "'''quoted'''", "'***'");
    assert_redacted("back\\slash", "E'back\\\\slash'", "E'***'");
    assert_redacted("say \"hi\"", "{\"pw\":\"say \\\"hi\\\"\"}", "{\"pw\":\"***\"}");
    assert_redacted("o'b\\x", "o''b\\x", "***");
}

static void secrets_in_base64_vanish(void **state)
{
    assert_redacted("hunter2", "Basic aHVudGVyMg==", "Basic ***==");
    assert_redacted("secret", "c2VjcmV0", "***");
    assert_redacted("secret12", "c2VjcmV0MTI=", "***=");
}

static void short_secrets_are_words(void **state)
{
    assert_redacted("ab", "ab abc cab a-ab.", "*** abc cab a-***.");
    assert_redacted("x", "xx x", "xx ***");
    assert_redacted("e", "ée e", "ée ***");
}

static void pieces_are_words(void **state)
{
    assert_redacted("my post office", "missing \"=\" after \"office\" in postgres",
                    "missing \"=\" after \"***\" in postgres");
    assert_redacted("p@sswd", "invalid port number: \"sswd\"",
                    "invalid port number: \"***\"");
}

static void the_longest_secret_wins(void **state)
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

static void counts_each_once(void **state)
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

static void no_secrets_change_nothing(void **state)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    buf_add_str(&buf, "text");
    secrets_redact(NULL, &buf);
    assert_string_equal(buf.bytes, "text");
    secrets_free(NULL);
}

static void an_array_is_redacted_in_place(void **state)
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
        cmocka_unit_test(secrets_vanish_as_they_are),
        cmocka_unit_test(percent_encoded_secrets_vanish),
        cmocka_unit_test(quoted_secrets_vanish),
        cmocka_unit_test(secrets_in_base64_vanish),
        cmocka_unit_test(short_secrets_are_words),
        cmocka_unit_test(pieces_are_words),
        cmocka_unit_test(the_longest_secret_wins),
        cmocka_unit_test(counts_each_once),
        cmocka_unit_test(no_secrets_change_nothing),
        cmocka_unit_test(an_array_is_redacted_in_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
