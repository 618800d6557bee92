#include "pg/guard.h"

#include "base/auto.h"
#include "base/buf.h"
#include "tests/test.h"

#include <limits.h>
#include <string.h>

static const struct guard_policy strict = {.max_iterations = 200000};
static const struct guard_policy in_sasl = {.max_iterations = 200000, .in_sasl = true};

enum { OK = 0, CLEARTEXT = 3, CRYPT = 4, MD5 = 5, GSS = 7, SSPI = 9 };
enum { SASL = 10, SASL_CONTINUE = 11, SASL_FINAL = 12 };

static void add_number(struct buf *buf, uint32_t number)
{
    unsigned char bytes[] = {(unsigned char)(number >> 24),
                             (unsigned char)(number >> 16),
                             (unsigned char)(number >> 8), (unsigned char)number};
    buf_add(buf, bytes, sizeof bytes);
}

static void add_message(struct buf *buf, char type, const void *body, size_t n)
{
    buf_add_char(buf, type);
    add_number(buf, (uint32_t)n + 4);
    buf_add(buf, body, n);
}

static void add_request(struct buf *buf, uint32_t request, const char *body, size_t n)
{
    AUTO(buf_fini) struct buf whole = BUF_INIT;
    add_number(&whole, request);
    buf_add(&whole, body, n);
    add_message(buf, 'R', whole.bytes, whole.len);
}

static void add_challenge(struct buf *buf, const char *text)
{
    add_request(buf, SASL_CONTINUE, text, strlen(text));
}

static struct guard_view look(const struct guard_policy *policy, const struct buf *buf)
{
    return guard_look(policy, (const unsigned char *)buf->bytes, buf->len);
}

static enum guard_verdict look_at_request(const struct guard_policy *policy,
                                          uint32_t request)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    add_request(&buf, request, "salt", 4);
    return look(policy, &buf).verdict;
}

static struct guard_view look_at_challenge(const struct guard_policy *policy,
                                           const char *text)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    add_challenge(&buf, text);
    return look(policy, &buf);
}

static void policy_of_requests(void **state)
{
    struct guard_policy lax = {.cleartext_allowed = true, .gss_allowed = true};
    assert_int_equal(look_at_request(&strict, CLEARTEXT), GUARD_CLEARTEXT);
    assert_int_equal(look_at_request(&lax, CLEARTEXT), GUARD_PASS);
    assert_int_equal(look_at_request(&strict, GSS), GUARD_GSS);
    assert_int_equal(look_at_request(&strict, SSPI), GUARD_GSS);
    assert_int_equal(look_at_request(&lax, GSS), GUARD_PASS);
    assert_int_equal(look_at_request(&strict, MD5), GUARD_PASS);
    assert_int_equal(look_at_request(&strict, SASL), GUARD_PASS);
    assert_int_equal(look_at_request(&strict, CRYPT), GUARD_PASS);
    assert_int_equal(look_at_request(&strict, 4711), GUARD_PASS);
}

static void md5_is_noted(void **state)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    add_request(&buf, MD5, "salt", 4);
    assert_true(look(&strict, &buf).md5);
}

static void iterations_are_capped(void **state)
{
    struct guard_view view = look_at_challenge(&in_sasl, "r=abc,s=c2FsdA==,i=4096");
    assert_int_equal(view.verdict, GUARD_COMPUTE);
    assert_int_equal(view.iterations, 4096);

    view = look_at_challenge(&in_sasl, "r=abc,s=c2FsdA==,i=200000");
    assert_int_equal(view.verdict, GUARD_COMPUTE);
    view = look_at_challenge(&in_sasl, "r=abc,s=c2FsdA==,i=200001");
    assert_int_equal(view.verdict, GUARD_ITERATIONS);
    assert_int_equal(view.iterations, 200001);
    view = look_at_challenge(&in_sasl, "r=abc,s=c2FsdA==,i=2147483647");
    assert_int_equal(view.verdict, GUARD_ITERATIONS);
}

/* libpq keeps strtol()'s result in an int: 2^32 + 4096 would be 4096 to a parser that
 * wraps as well, and to libpq; 2^32 + 5000000 must not look like something small. */
static void iterations_do_not_wrap(void **state)
{
    struct guard_view view = look_at_challenge(&in_sasl, "r=a,s=b,i=4299967296");
    assert_int_equal(view.verdict, GUARD_ITERATIONS);
    assert_true(view.iterations == UINT_MAX);
    view = look_at_challenge(&in_sasl, "r=a,s=b,i=99999999999999999999999999");
    assert_int_equal(view.verdict, GUARD_ITERATIONS);
}

static void odd_challenges_are_refused(void **state)
{
    static const char *const odd[] = {
        "r=a,s=b,i=-5",
        "r=a,s=b,i=+5000000",
        "r=a,s=b,i= 5000000",
        "r=a,s=b,i=",
        "r=a,s=b",
        "r=a,i=1,s=b,i=9",
        "i=1",
        "",
        "m=x,r=a,s=b,i=4096",
        "r=a,s=b,i=0x10",
        "e=other-error",
    };
    for (size_t i = 0; i < ARRAY_SIZE(odd); i++)
        assert_int_equal(look_at_challenge(&in_sasl, odd[i]).verdict, GUARD_PROTOCOL);
}

static void a_challenge_needs_its_beginning(void **state)
{
    struct guard_view view = look_at_challenge(&strict, "r=a,s=b,i=4096");
    assert_int_equal(view.verdict, GUARD_PROTOCOL);
    assert_int_equal(look_at_request(&strict, SASL_FINAL), GUARD_PROTOCOL);
}

static void sasl_is_not_left_for_another_way(void **state)
{
    static const uint32_t others[] = {CLEARTEXT, CRYPT, MD5, GSS, SASL, 4711};
    struct guard_policy lax = {true, true, UINT_MAX, .in_sasl = true};
    for (size_t i = 0; i < ARRAY_SIZE(others); i++)
        assert_int_equal(look_at_request(&lax, others[i]), GUARD_PROTOCOL);
    assert_int_equal(look_at_request(&lax, SASL_FINAL), GUARD_PASS);

    AUTO(buf_fini) struct buf buf = BUF_INIT;
    add_request(&buf, SASL, "SCRAM-SHA-256\0", 15);
    assert_true(look(&strict, &buf).sasl);
}

static void a_request_waits_for_its_answer(void **state)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    add_request(&buf, SASL, "SCRAM-SHA-256\0", 15);
    add_request(&buf, CLEARTEXT, "", 0);
    assert_int_equal(look(&strict, &buf).verdict, GUARD_PROTOCOL);

    buf_clear(&buf);
    add_request(&buf, MD5, "salt", 4);
    buf_add_char(&buf, 'R');
    assert_int_equal(look(&strict, &buf).verdict, GUARD_PROTOCOL);
}

static void the_end_of_a_login(void **state)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    add_request(&buf, SASL_FINAL, "v=signature", 11);
    struct guard_view view = look(&in_sasl, &buf);
    assert_int_equal(view.verdict, GUARD_PASS);
    assert_false(view.done);

    add_request(&buf, OK, "", 0);
    add_message(&buf, 'S',
                "server_version\0"
                "15",
                18);
    view = look(&in_sasl, &buf);
    assert_int_equal(view.verdict, GUARD_PASS);
    assert_true(view.done);
}

static void waits_for_whole_messages(void **state)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    add_message(&buf, 'v',
                "\0\3\0\0"
                "\0\0\0\0",
                8);
    size_t version = buf.len;
    add_challenge(&buf, "r=abc,s=c2FsdA==,i=4096");
    for (size_t n = 0; n < buf.len; n++) {
        struct guard_view view = guard_look(&in_sasl, (unsigned char *)buf.bytes, n);
        assert_int_equal(view.verdict, GUARD_HOLD);
    }
    assert_true(version < buf.len);
    assert_int_equal(look(&in_sasl, &buf).verdict, GUARD_COMPUTE);
}

static void errors_pass_whole_or_not(void **state)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    add_message(&buf, 'E', "SFATAL\0C28P01\0Mno\0", 19);
    for (size_t n = 5; n <= buf.len; n++) {
        struct guard_view view = guard_look(&strict, (unsigned char *)buf.bytes, n);
        assert_int_equal(view.verdict, GUARD_PASS);
        assert_true(view.done);
    }
}

static void others_are_no_postgres(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
    } others[] = {
        {"HTTP/1.1 400 Bad Request\r\n", 26},
        {"H", 1},
        {"SSH-2.0-x", 9},
        {"220 smtp.example.com", 20},
        {"\0", 1},
        {"Error: what", 11},
        {"Rrrrrrrrr", 9},
        {"E\0\0\0\1x", 6},
        {"N\0\0\0\10hi!!", 9},
        {"R\0\0\0\4", 5},
        {"R\0\1\0\0\0\0\0\0", 9},
    };
    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        struct guard_view view =
            guard_look(&strict, (const unsigned char *)others[i].bytes, others[i].n);
        assert_int_equal(view.verdict, GUARD_PROTOCOL);
    }
}

static enum guard_answer answer(const char *bytes, size_t n)
{
    return guard_look_answer((const unsigned char *)bytes, n);
}

static void answers_to_ssl_request(void **state)
{
    assert_int_equal(answer("S", 1), GUARD_TLS_YES);
    assert_int_equal(answer("N", 1), GUARD_TLS_NO);
    assert_int_equal(answer("EFATAL", 6), GUARD_TLS_ERROR);
    assert_int_equal(answer("S\26\3", 3), GUARD_TLS_INJECTED);
    assert_int_equal(answer("SELECT", 6), GUARD_TLS_INJECTED);
    assert_int_equal(answer("SSH-2.0-OpenSSH_9", 17), GUARD_TLS_PROTOCOL);
    assert_int_equal(answer("SS", 2), GUARD_TLS_PROTOCOL);
    assert_int_equal(answer("N more", 6), GUARD_TLS_PROTOCOL);
    assert_int_equal(answer("HTTP", 4), GUARD_TLS_PROTOCOL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policy_of_requests),
        cmocka_unit_test(md5_is_noted),
        cmocka_unit_test(iterations_are_capped),
        cmocka_unit_test(iterations_do_not_wrap),
        cmocka_unit_test(odd_challenges_are_refused),
        cmocka_unit_test(a_challenge_needs_its_beginning),
        cmocka_unit_test(sasl_is_not_left_for_another_way),
        cmocka_unit_test(a_request_waits_for_its_answer),
        cmocka_unit_test(the_end_of_a_login),
        cmocka_unit_test(waits_for_whole_messages),
        cmocka_unit_test(errors_pass_whole_or_not),
        cmocka_unit_test(others_are_no_postgres),
        cmocka_unit_test(answers_to_ssl_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
