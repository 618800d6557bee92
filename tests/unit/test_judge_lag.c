#include "judge/lag.h"

#include "base/clock.h"
#include "tests/test.h"

#include <stdio.h>

#include <pgcensus/verdict.h>

#define SEC NSEC_PER_SEC
#define NOON (1000000 * SEC)

static struct pgcensus_facts primary_facts, standby_facts, other_facts;
static struct pgcensus_node_result results[3];
static struct pgcensus_identity identities[3];
static struct peer peers[3];

static void set(size_t i, enum pgcensus_role role, struct pgcensus_facts *facts)
{
    results[i] = (struct pgcensus_node_result){
        .index = i, .status = PGCENSUS_OK, .role = role, .attempted = true};
    results[i].facts = facts;
    static const char *const hosts[] = {"h0", "h1", "h2"};
    identities[i] = (struct pgcensus_identity){.name = "n", .host = hosts[i]};
    peers[i] = (struct peer){&identities[i], &results[i]};
    *facts = (struct pgcensus_facts){
        .system_identifier = 7,
        .timeline = 1,
        .started_at = (nsec)(i + 1),
        .clock_known = true,
        .server_clock = NOON,
        .receiver = PGCENSUS_RECEIVER_RUNNING,
    };
}

/* A primary at 1000, a standby that has replayed 900 and received 950, whose last
 * commit is 5 s old. */
static int set_up(void **state)
{
    set(0, PGCENSUS_PRIMARY, &primary_facts);
    set(1, PGCENSUS_STANDBY, &standby_facts);
    set(2, PGCENSUS_STANDBY, &other_facts);
    primary_facts.wal = 1000;
    standby_facts.received = 950;
    standby_facts.replayed = 900;
    standby_facts.last_commit = NOON - 5 * SEC;
    return 0;
}

static struct pgcensus_lag measure(void)
{
    struct pgcensus_lag lag;
    struct company company;
    assert_true(company_init(&company, peers, 3));
    lag_measure(&company, 1, &lag);
    company_fini(&company);
    return lag;
}

static void assert_unknown(const char *reason)
{
    struct pgcensus_lag lag = measure();
    assert_string_equal(lag.reason, reason);
    assert_true(lag.replay == -1 && lag.receive == -1);
    assert_true(lag.time == PGCENSUS_UNKNOWN_TIME);
    assert_true(lag.primary == SIZE_MAX);
}

static void how_far_a_standby_is_behind(void **state)
{
    struct pgcensus_lag lag = measure();
    assert_null(lag.reason);
    assert_true(lag.replay == 100 && lag.receive == 50);
    assert_true(lag.time == 5 * SEC);
    assert_true(lag.primary == 0);
}

static void an_idle_primary(void **state)
{
    standby_facts.received = standby_facts.replayed = 1000;
    standby_facts.last_commit = NOON - 3600 * SEC;
    assert_true(measure().time == 0);
    standby_facts.last_commit = 0; /* none since it was started */
    assert_true(measure().time == 0);
}

static void sampled_later_is_not_negative(void **state)
{
    standby_facts.received = standby_facts.replayed = 1200;
    standby_facts.sampled = SEC;
    struct pgcensus_lag lag = measure();
    assert_true(lag.replay == 0 && lag.receive == 0 && lag.time == 0);
    assert_true(lag.skew == SEC);
    assert_false(lag_is_ahead(&peers[1], &peers[0]));
    standby_facts.sampled = 0; /* and the primary a second later had less: */
    primary_facts.sampled = SEC;
    assert_true(lag_is_ahead(&peers[1], &peers[0]));
}

/* It cannot have come from this primary, so it is no lag of 0. */
static void a_standby_that_is_ahead_has_no_lag(void **state)
{
    standby_facts.received = standby_facts.replayed = 1200;
    standby_facts.receiver = PGCENSUS_RECEIVER_STREAMING;
    standby_facts.sampled = SEC; /* later than the primary, so it may have come since */
    assert_true(measure().replay == 0);
    for (int i = 0; i < 2; i++) {
        standby_facts.receiver = i ? PGCENSUS_RECEIVER_NONE : PGCENSUS_RECEIVER_OTHER;
        struct pgcensus_lag lag = measure();
        assert_string_equal(lag.reason, "ahead");
        assert_true(lag.replay == -1 && lag.receive == -1 && lag.primary == 0);
        assert_true(lag.time == PGCENSUS_UNKNOWN_TIME);
    }
    primary_facts.system_identifier = standby_facts.system_identifier = 0;
    assert_false(lag_is_ahead(&peers[1], &peers[0]));
}

/* A standby that took seconds to answer, and lost its receiver or got a file meanwhile,
 * may have got what its primary wrote meanwhile. */
static void seconds_later_is_not_ahead(void **state)
{
    standby_facts.received = standby_facts.replayed = 1200;
    standby_facts.receiver = PGCENSUS_RECEIVER_NONE;
    standby_facts.sampled = SEC;
    standby_facts.sampled_within = 3 * SEC;
    assert_false(lag_is_ahead(&peers[1], &peers[0]));
    assert_null(measure().reason);
    assert_true(measure().replay == 0 && measure().time == 0);
    primary_facts.sampled = 4 * SEC;
    assert_true(lag_is_ahead(&peers[1], &peers[0]));
}

/* A standby that is cut off goes on speaking to the one behind it. */
static void the_word_of_a_standby(void **state)
{
    standby_facts.last_commit = NOON - 3600 * SEC;
    standby_facts.told = 900;
    standby_facts.told_at = NOON - 2 * SEC;
    snprintf(standby_facts.upstream_host, sizeof standby_facts.upstream_host, "db3");
    standby_facts.upstream_port = 5432;
    assert_true(measure().time == 2 * SEC);
    identities[2] =
        (struct pgcensus_identity){.name = "n", .host = "db3", .port = 5432};
    assert_true(measure().time == 3600 * SEC);
    results[2].failed = true; /* that we cannot ask it does not make it the primary */
    results[2].role = PGCENSUS_ROLE_UNKNOWN;
    results[2].facts = NULL;
    assert_true(measure().time == 3600 * SEC);
    results[2].attempted = results[2].failed = false;
    results[2].status = PGCENSUS_DISABLED;
    assert_true(measure().time == 3600 * SEC);
}

static void the_word_of_the_primary(void **state)
{
    standby_facts.last_commit = NOON - 3600 * SEC;
    standby_facts.told = 900;
    standby_facts.told_at = NOON - 2 * SEC;
    snprintf(standby_facts.upstream_host, sizeof standby_facts.upstream_host, "h0");
    standby_facts.upstream_port = 5432;
    identities[0].port = 5432;
    assert_true(measure().time == 2 * SEC);
    identities[2].host = "h0"; /* another name of it that is not asked */
    identities[2].port = 5432;
    results[2] = (struct pgcensus_node_result){.index = 2, .status = PGCENSUS_DISABLED};
    assert_true(measure().time == 2 * SEC);
}

static void a_primary_that_may_miss_a_check(void **state)
{
    results[0].failed = results[0].held = true;
    results[0].facts = NULL;
    assert_unknown("missed_check");
}

static void clocks_that_differ(void **state)
{
    standby_facts.server_clock += 60 * SEC;
    standby_facts.clock_offset = 60 * SEC;
    assert_true(measure().time == 5 * SEC);
    primary_facts.clock_offset = -SEC; /* its commit is stamped a second early */
    assert_true(measure().time == 4 * SEC);
    primary_facts.clock_offset = -3600 * SEC;
    assert_true(measure().time > 0 && measure().time < SEC); /* behind is never 0 */
}

static void a_primary_that_wakes_up(void **state)
{
    standby_facts.last_commit = NOON - 3600 * SEC;
    standby_facts.told = 900;
    standby_facts.told_at = NOON - 2 * SEC;
    assert_true(measure().time == 2 * SEC);
    standby_facts.told = 950; /* it knew of more, and has not replayed it */
    assert_true(measure().time == 3600 * SEC);
}

static void the_archive_counts_as_received(void **state)
{
    standby_facts.received = 100;
    assert_true(measure().receive == 100);
}

static void bytes_without_seconds(void **state)
{
    standby_facts.last_commit = 0;
    struct pgcensus_lag lag = measure();
    assert_true(lag.replay == 100);
    assert_true(lag.time == PGCENSUS_UNKNOWN_TIME);
    assert_string_equal(lag.reason, "no_commit_replayed");
}

/* Aurora's reader refuses all of them; what was refused is not what never happened. */
static void what_was_refused(void **state)
{
    static struct pgcensus_missing missing = {.sqlstate = "0A000",
                                              .message = "not here"};
    standby_facts.missing = &missing;
    standby_facts.n_missing = 1;

    missing.part = PGCENSUS_PART_REPLAYED;
    standby_facts.replayed = 0;
    struct pgcensus_lag lag = measure();
    assert_string_equal(lag.reason, "refused");
    assert_true(lag.replay == -1 && lag.receive == 50);
    assert_true(lag.time == PGCENSUS_UNKNOWN_TIME);
    char words[64];
    results[1].lag = lag;
    pgcensus_lag_explain(&results[1], words, sizeof words);
    assert_string_equal(words, "not here");

    missing.part = PGCENSUS_PART_RECEIVED;
    standby_facts.received = 0;
    standby_facts.replayed = 900;
    lag = measure();
    assert_null(lag.reason);
    assert_true(lag.receive == -1 && lag.replay == 100);
    assert_true(lag.time == 5 * SEC);

    missing.part = PGCENSUS_PART_COMMIT;
    standby_facts.last_commit = 0;
    assert_string_equal(measure().reason, "refused");
}

/* "0.000001 s behind" was said of a standby whose clock nobody knew. */
static void a_clock_that_was_refused(void **state)
{
    static const struct pgcensus_missing missing = {PGCENSUS_PART_CLOCK, "42501", "no"};
    standby_facts.missing = &missing;
    standby_facts.n_missing = 1;
    standby_facts.clock_known = false;
    standby_facts.server_clock = 0;
    standby_facts.told = 900;
    standby_facts.told_at = NOON - SEC;
    struct pgcensus_lag lag = measure();
    assert_true(lag.time == PGCENSUS_UNKNOWN_TIME);
    assert_string_equal(lag.reason, "refused");
    assert_true(lag.replay == 100);
}

/* An archive-only standby of an idle primary lacks a record that no file brings, and
 * has every commit. */
static void files_of_an_idle_primary(void **state)
{
    standby_facts.receiver = PGCENSUS_RECEIVER_NONE;
    standby_facts.last_commit = NOON - 3600 * SEC;
    struct pgcensus_lag lag = measure();
    assert_true(lag.replay == 100 && lag.time == PGCENSUS_UNKNOWN_TIME);
    assert_string_equal(lag.reason, "log_shipping"); /* transactions are hidden */
    primary_facts.xid_oldest = primary_facts.xid_next = 700;
    standby_facts.xid_oldest = standby_facts.xid_next = 700;
    assert_true(measure().time == 0);
    standby_facts.xid_oldest = 690; /* one of them may have ended on the primary */
    assert_string_equal(measure().reason, "log_shipping");
    standby_facts.xid_next = 699; /* one surely has */
    assert_true(measure().time == 3600 * SEC);
    standby_facts.receiver = PGCENSUS_RECEIVER_STREAMING; /* which is asked nothing */
    standby_facts.xid_oldest = standby_facts.xid_next = 700;
    assert_true(measure().time == 3600 * SEC);
}

static void nobody_to_measure_against(void **state)
{
    results[0].failed = true;
    assert_unknown("no_primary");
    set_up(state);
    primary_facts.system_identifier = 8;
    assert_unknown("foreign_cluster");
    set_up(state);
    results[0].facts = NULL;
    assert_unknown("primary_hidden");
    set_up(state);
    primary_facts.system_identifier = 0;
    assert_unknown("primary_hidden");
    standby_facts.system_identifier = 0; /* unknown is not equal to unknown */
    assert_unknown("hidden");
    set_up(state);
    results[2].role = PGCENSUS_PRIMARY;
    other_facts.wal = 2000;
    assert_unknown("several_primaries");
    set_up(state);
    identities[1].via_pooler = true;
    assert_unknown("pooler");
    set_up(state);
    results[1].facts = NULL;
    assert_unknown("no_facts");
}

/* Until its first checkpoint the control file of a primary that was promoted names the
 * timeline before, and nothing else may be told to our role. */
static void a_primary_with_a_recorded_timeline(void **state)
{
    standby_facts.timeline = 2;
    standby_facts.receiver = PGCENSUS_RECEIVER_STREAMING;
    assert_unknown("other_timeline");
    primary_facts.timeline_recorded = true;
    assert_unknown("timeline_unknown");
    standby_facts.timeline = 1;
    primary_facts.timeline = 2; /* it is that at least */
    assert_unknown("other_timeline");
}

static void other_timelines_are_no_lag(void **state)
{
    primary_facts.timeline = 2; /* it follows who was primary before */
    standby_facts.receiver = PGCENSUS_RECEIVER_STREAMING;
    assert_unknown("other_timeline");
    standby_facts.receiver = PGCENSUS_RECEIVER_RUNNING; /* we may not see what */
    assert_unknown("timeline_unknown");
    standby_facts.receiver = PGCENSUS_RECEIVER_NONE; /* its control file is behind */
    assert_unknown("timeline_unknown");
    standby_facts.timeline = 3;
    standby_facts.receiver = PGCENSUS_RECEIVER_STREAMING;
    assert_unknown("other_timeline");
}

static void every_reason_has_a_name_and_words(void **state)
{
    struct pgcensus_node_result result = {.facts_reason = "no memory"};
    char words[128];
    assert_null(pgcensus_lag_reason_name(PGCENSUS_LAG_REASON_NONE));
    for (unsigned i = 1; i <= PGCENSUS_LAG_LOG_SHIPPING; i++) {
        result.lag.why = (enum pgcensus_lag_reason)i;
        assert_non_null(pgcensus_lag_reason_name(result.lag.why));
        pgcensus_lag_explain(&result, words, sizeof words);
        assert_true(*words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(how_far_a_standby_is_behind, set_up),
        cmocka_unit_test_setup(an_idle_primary, set_up),
        cmocka_unit_test_setup(sampled_later_is_not_negative, set_up),
        cmocka_unit_test_setup(a_standby_that_is_ahead_has_no_lag, set_up),
        cmocka_unit_test_setup(seconds_later_is_not_ahead, set_up),
        cmocka_unit_test_setup(the_word_of_a_standby, set_up),
        cmocka_unit_test_setup(the_word_of_the_primary, set_up),
        cmocka_unit_test_setup(a_primary_that_may_miss_a_check, set_up),
        cmocka_unit_test_setup(clocks_that_differ, set_up),
        cmocka_unit_test_setup(a_primary_that_wakes_up, set_up),
        cmocka_unit_test_setup(the_archive_counts_as_received, set_up),
        cmocka_unit_test_setup(bytes_without_seconds, set_up),
        cmocka_unit_test_setup(what_was_refused, set_up),
        cmocka_unit_test_setup(a_clock_that_was_refused, set_up),
        cmocka_unit_test_setup(files_of_an_idle_primary, set_up),
        cmocka_unit_test_setup(nobody_to_measure_against, set_up),
        cmocka_unit_test_setup(other_timelines_are_no_lag, set_up),
        cmocka_unit_test_setup(a_primary_with_a_recorded_timeline, set_up),
        cmocka_unit_test(every_reason_has_a_name_and_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
