#include "fleet/facts.h"

#include "base/clock.h"
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>

/* What a standby says, but for what a test changes. */
static const char *const standby[PGCENSUS_PARTS] = {
    [PGCENSUS_PART_ROLE] = "t|on",
    [PGCENSUS_PART_CLOCK] = "1060000000",
    [PGCENSUS_PART_UPTIME] = "1000000000",
    [PGCENSUS_PART_CONNECTIONS] = "7|0|8|100|3",
    [PGCENSUS_PART_IDENTITY] = "7712448124973480850|3",
    [PGCENSUS_PART_TIMELINE] = "",
    [PGCENSUS_PART_WAL] = "",
    [PGCENSUS_PART_RECEIVED] = "16/B374D848",
    [PGCENSUS_PART_REPLAYED] = "0/1",
    [PGCENSUS_PART_COMMIT] = "1059000000|740|745",
    [PGCENSUS_PART_PAUSE] = "f|3600000000",
    [PGCENSUS_PART_RECEIVER] = "42|streaming|of_mine|3|16/0|1060000000|5432|10.0.0.1",
    [PGCENSUS_PART_SLOTS] = ("2\nphysical|t|1024|reserved||||||a\n"
                             "logical|f||lost|||t|||b"),
    [PGCENSUS_PART_SENDERS] = "2\nstreaming|10.0.0.9|a|my app|x\ncatchup|||",
};

enum { END = 0x1e };

static const struct facts_moment moment = {0, 2 * NSEC_PER_SEC, 1061 * NSEC_PER_SEC};

static struct pgcensus_facts *read_text(const char *text, size_t n,
                                        enum pgcensus_facts_level level,
                                        struct facts_role *role)
{
    const struct pgcensus_cell cell = {text, n};
    const struct pgcensus_rows rows = {.n_columns = 1, .n_rows = 1, .cells = &cell};
    const char *why;
    return facts_read(level, &rows, &moment, role, &why);
}

/* The answer with one part replaced. */
static struct pgcensus_facts *read_as(enum pgcensus_facts_part part, const char *text,
                                      enum pgcensus_facts_level level,
                                      struct facts_role *role)
{
    AUTO(buf_fini) struct buf answer = BUF_INIT;
    unsigned n = level == PGCENSUS_FACTS_FULL ? PGCENSUS_PARTS : PGCENSUS_PARTS_BASIC;
    for (unsigned i = 0; i < n; i++) {
        buf_add_str(&answer, i == part ? text : standby[i]);
        buf_add_char(&answer, END);
    }
    assert_false(answer.broken);
    return read_text(answer.bytes, answer.len, level, role);
}

static struct pgcensus_facts *read_with(enum pgcensus_facts_part part, const char *text)
{
    struct facts_role role = {-1, -1};
    return read_as(part, text, PGCENSUS_FACTS_FULL, &role);
}

static void what_a_standby_says(void **state)
{
    struct facts_role role = {-1, -1};
    struct pgcensus_facts *facts =
        read_as(PGCENSUS_PART_WAL, "", PGCENSUS_FACTS_FULL, &role);
    assert_non_null(facts);
    assert_int_equal(role.standby, 1);
    assert_int_equal(role.read_only, 1);
    assert_true(facts->system_identifier == UINT64_C(7712448124973480850));
    assert_int_equal(facts->timeline, 3);
    assert_true(facts->uptime == 60 * NSEC_PER_SEC);
    assert_int_equal(facts->connections_used, 7);
    assert_int_equal(facts->connections_least, 7);
    assert_true(facts->received == UINT64_C(0x16B374D848));
    assert_int_equal(facts->paused, 0);
    assert_true(facts->apply_delay == 3600 * NSEC_PER_SEC);
    assert_true(facts->xid_oldest == 740 && facts->xid_next == 745);
    assert_int_equal(facts->receiver, PGCENSUS_RECEIVER_STREAMING);
    assert_string_equal(facts->receiver_slot, "of_mine");
    assert_string_equal(facts->upstream_host, "10.0.0.1");
    assert_int_equal(facts->upstream_port, 5432);
    assert_int_equal(facts->n_missing, 0);
    /* Our clock said 1061 when the answer came and 1059 when we asked; so the middle of
     * it is the server's 1060. */
    assert_true(facts->clock_offset == 0);
    assert_true(facts->clock_uncertainty == NSEC_PER_SEC);
    free(facts);
}

static void lists_of_slots_and_senders(void **state)
{
    struct pgcensus_facts *facts = read_with(PGCENSUS_PART_WAL, "");
    assert_int_equal(facts->n_slots, 2);
    assert_string_equal(facts->slots[0].name, "a");
    assert_true(facts->slots[0].active && facts->slots[0].retained == 1024);
    assert_string_equal(facts->slots[1].wal_status, "lost");
    assert_true(facts->slots[1].retained == -1);
    assert_int_equal(facts->slots[1].conflicting, 1);
    assert_int_equal(facts->slots[1].synced, -1);
    assert_int_equal(facts->n_senders, 2);
    assert_string_equal(facts->senders[0].application, "my app|x");
    assert_string_equal(facts->senders[0].slot, "a");
    assert_string_equal(facts->senders[1].slot, "");
    assert_string_equal(facts->senders[1].address, "");
    assert_int_equal(facts->slots_left_out + facts->senders_left_out, 0);
    free(facts);

    facts = read_with(PGCENSUS_PART_SLOTS, "0\n");
    assert_int_equal(facts->n_slots, 0); /* asked, and there are none */
    free(facts);
    struct facts_role role;
    facts = read_as(PGCENSUS_PART_WAL, "", PGCENSUS_FACTS_BASIC, &role);
    assert_int_equal(facts->n_slots, -1); /* not asked */
    free(facts);
}

/* The worst come first, but people look for names. */
static void slots_are_sorted_by_name(void **state)
{
    struct pgcensus_facts *facts = read_with(
        PGCENSUS_PART_SLOTS,
        "3\nlogical|f||lost||||||c\nlogical|t|9|reserved||||||a\nphysical|t|1|||||||b");
    for (int i = 0; i < 3; i++)
        assert_int_equal(*facts->slots[i].name, "abc"[i]);
    assert_true(facts->slots[2].retained == -1);
    free(facts);
}

static void no_more_than_a_thousand_lines(void **state)
{
    AUTO(buf_fini) struct buf lines = BUF_INIT;
    buf_add_str(&lines, "7\n"); /* it lies */
    for (int i = 0; i < 5000; i++)
        buf_add_str(&lines, "\n");
    struct pgcensus_facts *facts = read_with(PGCENSUS_PART_SLOTS, lines.bytes);
    assert_int_equal(facts->n_slots, FACTS_MOST_LINES);
    assert_true(facts->slots_left_out > 0);
    free(facts);

    facts = read_with(PGCENSUS_PART_SENDERS, "1500\nstreaming|||a\nstreaming|||b");
    assert_int_equal(facts->n_senders, 2);
    assert_int_equal(facts->senders_left_out, 1498);
    free(facts);
}

/* A copy may be ahead of what its standby has replayed: it holds back nothing. */
static void a_slot_that_is_ahead(void **state)
{
    struct pgcensus_facts *facts =
        read_with(PGCENSUS_PART_SLOTS, "2\nlogical|f|-24|reserved|t|||||a\n"
                                       "logical|f||reserved|||||||b");
    assert_true(facts->slots[0].retained == 0);
    assert_true(facts->slots[1].retained == -1);
    free(facts);
}

/* Servers 16 to 18 leave some of them their restart_lsn, which grows older for ever. */
static void a_lost_slot_retains_nothing(void **state)
{
    struct pgcensus_facts *facts = read_with(
        PGCENSUS_PART_SLOTS, "3\n"
                             "logical|f|224900992|lost|f|t|t|idle_timeout|1000000|a\n"
                             "logical|f|1024|unreserved|f|f|f|rows_removed||b\n"
                             "physical|f|1024|reserved|t|f|||2000000|c");
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

static void assert_connections(const char *part, int used, int least)
{
    struct pgcensus_facts *facts = read_with(PGCENSUS_PART_CONNECTIONS, part);
    assert_int_equal(facts->connections_used, used);
    assert_int_equal(facts->connections_least, least);
    free(facts);
}

/* Hidden, so they may be workers, of which there are no more than eight. */
static void workers_may_be_hidden(void **state)
{
    assert_connections("7|20|8|100|3", 27, 19);
    assert_connections("7|3|8|100|3", 10, 7);
    assert_connections("7|120|8|100|3", 100, 100);
    assert_connections("7||8|100|3", -1, -1);
    assert_connections("7|3||100|3", 10, 7);
    assert_connections("7|3|8||", 10, 7);
    assert_connections("2147483647|2147483647|8|100|3", -1, -1);
}

static void hidden_is_not_none(void **state)
{
    struct pgcensus_facts *facts = read_with(PGCENSUS_PART_RECEIVER, "42|||||||");
    assert_int_equal(facts->receiver, PGCENSUS_RECEIVER_RUNNING);
    assert_true(*facts->hidden);
    free(facts);
    facts = read_with(PGCENSUS_PART_RECEIVER, "");
    assert_int_equal(facts->receiver, PGCENSUS_RECEIVER_NONE);
    assert_false(*facts->hidden);
    free(facts);
    facts = read_with(PGCENSUS_PART_RECEIVER, "!42501 permission denied");
    assert_int_equal(facts->receiver, PGCENSUS_RECEIVER_UNKNOWN);
    assert_true(*facts->hidden);
    free(facts);
}

/* Replicas that read the storage of their primary have none, and are well. */
static void no_receiver_where_there_is_no_streaming(void **state)
{
    const char *const why[] = {"0A000 not supported", "42501 permission denied"};
    for (int i = 0; i < 2; i++) {
        AUTO(buf_fini) struct buf text = BUF_INIT;
        struct facts_role role = {-1, -1};
        buf_add_str(&text, "t|on\x1e\x1e\x1e\x1e\x1e\x1e\x1e!");
        buf_add_str(&text, why[i]);
        buf_add_str(&text, "\x1e\x1e\x1e\x1e\x1e");
        struct pgcensus_facts *facts =
            read_text(text.bytes, text.len, PGCENSUS_FACTS_BASIC, &role);
        assert_non_null(facts);
        assert_int_equal(facts->receiver,
                         i ? PGCENSUS_RECEIVER_NONE : PGCENSUS_RECEIVER_UNKNOWN);
        free(facts);
    }
}

/* The control file is written at checkpoints; what is recent is a later timeline. */
static void the_later_timeline_is_believed(void **state)
{
    struct pgcensus_facts *facts = read_with(PGCENSUS_PART_IDENTITY, "7|2");
    assert_int_equal(facts->timeline, 3);
    assert_false(facts->timeline_recorded);
    free(facts);
    facts = read_with(PGCENSUS_PART_IDENTITY, "7|4");
    assert_int_equal(facts->timeline, 4);
    assert_true(facts->timeline_recorded);
    free(facts);
    facts = read_with(PGCENSUS_PART_RECEIVER, "");
    assert_int_equal(facts->timeline, 3);
    assert_true(facts->timeline_recorded);
    free(facts);
}

/* It begins with the second of initdb, so from 2038 on (or by a clock that is wrong)
 * the server shows it as a negative number. */
static void an_identifier_of_64_bits(void **state)
{
    struct pgcensus_facts *facts =
        read_with(PGCENSUS_PART_IDENTITY, "-9223371998199611392|2");
    assert_true(facts->system_identifier == UINT64_C(9223372075509940224));
    free(facts);
}

static void unknown_is_unknown(void **state)
{
    static const char *const odd[] = {"",   "x",  "-1",  "1e3",
                                      " 7", "7 ", "0x7", "99999999999999999999999"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        struct pgcensus_facts *facts = read_with(PGCENSUS_PART_CONNECTIONS, odd[i]);
        assert_int_equal(facts->connections_used, -1);
        free(facts);
        facts = read_with(PGCENSUS_PART_RECEIVED, odd[i]);
        assert_true(facts->received == 0);
        free(facts);
        facts = read_with(PGCENSUS_PART_CLOCK, odd[i]);
        assert_false(facts->clock_known);
        assert_true(facts->uptime == PGCENSUS_UNKNOWN_TIME);
        free(facts);
        facts = read_with(PGCENSUS_PART_SLOTS, odd[i]);
        assert_true(facts->n_slots == (*odd[i] ? 0 : -1));
        free(facts);
    }
}

/* As 19 spells it, and as all before. */
static void positions_of_old_and_new_servers(void **state)
{
    struct pgcensus_facts *facts = read_with(PGCENSUS_PART_RECEIVED, "0/03000060");
    assert_true(facts->received == 0x3000060);
    free(facts);
    facts = read_with(PGCENSUS_PART_RECEIVED, "FFFFFFFF/FFFFFFFF");
    assert_true(facts->received == UINT64_MAX);
    free(facts);
}

static void no_answer_to_the_question(void **state)
{
    struct facts_role role = {-1, -1};
    assert_null(read_with(PGCENSUS_PART_ROLE, ""));
    assert_null(read_with(PGCENSUS_PART_ROLE, "1|off"));
    assert_null(read_with(PGCENSUS_PART_ROLE, "f|perhaps"));
    assert_null(read_with(PGCENSUS_PART_ROLE, "f|off\x1e"));
    assert_null(read_text("", 0, PGCENSUS_FACTS_FULL, &role));
    assert_null(read_text("t|on", 4, PGCENSUS_FACTS_FULL, &role));
    assert_null(read_text(NULL, 0, PGCENSUS_FACTS_FULL, &role));
}

/* ---- what is refused ---- */

static void one_part_costs_no_other(void **state)
{
    static const char why[] = "!42501 permission denied";
    for (unsigned i = 0; i < PGCENSUS_PARTS; i++) {
        enum pgcensus_facts_part part = (enum pgcensus_facts_part)i;
        struct facts_role role = {1, 1};
        struct pgcensus_facts *facts = read_as(part, why, PGCENSUS_FACTS_FULL, &role);
        assert_non_null(facts);
        assert_int_equal(role.standby, 1);
        bool is_of_primary =
            part == PGCENSUS_PART_TIMELINE || part == PGCENSUS_PART_WAL;
        assert_int_equal(facts->n_missing, !is_of_primary);
        const struct pgcensus_missing *missing = pgcensus_facts_missing(facts, part);
        assert_true(is_of_primary == !missing);
        if (missing) {
            assert_string_equal(missing->sqlstate, "42501");
            assert_string_equal(missing->message, "permission denied");
        }
        assert_true(*facts->hidden || is_of_primary);
        assert_true((facts->system_identifier == 0) ==
                    (part == PGCENSUS_PART_IDENTITY));
        assert_true((facts->connections_used < 0) ==
                    (part == PGCENSUS_PART_CONNECTIONS));
        assert_true(facts->clock_known == (part != PGCENSUS_PART_CLOCK));
        assert_true((facts->received == 0) == (part == PGCENSUS_PART_RECEIVED));
        assert_true((facts->n_slots < 0) == (part == PGCENSUS_PART_SLOTS));
        assert_true((facts->n_senders < 0) == (part == PGCENSUS_PART_SENDERS));
        free(facts);
    }
}

static void assert_hidden(enum pgcensus_facts_part part, const char *said,
                          const char *words)
{
    struct pgcensus_facts *facts = read_with(part, said);
    assert_non_null(facts);
    assert_string_equal(facts->hidden, words);
    free(facts);
}

/* In words that say what would help, else in those of the server. */
static void what_is_said_of_it(void **state)
{
    assert_hidden(PGCENSUS_PART_IDENTITY, "!42501 permission denied for function x",
                  "the system identifier takes EXECUTE on pg_control_system(), "
                  "pg_control_checkpoint() and pg_control_recovery()");
    assert_hidden(
        PGCENSUS_PART_IDENTITY, "!42883 function does not exist",
        "the system identifier takes functions that the server does not have");
    assert_hidden(PGCENSUS_PART_RECEIVED, "!0A000 not supported for Aurora",
                  "received: not supported for Aurora");
    assert_hidden(PGCENSUS_PART_RECEIVER, "42|||||||",
                  "what the WAL receiver does is shown to members of pg_monitor only");
    assert_hidden(
        PGCENSUS_PART_SENDERS, "2\n||s15|s15\n||sub|sub",
        "what WAL senders do, and for whom, is shown to members of pg_monitor only");
    assert_hidden(PGCENSUS_PART_PAUSE, "!", "pause: ");
    assert_hidden(PGCENSUS_PART_WAL, "!55000 of no use to a standby", "");
}

/* ---- the statement ---- */

static void assert_asks(int version, const char *has, const char *has_not)
{
    const enum facts_way ways[] = {FACTS_BY_PARTS, FACTS_AT_ONCE};
    for (size_t i = 0; i < 2; i++) {
        AUTO(buf_fini) struct buf sql = BUF_INIT;
        facts_statement(PGCENSUS_FACTS_FULL, version, ways[i], &sql);
        assert_false(sql.broken);
        assert_null(strstr(sql.bytes, "%s"));
        if (has)
            assert_non_null(strstr(sql.bytes, has));
        if (has_not)
            assert_null(strstr(sql.bytes, has_not));
    }
}

static void each_version_is_asked_what_it_knows(void **state)
{
    assert_asks(100000, "pg_current_wal_lsn", "sender_host");
    assert_asks(110000, "sender_host", "wal_status");
    assert_asks(110000, "'walsender'", NULL);
    assert_asks(130000, "wal_status", "'reserved_connections'");
    assert_asks(150000, NULL, "conflicting");
    assert_asks(160000, "'reserved_connections'", "synced");
    assert_asks(170000, "inactive_since", "'walsender'");
    assert_asks(190000, "invalidation_reason", NULL);
}

/* Lists of any length cost more than they are worth to who only judges lag. */
static void basic_facts_have_no_lists(void **state)
{
    AUTO(buf_fini) struct buf sql = BUF_INIT;
    facts_statement(PGCENSUS_FACTS_BASIC, 150000, FACTS_BY_PARTS, &sql);
    assert_null(strstr(sql.bytes, "array_agg"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_standby_says),
        cmocka_unit_test(lists_of_slots_and_senders),
        cmocka_unit_test(slots_are_sorted_by_name),
        cmocka_unit_test(no_more_than_a_thousand_lines),
        cmocka_unit_test(a_slot_that_is_ahead),
        cmocka_unit_test(a_lost_slot_retains_nothing),
        cmocka_unit_test(workers_may_be_hidden),
        cmocka_unit_test(hidden_is_not_none),
        cmocka_unit_test(no_receiver_where_there_is_no_streaming),
        cmocka_unit_test(the_later_timeline_is_believed),
        cmocka_unit_test(an_identifier_of_64_bits),
        cmocka_unit_test(unknown_is_unknown),
        cmocka_unit_test(positions_of_old_and_new_servers),
        cmocka_unit_test(no_answer_to_the_question),
        cmocka_unit_test(one_part_costs_no_other),
        cmocka_unit_test(what_is_said_of_it),
        cmocka_unit_test(each_version_is_asked_what_it_knows),
        cmocka_unit_test(basic_facts_have_no_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
