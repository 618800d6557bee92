#include "tests/test.h"

#include <pgcensus/fleet.h>
#include <pgcensus/status.h>

#include <string.h>

/* Walks an enum until its function has no more words, and compares with the promise. */
#define assert_words(name_fn, type, first, words)                                      \
    do {                                                                               \
        const char *rest = (words);                                                    \
        for (unsigned i = (first); name_fn((type)i); i++) {                            \
            size_t n = strcspn(rest, " ");                                             \
            assert_int_equal(strlen(name_fn((type)i)), n);                             \
            assert_memory_equal(name_fn((type)i), rest, n);                            \
            rest += rest[n] ? n + 1 : n;                                               \
        }                                                                              \
        assert_string_equal(rest, "");                                                 \
    } while (0)

static void words_are_those_of_the_schema(void **state)
{
    assert_words(pgcensus_status_name, enum pgcensus_status, 0,
                 "unknown ok warn down disabled");
    assert_words(pgcensus_state_name, enum pgcensus_state, 0,
                 "connecting healthy unhealthy reconnecting failed suspended "
                 "disconnected");
    assert_words(pgcensus_role_name, enum pgcensus_role, 1, "primary standby");
    assert_words(pgcensus_class_name, enum pgcensus_class, 1,
                 "dns refused unreachable timeout tls auth config not_ready saturated "
                 "lost protocol query limit cancelled local internal");
    assert_words(pgcensus_phase_name, enum pgcensus_phase, 1,
                 "resolve connect tls auth query stream");
    assert_words(pgcensus_trouble_name, enum pgcensus_trouble, 1,
                 "usage config selection output memory system interrupted internal "
                 "output");
    assert_words(
        pgcensus_event_name, enum pgcensus_event_kind, 1,
        "node.added node.removed node.connected node.disconnected node.health check.ok "
        "check.failed retry.scheduled retry.exhausted");
}

static void nothing_has_no_word(void **state)
{
    assert_null(pgcensus_role_name(PGCENSUS_ROLE_UNKNOWN));
    assert_null(pgcensus_class_name(PGCENSUS_CLASS_NONE));
    assert_null(pgcensus_phase_name(PGCENSUS_PHASE_NONE));
    assert_null(pgcensus_trouble_name(PGCENSUS_TROUBLE_NONE));
    assert_null(pgcensus_event_name(PGCENSUS_EVENT_NONE));
}

static void roles_are_found_by_name(void **state)
{
    enum pgcensus_role role = PGCENSUS_ROLE_UNKNOWN;
    assert_true(pgcensus_role_find("standby", &role));
    assert_int_equal(role, PGCENSUS_STANDBY);
    assert_true(pgcensus_role_find("primary", &role));
    assert_int_equal(role, PGCENSUS_PRIMARY);
    assert_false(pgcensus_role_find("Primary", &role));
    assert_false(pgcensus_role_find("", &role));
    assert_int_equal(role, PGCENSUS_PRIMARY);
}

static void the_worst_status_counts(void **state)
{
    static const enum pgcensus_status order[] = {
        PGCENSUS_DISABLED, PGCENSUS_OK, PGCENSUS_UNKNOWN, PGCENSUS_WARN, PGCENSUS_DOWN};
    for (size_t a = 0; a < 5; a++)
        for (size_t b = 0; b < 5; b++)
            assert_int_equal(pgcensus_status_worst(order[a], order[b]),
                             order[a > b ? a : b]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_those_of_the_schema),
        cmocka_unit_test(nothing_has_no_word),
        cmocka_unit_test(roles_are_found_by_name),
        cmocka_unit_test(the_worst_status_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
