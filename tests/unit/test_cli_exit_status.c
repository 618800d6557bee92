#include "cli/exit_status.h"
#include "tests/test.h"

#include <string.h>

/* A fleet is a word, a letter per node: o ok, w warn, m warn because it
 * missed a check and may, d down, u unknown, - disabled; behind a slash the worst of
 * its groups. */
static struct check_summary fleet(const char *nodes)
{
    struct check_summary summary = {0};
    for (; *nodes && *nodes != '/'; nodes++) {
        summary.nodes++;
        summary.ok += *nodes == 'o';
        summary.warn += *nodes == 'w' || *nodes == 'm';
        summary.held += *nodes == 'm';
        summary.down += *nodes == 'd';
        summary.unknown += *nodes == 'u';
        summary.disabled += *nodes == '-';
    }
    return summary;
}

static enum pgcensus_status groups(const char *nodes)
{
    const char *slash = strchr(nodes, '/');
    switch (slash ? slash[1] : '-') {
    case 'o':
        return PGCENSUS_OK;
    case 'w':
        return PGCENSUS_WARN;
    case 'd':
        return PGCENSUS_DOWN;
    case 'u':
        return PGCENSUS_UNKNOWN;
    default:
        return PGCENSUS_DISABLED;
    }
}

static void assert_exit(const char *nodes, struct exit_rule rule, int expected)
{
    struct check_summary summary = fleet(nodes);
    int status = exit_status_of_check(&rule, &summary, groups(nodes));
    if (status != expected)
        fail_msg("%s exits with %d, not %d", nodes, status, expected);
}

/* What cannot be said is not well. */
static void a_group_in_doubt(void **state)
{
    struct check_summary summary = fleet("oo");
    struct exit_rule rule = {.fail_on = FAIL_ON_WARN};
    summary.doubtful = 1;
    assert_int_equal(exit_status_of_check(&rule, &summary, PGCENSUS_UNKNOWN),
                     EXIT_NOT_JUDGED);
    rule.fail_on = FAIL_ON_NEVER;
    assert_int_equal(exit_status_of_check(&rule, &summary, PGCENSUS_UNKNOWN),
                     EXIT_GOOD);
}

static void the_worst_decides(void **state)
{
    static const struct {
        const char *nodes;
        int warn, down, never; /* what --fail-on makes of it */
    } cases[] = {
        {"o", 0, 0, 0},    {"ooo", 0, 0, 0},  {"oow", 1, 0, 0},  {"owd", 2, 2, 0},
        {"d", 2, 2, 0},    {"ou", 3, 3, 0},   {"uw", 1, 3, 0},   {"uwd", 2, 2, 0},
        {"o--", 0, 0, 0},  {"d-", 2, 2, 0},   {"u", 3, 3, 0},    {"-", 3, 3, 3},
        {"", 3, 3, 3},     {"oo/o", 0, 0, 0}, {"oo/w", 1, 0, 0}, {"oo/d", 2, 2, 0},
        {"oo/u", 0, 0, 0}, {"ow/d", 2, 2, 0}, {"ou/w", 1, 3, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *nodes = cases[i].nodes;
        assert_exit(nodes, (struct exit_rule){.fail_on = FAIL_ON_WARN}, cases[i].warn);
        assert_exit(nodes, (struct exit_rule){.fail_on = FAIL_ON_DOWN}, cases[i].down);
        assert_exit(nodes, (struct exit_rule){.fail_on = FAIL_ON_NEVER},
                    cases[i].never);
    }
}

static void assert_count(const char *nodes, unsigned count, int expected)
{
    assert_exit(nodes, (struct exit_rule){.quorum = QUORUM_COUNT, .count = count},
                expected);
}

static void enough_nodes_are_good(void **state)
{
    assert_count("oood", 3, EXIT_GOOD);
    assert_count("oood", 4, EXIT_BAD);
    assert_count("owwd", 3, EXIT_GOOD); /* a warning is alive */
    assert_count("omd", 1, EXIT_GOOD);
    assert_count("omd", 2, EXIT_WARNED); /* who missed a check is neither */
    assert_count("omd", 3, EXIT_BAD);
    assert_count("mm", 1, EXIT_WARNED);
    assert_count("ouu", 2, EXIT_BAD); /* what we cannot say does not count */
    assert_count("dd", 0, EXIT_GOOD);
    assert_count("---", 0, EXIT_NOT_JUDGED);
    assert_count("ooo/w", 3, EXIT_GOOD);
    assert_count("ooo/d", 1, EXIT_BAD); /* two primaries are not outvoted */
}

static void assert_share(const char *nodes, double share, int expected)
{
    assert_exit(nodes, (struct exit_rule){.quorum = QUORUM_SHARE, .share = share},
                expected);
}

static void a_large_enough_share(void **state)
{
    assert_share("ooood", 0.8, EXIT_GOOD);
    assert_share("ooodd", 0.8, EXIT_BAD);
    assert_share("oooooooddd", 0.7, EXIT_GOOD); /* 0.7 * 10 > 7 in binary */
    assert_share("ood", 0.67, EXIT_BAD);
    assert_share("ood", 0.66, EXIT_GOOD);
    assert_share("ooood-----", 0.8, EXIT_GOOD); /* nobody asked the disabled ones */
    assert_share("ood", 1, EXIT_BAD);
    assert_share("ooo", 1, EXIT_GOOD);
    assert_share("ddd", 0, EXIT_GOOD);
}

/* o ok, f failed, h not healthy, s not needed by --any, - disabled. */
static void assert_query_share(const char *nodes, double share, int expected)
{
    const struct exit_rule rule = {.quorum = QUORUM_SHARE, .share = share};
    struct query_summary summary = {0};
    for (const char *node = nodes; *node; node++) {
        summary.nodes++;
        summary.ok += *node == 'o';
        summary.failed += *node == 'f';
        summary.skipped += *node == 'h' || *node == 's';
        summary.unneeded += *node == 's';
        summary.disabled += *node == '-';
    }
    int status = exit_status_of_query(&rule, &summary, false);
    if (status != expected)
        fail_msg("%s exits with %d, not %d", nodes, status, expected);
}

static void who_counts_in_a_share_of_a_query(void **state)
{
    assert_query_share("hhh", 0.5, EXIT_BAD); /* nobody has answered */
    assert_query_share("ohh", 0.5, EXIT_BAD);
    assert_query_share("ooh", 0.5, EXIT_GOOD);
    assert_query_share("oss", 1, EXIT_GOOD);
    assert_query_share("off", 0.5, EXIT_BAD);
    assert_query_share("of-", 0.5, EXIT_GOOD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_in_doubt),
        cmocka_unit_test(the_worst_decides),
        cmocka_unit_test(enough_nodes_are_good),
        cmocka_unit_test(a_large_enough_share),
        cmocka_unit_test(who_counts_in_a_share_of_a_query),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
