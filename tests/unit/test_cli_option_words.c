/* A text of the library in the words of the command line. */
#include "cli/shared/option_words.h"

#include "tests/test.h"

#include <string.h>

/* Of a failure whose server added both, as pg/failure.c lays them out. */
static struct pgcensus_failure failure_of(const char *message, const char *detail,
                                          const char *hint,
                                          enum pgcensus_subject subject)
{
    struct pgcensus_failure failure = {.subject = subject};
    size_t at = strlen(message) + 1;
    strcpy(failure.message, message);
    if (detail) {
        failure.detail_at = (uint16_t)at;
        strcpy(failure.message + at, detail);
        at += strlen(detail) + 1;
    }
    if (hint) {
        failure.hint_at = (uint16_t)at;
        strcpy(failure.message + at, hint);
    }
    return failure;
}

static void a_failure_names_the_option(void **state)
{
    struct pgcensus_failure failure = failure_of("more than 2 rows in all (max_rows)",
                                                 NULL, NULL, PGCENSUS_SUBJECT_MAX_ROWS);
    option_words_failure(&failure);
    assert_string_equal(failure.message, "more than 2 rows in all (--max-rows)");
    assert_null(pgcensus_failure_detail(&failure));
    assert_null(pgcensus_failure_hint(&failure));
}

static void what_the_server_added_stays(void **state)
{
    struct pgcensus_failure failure =
        failure_of("the statement has no $2, and params gives it", "bind message",
                   "params", PGCENSUS_SUBJECT_PARAMS);
    option_words_failure(&failure);
    assert_string_equal(failure.message,
                        "the statement has no $2, and --param gives it");
    assert_string_equal(pgcensus_failure_detail(&failure), "bind message");
    assert_string_equal(pgcensus_failure_hint(&failure), "params");
}

static void a_failure_that_is_full_stays(void **state)
{
    char detail[sizeof(struct pgcensus_failure) / 2 + 512];
    struct pgcensus_failure failure = {0};
    size_t room = sizeof failure.message - sizeof "fail_fast";
    memset(detail, 'd', sizeof detail);
    detail[room - 1] = '\0'; /* the array is used to its last byte */
    failure = failure_of("fail_fast", detail, NULL, PGCENSUS_SUBJECT_FAIL_FAST);
    option_words_failure(&failure);
    assert_string_equal(failure.message, "fail_fast");
    assert_string_equal(pgcensus_failure_detail(&failure), detail);
}

/* Only the first one is ours. */
static void words_of_other_people_stay(void **state)
{
    struct pgcensus_error error = {.subject = PGCENSUS_SUBJECT_REDUCE};
    strcpy(error.message, "reduce: no such column: reduce");
    assert_false(option_words_error(&error));
    assert_string_equal(error.message, "--reduce: no such column: reduce");
    error.subject = PGCENSUS_SUBJECT_NONE;
    strcpy(error.message, "max_rows");
    option_words_error(&error);
    assert_string_equal(error.message, "max_rows");
}

static void a_long_error_is_cut_at_its_end(void **state)
{
    struct pgcensus_error error = {.subject = PGCENSUS_SUBJECT_KEY};
    memset(error.message, 'x', sizeof error.message - 1);
    memcpy(error.message, "key: ", 5);
    option_words_error(&error);
    assert_memory_equal(error.message, "--key: xxx", 10);
    assert_int_equal(strlen(error.message), sizeof error.message - 1);
}

static void the_reasons_of_a_result(void **state)
{
    struct pgcensus_node_result result = {.n_reasons = 2};
    strcpy(result.reasons[0].message, "PGCENSUS_FACTS_FULL");
    strcpy(result.reasons[1].message, "it takes all facts (PGCENSUS_FACTS_FULL)");
    result.reasons[1].subject = PGCENSUS_SUBJECT_FACTS;
    option_words_result(&result);
    assert_string_equal(result.reasons[0].message, "PGCENSUS_FACTS_FULL");
    assert_string_equal(result.reasons[1].message, "it takes all facts (--facts full)");
}

static void every_subject_has_a_name_and_an_option(void **state)
{
    for (unsigned i = 1; i <= PGCENSUS_SUBJECT_REDUCE; i++) {
        struct pgcensus_error error = {.subject = (enum pgcensus_subject)i};
        assert_non_null(pgcensus_subject_name(error.subject));
        strcpy(error.message, pgcensus_subject_name(error.subject));
        option_words_error(&error);
        assert_memory_equal(error.message, "--", 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_names_the_option),
        cmocka_unit_test(what_the_server_added_stays),
        cmocka_unit_test(a_failure_that_is_full_stays),
        cmocka_unit_test(words_of_other_people_stay),
        cmocka_unit_test(a_long_error_is_cut_at_its_end),
        cmocka_unit_test(the_reasons_of_a_result),
        cmocka_unit_test(every_subject_has_a_name_and_an_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
