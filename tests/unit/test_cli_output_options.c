#include "cli/shared/output_options.h"
#include "tests/test.h"

static const struct terminal screen = {
    .on_stdout = true, .columns = 120, .rows = 40, .utf8 = true, .term = "xterm"};

static void a_screen_is_used(void **state)
{
    struct output_options options = {0};
    struct look look;
    output_look(&options, &screen, &look);
    assert_int_equal(look.width, 120);
    assert_true(look.unicode && look.colour);
    assert_false(look.expanded || look.unaligned || look.tuples_only);
    assert_string_equal(look.null, "");
}

static void a_file_is_not_a_screen(void **state)
{
    struct output_options options = {.file = "report.txt"};
    struct look look;
    output_look(&options, &screen, &look);
    assert_int_equal(look.width, 0);
    assert_false(look.colour);

    options.width = 60;
    options.color = COLOR_ALWAYS;
    output_look(&options, &screen, &look);
    assert_int_equal(look.width, 60);
    assert_true(look.colour);
}

static void options_are_stronger(void **state)
{
    struct output_options options = {.width = 48,
                                     .ascii = true,
                                     .color = COLOR_NEVER,
                                     .expanded = EXPANDED_ON,
                                     .unaligned = true,
                                     .tuples_only = true,
                                     .null = "(null)"};
    struct look look;
    output_look(&options, &screen, &look);
    assert_int_equal(look.width, 48);
    assert_false(look.unicode || look.colour);
    assert_true(look.expanded && look.unaligned && look.tuples_only);
    assert_string_equal(look.null, "(null)");
}

/* What --expanded=auto makes of a table at that width. */
static bool is_expanded(const char *table, unsigned width)
{
    struct output_options options = {.expanded = EXPANDED_AUTO, .width = width};
    struct look look;
    output_look(&options, &screen, &look);
    if (width == 0)
        look.width = 0;
    AUTO(buf_fini) struct buf out = BUF_INIT;
    buf_add_str(&out, table);
    bool again = output_look_again(&options, &look, &out);
    assert_int_equal(again, look.expanded);
    assert_int_equal(again, out.len == 0);
    assert_false(output_look_again(&options, &look, &out) && again);
    return again;
}

static void expanded_only_if_it_does_not_fit(void **state)
{
    assert_false(is_expanded("12345678901234567890\n1234567890\n", 20));
    assert_true(is_expanded("1234567890\n123456789012345678901\n", 20));
    assert_true(is_expanded("123456789012345678901", 20));
    assert_false(is_expanded("\033[33m1234567890\033[0m1234567890\n", 20));
    assert_false(is_expanded("✓✓✓✓✓✓✓✓✓✓1234567890\n", 20));
    assert_false(is_expanded("123456789012345678901\n", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_screen_is_used),
        cmocka_unit_test(a_file_is_not_a_screen),
        cmocka_unit_test(options_are_stronger),
        cmocka_unit_test(expanded_only_if_it_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
