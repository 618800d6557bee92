/* What runs in a row say of one node. */
#include "recall/record.h"

#include "base/clock.h"
#include "health/status.h"
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

/* A check by its letter: o answered, w answered with a warning, x refused, a the login
 * was refused, l our own trouble, c interrupted. */
static struct pgcensus_node_result result_of(char letter)
{
    static const struct {
        char letter;
        enum pgcensus_class error_class;
        enum pgcensus_status status;
    } rows[] = {
        {'o', PGCENSUS_CLASS_NONE, PGCENSUS_OK},
        {'w', PGCENSUS_CLASS_NONE, PGCENSUS_WARN},
        {'x', PGCENSUS_CLASS_REFUSED, PGCENSUS_DOWN},
        {'a', PGCENSUS_CLASS_AUTH, PGCENSUS_DOWN},
        {'l', PGCENSUS_CLASS_LOCAL, PGCENSUS_UNKNOWN},
        {'c', PGCENSUS_CLASS_CANCELLED, PGCENSUS_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].letter == letter)
            return (struct pgcensus_node_result){
                .status = rows[i].status,
                .failed = rows[i].error_class != PGCENSUS_CLASS_NONE,
                .failure.error_class = rows[i].error_class,
                .n_reasons = rows[i].error_class != PGCENSUS_CLASS_NONE,
            };
    fail();
    return (struct pgcensus_node_result){.failed = true};
}

static char letter_of(enum pgcensus_status status)
{
    return pgcensus_status_name(status)[0]; /* ok warn down unknown */
}

/* As health/ judges it in the light of what is remembered. */
static void judge(const struct record *record, const struct health_options *options,
                  struct pgcensus_node_result *result)
{
    result->past = record_past(record);
    struct health_status status = health_status_of(
        result->status, result->failure.error_class, &result->past, options);
    result->status = status.status;
    result->held = status.held;
    for (size_t i = 0; i < status.n_reasons; i++)
        result->reasons[result->n_reasons++] = status.reasons[i];
}

/* One run per letter; said[i] is the verdict of the i-th. */
static struct pgcensus_node_result play(const char *checks, unsigned fall,
                                        unsigned rise, char *said)
{
    const struct health_options options = {.fall = fall, .rise = rise};
    struct record record = {.name = NULL};
    struct pgcensus_node_result result = {.failed = false};
    health_init(&record.health, 0);
    for (nsec now = 1; *checks; checks++, now++) {
        result = result_of(*checks);
        record_note(&record, &options, &result, now * NSEC_PER_SEC);
        judge(&record, &options, &result);
        *said++ = letter_of(result.status);
        if (*checks == 'x' || *checks == 'a')
            assert_int_not_equal(result.status, PGCENSUS_OK); /* whatever went before */
        assert_int_equal(result.held, result.failed && result.status == PGCENSUS_WARN);
    }
    *said = '\0';
    return result;
}

static void verdicts_of_rise_and_fall(void **state)
{
    const struct {
        unsigned fall, rise;
        const char *checks, *said;
    } rows[] = {
        {3, 1, "oooo", "oooo"},
        {3, 1, "oxxxx", "owwdd"},
        {3, 1, "oxxoxxx", "owwowwd"},     /* a row begins anew */
        {1, 1, "ox", "od"},               /* fall 1: as without a file */
        {3, 1, "xx", "dd"},               /* never seen well */
        {3, 1, "oa", "od"},               /* what will not pass is not waited for */
        {3, 1, "oxa", "owd"},             /* … in the middle of a row either */
        {3, 1, "oxxxo", "owwdo"},         /* rise 1 */
        {3, 2, "ooxxxoo", "oowwddo"},     /* rise 2 */
        {3, 2, "ooxxxoxoo", "oowwddddo"}, /* a row begins anew */
        {3, 2, "ox", "od"},               /* once is not well yet */
        {3, 3, "ooo", "ooo"},             /* who never was down need not rise */
        {2, 1, "oxlx", "owud"},           /* our own trouble is no check */
        {2, 1, "oxcx", "owud"},
        {2, 2, "ooxxlolo", "oowduduo"}, /* nor is it the end of a row */
        {3, 1, "wxw", "www"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char said[32];
        play(rows[i].checks, rows[i].fall, rows[i].rise, said);
        if (strcmp(said, rows[i].said))
            fail_msg("%s: %s, expected %s", rows[i].checks, said, rows[i].said);
    }
}

static void assert_reason(const struct pgcensus_node_result *result, size_t i,
                          const char *code, const char *value, const char *limit)
{
    assert_true(i < result->n_reasons);
    assert_string_equal(result->reasons[i].code, code);
    assert_string_equal(result->reasons[i].value, value);
    assert_string_equal(result->reasons[i].limit, limit);
}

static void reasons_come_behind_the_error(void **state)
{
    char said[64];
    struct pgcensus_node_result result = play("ooxx", 3, 1, said);
    assert_int_equal(result.n_reasons, 2); /* the error stays the first */
    assert_reason(&result, 1, "fall", "2", "3");
    assert_string_equal(result.reasons[1].message,
                        "failed 2 times in a row, down after 3");

    result = play("oxo", 1, 2, said);
    assert_int_equal(result.n_reasons, 1);
    assert_reason(&result, 0, "rise", "1", "2");
    assert_string_equal(result.reasons[0].message,
                        "was down and answered 1 time in a row, up after 2");

    result = play("oxoxoxoxoxo", 3, 1, said);
    assert_string_equal(said, "owowowowoww");
    assert_int_equal(result.n_reasons, 1);
    assert_reason(&result, 0, "flapping", "10", "10");
}

static void the_past_is_told(void **state)
{
    char said[32];
    struct pgcensus_node_result result = play("oooxxx", 3, 1, said);
    assert_true(result.past.known);
    assert_int_equal(result.past.state, PGCENSUS_UNHEALTHY);
    assert_int_equal(result.past.since, 6 * NSEC_PER_SEC);
    assert_int_equal(result.past.failures, 3);
    assert_int_equal(result.past.successes, 0);
    assert_int_equal(result.past.changes, 1);
    assert_false(result.past.flapping);
}

/* A login that is refused for as long as nobody cares. */
static void nobody_gives_up(void **state)
{
    char said[128], checks[128] = "o";
    memset(checks + 1, 'a', 100);
    checks[101] = 'o';
    checks[102] = '\0';
    struct pgcensus_node_result result = play(checks, 3, 1, said);
    assert_int_equal(result.status, PGCENSUS_OK);
}

static void a_target_is_known_again(void **state)
{
    const struct pgcensus_identity one = {.host = "a", .port = 1, .dbname = "b"};
    struct pgcensus_identity other = one;
    assert_int_equal(record_target(&one), record_target(&other));
    other.port = 11;
    assert_int_not_equal(record_target(&one), record_target(&other));
    other = (struct pgcensus_identity){.host = "a", .port = 1, .dbname = NULL};
    assert_int_not_equal(record_target(&one), record_target(&other));
    other = (struct pgcensus_identity){.host = "a1", .port = 1, .dbname = "b"};
    assert_int_not_equal(record_target(&one), record_target(&other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_of_rise_and_fall),
        cmocka_unit_test(reasons_come_behind_the_error),
        cmocka_unit_test(the_past_is_told),
        cmocka_unit_test(nobody_gives_up),
        cmocka_unit_test(a_target_is_known_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
