#include "cli/shared/check_options.h"
#include "tests/test.h"

#include <stdio.h>

/* What one or two --require say; NULL: not given. */
static bool read_rules(struct limit_options *limits, const char *first,
                       const char *second, struct pgcensus_error *ret_error)
{
    static const struct option_part parts[] = {{&limit_options, 0}, {NULL, 0}};
    static const struct option_table table = {.parts = parts};
    struct option_list no_words = {0};
    char words[2][64];
    char *argv[] = {first ? words[0] : NULL, second ? words[1] : NULL, NULL};
    snprintf(words[0], sizeof words[0], "--require=%s", first ? first : "");
    snprintf(words[1], sizeof words[1], "--require=%s", second ? second : "");
    *limits = (struct limit_options){0};
    return options_parse(&table, argv, limits, &no_words, ret_error);
}

static void assert_rules(const char *first, const char *second, int primaries,
                         int standbys, int min_healthy)
{
    struct pgcensus_error error;
    struct limit_options limits;
    assert_true(read_rules(&limits, first, second, &error));
    struct pgcensus_require require = check_require(&limits);
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
        struct limit_options limits;
        assert_false(read_rules(&limits, stories[i].value, NULL, &error));
        assert_string_equal(error.message, stories[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_of_groups),
        cmocka_unit_test(rules_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
