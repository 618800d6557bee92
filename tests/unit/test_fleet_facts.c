#include "fleet/facts.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What a standby says, but for what a test changes. */
static const char *const standby[FACTS_FULL] = {
    [FACT_STANDBY] = "t",
    [FACT_READ_ONLY] = "on",
    [FACT_SYSTEM_IDENTIFIER] = "7712448124973480850",
    [FACT_TIMELINE] = "3",
    [FACT_STARTED_AT] = "1000000000",
    [FACT_CLOCK] = "1060000000",
    [FACT_CONNECTIONS] = "7",
    [FACT_HIDDEN_BACKENDS] = "0",
    [FACT_MAX_WORKERS] = "8",
    [FACT_MAX_CONNECTIONS] = "100",
    [FACT_RESERVED_CONNECTIONS] = "3",
    [FACT_RECEIVED] = "16/B374D848",
    [FACT_REPLAYED] = "0/1",
    [FACT_PAUSED] = "f",
    [FACT_RECEIVER_PID] = "42",
    [FACT_RECEIVER_STATUS] = "streaming",
    [FACT_UPSTREAM_HOST] = "10.0.0.1",
    [FACT_UPSTREAM_PORT] = "5432",
    [FACT_RECEIVER_SLOT] = "of_mine",
    [FACT_APPLY_DELAY] = "3600000000",
    [FACT_SLOTS] = "physical true 1024 reserved - - - - - a\n"
                   "logical false - lost - - true - - b",
    [FACT_SENDERS] = "streaming 10.0.0.9 a my app\n- - - ",
};

/* The answer with one cell replaced; NULL is SQL NULL. */
static struct pgcensus_facts *read_gap(enum facts_gap gap, enum fact fact,
                                       const char *text,
                                       enum pgcensus_facts_level level)
{
    const struct facts_moment moment = {0, 2 * NSEC_PER_SEC, 1061 * NSEC_PER_SEC};
    struct pgcensus_cell cells[FACTS_FULL];
    bool is_standby, read_only;
    const char *why;
    for (unsigned i = 0; i < FACTS_FULL; i++) {
        const char *cell = i == fact ? text : standby[i];
        cells[i] = (struct pgcensus_cell){cell, cell ? strlen(cell) : 0};
    }
    const struct pgcensus_rows rows = {
        .n_columns = level == PGCENSUS_FACTS_FULL ? FACTS_FULL : FACTS_BASIC,
        .n_rows = 1,
        .cells = cells,
    };
    return facts_read(level, gap, &rows, &moment, &is_standby, &read_only, &why);
}

static struct pgcensus_facts *read_with(enum fact fact, const char *text,
                                        enum pgcensus_facts_level level)
{
    return read_gap(FACTS_WHOLE, fact, text, level);
}

static void test_what_a_standby_says(void **state)
{
    struct pgcensus_facts *facts = read_with(FACT_PAUSED, "t", PGCENSUS_FACTS_FULL);
    assert_non_null(facts);
    assert_true(facts->system_identifier == UINT64_C(7712448124973480850));
    assert_int_equal(facts->timeline, 3);
    assert_true(facts->uptime == 60 * NSEC_PER_SEC);
    assert_int_equal(facts->connections_used, 7);
    assert_int_equal(facts->connections_least, 7);
    assert_string_equal(facts->receiver_slot, "of_mine");
    assert_true(facts->apply_delay == 3600 * NSEC_PER_SEC);
    assert_true(facts->received == UINT64_C(0x16B374D848));
    assert_int_equal(facts->paused, 1);
    assert_int_equal(facts->receiver, PGCENSUS_RECEIVER_STREAMING);
    assert_string_equal(facts->upstream_host, "10.0.0.1");
    assert_int_equal(facts->upstream_port, 5432);
    /* Our clock said 1061 when the answer came and 1059 when we asked; so the middle of
     * it is the server's 1060. */
    assert_true(facts->clock_offset == 0);
    assert_true(facts->clock_uncertainty == NSEC_PER_SEC);
    free(facts);
}

static void test_lists(void **state)
{
    struct pgcensus_facts *facts = read_with(FACT_STANDBY, "t", PGCENSUS_FACTS_FULL);
    assert_int_equal(facts->n_slots, 2);
    assert_string_equal(facts->slots[0].name, "a");
    assert_true(facts->slots[0].active && facts->slots[0].retained == 1024);
    assert_string_equal(facts->slots[1].wal_status, "lost");
    assert_true(facts->slots[1].retained == -1);
    assert_int_equal(facts->slots[1].conflicting, 1);
    assert_int_equal(facts->slots[1].synced, -1);
    assert_int_equal(facts->n_senders, 2);
    assert_string_equal(facts->senders[0].application, "my app");
    assert_string_equal(facts->senders[0].slot, "a");
    assert_string_equal(facts->senders[1].slot, "");
    assert_string_equal(facts->senders[1].address, "");
    free(facts);

    facts = read_with(FACT_SLOTS, NULL, PGCENSUS_FACTS_FULL);
    assert_int_equal(facts->n_slots, 0); /* asked, and there are none */
    free(facts);
    facts = read_with(FACT_SLOTS, NULL, PGCENSUS_FACTS_BASIC);
    assert_int_equal(facts->n_slots, -1); /* not asked */
    free(facts);
}

/* Servers 16 to 18 leave some of them their restart_lsn, which grows older for ever. */
static void test_a_lost_slot_retains_nothing(void **state)
{
    struct pgcensus_facts *facts = read_with(
        FACT_SLOTS,
        "logical false 224900992 lost false true true idle_timeout 1000000 a\n"
        "logical false 1024 unreserved false false false rows_removed - b\n"
        "physical false 1024 reserved true false - - 2000000 c",
        PGCENSUS_FACTS_FULL);
    assert_int_equal(facts->n_slots, 3);
    assert_true(facts->slots[0].retained == -1);
    assert_true(facts->slots[1].retained == -1);
    assert_true(facts->slots[2].retained == 1024);
    assert_int_equal(facts->slots[0].failover, 1);
    assert_string_equal(facts->slots[0].invalidation_reason, "idle_timeout");
    assert_true(facts->slots[0].inactive_since == NSEC_PER_SEC);
    assert_int_equal(facts->slots[2].synced, 1);
    assert_int_equal(facts->slots[2].conflicting, -1);
    free(facts);
}

/* Hidden, so they may be workers, of which there are no more than eight. */
static void test_workers_may_be_hidden(void **state)
{
    struct pgcensus_facts *facts =
        read_with(FACT_HIDDEN_BACKENDS, "20", PGCENSUS_FACTS_BASIC);
    assert_int_equal(facts->connections_used, 27);
    assert_int_equal(facts->connections_least, 19);
    free(facts);
    facts = read_with(FACT_HIDDEN_BACKENDS, "3", PGCENSUS_FACTS_BASIC);
    assert_int_equal(facts->connections_used, 10);
    assert_int_equal(facts->connections_least, 7);
    free(facts);
    facts = read_with(FACT_HIDDEN_BACKENDS, "120", PGCENSUS_FACTS_BASIC);
    assert_int_equal(facts->connections_used, 100);
    assert_int_equal(facts->connections_least, 100);
    free(facts);
    facts = read_with(FACT_HIDDEN_BACKENDS, NULL, PGCENSUS_FACTS_BASIC);
    assert_int_equal(facts->connections_used, -1);
    assert_int_equal(facts->connections_least, -1);
    free(facts);
}

static void test_hidden_is_not_none(void **state)
{
    struct pgcensus_facts *facts =
        read_with(FACT_RECEIVER_STATUS, NULL, PGCENSUS_FACTS_FULL);
    assert_int_equal(facts->receiver, PGCENSUS_RECEIVER_RUNNING);
    assert_true(*facts->hidden);
    free(facts);
    facts = read_with(FACT_RECEIVER_PID, NULL, PGCENSUS_FACTS_FULL);
    assert_int_equal(facts->receiver, PGCENSUS_RECEIVER_NONE);
    assert_false(*facts->hidden);
    free(facts);
}

static void test_unknown_is_unknown(void **state)
{
    static const char *const odd[] = {
        NULL, "", "x", "-1", "1e3", " 7", "7 ", "99999999999999999999999", "0x7"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        struct pgcensus_facts *facts =
            read_with(FACT_CONNECTIONS, odd[i], PGCENSUS_FACTS_BASIC);
        assert_int_equal(facts->connections_used, -1);
        free(facts);
        facts = read_with(FACT_RECEIVED, odd[i], PGCENSUS_FACTS_BASIC);
        assert_true(facts->received == 0);
        free(facts);
        facts = read_with(FACT_TIMELINE, odd[i], PGCENSUS_FACTS_BASIC);
        assert_int_equal(facts->timeline, 0);
        free(facts);
        facts = read_with(FACT_CLOCK, odd[i], PGCENSUS_FACTS_BASIC);
        assert_false(facts->clock_known);
        assert_true(facts->uptime == PGCENSUS_UNKNOWN_TIME);
        free(facts);
    }
}

static void test_no_answer_to_the_question(void **state)
{
    assert_null(read_with(FACT_STANDBY, NULL, PGCENSUS_FACTS_FULL));
    assert_null(read_with(FACT_STANDBY, "1", PGCENSUS_FACTS_FULL));
    assert_null(read_with(FACT_READ_ONLY, "perhaps", PGCENSUS_FACTS_FULL));
}

/* Names of functions that a server of that version has not. */
static void assert_asks(int version, const char *has, const char *has_not)
{
    AUTO(buf_fini) struct buf sql = BUF_INIT;
    facts_statement(PGCENSUS_FACTS_FULL, version, FACTS_WHOLE, &sql);
    assert_false(sql.broken);
    if (has)
        assert_non_null(strstr(sql.bytes, has));
    if (has_not)
        assert_null(strstr(sql.bytes, has_not));
}

static void test_versions(void **state)
{
    assert_asks(100000, "pg_current_wal_lsn", "sender_host");
    assert_asks(110000, "sender_host", "wal_status");
    assert_asks(130000, "wal_status", "'reserved_connections'");
    assert_asks(160000, "'reserved_connections'", NULL);
    assert_asks(180000, "'reserved_connections'", NULL);
    assert_asks(110000, "'walsender'", NULL);
    assert_asks(150000, NULL, "conflicting");
    assert_asks(160000, "conflicting", "synced");
    assert_asks(170000, "inactive_since", NULL);
}

/* What may be revoked is not in it, and the columns are the same. */
static void test_the_weaker_statement(void **state)
{
    for (int version = 100000; version <= 180000; version += 10000) {
        AUTO(buf_fini) struct buf sql = BUF_INIT;
        facts_statement(PGCENSUS_FACTS_FULL, version, FACTS_REFUSED, &sql);
        assert_null(strstr(sql.bytes, "pg_control"));
        assert_null(strstr(sql.bytes, "system."));
        assert_null(strstr(sql.bytes, "checkpoint."));
        assert_null(strstr(sql.bytes, "recovery."));
        assert_non_null(strstr(sql.bytes, "pg_walfile_name"));
    }
}

static void assert_hidden(enum facts_gap gap, enum fact fact, const char *words)
{
    struct pgcensus_facts *facts = read_gap(gap, fact, NULL, PGCENSUS_FACTS_FULL);
    assert_non_null(facts);
    assert_string_equal(facts->hidden, words);
    free(facts);
}

/* In words that say what would help. */
static void test_what_was_left_out(void **state)
{
#define CONTROL                                                                        \
    "EXECUTE on pg_control_system(), pg_control_checkpoint() and "                     \
    "pg_control_recovery()"
    assert_hidden(FACTS_REFUSED, FACT_SYSTEM_IDENTIFIER,
                  "the system identifier takes " CONTROL);
    assert_hidden(FACTS_REFUSED, FACT_TIMELINE,
                  "the system identifier and the timeline take " CONTROL);
    assert_hidden(FACTS_REFUSED, FACT_RECEIVER_STATUS,
                  "the system identifier takes " CONTROL "; what the WAL receiver does "
                  "is shown to members of pg_monitor only");
    assert_hidden(
        FACTS_LACKING, FACT_SYSTEM_IDENTIFIER,
        "the system identifier takes functions that the server does not have");
    /* No privilege would help who was given all and says nothing. */
    assert_hidden(FACTS_WHOLE, FACT_SYSTEM_IDENTIFIER, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_a_standby_says),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_a_lost_slot_retains_nothing),
        cmocka_unit_test(test_workers_may_be_hidden),
        cmocka_unit_test(test_hidden_is_not_none),
        cmocka_unit_test(test_unknown_is_unknown),
        cmocka_unit_test(test_no_answer_to_the_question),
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_the_weaker_statement),
        cmocka_unit_test(test_what_was_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
