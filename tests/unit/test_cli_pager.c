#include "built_with.h"
#include "cli/term/pager.h"
#include "tests/test.h"

#include <signal.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct terminal screen = {
    .on_stdout = true, .columns = 10, .rows = 4, .term = "xterm"};

static bool wants(struct terminal terminal, const char *text)
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    buf_add_str(&buf, text);
    return pager_wanted(&terminal, &buf);
}

static void more_lines_than_rows(void **state)
{
    assert_false(wants(screen, ""));
    assert_false(wants(screen, "1\n2\n3\n")); /* and the prompt below */
    assert_true(wants(screen, "1\n2\n3\n4\n"));
    assert_true(wants(screen, "1\n2\n3\n4"));
    assert_true(wants(screen, "\n\n\n\n"));
}

static void long_lines_wrap(void **state)
{
    assert_false(wants(screen, "1234567890\n2\n3\n"));
    assert_true(wants(screen, "12345678901\n2\n3\n"));
    assert_true(wants(screen, "1234567890123456789012345678901\n"));
    assert_false(wants(screen, "123456789012345678901234567890\n"));
    if (HAVE_UTF8PROC)
        assert_true(wants(screen, "日本日本日本\n2\n3\n"));
    struct terminal endless = screen;
    endless.columns = 0;
    assert_false(wants(endless, "1234567890123456789012345678901\n"));
}

static void only_on_a_screen(void **state)
{
    const char *text = "1\n2\n3\n4\n5\n";
    struct terminal other = screen;
    other.on_stdout = false;
    assert_false(wants(other, text));
    other = screen;
    other.term = "dumb";
    assert_false(wants(other, text));
    other.term = NULL;
    assert_false(wants(other, text));
    other = screen;
    other.rows = 0;
    assert_false(wants(other, text));
}

/* ---- running one ---- */

struct place {
    char folder[32], file[48], shown[256];
};

static int set_up(void **state)
{
    static struct place place;
    strcpy(place.folder, "/tmp/pager.XXXXXX");
    assert_non_null(mkdtemp(place.folder));
    snprintf(place.file, sizeof place.file, "%s/shown", place.folder);
    setenv("SHOWN", place.file, 1);
    signal(SIGPIPE, SIG_IGN); /* as the program does */
    *state = &place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    unlink(place->file);
    return rmdir(place->folder);
}

/* What the pager left in $SHOWN; "" if that is not there. */
static const char *show(struct place *place, const char *pager, size_t n_lines,
                        bool *ret_shown)
{
    AUTO(buf_fini) struct buf text = BUF_INIT;
    for (size_t i = 0; i < n_lines; i++)
        buf_add_format(&text, "%zu\n", i);
    unlink(place->file);
    if (pager)
        setenv("PGCENSUS_PAGER", pager, 1);
    else
        unsetenv("PGCENSUS_PAGER");
    *ret_shown = pager_show(&screen, &text);
    memset(place->shown, 0, sizeof place->shown);
    AUTO(fclose) FILE *file = fopen(place->file, "r");
    if (file)
        assert_true(fread(place->shown, 1, sizeof place->shown - 1, file) > 0);
    return place->shown;
}

static void gets_the_text(void **state)
{
    bool shown;
    assert_string_equal(show(*state, "cat > $SHOWN", 4, &shown), "0\n1\n2\n3\n");
    assert_true(shown);
    assert_string_equal(show(*state, "cat > $SHOWN", 3, &shown), "");
    assert_false(shown);
}

static void which_pager_is_taken(void **state)
{
    bool shown;
    setenv("PAGER", "echo pager > $SHOWN", 1);
    assert_string_equal(show(*state, NULL, 9, &shown), "pager\n");
    assert_string_equal(show(*state, "echo ours > $SHOWN", 9, &shown), "ours\n");
    assert_true(shown);
    assert_string_equal(show(*state, "", 9, &shown), "");
    assert_false(shown);
    assert_string_equal(show(*state, "cat", 9, &shown), "");
    assert_false(shown);
    unsetenv("PAGER");
}

static void it_may_be_left_early(void **state)
{
    bool shown;
    assert_string_equal(show(*state, "head -n 1 > $SHOWN", 200000, &shown), "0\n");
    assert_true(shown);
    show(*state, "exit 3", 200000, &shown);
    assert_true(shown);
}

static void none_to_be_had(void **state)
{
    bool shown;
    show(*state, "exec 2> /dev/null; there-is-no-such-pager", 9, &shown);
    assert_false(shown);
    show(*state, "exec 2> /dev/null; /", 200000, &shown); /* no program */
    assert_false(shown);
}

static void less_stays_out_of_the_way(void **state)
{
    bool shown;
    unsetenv("LESS");
    assert_string_equal(show(*state, "echo $LESS > $SHOWN", 9, &shown), "FRSX\n");
    setenv("LESS", "own", 1);
    assert_string_equal(show(*state, "echo $LESS > $SHOWN", 9, &shown), "own\n");
}

static void ctrl_c_is_the_pagers(void **state)
{
    bool shown;
    struct sigaction before;
    show(*state, "kill -INT $PPID; echo alive > $SHOWN", 9, &shown);
    assert_true(shown);
    sigaction(SIGINT, NULL, &before);
    assert_true(before.sa_handler == SIG_DFL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_lines_than_rows),
        cmocka_unit_test(long_lines_wrap),
        cmocka_unit_test(only_on_a_screen),
        cmocka_unit_test(gets_the_text),
        cmocka_unit_test(which_pager_is_taken),
        cmocka_unit_test(it_may_be_left_early),
        cmocka_unit_test(none_to_be_had),
        cmocka_unit_test(less_stays_out_of_the_way),
        cmocka_unit_test(ctrl_c_is_the_pagers),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
