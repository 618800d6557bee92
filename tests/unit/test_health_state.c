/* Stories: what happens to a node as a string of facts, and the state after each.
 *
 *   + it answered           - a check failed       x it refuses us
 *   r a new attempt begins  s suspend  > resume    0 reset   ! removed
 *   ? the attempt told nothing
 *
 *   C connecting  H healthy  U unhealthy  R reconnecting
 *   F failed      S suspended  D disconnected */
#include "health/state.h"

#include "base/auto.h"
#include "tests/test.h"

#include <string.h>

static const char fact_letters[] = "+-xrs>0!?";
static const char state_letters[] = "CHURFSD";

static struct health_change apply(struct health *health,
                                  const struct health_options *options, char letter,
                                  nsec now)
{
    const char *found = strchr(fact_letters, letter);
    assert_non_null(found);
    return health_apply(health, options, (enum health_fact)(found - fact_letters), now);
}

struct story {
    const char *title;
    struct health_options options;
    const char *facts, *states;
};

static void tell(const struct story *story)
{
    struct health health;
    health_init(&health, 0);
    char states[64] = "";
    for (size_t i = 0; story->facts[i]; i++) {
        apply(&health, &story->options, story->facts[i], (nsec)i);
        states[i] = state_letters[health.state];
    }
    if (strcmp(states, story->states) != 0)
        fail_msg("%s: %s gave %s, not %s", story->title, story->facts, states,
                 story->states);
}

#define USUAL                                                                          \
    {                                                                                  \
        .fall = 3, .rise = 1                                                           \
    }

static void stories_of_falling(void **state)
{
    static const struct story stories[] = {
        {"the first answer makes it healthy", USUAL, "+", "H"},
        {"a start with everything down works", USUAL, "-r-r-r+", "URURURH"},
        {"never healthy, so the first failure counts", USUAL, "-", "U"},
        {"one lost answer is forgiven", USUAL, "+-+", "HHH"},
        {"failures count in a row, not over all time", USUAL, "+--+--+-", "HHHHHHHH"},
        {"three lost answers are not", USUAL, "+---", "HHHU"},
        {"fall: 1 forgives nothing", {.fall = 1, .rise = 1}, "+-", "HU"},
        {"a refusal is final at once", USUAL, "+x", "HU"},
        {"a refusal of a new node too", USUAL, "x", "U"},
        {"fall counts afresh after a recovery", USUAL, "+---r+--", "HHHURHHH"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++)
        tell(&stories[i]);
}

#define TWICE                                                                          \
    {                                                                                  \
        .fall = 3, .rise = 2                                                           \
    }

static void stories_of_rising(void **state)
{
    static const struct story stories[] = {
        {"recovery goes by reconnecting", USUAL, "-r+", "URH"},
        {"a failed attempt goes back", USUAL, "-r-r-", "URURU"},
        {"a refused attempt too", USUAL, "-rx", "URU"},
        {"a lone success does not recover", TWICE, "-r+-r+r-", "URRURRRU"},
        {"two in a row do", TWICE, "-r+r+", "URRRH"},
        {"not even at the start", TWICE, "++", "CH"},
        {"two, but not in a row", TWICE, "+-r+", "CURR"},
        {"an answer that comes late changes nothing", USUAL, "-+r-", "UURU"},
        {"nor does it count", TWICE, "-++r+", "UUURR"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++)
        tell(&stories[i]);
}

#define ONCE_TWICE                                                                     \
    {                                                                                  \
        .fall = 1, .rise = 1, .max_attempts = 2                                        \
    }

static void stories_of_giving_up(void **state)
{
    static const struct story stories[] = {
        {"two attempts, then failed", ONCE_TWICE, "-r-r-", "URURF"},
        {"the second may succeed", ONCE_TWICE, "-r-r+", "URURH"},
        {"a refused one counts as well", ONCE_TWICE, "-rxrx", "URURF"},
        {"health gives the attempts back", ONCE_TWICE, "-r-r+-r-r-", "URURHURURF"},
        {"failed is deaf to checks", ONCE_TWICE, "-r-r-+-xr", "URURFFFFF"},
        {"reset wakes it up", ONCE_TWICE, "-r-r-0+", "URURFCH"},
        {"with all its attempts", ONCE_TWICE, "-r-r-0-r-r-", "URURFCURURF"},
        {"reset of an unhealthy node starts over", USUAL, "-0+", "UCH"},
        {"reset of a healthy node is nothing", USUAL, "+0", "HH"},
        {"our own fault is no attempt", ONCE_TWICE, "-r?r?r-r-", "URRRRRURF"},
        {"and nothing else", ONCE_TWICE, "?-?-r-", "CUUURU"},
        {"endless is endless", USUAL, "-r-r-r-r-r-r-", "URURURURURURU"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++)
        tell(&stories[i]);
}

static void stories_of_operators(void **state)
{
    static const struct story stories[] = {
        {"suspended is deaf", USUAL, "+s+-xr0s", "HSSSSSSS"},
        {"from everywhere", USUAL, "s>-s>-rs", "SCUSCURS"},
        {"also when it had failed", ONCE_TWICE, "-r-r-s>", "URURFSC"},
        {"resumed it is new: the first failure counts", USUAL, "+s>-", "HSCU"},
        {"resume of a node at work is nothing", USUAL, "+>", "HH"},
        {"removed is the end", USUAL, "+!+-xrs>0!", "HDDDDDDDDD"},
        {"from everywhere else", USUAL, "!", "D"},
        {"also when suspended", USUAL, "s!>", "SDD"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++)
        tell(&stories[i]);
}

static void change_says_from_to_why_and_when(void **state)
{
    struct health_options options = USUAL;
    struct health health;
    health_init(&health, 7);
    assert_int_equal(health.since, 7);

    struct health_change change = apply(&health, &options, '+', 10);
    assert_int_equal(change.from, PGCENSUS_CONNECTING);
    assert_int_equal(change.to, PGCENSUS_HEALTHY);
    assert_string_equal(change.because, "it answered");
    assert_int_equal(health.since, 10);

    change = apply(&health, &options, '-', 20);
    assert_int_equal(change.from, PGCENSUS_HEALTHY);
    assert_int_equal(change.to, PGCENSUS_HEALTHY);
    assert_null(change.because);
    assert_int_equal(health.since, 10);
    assert_int_equal(health.failures, 1);
}

static void counts_attempts_until_healthy(void **state)
{
    struct health_options options = {.fall = 1, .rise = 1};
    struct health health;
    health_init(&health, 0);
    for (const char *fact = "-r-r-r-"; *fact; fact++)
        apply(&health, &options, *fact, 0);
    assert_int_equal(health.attempts, 3);
    assert_int_equal(health.failures, 4);
    apply(&health, &options, 'r', 0);
    apply(&health, &options, '+', 0);
    assert_int_equal(health.attempts, 0);
    assert_int_equal(health.failures, 0);
    assert_int_equal(health.successes, 1);
}

static void counts_nothing_of_a_node_that_nobody_asks(void **state)
{
    static const char *const ways[] = {"-r-r-", "-r-s", "-r-!"};
    struct health_options options = ONCE_TWICE;
    for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
        struct health health;
        health_init(&health, 0);
        for (const char *fact = ways[i]; *fact; fact++)
            apply(&health, &options, *fact, 0);
        struct health before = health;
        for (const char *fact = "+x-r+"; *fact; fact++)
            apply(&health, &options, *fact, 9);
        assert_int_equal(health.failures, before.failures);
        assert_int_equal(health.successes, before.successes);
        assert_int_equal(health.attempts, before.attempts);
        assert_int_equal(health.since, before.since);
    }
}

static void counters_do_not_wrap(void **state)
{
    struct health_options options = USUAL;
    struct health health = {
        .state = PGCENSUS_RECONNECTING, .failures = UINT32_MAX, .attempts = UINT32_MAX};
    apply(&health, &options, 'r', 0);
    apply(&health, &options, '-', 0);
    assert_int_equal(health.failures, UINT32_MAX);
    assert_int_equal(health.attempts, UINT32_MAX);
}

static void what_a_class_says_of_the_node(void **state)
{
    for (unsigned i = PGCENSUS_CLASS_NONE; i <= PGCENSUS_CLASS_INTERNAL; i++) {
        enum health_fact fact = HEALTH_REMOVED;
        bool says = health_fact_of((enum pgcensus_class)i, &fact);
        switch ((enum pgcensus_class)i) {
        case PGCENSUS_CLASS_NONE:
            assert_true(says);
            assert_int_equal(fact, HEALTH_SUCCEEDED);
            break;
        case PGCENSUS_CLASS_LOCAL:
        case PGCENSUS_CLASS_CANCELLED:
            assert_false(says);
            assert_int_equal(fact, HEALTH_REMOVED);
            break;
        case PGCENSUS_CLASS_TLS:
        case PGCENSUS_CLASS_AUTH:
        case PGCENSUS_CLASS_CONFIG:
            assert_true(says);
            assert_int_equal(fact, HEALTH_REFUSED);
            break;
        case PGCENSUS_CLASS_DNS:
        case PGCENSUS_CLASS_REFUSED:
        case PGCENSUS_CLASS_UNREACHABLE:
        case PGCENSUS_CLASS_TIMEOUT:
        case PGCENSUS_CLASS_NOT_READY:
        case PGCENSUS_CLASS_SATURATED:
        case PGCENSUS_CLASS_LOST:
        case PGCENSUS_CLASS_PROTOCOL:
        case PGCENSUS_CLASS_QUERY:
        case PGCENSUS_CLASS_LIMIT:
        case PGCENSUS_CLASS_INTERNAL:
            assert_true(says);
            assert_int_equal(fact, HEALTH_FELL);
            break;
        }
    }
}

/* Every row of the table can be read, says why, and leads somewhere else. */
static void every_row_leads_somewhere_else(void **state)
{
    struct health_row row;
    size_t n = 0;
    while (health_row(n, &row)) {
        assert_true(row.from != 0);
        assert_false(row.from & 1u << row.to);
        assert_non_null(row.because);
        n++;
    }
    assert_true(n >= 10);
    const char *because = row.because;
    assert_false(health_row(n, &row));
    assert_ptr_equal(row.because, because);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stories_of_falling),
        cmocka_unit_test(stories_of_rising),
        cmocka_unit_test(stories_of_giving_up),
        cmocka_unit_test(stories_of_operators),
        cmocka_unit_test(change_says_from_to_why_and_when),
        cmocka_unit_test(counts_attempts_until_healthy),
        cmocka_unit_test(counts_nothing_of_a_node_that_nobody_asks),
        cmocka_unit_test(counters_do_not_wrap),
        cmocka_unit_test(what_a_class_says_of_the_node),
        cmocka_unit_test(every_row_leads_somewhere_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
