#include "health/flap.h"
#include "tests/test.h"

/* A letter a check: o answered, x failed. */
static void play(struct flap *flap, const char *checks)
{
    for (; *checks; checks++)
        flap_note(flap, *checks == 'x');
}

static void changes_are_counted(void **state)
{
    const struct {
        const char *checks;
        unsigned changes;
    } rows[] = {
        {"", 0},   {"o", 0},     {"x", 0},    {"oooo", 0},
        {"xx", 0}, {"oxoxo", 4}, {"ooxx", 1}, {"oxxo", 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct flap flap = {.n = 0};
        play(&flap, rows[i].checks);
        assert_int_equal(flap_changes(&flap), rows[i].changes);
    }
}

static void what_is_long_ago_is_forgotten(void **state)
{
    struct flap flap = {.n = 0};
    play(&flap, "oxoxoxoxo");
    assert_int_equal(flap_changes(&flap), 8);
    for (int i = 0; i < FLAP_WINDOW; i++)
        flap_note(&flap, false);
    assert_int_equal(flap_changes(&flap), 0);
    assert_int_equal(flap.n, FLAP_WINDOW + 1);
}

static void it_begins_at_half(void **state)
{
    struct flap flap = {.n = 0};
    play(&flap, "oxoxoxoxox"); /* nine changes */
    assert_false(flap.flapping);
    play(&flap, "o");
    assert_true(flap.flapping);
}

/* Between the two limits it stays what it was. */
static void it_ends_at_a_quarter(void **state)
{
    struct flap flap = {.n = 0};
    play(&flap, "oxoxoxoxoxo");
    for (int i = 0; i < 15; i++) {
        assert_true(flap.flapping);
        flap_note(&flap, false);
    }
    assert_int_equal(flap_changes(&flap), FLAP_ENDS);
    assert_false(flap.flapping);
    play(&flap, "xo");
    assert_false(flap.flapping);
}

static void down_for_good_is_no_flapping(void **state)
{
    struct flap flap = {.n = 0};
    play(&flap, "ooooxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    assert_false(flap.flapping);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_are_counted),
        cmocka_unit_test(what_is_long_ago_is_forgotten),
        cmocka_unit_test(it_begins_at_half),
        cmocka_unit_test(it_ends_at_a_quarter),
        cmocka_unit_test(down_for_good_is_no_flapping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
