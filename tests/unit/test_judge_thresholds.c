#include "judge/thresholds.h"

#include "base/clock.h"
#include "judge/lag.h"
#include "tests/test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct pgcensus_identity identity = {.name = "n", .host = "h"};
static struct pgcensus_facts facts;
static struct pgcensus_node_result result;
static struct pgcensus_slot slots[2];
static struct pgcensus_node_verdict verdict;
static struct reason_list reasons;

static int set_up(void **state)
{
    memset(slots, 0, sizeof slots);
    facts = (struct pgcensus_facts){
        .level = PGCENSUS_FACTS_FULL,
        .connections_max = 103,
        .connections_reserved = 3,
        .slots = slots,
    };
    result = (struct pgcensus_node_result){
        .status = PGCENSUS_OK, .attempted = true, .facts = &facts};
    result.lag = (struct pgcensus_lag){
        -1, -1, PGCENSUS_UNKNOWN_TIME, PGCENSUS_UNKNOWN_TIME, NULL, SIZE_MAX};
    verdict = (struct pgcensus_node_verdict){.status = PGCENSUS_OK};
    return 0;
}

static int tear_down(void **state)
{
    free(reasons.reasons);
    reasons = (struct reason_list){.n = 0};
    return 0;
}

static enum pgcensus_status judge(enum pgcensus_metric metric, double warn,
                                  double critical)
{
    const struct pgcensus_limits limits = {{true, false, 0, warn},
                                           {true, false, 0, critical}};
    const struct peer peer = {&identity, &result, &verdict};
    verdict = (struct pgcensus_node_verdict){.status = PGCENSUS_OK, .lag = result.lag};
    reasons.n = 0;
    thresholds_judge(&peer, metric, &limits, &reasons);
    verdict.reasons = reasons.reasons;
    pgcensus_verdict_apply(&verdict, &result);
    return result.status;
}

static enum pgcensus_status judge_connections(int least, int used)
{
    facts.connections_least = least;
    facts.connections_used = used;
    return judge(PGCENSUS_METRIC_CONNECTIONS, 80, 90);
}

/* Workers take no connection; who may not tell them from clients knows two numbers. */
static void connections_that_may_be_workers(void **state)
{
    double value;
    assert_int_equal(judge_connections(20, 20), PGCENSUS_OK);
    assert_int_equal(judge_connections(95, 95), PGCENSUS_DOWN);
    assert_int_equal(judge_connections(60, 75), PGCENSUS_OK);
    assert_int_equal(judge_connections(60, 85), PGCENSUS_UNKNOWN);
    assert_string_equal(result.reasons[0].message,
                        "connections is between 60% and 85%, and only pg_monitor may "
                        "see more");
    assert_int_equal(judge_connections(2, 103), PGCENSUS_UNKNOWN); /* never critical */
    assert_int_equal(judge_connections(82, 95), PGCENSUS_WARN);    /* that is certain */
    assert_int_equal(judge_connections(92, 99), PGCENSUS_DOWN);
    judge_connections(2, 103);
    assert_true(pgcensus_metric_value(&result, PGCENSUS_METRIC_CONNECTIONS, &value));
    assert_true(value == 100); /* no more than all of them */
    judge_connections(103, 103);
    assert_true(pgcensus_metric_value(&result, PGCENSUS_METRIC_CONNECTIONS, &value));
    assert_true(value == 103); /* superusers take reserved ones */
}

/* It does not fall to 0 when its source dies. */
static void slots_without_an_amount(void **state)
{
    double value;
    assert_true(pgcensus_metric_value(&result, PGCENSUS_METRIC_SLOT_RETAINED, &value));
    assert_true(value == 0); /* without slots nothing is held back */
    facts.n_slots = 1;
    slots[0].retained = -1;
    assert_false(pgcensus_metric_value(&result, PGCENSUS_METRIC_SLOT_RETAINED, &value));
    assert_int_equal(judge(PGCENSUS_METRIC_SLOT_RETAINED, 1, 2), PGCENSUS_OK);
    slots[0].retained = 1000; /* as a server of 18 has it of a slot that is lost */
    strcpy(slots[0].wal_status, "lost");
    assert_false(pgcensus_metric_value(&result, PGCENSUS_METRIC_SLOT_RETAINED, &value));
    assert_int_equal(judge(PGCENSUS_METRIC_SLOT_RETAINED, 1, 2), PGCENSUS_OK);
    facts.n_slots = 2;
    slots[1].retained = 5;
    assert_int_equal(judge(PGCENSUS_METRIC_SLOT_RETAINED, 1, 2), PGCENSUS_DOWN);
    facts.n_slots = -1; /* hidden */
    assert_int_equal(judge(PGCENSUS_METRIC_SLOT_RETAINED, 1, 2), PGCENSUS_UNKNOWN);
}

/* Of an answer that was long on its way nobody knows which half of the way was. */
static void a_clock_is_as_wrong_as_the_answer_was_slow(void **state)
{
    double value;
    facts.clock_known = true;
    facts.clock_offset = -1500 * NSEC_PER_MSEC;
    facts.clock_uncertainty = 2 * NSEC_PER_MSEC;
    assert_int_equal(judge(PGCENSUS_METRIC_CLOCK_OFFSET, 1e8, 1e9), PGCENSUS_DOWN);
    assert_string_equal(result.reasons[0].value, "1.5s");
    facts.clock_uncertainty = 1000 * NSEC_PER_MSEC;
    assert_int_equal(judge(PGCENSUS_METRIC_CLOCK_OFFSET, 1e8, 1e9), PGCENSUS_WARN);
    facts.clock_uncertainty = 1500 * NSEC_PER_MSEC;
    assert_int_equal(judge(PGCENSUS_METRIC_CLOCK_OFFSET, 1e8, 1e9), PGCENSUS_UNKNOWN);
    assert_string_equal(result.reasons[0].message,
                        "clock_offset is 1.5s, give or take 1.5s, because the answer "
                        "took 3s");
    facts.clock_offset = 0; /* what is not seen is no alarm either */
    assert_int_equal(judge(PGCENSUS_METRIC_CLOCK_OFFSET, 1e8, 1e9), PGCENSUS_OK);
    assert_true(pgcensus_metric_value(&result, PGCENSUS_METRIC_CLOCK_OFFSET, &value));
    assert_true(value == 0);
}

static void a_server_that_starts_in_the_future(void **state)
{
    facts.clock_known = true;
    facts.uptime = PGCENSUS_UNKNOWN_TIME;
    assert_int_equal(judge(PGCENSUS_METRIC_UPTIME, 1, 2), PGCENSUS_UNKNOWN);
    assert_string_equal(result.reasons[0].message,
                        "uptime is not known: hidden from our role");
    facts.server_clock = NSEC_PER_SEC;
    facts.started_at = 2 * NSEC_PER_SEC;
    assert_int_equal(judge(PGCENSUS_METRIC_UPTIME, 1, 2), PGCENSUS_UNKNOWN);
    assert_string_equal(result.reasons[0].message,
                        "uptime is not known: its clock was set back since its start");
}

static enum pgcensus_status judge_lag(enum pgcensus_lag_reason why)
{
    result.role = PGCENSUS_STANDBY;
    result.lag.why = why;
    return judge(PGCENSUS_METRIC_LAG_SECONDS, 1, 2);
}

/* Words, and none where there is nothing to be done. */
static void lag_that_is_not_known(void **state)
{
    assert_int_equal(judge_lag(PGCENSUS_LAG_NO_PRIMARY), PGCENSUS_UNKNOWN);
    assert_string_equal(result.reasons[0].message,
                        "lag_seconds is not known: no primary of its cluster answered");
    assert_int_equal(judge_lag(PGCENSUS_LAG_MISSED_CHECK), PGCENSUS_OK);
    assert_int_equal(judge_lag(PGCENSUS_LAG_LOG_SHIPPING), PGCENSUS_OK);
    facts.apply_delay = 3600 * NSEC_PER_SEC;
    judge_lag(PGCENSUS_LAG_NO_COMMIT_REPLAYED);
    assert_non_null(strstr(result.reasons[0].message,
                           "no commit replayed since its start (apply delay "));
}

/* A status is never lost for want of room. */
static void more_reasons_than_there_is_room_for(void **state)
{
    const struct pgcensus_limits limits = {.critical = {true, false, 0, 1}};
    facts.connections_used = facts.connections_least = 100;
    const struct peer peer = {&identity, &result, &verdict};
    verdict.n_reasons = PGCENSUS_MOST_REASONS;
    thresholds_judge(&peer, PGCENSUS_METRIC_CONNECTIONS, &limits, &reasons);
    assert_int_equal(verdict.status, PGCENSUS_DOWN);
    assert_int_equal(verdict.n_reasons, PGCENSUS_MOST_REASONS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(connections_that_may_be_workers, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(slots_without_an_amount, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_clock_is_as_wrong_as_the_answer_was_slow,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_server_that_starts_in_the_future, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(lag_that_is_not_known, set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_reasons_than_there_is_room_for, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
