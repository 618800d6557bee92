/* P7: over everything that a server can be, the highest allowed mode that works is
 * chosen.  There are few enough servers to try them all. */
#include "pg/negotiate.h"
#include "tests/test.h"

/* What a server has; verification compares with what the node asks for. */
struct server {
    bool offers_tls, broken_tls, good_chain, good_name;
};

static enum pg_tls_outcome try_mode(const struct server *server, enum pg_sslmode mode)
{
    if (mode == PG_SSL_DISABLE)
        return PG_TLS_FINE;
    if (!server->offers_tls)
        return mode == PG_SSL_PREFER ? PG_TLS_FINE : PG_TLS_NOT_OFFERED;
    if (server->broken_tls)
        return PG_TLS_BROKEN;
    if (mode >= PG_SSL_VERIFY_CA && !server->good_chain)
        return PG_TLS_NOT_VERIFIED;
    if (mode == PG_SSL_VERIFY_FULL && !server->good_name)
        return PG_TLS_NOT_VERIFIED;
    return PG_TLS_FINE;
}

/* -1: none works */
static int negotiate(const struct server *server, enum pg_sslmode mode,
                     enum pg_sslmode minimum)
{
    for (unsigned tries = 0; tries < 6; tries++) {
        enum pg_tls_outcome outcome = try_mode(server, mode);
        if (outcome == PG_TLS_FINE)
            return (int)mode;
        if (!pg_negotiate_next(mode, minimum, outcome, &mode))
            return -1;
    }
    fail_msg("it does not end");
    return -1;
}

/* Prefer is as low as it goes by itself: plaintext is only ever the server's no. */
static int highest(const struct server *server, enum pg_sslmode mode,
                   enum pg_sslmode minimum)
{
    for (int candidate = (int)mode; candidate >= (int)minimum; candidate--) {
        if (candidate == PG_SSL_DISABLE && mode != PG_SSL_DISABLE)
            break;
        enum pg_tls_outcome outcome = try_mode(server, (enum pg_sslmode)candidate);
        if (outcome == PG_TLS_BROKEN)
            break; /* no lower mode is excused by a handshake that fails */
        if (outcome == PG_TLS_FINE)
            return candidate;
    }
    return -1;
}

static void the_highest_that_works(void **state)
{
    for (unsigned bits = 0; bits < 16; bits++) {
        struct server server = {bits & 1, bits & 2, bits & 4, bits & 8};
        for (unsigned mode = PG_SSL_DISABLE; mode <= PG_SSL_VERIFY_FULL; mode++)
            for (unsigned minimum = PG_SSL_DISABLE; minimum <= mode; minimum++)
                assert_int_equal(
                    negotiate(&server, (enum pg_sslmode)mode, (enum pg_sslmode)minimum),
                    highest(&server, (enum pg_sslmode)mode, (enum pg_sslmode)minimum));
    }
}

static void never_below_the_minimum_or_to_plaintext(void **state)
{
    for (unsigned tried = PG_SSL_DISABLE; tried <= PG_SSL_VERIFY_FULL; tried++)
        for (unsigned minimum = PG_SSL_DISABLE; minimum <= tried; minimum++)
            for (unsigned outcome = PG_TLS_FINE; outcome <= PG_TLS_BROKEN; outcome++) {
                enum pg_sslmode next;
                if (!pg_negotiate_next((enum pg_sslmode)tried, (enum pg_sslmode)minimum,
                                       (enum pg_tls_outcome)outcome, &next))
                    continue;
                assert_true(next < tried && next >= minimum);
                assert_true(next >= PG_SSL_PREFER);
                assert_int_not_equal(outcome, PG_TLS_FINE);
                assert_int_not_equal(outcome, PG_TLS_BROKEN);
            }
}

static void giving_up_touches_nothing(void **state)
{
    enum pg_sslmode next = PG_SSL_VERIFY_CA;
    assert_false(
        pg_negotiate_next(PG_SSL_REQUIRE, PG_SSL_DISABLE, PG_TLS_BROKEN, &next));
    assert_int_equal(next, PG_SSL_VERIFY_CA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_highest_that_works),
        cmocka_unit_test(never_below_the_minimum_or_to_plaintext),
        cmocka_unit_test(giving_up_touches_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
