/* The text of a state file, whole, cut off and of others. */
#include "recall/ledger.h"

#include "base/clock.h"
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

static void fill(struct ledger *ledger)
{
    static const char *const names[] = {"pg-b", "pg-a", "[::1]:5432/a b\t\n%41\x7fé"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        struct record *record = ledger_add(ledger, names[i], strlen(names[i]));
        assert_non_null(record);
        record->target = UINT64_MAX - i;
        record->checked = (nsec)(1764000000 + i) * NSEC_PER_SEC;
        record->health = (struct health){
            .state = i ? PGCENSUS_HEALTHY : PGCENSUS_RECONNECTING,
            .since = (nsec)(1763000000 + i) * NSEC_PER_SEC,
            .failures = i ? (unsigned)i : UINT32_MAX,
            .successes = (unsigned)(2 - i),
        };
        record->flap = (struct flap){.failed = 0x1ff, .n = 9 + (unsigned)i, i == 1};
    }
}

static enum ledger_verdict parse(const char *bytes, size_t n, struct ledger *ledger)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    buf_add(&text, bytes, n);
    return ledger_read(&text, ledger);
}

static void assert_equal(const struct record *a, const struct record *b)
{
    assert_string_equal(a->name, b->name);
    assert_true(a->target == b->target);
    assert_int_equal(a->checked, b->checked);
    assert_int_equal(a->health.state, b->health.state);
    assert_int_equal(a->health.since, b->health.since);
    assert_int_equal(a->health.failures, b->health.failures);
    assert_int_equal(a->health.successes, b->health.successes);
    assert_int_equal(a->flap.failed, b->flap.failed);
    assert_int_equal(a->flap.n, b->flap.n);
    assert_int_equal(a->flap.flapping, b->flap.flapping);
}

static void what_is_written_is_read(void **state)
{
    AUTO(ledger_fini) struct ledger ledger = {.n = 0};
    AUTO(ledger_fini) struct ledger again = {.n = 0};
    AUTO(buf_fini) struct buf text = BUF_INIT;
    fill(&ledger);
    ledger_sort(&ledger);
    assert_string_equal(ledger.records[1]->name, "pg-a");
    ledger_write(&ledger, &text);
    assert_int_equal(ledger_read(&text, &again), LEDGER_OK);
    assert_int_equal(again.n, ledger.n);
    for (size_t i = 0; i < ledger.n; i++)
        assert_equal(again.records[i], ledger.records[i]);
}

static void the_text_of_a_ledger(void **state)
{
    AUTO(ledger_fini) struct ledger ledger = {.n = 0};
    AUTO(buf_fini) struct buf text = BUF_INIT;
    ledger_write(&ledger, &text);
    assert_string_equal(text.bytes, "pgcensus-state 1\nend 0\n");
    buf_clear(&text);
    fill(&ledger);
    ledger_write(&ledger, &text);
    assert_string_equal(text.bytes,
                        "pgcensus-state 1\n"
                        "pg-b\tffffffffffffffff\treconnecting\t1763000000\t4294967295"
                        "\t2\t1764000000\t9\t1ff\t0\n"
                        "pg-a\tfffffffffffffffe\thealthy\t1763000001\t1"
                        "\t1\t1764000001\t10\t1ff\t1\n"
                        "[::1]:5432/a%20b%09%0A%2541%7Fé\tfffffffffffffffd\thealthy"
                        "\t1763000002\t2\t0\t1764000002\t11\t1ff\t0\n"
                        "end 3\n");
}

/* Wherever a write was torn: nothing of it is believed. */
static void a_torn_file(void **state)
{
    AUTO(ledger_fini) struct ledger ledger = {.n = 0};
    AUTO(buf_fini) struct buf text = BUF_INIT;
    fill(&ledger);
    ledger_write(&ledger, &text);
    for (size_t n = 1; n < text.len; n++) {
        AUTO(ledger_fini) struct ledger again = {.n = 0};
        assert_int_equal(parse(text.bytes, n, &again), LEDGER_TORN);
        assert_int_equal(again.n, 0);
    }
    for (size_t i = strlen("pgcensus-state "); i < text.len; i++) {
        AUTO(ledger_fini) struct ledger again = {.n = 0};
        AUTO(buf_fini) struct buf zeros = BUF_INIT;
        buf_add(&zeros, text.bytes, text.len);
        memset(zeros.bytes + i, 0, zeros.len - i); /* a page that never came */
        assert_int_equal(ledger_read(&zeros, &again), LEDGER_TORN);
    }
}

static void other_files_are_told_apart(void **state)
{
    static const char good[] =
        "pg-a\t1f\thealthy\t1\t0\t1\t2\t3\t0\t0\n"; /* what the rest is made of */
    const struct {
        const char *text;
        enum ledger_verdict verdict;
    } rows[] = {
        {"", LEDGER_EMPTY},
        {"nodes:\n- name: a\n", LEDGER_FOREIGN},
        {"\n", LEDGER_FOREIGN},
        {"pgcensus-stat", LEDGER_TORN},
        {"pgcensus-state 2\nwhatever\n", LEDGER_NEWER},
        {"pgcensus-state 0\nend 0\n", LEDGER_TORN},
        {"pgcensus-state one\nend 0\n", LEDGER_TORN},
        {"pgcensus-state 1\nend 0\n", LEDGER_OK},
        {"pgcensus-state 1\nend 1\n", LEDGER_TORN},
        {"pgcensus-state 1\nend 0\nmore\n", LEDGER_TORN},
        {"pgcensus-state 1\n\nend 1\n", LEDGER_TORN},
        {"pgcensus-state 1\npg-a\t1f\tfailed\t1\t0\t1\t2\t3\t0\t0\nend 1\n",
         LEDGER_TORN},
        {"pgcensus-state 1\npg-a\t1f\thealthy\t-1\t0\t1\t2\t3\t0\t0\nend 1\n",
         LEDGER_TORN},
        {"pgcensus-state 1\npg-a\t1f\thealthy\t1\t0\t1\t2\t22\t0\t0\nend 1\n",
         LEDGER_TORN},
        {"pgcensus-state 1\npg-a\t1f\thealthy\t1\t0\t1\t2\t3\t200000\t0\nend 1\n",
         LEDGER_TORN},
        {"pgcensus-state 1\npg-a\t1f\thealthy\t1\t0\t1\t2\t3\t0\t2\nend 1\n",
         LEDGER_TORN},
        {"pgcensus-state 1\npg-a\t1f\thealthy\t1\t0\t1\t2\t3\t0\t0\t0\nend 1\n",
         LEDGER_TORN},
        {"pgcensus-state 1\n\t1f\thealthy\t1\t0\t1\t2\t3\t0\t0\nend 1\n", LEDGER_TORN},
        {"pgcensus-state 1\n%0\t1f\thealthy\t1\t0\t1\t2\t3\t0\t0\nend 1\n",
         LEDGER_TORN},
        {"pgcensus-state 1\na%00\t1f\thealthy\t1\t0\t1\t2\t3\t0\t0\nend 1\n",
         LEDGER_TORN},
    };
    char text[256];
    AUTO(ledger_fini) struct ledger one = {.n = 0};
    snprintf(text, sizeof text, "pgcensus-state 1\n%send 1\n", good);
    assert_int_equal(parse(text, strlen(text), &one), LEDGER_OK);
    assert_int_equal(parse("\0\0\0", 3, &one), LEDGER_EMPTY);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        AUTO(ledger_fini) struct ledger ledger = {.n = 0};
        enum ledger_verdict verdict =
            parse(rows[i].text, strlen(rows[i].text), &ledger);
        if (verdict != rows[i].verdict)
            fail_msg("%s: %d", rows[i].text, verdict);
        assert_int_equal(ledger.n, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(the_text_of_a_ledger),
        cmocka_unit_test(a_torn_file),
        cmocka_unit_test(other_files_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
