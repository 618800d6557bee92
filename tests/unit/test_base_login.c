#include "base/login.h"

#include "base/auto.h"
#include "base/error.h"
#include "tests/test.h"

#include <string.h>

static void assert_hidden(const char *text, const char *expected)
{
    char copy[256];
    snprintf(copy, sizeof copy, "%s", text);
    login_hide(copy);
    assert_string_equal(copy, expected);
}

static void logins_in_urls_are_hidden(void **state)
{
    assert_hidden("postgresql://u:hunter2@h/d", "postgresql://u:***@h/d");
    assert_hidden("no \"u:hunter2@h\": x", "no \"u:***@h\": x");
    assert_hidden("postgres://u:hun ter@2@h/d", "postgres://u:***@h/d");
    assert_hidden("postgres://u:hunter2", "postgres://u:***");
    assert_hidden("postgres://u:x@h", "postgres://u:*@h");
    assert_hidden("host=h password=hunter2 x", "host=h password=***");
    assert_hidden("host=h PASSWORD=a", "host=h PASSWORD=*");
    assert_hidden("password=", "password=");
    assert_hidden("host=h passwd=hunter2", "host=h passwd=***");
    assert_hidden("pwd = hunter2 pass=hunter3", "pwd = ***");
    assert_hidden("Passwort=hunter2", "Passwort=***");
    assert_hidden("the password of host=h password = 'hun ter2' x",
                  "the password of host=h password = ***");
}

static void what_is_none_stays(void **state)
{
    static const char *const texts[] = {
        "",
        "could not open /a/b: No such file",
        "10.0.0.1:5432",
        "postgres://h:5432/d",
        "-T: 5 needs a unit: 5ms, 5s or 5m",
        "the password of postgres",
        "a::b",
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        assert_hidden(texts[i], texts[i]);
}

static void no_error_carries_one(void **state)
{
    struct pgcensus_error error;
    error_set(&error, PGCENSUS_TROUBLE_OUTPUT, "could not open %s: %s",
              "postgresql://u:hunter2@h", "No such file");
    assert_string_equal(error.message,
                        "could not open postgresql://u:***@h: No such file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logins_in_urls_are_hidden),
        cmocka_unit_test(what_is_none_stays),
        cmocka_unit_test(no_error_carries_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
