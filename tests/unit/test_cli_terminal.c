#include "cli/term/terminal.h"
#include "tests/test.h"

static const struct terminal screen = {.on_stdout = true,
                                       .on_stderr = true,
                                       .columns = 120,
                                       .rows = 40,
                                       .utf8 = true,
                                       .term = "xterm-256color"};
static const struct terminal pipe = {.utf8 = true, .term = "xterm-256color"};

static void colour_by_precedence(void **state)
{
    static const struct {
        bool on_stdout;
        const char *term, *no_color, *clicolor_force;
        bool automatic;
    } cases[] = {
        {true, "xterm", NULL, NULL, true},   {true, "dumb", NULL, NULL, false},
        {true, "", NULL, NULL, true},        {true, NULL, NULL, NULL, true},
        {false, "xterm", NULL, NULL, false}, {true, "xterm", "1", NULL, false},
        {true, "xterm", "", NULL, true}, /* empty is as good as not set */
        {false, "xterm", NULL, "1", true},   {false, NULL, NULL, "1", true},
        {false, "xterm", NULL, "0", false},  {true, "xterm", NULL, "0", true},
        {true, "xterm", "1", "1", false}, /* NO_COLOR is the stronger one */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct terminal terminal = {.on_stdout = cases[i].on_stdout,
                                    .term = cases[i].term,
                                    .no_color = cases[i].no_color,
                                    .clicolor_force = cases[i].clicolor_force};
        if (terminal_colour(&terminal, COLOR_AUTO) != cases[i].automatic)
            fail_msg("case %zu", i);
        assert_true(terminal_colour(&terminal, COLOR_ALWAYS));
        assert_false(terminal_colour(&terminal, COLOR_NEVER));
    }
}

static void only_a_terminal_has_a_width(void **state)
{
    assert_int_equal(terminal_width(&screen, 0), 120);
    assert_int_equal(terminal_width(&screen, 80), 80);
    assert_int_equal(terminal_width(&pipe, 0), 0);
    assert_int_equal(terminal_width(&pipe, 48), 48);
}

static void a_file_is_no_terminal(void **state)
{
    struct terminal file = terminal_without_stdout(&screen);
    assert_int_equal(terminal_width(&file, 0), 0);
    assert_false(terminal_colour(&file, COLOR_AUTO));
    assert_true(terminal_shapes(&file, false));
    assert_true(terminal_redraws(&file)); /* stderr still is one */
}

static void many_colours_by_name(void **state)
{
    struct terminal terminal = screen;
    terminal.term = "xterm-256color";
    assert_true(terminal_many_colours(&terminal));
    terminal.term = "xterm";
    assert_false(terminal_many_colours(&terminal));
    terminal.term = NULL;
    assert_false(terminal_many_colours(&terminal));
}

static void shapes_need_utf8_and_a_font(void **state)
{
    assert_true(terminal_shapes(&screen, false));
    assert_false(terminal_shapes(&screen, true));
    assert_true(terminal_shapes(&pipe, false));

    struct terminal cron = {0};
    assert_false(terminal_shapes(&cron, false));
    struct terminal console = screen;
    console.term = "linux";
    assert_false(terminal_shapes(&console, false));
    console.on_stdout = false; /* what is piped from there is read elsewhere */
    assert_true(terminal_shapes(&console, false));
}

static void progress_needs_a_terminal_that_obeys(void **state)
{
    assert_true(terminal_redraws(&screen));
    assert_false(terminal_redraws(&pipe));
    struct terminal dumb = screen;
    dumb.term = "dumb";
    assert_false(terminal_redraws(&dumb));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colour_by_precedence),
        cmocka_unit_test(only_a_terminal_has_a_width),
        cmocka_unit_test(a_file_is_no_terminal),
        cmocka_unit_test(many_colours_by_name),
        cmocka_unit_test(shapes_need_utf8_and_a_font),
        cmocka_unit_test(progress_needs_a_terminal_that_obeys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
