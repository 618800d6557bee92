#include "pg/tls_files.h"
#include "tests/test.h"

#include <string.h>

enum { ROOT, REVOKED, CERTIFICATE, KEY };

static void what_is_asked_for_comes_first(void **state)
{
    struct pg_keyword keywords[] = {
        {"application_name", "/"}, {"sslrootcert", "/a"}, {"sslrootcert", "/b"}};
    struct pg_target target = {
        .keywords = keywords, .n_keywords = 3, .sslmode = PG_SSL_VERIFY_FULL};
    struct pg_tls_file file;
    setenv("PGSSLROOTCERT", "/c", true);
    setenv("PGSSLCERT", "/d", true);
    setenv("HOME", "/home/me", true);
    assert_true(pg_tls_file(&target, PG_SSL_VERIFY_FULL, ROOT, &file));
    assert_string_equal(file.keyword, "sslrootcert");
    assert_string_equal(file.path, "/b");
    assert_true(pg_tls_file(&target, PG_SSL_VERIFY_FULL, CERTIFICATE, &file));
    assert_string_equal(file.path, "/d");
    assert_true(pg_tls_file(&target, PG_SSL_VERIFY_FULL, KEY, &file));
    assert_string_equal(file.path, "/home/me/.postgresql/postgresql.key");
    assert_true(pg_tls_file_depends(&file));
}

static void what_libpq_is_not_told_to_open(void **state)
{
    struct pg_keyword keywords[] = {{"sslrootcert", "/a"}, {"sslkey", "/k"}};
    struct pg_target target = {
        .keywords = keywords, .n_keywords = 2, .sslmode = PG_SSL_VERIFY_FULL};
    struct pg_tls_file file;
    unsetenv("PGSSLCRL");
    unsetenv("HOME");
    assert_false(pg_tls_file(&target, PG_SSL_REQUIRE, ROOT, &file));
    assert_false(pg_tls_file(&target, PG_SSL_VERIFY_FULL, REVOKED, &file));
    assert_true(pg_tls_file(&target, PG_SSL_REQUIRE, KEY, &file));
    assert_false(pg_tls_file_depends(&file));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_asked_for_comes_first),
        cmocka_unit_test(what_libpq_is_not_told_to_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
