/* A group that is judged as often as one likes.  This file plays the fleet. */
#include "base/clock.h"
#include "fleet/fleet.h"
#include "scarce_memory.h"
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

#include <pgcensus/pgcensus.h>

enum { PRIMARY, BEHIND, DEAD, NODES };

struct pgcensus_fleet {
    struct pgcensus_identity identities[NODES];
};

static struct pgcensus_fleet fleet;
static struct pgcensus_facts facts[NODES];
static struct pgcensus_node_result results[NODES];
static const struct pgcensus_node_result *order[NODES];

AUTO_DEFINE(struct pgcensus_verdict *, pgcensus_verdict_free)

const struct pgcensus_identity *pgcensus_fleet_node(const struct pgcensus_fleet *any,
                                                    size_t index)
{
    return &any->identities[index];
}

const struct pgcensus_limits *pgcensus_fleet_limits(const struct pgcensus_fleet *any,
                                                    size_t index,
                                                    enum pgcensus_metric metric)
{
    static const struct pgcensus_limits limits[PGCENSUS_METRICS] = {
        [PGCENSUS_METRIC_LAG_BYTES] = {.warn = {true, false, 0, 10}},
    };
    return &limits[metric];
}

const struct health_options *fleet_health(const struct pgcensus_fleet *any,
                                          size_t index)
{
    static const struct health_options options = {.fall = 3, .rise = 1};
    return &options;
}

const struct fleet_group *fleet_group_find(const struct pgcensus_fleet *any,
                                           const char *name)
{
    return NULL;
}

/* ---- what they answered ---- */

static void answer(size_t i, enum pgcensus_role role)
{
    results[i].attempted = true;
    results[i].status = PGCENSUS_OK;
    results[i].role = role;
    results[i].facts = &facts[i];
    facts[i] = (struct pgcensus_facts){
        .system_identifier = 7, .timeline = 1, .started_at = (nsec)(i + 1)};
}

static void fail_to_answer(size_t i)
{
    struct pgcensus_node_result *result = &results[i];
    result->attempted = result->failed = true;
    result->status = PGCENSUS_DOWN;
    result->failure.error_class = PGCENSUS_CLASS_REFUSED;
    result->n_reasons = 1;
    strcpy(result->reasons[0].code, "refused");
}

static int set_up(void **state)
{
    static const char *const names[] = {"p", "s", "d"}, *const hosts[] = {"a", "b",
                                                                          "c"};
    memset(results, 0, sizeof results);
    for (size_t i = 0; i < NODES; i++) {
        fleet.identities[i] = (struct pgcensus_identity){
            .name = names[i], .group = "g", .host = hosts[i]};
        results[i].index = i;
        order[NODES - 1 - i] = &results[i]; /* as they came */
    }
    answer(PRIMARY, PGCENSUS_PRIMARY);
    facts[PRIMARY].wal = 1000;
    answer(BEHIND, PGCENSUS_STANDBY);
    facts[BEHIND].receiver = PGCENSUS_RECEIVER_STREAMING;
    facts[BEHIND].replayed = facts[BEHIND].received = 900;
    fail_to_answer(DEAD);
    return 0;
}

static const struct pgcensus_verdict_options rules = {.require = {-1, -1, -1}};

static struct pgcensus_verdict *judge(const struct pgcensus_past *past)
{
    struct pgcensus_verdict_options options = rules;
    struct pgcensus_error error;
    options.past = past;
    struct pgcensus_verdict *verdict =
        pgcensus_judge(&fleet, order, NODES, &options, &error);
    assert_non_null(verdict);
    return verdict;
}

/* By the order in which the results were given. */
static const struct pgcensus_node_verdict *
verdict_on(const struct pgcensus_verdict *verdict, size_t i)
{
    const struct pgcensus_node_verdict *node = &verdict->nodes[NODES - 1 - i];
    assert_int_equal(node->index, i);
    return node;
}

/* ---- stories ---- */

static void a_verdict_stands_beside_its_result(void **state)
{
    struct pgcensus_node_result before[NODES];
    memcpy(before, results, sizeof before);
    for (int times = 0; times < 3; times++) {
        AUTO(pgcensus_verdict_free) struct pgcensus_verdict *verdict = judge(NULL);
        assert_int_equal(verdict->n_nodes, NODES);
        assert_int_equal(verdict_on(verdict, PRIMARY)->status, PGCENSUS_OK);
        assert_int_equal(verdict_on(verdict, PRIMARY)->n_reasons, 0);

        const struct pgcensus_node_verdict *behind = verdict_on(verdict, BEHIND);
        assert_int_equal(behind->status, PGCENSUS_WARN);
        assert_int_equal(behind->lag.replay, 100);
        assert_int_equal(behind->n_reasons, 1);
        assert_string_equal(behind->reasons[0].code, "lag_bytes");

        const struct pgcensus_node_verdict *dead = verdict_on(verdict, DEAD);
        assert_int_equal(dead->status, PGCENSUS_DOWN);
        assert_int_equal(dead->n_reasons, 1);
        assert_string_equal(dead->reasons[0].code, "refused");
    }
    assert_memory_equal(before, results, sizeof before);
}

/* Lag is judged anew, and no trace is left of what it was. */
static void what_has_changed_is_judged_again(void **state)
{
    pgcensus_verdict_free(judge(NULL));
    facts[BEHIND].replayed = facts[BEHIND].received = 1000;
    AUTO(pgcensus_verdict_free) struct pgcensus_verdict *verdict = judge(NULL);
    assert_int_equal(verdict_on(verdict, BEHIND)->status, PGCENSUS_OK);
    assert_int_equal(verdict_on(verdict, BEHIND)->lag.replay, 0);
}

static void the_past_is_given_by_node(void **state)
{
    struct pgcensus_past past[NODES] = {
        [DEAD] = {.known = true, .state = PGCENSUS_HEALTHY, .failures = 2}};
    AUTO(pgcensus_verdict_free) struct pgcensus_verdict *verdict = judge(past);
    const struct pgcensus_node_verdict *dead = verdict_on(verdict, DEAD);
    assert_int_equal(dead->status, PGCENSUS_WARN);
    assert_true(dead->held);
    assert_int_equal(dead->past.failures, 2);
    assert_int_equal(dead->n_reasons, 2);
    assert_string_equal(dead->reasons[0].code, "refused");
    assert_string_equal(dead->reasons[1].code, "fall");
}

/* The past of a result counts once its file is said to be there. */
static void without_a_recall_results_have_no_past(void **state)
{
    results[DEAD].past =
        (struct pgcensus_past){.known = true, .state = PGCENSUS_HEALTHY};
    AUTO(pgcensus_verdict_free) struct pgcensus_verdict *verdict = judge(NULL);
    assert_int_equal(verdict_on(verdict, DEAD)->status, PGCENSUS_DOWN);
}

static void a_disabled_node_has_no_past_to_prove(void **state)
{
    struct pgcensus_past past[NODES] = {
        [PRIMARY] = {.known = true, .state = PGCENSUS_RECONNECTING, .successes = 1}};
    results[PRIMARY] = (struct pgcensus_node_result){.status = PGCENSUS_DISABLED};
    AUTO(pgcensus_verdict_free) struct pgcensus_verdict *verdict = judge(past);
    assert_int_equal(verdict_on(verdict, PRIMARY)->status, PGCENSUS_DISABLED);
}

static void a_verdict_that_is_written_back_is_the_same(void **state)
{
    struct pgcensus_node_result copies[NODES], *writable[NODES];
    struct pgcensus_error error;
    AUTO(pgcensus_verdict_free) struct pgcensus_verdict *verdict = judge(NULL);
    memcpy(copies, results, sizeof copies);
    for (size_t i = 0; i < NODES; i++) {
        writable[i] = &copies[i];
        pgcensus_verdict_apply(verdict_on(verdict, i), &results[i]);
    }
    AUTO(pgcensus_verdict_free)
    struct pgcensus_verdict *same =
        pgcensus_verdict_new(&fleet, writable, NODES, &rules, &error);
    assert_non_null(same);
    for (size_t i = 0; i < NODES; i++) {
        assert_int_equal(copies[i].status, results[i].status);
        assert_int_equal(copies[i].lag.replay, results[i].lag.replay);
        assert_int_equal(copies[i].n_reasons, results[i].n_reasons);
        assert_memory_equal(copies[i].reasons, results[i].reasons,
                            copies[i].n_reasons * sizeof *copies[i].reasons);
    }
    assert_int_equal(results[BEHIND].status, PGCENSUS_WARN);
}

static void every_allocation_of_a_judge_may_fail(void **state)
{
    for (unsigned k = 1;; k++) {
        struct pgcensus_error error = {0};
        scarce_memory_begin(k);
        struct pgcensus_verdict *verdict =
            pgcensus_judge(&fleet, order, NODES, &rules, &error);
        bool failed = scarce_memory_end();
        assert_int_equal(failed, !verdict);
        if (failed) {
            assert_int_equal(error.trouble, PGCENSUS_TROUBLE_MEMORY);
            continue;
        }
        pgcensus_verdict_free(verdict);
        assert_true(k > 12);
        return;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_verdict_stands_beside_its_result, set_up),
        cmocka_unit_test_setup(what_has_changed_is_judged_again, set_up),
        cmocka_unit_test_setup(the_past_is_given_by_node, set_up),
        cmocka_unit_test_setup(without_a_recall_results_have_no_past, set_up),
        cmocka_unit_test_setup(a_disabled_node_has_no_past_to_prove, set_up),
        cmocka_unit_test_setup(a_verdict_that_is_written_back_is_the_same, set_up),
        cmocka_unit_test_setup(every_allocation_of_a_judge_may_fail, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
