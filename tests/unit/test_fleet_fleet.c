/* The fleet as its users see it: its nodes, and questions to one of them. */
#include "fake_fleet.h"

#include "tests/test.h"

static int setup(void **state)
{
    fake_fleet_plan();
    return 0;
}

static void names_are_found_and_unique(void **state)
{
    static const char *const hosts[] = {"ok", "ok"};
    struct pgcensus_error error = {0};
    size_t index = 99;
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 2);
    struct node_options again = fake_node("n1", "ok");
    assert_false(fleet_add(fleet, &again, &error));
    assert_int_equal(error.trouble, PGCENSUS_TROUBLE_CONFIG);
    assert_true(pgcensus_fleet_find(fleet, "n1", &index));
    assert_int_equal(index, 1);
    assert_false(pgcensus_fleet_find(fleet, "n2", &index));
    assert_string_equal(pgcensus_fleet_node(fleet, 1)->name, "n1");
    assert_null(pgcensus_fleet_node(fleet, 2));
    assert_false(pgcensus_fleet_abandoned(fleet));
    pgcensus_fleet_free(fleet);
}

static void a_node_owns_its_words(void **state)
{
    char name[] = "n", key[] = "dc", value[] = "fra", group[] = "orders";
    struct pgcensus_label label = {key, value};
    struct node_options options = fake_node(name, "ok");
    options.identity.group = group;
    options.identity.labels = &label;
    options.identity.n_labels = 1;
    struct pgcensus_fleet *fleet = fleet_new(NULL, NULL);
    assert_true(fleet_add(fleet, &options, NULL));
    name[0] = key[0] = value[0] = group[0] = '?';
    label = (struct pgcensus_label){0};
    const struct pgcensus_identity *kept = pgcensus_fleet_node(fleet, 0);
    assert_string_equal(kept->name, "n");
    assert_string_equal(kept->group, "orders");
    assert_string_equal(kept->labels[0].key, "dc");
    assert_string_equal(kept->labels[0].value, "fra");
    pgcensus_fleet_free(fleet);
}

static void a_node_owns_its_limits(void **state)
{
    struct pgcensus_limits limits[PGCENSUS_METRICS] = {
        [PGCENSUS_METRIC_UPTIME].critical = {.set = true, .start = 10, .end = 20},
    };
    struct node_options limited = fake_node("a", "ok"), free = fake_node("b", "ok");
    struct pgcensus_fleet *fleet = fleet_new(NULL, NULL);
    limited.limits = limits;
    assert_true(fleet_add(fleet, &limited, NULL) && fleet_add(fleet, &free, NULL));
    limits[PGCENSUS_METRIC_UPTIME].critical.end = 99;

    const struct pgcensus_limits *kept =
        pgcensus_fleet_limits(fleet, 0, PGCENSUS_METRIC_UPTIME);
    assert_true(kept->critical.set && kept->critical.end == 20);
    assert_false(kept->warn.set);
    /* Whatever has none has a pair that is not set: of metrics, nodes, and neither. */
    const struct pgcensus_limits *none[] = {
        pgcensus_fleet_limits(fleet, 0, PGCENSUS_METRIC_LATENCY),
        pgcensus_fleet_limits(fleet, 1, PGCENSUS_METRIC_UPTIME),
        pgcensus_fleet_limits(fleet, 2, PGCENSUS_METRIC_UPTIME),
    };
    for (size_t i = 0; i < ARRAY_SIZE(none); i++)
        assert_false(none[i]->warn.set || none[i]->critical.set);
    pgcensus_fleet_free(fleet);
}

static void groups_have_rules_and_members(void **state)
{
    const struct pgcensus_require require = {1, -1, 2};
    char name[] = "orders";
    struct pgcensus_fleet *fleet = fleet_new(NULL, NULL);
    assert_null(fleet_group_find(fleet, "orders"));
    assert_true(fleet_add_group(fleet, name, &require, NULL));
    name[0] = '?';
    for (int i = 0; i < 3; i++)
        assert_true(fleet_add_member(fleet, "orders", NULL) &&
                    fleet_add_member(fleet, "free", NULL));

    const struct fleet_group *orders = fleet_group_find(fleet, "orders");
    const struct fleet_group *free = fleet_group_find(fleet, "free");
    assert_string_equal(orders->name, "orders");
    assert_int_equal(orders->require.primaries, 1);
    assert_int_equal(orders->require.standbys, -1);
    assert_int_equal(orders->require.min_healthy, 2);
    assert_int_equal(orders->n_members, 3);
    assert_int_equal(free->require.primaries, -1);
    assert_int_equal(free->require.min_healthy, -1);
    assert_int_equal(free->n_members, 3);
    assert_null(fleet_group_find(fleet, "nobody"));
    assert_null(fleet_group_find(fleet, NULL));
    pgcensus_fleet_free(fleet);
}

static void two_questions_meet_the_same_connection(void **state)
{
    const char *hosts[] = {"ok"};
    struct pgcensus_answer answer;
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 1);
    for (int i = 0; i < 3; i++) {
        assert_true(pgcensus_fleet_ask(fleet, 0, "SELECT 1", SEC, &answer, NULL));
        assert_false(answer.failed);
        assert_int_equal(answer.rows->n_rows, 1);
        assert_string_equal(answer.rows->cells[0].text, "1");
        assert_string_equal(answer.rows->command, "SELECT 1");
        assert_int_equal(answer.latency, 2 * MSEC);
        pgcensus_answer_fini(&answer);
    }
    assert_int_equal(fake_opened, 1);
    pgcensus_fleet_free(fleet);
}

static void a_refusal_is_an_answer_that_failed(void **state)
{
    const char *hosts[] = {"refused", "mute", "syntax"};
    static const struct {
        enum pgcensus_class error_class;
        nsec took;
    } expected[] = {{PGCENSUS_CLASS_REFUSED, 10 * MSEC},
                    {PGCENSUS_CLASS_TIMEOUT, SEC},
                    /* What limits a new session is refused there, too. */
                    {PGCENSUS_CLASS_QUERY, 14 * MSEC}};
    struct pgcensus_fleet *fleet = fake_fleet(hosts, 3);
    for (size_t i = 0; i < 3; i++) {
        struct pgcensus_answer answer;
        nsec before = fake_now;
        assert_true(pgcensus_fleet_ask(fleet, i, "SELECT 1", SEC, &answer, NULL));
        assert_true(answer.failed);
        assert_int_equal(answer.failure.error_class, expected[i].error_class);
        assert_int_equal(fake_now - before, expected[i].took);
        pgcensus_answer_fini(&answer);
    }
    pgcensus_fleet_free(fleet);
}

static void who_is_not_there_cannot_be_asked(void **state)
{
    struct pgcensus_answer answer;
    struct pgcensus_error error;
    struct node_options options = fake_node("n", "ok");
    options.identity.enabled = false;
    struct pgcensus_fleet *fleet = fleet_new(NULL, NULL);
    assert_true(fleet_add(fleet, &options, NULL));
    assert_false(pgcensus_fleet_ask(fleet, 1, "SELECT 1", SEC, &answer, &error));
    assert_false(pgcensus_fleet_ask(fleet, 0, "SELECT 1", SEC, &answer, &error));
    assert_int_equal(fake_opened, 0);
    pgcensus_fleet_free(fleet);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        TEST(names_are_found_and_unique),
        TEST(a_node_owns_its_words),
        TEST(a_node_owns_its_limits),
        TEST(groups_have_rules_and_members),
        TEST(two_questions_meet_the_same_connection),
        TEST(a_refusal_is_an_answer_that_failed),
        TEST(who_is_not_there_cannot_be_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
