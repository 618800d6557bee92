#include "pg/notices.h"
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

AUTO_DEFINE_VALUE(struct pgcensus_notices, pgcensus_notices_fini)

static void keeps_what_was_said_in_order(void **state)
{
    AUTO(pgcensus_notices_fini) struct pgcensus_notices notices = {0};
    notices_add(&notices, "WARNING", "01000", "skipping\n \"w\"", NULL);
    notices_add(&notices, "NOTICE", "00000", "\033[31mred", NULL);
    notices_add(&notices, "INFO", NULL, NULL, NULL);
    assert_int_equal(notices.n, 3);
    assert_string_equal(notices.items[0].severity, "WARNING");
    assert_string_equal(notices.items[0].sqlstate, "01000");
    assert_string_equal(notices.items[0].message, "skipping \"w\"");
    assert_true(pgcensus_notice_warns(&notices.items[0]));
    assert_string_equal(notices.items[1].message, "\\x1b[31mred");
    assert_false(pgcensus_notice_warns(&notices.items[1]));
    assert_string_equal(notices.items[2].sqlstate, "");
    assert_string_equal(notices.items[2].message, "no message");
    assert_int_equal(notices.omitted_warnings + notices.omitted_others, 0);
}

/* Whoever does not say it in English is believed by the class of the SQLSTATE. */
static void severities_in_any_language(void **state)
{
    static const struct {
        const char *told, *sqlstate, *expected;
    } rows[] = {
        {"WARNING", "01000", "WARNING"},
        {"DEBUG", "00000", "DEBUG"},
        {"LOG", "00000", "LOG"},
        {"PANIC", "XX000", "PANIC"},
        {NULL, "01000", "WARNING"},
        {NULL, "00000", "NOTICE"},
        {"ADVERTENCIA", "01000", "WARNING"},
        {"\033[2J", "00000", "NOTICE"},
        {NULL, NULL, "WARNING"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        AUTO(pgcensus_notices_fini) struct pgcensus_notices notices = {0};
        notices_add(&notices, rows[i].told, rows[i].sqlstate, "x", NULL);
        assert_string_equal(notices.items[0].severity, rows[i].expected);
    }
}

static void secrets_are_replaced(void **state)
{
    AUTO(secrets_free) struct secrets *secrets = secrets_new();
    AUTO(pgcensus_notices_fini) struct pgcensus_notices notices = {0};
    assert_true(secrets_add(secrets, "hunter2"));
    notices_add(&notices, "WARNING", "01000", "it is hunter2, really", secrets);
    assert_string_equal(notices.items[0].message, "it is ***, really");
}

static void a_flood_is_counted(void **state)
{
    AUTO(pgcensus_notices_fini) struct pgcensus_notices notices = {0};
    for (int i = 0; i < 100000; i++)
        notices_add(&notices, "NOTICE", "00000", "row", NULL);
    notices_add(&notices, "WARNING", "01000", "one warning among them", NULL);
    assert_int_equal(notices.n + notices.omitted_others, 100001);
    assert_true(notices.n < 100);
    assert_int_equal(notices.omitted_warnings, 0);
    assert_string_equal(notices.items[notices.n - 1].message, "one warning among them");
}

static void long_ones_are_cut_and_bounded(void **state)
{
    static char longest[100000];
    AUTO(pgcensus_notices_fini) struct pgcensus_notices notices = {0};
    memset(longest, 'x', sizeof longest - 1);
    size_t total = 0;
    for (int i = 0; i < 50; i++)
        notices_add(&notices, "WARNING", "01000", longest, NULL);
    for (size_t i = 0; i < notices.n; i++) {
        total += strlen(notices.items[i].message);
        assert_non_null(strstr(notices.items[i].message, "…"));
    }
    assert_true(notices.n > 0 && total <= 16 * 1024);
    assert_int_equal(notices.n + notices.omitted_warnings, 50);
    /* no gaps: what comes behind one that was left out is not kept, either */
    notices_add(&notices, "WARNING", "01000", "short", NULL);
    assert_int_equal(notices.n + notices.omitted_warnings, 51);
    assert_string_not_equal(notices.items[notices.n - 1].message, "short");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_was_said_in_order),
        cmocka_unit_test(severities_in_any_language),
        cmocka_unit_test(secrets_are_replaced),
        cmocka_unit_test(a_flood_is_counted),
        cmocka_unit_test(long_ones_are_cut_and_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
