#include "pg/environment.h"
#include "tests/test.h"

#include <pgcensus/config.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const char *const dangerous[] = {
    "PGHOST",           "PGHOSTADDR",   "PGPORT",      "PGDATABASE",
    "PGSERVICE",        "PGOPTIONS",    "PGGEQO",      "PGTZ",
    "PGSSLMODE",        "PGGSSENCMODE", "PGDATESTYLE", "PGTARGETSESSIONATTRS",
    "PGCLIENTENCODING",
};
static const char *const harmless[] = {
    "PGUSER",      "PGPASSWORD",    "PGAPPNAME",     "PGPASSFILE",
    "PGSSLCERT",   "PGSSLKEY",      "PGSSLROOTCERT", "PGSSLCRL",
    "PGSSLCRLDIR", "PGSERVICEFILE", "PGSYSCONFDIR",
};

#define EACH(names, i) (size_t i = 0; i < sizeof(names) / sizeof *(names); i++)

static void set_all(void)
{
    for
        EACH(dangerous, i)
    setenv(dangerous[i], "x", true);
    for
        EACH(harmless, i)
    setenv(harmless[i], "x", true);
}

static void removes_what_redirects(void **state)
{
    set_all();
    const char *ignored;
    size_t n = pgcensus_environment_prepare(&ignored);
    assert_int_equal(n, sizeof dangerous / sizeof *dangerous);
    for
        EACH(dangerous, i)
        {
            assert_null(getenv(dangerous[i]));
            assert_non_null(strstr(ignored, dangerous[i]));
        }
    for
        EACH(harmless, i)
    assert_non_null(getenv(harmless[i]));

    assert_int_equal(pgcensus_environment_prepare(&ignored), 0);
    assert_string_equal(ignored, "");
}

static void hides_kerberos_until_asked(void **state)
{
    const char *ignored;
    setenv("KRB5CCNAME", "FILE:/tmp/mine", true);
    unsetenv("KRB5_CLIENT_KTNAME");
    pgcensus_environment_prepare(&ignored);
    pgcensus_environment_prepare(&ignored); /* must not take its own for the original */
    assert_string_equal(getenv("KRB5CCNAME"), "MEMORY:none");
    assert_string_equal(getenv("KRB5_CLIENT_KTNAME"), "FILE:/dev/null");

    pg_environment_allow_kerberos();
    assert_string_equal(getenv("KRB5CCNAME"), "FILE:/tmp/mine");
    assert_null(getenv("KRB5_CLIENT_KTNAME"));
}

static void limits_of_the_process_are_set(void **state)
{
    struct rlimit files, cores;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = 64;
    setrlimit(RLIMIT_NOFILE, &files);
    const char *ignored;
    pgcensus_environment_prepare(&ignored);

    getrlimit(RLIMIT_NOFILE, &files);
    assert_int_equal(files.rlim_cur, files.rlim_max < 65536 ? files.rlim_max : 65536);
    getrlimit(RLIMIT_CORE, &cores);
    assert_int_equal(cores.rlim_cur, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(removes_what_redirects),
        cmocka_unit_test(hides_kerberos_until_asked),
        cmocka_unit_test(limits_of_the_process_are_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
