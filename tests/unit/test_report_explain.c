/* Where a statement is wrong, as people see it. */
#include "report/explain.h"

#include "base/auto.h"
#include "tests/test.h"

#include <string.h>

struct pgcensus_fleet {
    const char *secret;
};

void pgcensus_fleet_redact(const struct pgcensus_fleet *fleet, char *text, size_t size)
{
    char *found = fleet->secret ? strstr(text, fleet->secret) : NULL;
    if (!found)
        return;
    AUTO(buf_fini) struct buf rest = BUF_INIT;
    buf_add_format(&rest, "***%s", found + strlen(fleet->secret));
    assert_true((size_t)(found - text) + rest.len < size);
    memcpy(found, rest.bytes, rest.len + 1);
}

static void assert_place_in(const struct statement_source *source, unsigned position,
                            const char *secret, const char *expected)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    struct pgcensus_fleet fleet = {secret};
    struct pgcensus_failure failure = {.position = position};
    explain_place(source, &failure, &fleet, &out);
    assert_false(out.broken);
    assert_string_equal(out.bytes, expected);
}

static void assert_place(const char *sql, unsigned position, const char *expected)
{
    struct statement_source source = {.sql = sql};
    assert_place_in(&source, position, NULL, expected);
}

static void the_line_and_a_caret(void **state)
{
    assert_place("select nam from t", 8,
                 "LINE 1: select nam from t\n"
                 "               ^\n");
    assert_place("select\n  1\n  form t", 14,
                 "LINE 3:   form t\n"
                 "          ^\n");
    assert_place("select", 1, "LINE 1: select\n        ^\n");
    assert_place("select 1", 0, "");
}

static void a_file_is_named(void **state)
{
    struct statement_source source = {"select\nform t", "bad.sql"};
    assert_place_in(&source, 8, NULL, "bad.sql:2: form t\n           ^\n");
    source.file = "\033[2J.sql";
    assert_place_in(&source, 8, NULL, "\\x1b[2J.sql:2: form t\n               ^\n");
    source.sql = NULL;
    assert_place_in(&source, 8, NULL, "");
}

/* The server's end of input is behind the last word, where a person looks for it. */
static void behind_the_end(void **state)
{
    assert_place("select (1", 10, "LINE 1: select (1\n                 ^\n");
    assert_place("select (1\n\n", 12, "LINE 1: select (1\n                 ^\n");
    assert_place("select 1", 4000000000U, "LINE 1: select 1\n                ^\n");
    assert_place("\n", 2, "LINE 1: \n        ^\n");
}

static void tabs_and_line_ends(void **state)
{
    assert_place("select\t1\r\n\tform\tt\r\n", 12, "LINE 2:  form t\n         ^\n");
}

/* The server counts characters, a terminal columns. */
static void characters_are_neither_bytes_nor_columns(void **state)
{
    assert_place("select 'Köln' form", 15,
                 "LINE 1: select 'Köln' form\n                      ^\n");
    assert_place("select '\xff' form", 12,
                 "LINE 1: select '\\xff' form\n                      ^\n");
}

static void long_lines_are_cut_around_the_caret(void **state)
{
    char sql[2000];
    AUTO(buf_fini) struct buf out = BUF_INIT;
    struct statement_source source = {.sql = sql};
    struct pgcensus_failure failure = {.position = 1001};
    struct pgcensus_fleet fleet = {NULL};
    memset(sql, 'a', sizeof sql);
    sql[sizeof sql - 1] = '\0';
    sql[1000] = '!';
    explain_place(&source, &failure, &fleet, &out);
    size_t first = strcspn(out.bytes, "\n");
    assert_true(first < 130);
    const char *caret = strchr(out.bytes, '^');
    assert_non_null(caret);
    /* one column for each "…" of three bytes */
    size_t column = (size_t)(caret - out.bytes) - first - 1;
    assert_int_equal(out.bytes[column + 2], '!');
}

static void a_secret_in_the_statement(void **state)
{
    struct statement_source source = {.sql = "alter role a password 'hunter2' x"};
    assert_place_in(&source, 33, "hunter2",
                    "LINE 1: alter role a password '***' x\n"
                    "                                    ^\n");
    assert_place_in(&source, 1, "hunter2",
                    "LINE 1: alter role a password '***' x\n        ^\n");
    /* on both sides of the caret */
    assert_place_in(&source, 26, "hunter2", "LINE 1: alter role a password '***' x\n");
}

static void detail_and_hint_have_their_lines(void **state)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    struct pgcensus_failure failure = {.message = "m\0some detail\0a hint",
                                       .detail_at = 2};
    explain_words(&failure, &out);
    assert_string_equal(out.bytes, "DETAIL: some detail\n");
    failure.hint_at = 14;
    buf_clear(&out);
    explain_words(&failure, &out);
    assert_string_equal(out.bytes, "DETAIL: some detail\nHINT: a hint\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_and_a_caret),
        cmocka_unit_test(a_file_is_named),
        cmocka_unit_test(behind_the_end),
        cmocka_unit_test(tabs_and_line_ends),
        cmocka_unit_test(characters_are_neither_bytes_nor_columns),
        cmocka_unit_test(long_lines_are_cut_around_the_caret),
        cmocka_unit_test(a_secret_in_the_statement),
        cmocka_unit_test(detail_and_hint_have_their_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
