#include "cli/shared/common.h"
#include "tests/test.h"

#include <stdio.h>

static const struct terminal screen = {
    .on_stdout = true, .columns = 120, .rows = 40, .utf8 = true, .term = "xterm"};

static void a_screen_is_used(void **state)
{
    struct common common = {0};
    struct look look;
    common_look(&common, &screen, &look);
    assert_int_equal(look.width, 120);
    assert_true(look.unicode && look.colour);
    assert_false(look.expanded || look.unaligned || look.tuples_only);
    assert_string_equal(look.null, "");
}

static void a_file_is_not_a_screen(void **state)
{
    struct common common = {.output = "report.txt"};
    struct look look;
    common_look(&common, &screen, &look);
    assert_int_equal(look.width, 0);
    assert_false(look.colour);

    common.width = 60;
    common.color = COLOR_ALWAYS;
    common_look(&common, &screen, &look);
    assert_int_equal(look.width, 60);
    assert_true(look.colour);
}

static void options_are_stronger(void **state)
{
    struct common common = {.width = 48,
                            .ascii = true,
                            .color = COLOR_NEVER,
                            .expanded = EXPANDED_ON,
                            .unaligned = true,
                            .tuples_only = true,
                            .null = "(null)"};
    struct look look;
    common_look(&common, &screen, &look);
    assert_int_equal(look.width, 48);
    assert_false(look.unicode || look.colour);
    assert_true(look.expanded && look.unaligned && look.tuples_only);
    assert_string_equal(look.null, "(null)");
}

/* What --expanded=auto makes of a table at that width. */
static bool is_expanded(const char *table, unsigned width)
{
    struct common common = {.expanded = EXPANDED_AUTO, .width = width};
    struct look look;
    common_look(&common, &screen, &look);
    if (width == 0)
        look.width = 0;
    AUTO(buf_fini) struct buf out = BUF_INIT;
    buf_add_str(&out, table);
    bool again = common_look_again(&common, &look, &out);
    assert_int_equal(again, look.expanded);
    assert_int_equal(again, out.len == 0);
    assert_false(common_look_again(&common, &look, &out) && again);
    return again;
}

static void expanded_only_if_it_does_not_fit(void **state)
{
    assert_false(is_expanded("12345678901234567890\n1234567890\n", 20));
    assert_true(is_expanded("1234567890\n123456789012345678901\n", 20));
    assert_true(is_expanded("123456789012345678901", 20));
    assert_false(is_expanded("\033[33m1234567890\033[0m1234567890\n", 20));
    assert_false(is_expanded("✓✓✓✓✓✓✓✓✓✓1234567890\n", 20));
    assert_false(is_expanded("123456789012345678901\n", 0));
}

/* Whatever one or two --require say; NULL: not given. */
static bool read_rules(struct common *common, const char *first, const char *second,
                       struct pgcensus_error *ret_error)
{
    static const struct option_group *const groups[] = {&common_limits, NULL};
    static const struct option_table table = {.groups = groups};
    char words[2][64];
    char *argv[] = {first ? words[0] : NULL, second ? words[1] : NULL, NULL};
    snprintf(words[0], sizeof words[0], "--require=%s", first ? first : "");
    snprintf(words[1], sizeof words[1], "--require=%s", second ? second : "");
    *common = (struct common){0};
    return options_parse(&table, argv, common, &common->words, ret_error);
}

static void assert_rules(const char *first, const char *second, int primaries,
                         int standbys, int min_healthy)
{
    struct pgcensus_error error;
    struct common common;
    assert_true(read_rules(&common, first, second, &error));
    struct pgcensus_require require = common_require(&common);
    assert_int_equal(require.primaries, primaries);
    assert_int_equal(require.standbys, standbys);
    assert_int_equal(require.min_healthy, min_healthy);
}

static void rules_of_groups(void **state)
{
    assert_rules(NULL, NULL, -1, -1, -1);
    assert_rules("primaries=1", "min_healthy=0", 1, -1, 0);
    assert_rules("standbys=1", "standbys=2", -1, 2, -1);
}

static void rules_that_are_none(void **state)
{
    static const struct {
        const char *value, *message;
    } stories[] = {
        {"primaries", "--require: \"primaries\" is not KEY=N, such as primaries=1"},
        {"primary=1", "--require: unknown rule \"primary\" (did you mean "
                      "\"primaries\"?), use primaries, standbys or min_healthy"},
        {"=1", "--require: unknown rule \"\", use primaries, standbys or min_healthy"},
        {"standbys=", "--require: \"\" is not a whole number from 0 to 100000"},
        {"standbys=-1", "--require: \"-1\" is not a whole number from 0 to 100000"},
        {"standbys=100001",
         "--require: \"100001\" is not a whole number from 0 to 100000"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++) {
        struct pgcensus_error error;
        struct common common;
        assert_false(read_rules(&common, stories[i].value, NULL, &error));
        assert_string_equal(error.message, stories[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_screen_is_used),
        cmocka_unit_test(a_file_is_not_a_screen),
        cmocka_unit_test(options_are_stronger),
        cmocka_unit_test(expanded_only_if_it_does_not_fit),
        cmocka_unit_test(rules_of_groups),
        cmocka_unit_test(rules_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
