#include "pg/target.h"
#include "tests/test.h"

#include <errno.h>
#include <string.h>

static void names_of_modes(void **state)
{
    static const char *const names[] = {"disable", "prefer", "require", "verify-ca",
                                        "verify-full"};
    for (unsigned i = 0; i < 5; i++) {
        enum pg_sslmode mode = PG_SSL_DISABLE;
        assert_true(pg_sslmode_find(names[i], &mode));
        assert_int_equal(mode, i);
        assert_string_equal(pg_sslmode_name(mode), names[i]);
    }
    enum pg_sslmode mode = PG_SSL_REQUIRE;
    assert_false(pg_sslmode_find("allow", &mode));
    assert_false(pg_sslmode_find("Require", &mode));
    assert_int_equal(mode, PG_SSL_REQUIRE);
}

static void a_copy_has_its_own_words(void **state)
{
    char host[] = "db.example", password[] = "secret", value[] = "/ca.crt";
    struct pg_keyword keywords[] = {{"sslrootcert", value}, {"keepalives_idle", "3"}};
    struct pg_target target = {.host = host,
                               .port = 5433,
                               .user = "u",
                               .password = password,
                               .sslmode = PG_SSL_REQUIRE,
                               .keywords = keywords,
                               .n_keywords = 2};
    AUTO(pg_target_free) struct pg_target *copy = pg_target_copy(&target);
    memset(host, 'x', sizeof host - 1);
    memset(password, 'x', sizeof password - 1);
    memset(value, 'x', sizeof value - 1);
    keywords[0].keyword = "gone";

    assert_string_equal(copy->host, "db.example");
    assert_string_equal(copy->password, "secret");
    assert_null(copy->hostaddr);
    assert_null(copy->dbname);
    assert_int_equal(copy->port, 5433);
    assert_int_equal(copy->sslmode, PG_SSL_REQUIRE);
    assert_int_equal(copy->n_keywords, 2);
    assert_string_equal(copy->keywords[0].keyword, "sslrootcert");
    assert_string_equal(copy->keywords[0].value, "/ca.crt");
}

static void copies_nothing_much(void **state)
{
    struct pg_target target = {.host = "h"};
    AUTO(pg_target_free) struct pg_target *copy = pg_target_copy(&target);
    assert_non_null(copy);
    assert_int_equal(copy->n_keywords, 0);
    pg_target_free(NULL);
}

static void assert_described(const struct pg_target *target, const char *address,
                             const char *expected)
{
    char text[128];
    pg_target_describe(target, address, text, sizeof text);
    assert_string_equal(text, expected);
}

static void it_says_where_it_leads(void **state)
{
    struct pg_target target = {.host = "db.example", .port = 5432};
    assert_false(pg_target_is_unix(&target));
    assert_described(&target, "10.0.0.13", "10.0.0.13:5432");
    assert_described(&target, "::1", "[::1]:5432");
    assert_described(&target, "", "db.example:5432");
    assert_described(&target, NULL, "db.example:5432");
    target.hostaddr = "10.0.0.14";
    assert_described(&target, NULL, "10.0.0.14:5432");

    target = (struct pg_target){.host = "/run/postgresql", .port = 5433};
    assert_true(pg_target_is_unix(&target));
    assert_described(&target, "", "/run/postgresql/.s.PGSQL.5433");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_modes),
        cmocka_unit_test(a_copy_has_its_own_words),
        cmocka_unit_test(copies_nothing_much),
        cmocka_unit_test(it_says_where_it_leads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
