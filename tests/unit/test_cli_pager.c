#include "cli/pager.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static bool wanted(struct terminal terminal, const char *text)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    buf_add_str(&buf, text);
    return pager_wanted(&terminal, &buf);
}

static const struct terminal screen = {
    .on_stdout = true, .columns = 10, .rows = 4, .term = "xterm"};

static void test_what_does_not_fit_the_screen(void **state)
{
    assert_false(wanted(screen, ""));
    assert_false(wanted(screen, "1\n2\n3\n"));
    assert_true(wanted(screen, "1\n2\n3\n4\n")); /* the prompt needs a line, too */
    assert_true(wanted(screen, "1\n2\n3\n4"));
}

static void test_lines_that_wrap_take_more(void **state)
{
    assert_false(wanted(screen, "0123456789\n2\n3\n"));
    assert_true(wanted(screen, "0123456789a\n2\n3\n"));
}

static void test_where_there_is_no_screen(void **state)
{
    struct terminal terminal = screen;
    terminal.on_stdout = false;
    assert_false(wanted(terminal, "1\n2\n3\n4\n"));
    terminal = screen;
    terminal.rows = 0;
    assert_false(wanted(terminal, "1\n2\n3\n4\n"));
    terminal = screen;
    terminal.term = "dumb";
    assert_false(wanted(terminal, "1\n2\n3\n4\n"));
    terminal.term = NULL;
    assert_false(wanted(terminal, "1\n2\n3\n4\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_does_not_fit_the_screen),
        cmocka_unit_test(test_lines_that_wrap_take_more),
        cmocka_unit_test(test_where_there_is_no_screen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
