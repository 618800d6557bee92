#include "config/read/expand.h"

#include "config_stage.h"

#include <string.h>

static void assert_expands(const char *text, const char *expected)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    char variable[LONGEST_VARIABLE + 1];
    assert_int_equal(expand_text(text, &out, variable), EXPANDED);
    assert_string_equal(out.bytes, expected);
}

static void fills_in_variables(void **state)
{
    setenv("STAGE_A", "value", true);
    setenv("STAGE_EMPTY", "", true);
    unsetenv("STAGE_NONE");
    assert_expands("${STAGE_A}", "value");
    assert_expands("a-${STAGE_A}-${STAGE_A}", "a-value-value");
    assert_expands("${STAGE_A:-other}", "value");
    assert_expands("${STAGE_NONE:-other}", "other");
    assert_expands("${STAGE_EMPTY:-other}", "other");
    assert_expands("${STAGE_EMPTY}", "");
    assert_expands("${STAGE_NONE:-}", "");
    assert_expands("${STAGE_NONE:-a:-b $x}", "a:-b $x");
}

static void dollars_stay_dollars(void **state)
{
    assert_expands("", "");
    assert_expands("no dollar", "no dollar");
    assert_expands("$$", "$");
    assert_expands("$${STAGE_A}", "${STAGE_A}");
    assert_expands("a$b$", "a$b$");
    assert_expands("SELECT $1", "SELECT $1");
}

/* What a variable holds is a value: it is not looked at again. */
static void variables_are_expanded_once(void **state)
{
    setenv("STAGE_A", "${STAGE_B} $$", true);
    assert_expands("${STAGE_A}", "${STAGE_B} $$");
}

static void bad_references_are_refused(void **state)
{
    static const struct {
        const char *text;
        enum expanded verdict;
    } stories[] = {
        {"${STAGE_NONE}", EXPAND_UNSET}, {"x${STAGE_NONE}y", EXPAND_UNSET},
        {"${", EXPAND_BROKEN},           {"${}", EXPAND_BROKEN},
        {"${STAGE_A", EXPAND_BROKEN},    {"${1A}", EXPAND_BROKEN},
        {"${STAGE A}", EXPAND_BROKEN},   {"${STAGE_A:+x}", EXPAND_BROKEN},
        {"${STAGE_A:-x", EXPAND_BROKEN}, {"${:-x}", EXPAND_BROKEN},
        {"${STAGE-A}", EXPAND_BROKEN},
    };
    unsetenv("STAGE_NONE");
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++) {
        AUTO(buf_fini) struct buf out = BUF_INIT;
        char variable[LONGEST_VARIABLE + 1] = "";
        assert_int_equal(expand_text(stories[i].text, &out, variable),
                         stories[i].verdict);
        if (stories[i].verdict == EXPAND_UNSET)
            assert_string_equal(variable, "STAGE_NONE");
    }
    char text[LONGEST_VARIABLE + 5];
    snprintf(text, sizeof text, "${%.*s}", LONGEST_VARIABLE + 1,
             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    AUTO(buf_fini) struct buf out = BUF_INIT;
    char variable[LONGEST_VARIABLE + 1];
    assert_int_equal(expand_text(text, &out, variable), EXPAND_BROKEN);
}

static void text_beside_variables_is_known(void **state)
{
    assert_false(expand_has_literal(""));
    assert_false(expand_has_literal("${A}"));
    assert_false(expand_has_literal("${A}${B}"));
    assert_false(expand_has_literal("${A:-}"));
    assert_true(expand_has_literal("hunter2"));
    assert_true(expand_has_literal("${A}x"));
    assert_true(expand_has_literal("${A:-hunter2}"));
    assert_true(expand_has_literal("$$"));
    assert_true(expand_has_literal("${A"));
}

/* ---- in a configuration ---- */

static void happens_after_parsing(void **state)
{
    setenv("STAGE_A", "x, port: 1}\n- {name: b", true);
    assert_refused("nodes:\n  - {name: a, host: \"${STAGE_A}\"}\n",
                   "2:21: error: host: \"${STAGE_A}\" names several hosts\n");
}

static void says_which_variable_is_missing(void **state)
{
    unsetenv("STAGE_NONE");
    assert_refused("nodes:\n  - {name: a, host: x, user: '${STAGE_NONE}'}\n"
                   "  - {name: b, host: x, user: '${STAGE_'}\n"
                   "  - {name: c, host: x, labels: ['a=${STAGE_NONE}']}\n"
                   "  - {name: d, host: x, user: '${STAGE_NONE:-}'}\n",
                   "2:30: error: user: the variable STAGE_NONE is not set\n"
                   "3:30: error: user: \"${\" without a variable and \"}\"\n"
                   "4:33: error: labels: the variable STAGE_NONE is not set\n"
                   "5:30: error: user: is empty once its variables are filled in\n");
}

static void works_in_every_value(void **state)
{
    setenv("STAGE_A", "7", true);
    AUTO(loaded_fini)
    struct loaded loaded =
        assert_loads("nodes:\n  - name: pg-${STAGE_A}\n    host: h${STAGE_A}\n"
                     "    port: 543${STAGE_A}\n    pool: {max: \"${STAGE_A}\"}\n"
                     "    labels: [\"k=${STAGE_A}\"]\n    user: a$$b\n");
    assert_string_equal(stage_setting(&loaded, "pg-7", "port"), "5437 (node:4)");
    assert_string_equal(stage_setting(&loaded, "pg-7", "pool.max"), "7 (node:5)");
    assert_string_equal(stage_setting(&loaded, "pg-7", "labels"), "k=7 (node:6)");
    assert_string_equal(stage_setting(&loaded, "pg-7", "user"), "a$b (node:7)");
}

/* Whatever key it is in, and however it got there. */
static void never_shows_a_secret(void **state)
{
    setenv("PGPASSWORD", "hunter2", true);
    setenv("STAGE_SECRET", "hunter3", true);
    assert_refused(
        "defaults: {password: \"${STAGE_SECRET}\"}\n"
        "groups: [{name: g}]\n"
        "nodes:\n"
        "  - {name: a, host: h, port: \"${PGPASSWORD}\"}\n"
        "  - {name: b, host: \"x ${PGPASSWORD}\", pool: {min: \"${X:-5s}\"}}\n"
        "  - {name: c, host: h, connect_timeout: \"${X:-5}\"}\n"
        "  - {name: \"${PGPASSWORD}\", host: h}\n"
        "  - {name: \"${PGPASSWORD}\", host: h}\n"
        "  - {name: d, host: h, group: \"${STAGE_SECRET}\"}\n"
        "  - {name: e, host: h, labels: [\"${PGPASSWORD}\"]}\n",
        "4:30: error: port: \"${PGPASSWORD}\" is not a port from 1 to "
        "65535\n"
        "5:21: error: host: \"x ${PGPASSWORD}\" holds a blank\n"
        "5:52: error: pool.min: \"${X:-5s}\" is not a whole number from 0 to "
        "1000\n"
        "6:41: error: connect_timeout: \"${X:-5}\" is not a duration such as "
        "250ms, 5s or 1h\n"
        "8:12: error: duplicate node \"***\" (first given on line 7)\n"
        "9:31: error: group: \"***\" is not in groups:\n"
        "10:33: error: labels: \"${PGPASSWORD}\" is not KEY=VALUE\n");

    AUTO(loaded_fini)
    struct loaded loaded = assert_loads(
        "nodes:\n"
        "  - {name: a, host: h, password: \"${STAGE_SECRET}\", user: hunter2,\n"
        "     dbname: \"x-${PGPASSWORD}\", application_name: \"${STAGE_SECRET}\",\n"
        "     krbsrvname: \"${X:-open}\", labels: [\"x=${PGPASSWORD}\"]}\n");
    assert_string_equal(stage_setting(&loaded, "a", "dbname"), "*** (node:3)");
    assert_string_equal(stage_setting(&loaded, "a", "application_name"),
                        "*** (node:3)");
    assert_string_equal(stage_setting(&loaded, "a", "krbsrvname"), "open (node:4)");
    assert_string_equal(stage_setting(&loaded, "a", "labels"), "x=*** (node:4)");
    /* It stands there in the open, and often is the password of a demo. */
    assert_string_equal(stage_setting(&loaded, "a", "user"), "hunter2 (node:2)");
    unsetenv("PGPASSWORD");
    unsetenv("STAGE_SECRET");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_in_variables),
        cmocka_unit_test(dollars_stay_dollars),
        cmocka_unit_test(variables_are_expanded_once),
        cmocka_unit_test(bad_references_are_refused),
        cmocka_unit_test(text_beside_variables_is_known),
        cmocka_unit_test(happens_after_parsing),
        cmocka_unit_test(says_which_variable_is_missing),
        cmocka_unit_test(works_in_every_value),
        cmocka_unit_test(never_shows_a_secret),
    };
    return cmocka_run_group_tests(tests, stage_set_up, stage_tear_down);
}
