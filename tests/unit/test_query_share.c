/* How high the water stands. */
#include "query/share.h"
#include "tests/test.h"

static void what_one_leaves_the_others_share(void **state)
{
    static const struct {
        size_t limit, needs[4], n, n_open, level;
    } rows[] = {
        {100, {0}, 0, 4, 25},        /* nobody is known */
        {100, {10}, 1, 3, 30},       /* what he leaves, the others share */
        {100, {10, 40}, 2, 1, 50},   /* and once more */
        {100, {10, 1000}, 2, 1, 45}, /* who needs more counts as much as he gets */
        {100, {25, 25, 25, 25}, 4, 0, SHARE_NO_LIMIT}, /* just enough for all */
        {100, {25, 25, 25, 26}, 4, 0, 25},
        {100, {0, 0, 0, 1000}, 4, 0, 100},
        {100, {0, 0}, 2, 0, SHARE_NO_LIMIT},
        {2, {0}, 0, 3, 0}, /* less than one each */
        {SHARE_NO_LIMIT, {1000}, 1, 3, SHARE_NO_LIMIT},
        {100, {0}, 0, 0, SHARE_NO_LIMIT}, /* nobody at all */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(
            share_level(rows[i].limit, rows[i].needs, rows[i].n, rows[i].n_open),
            rows[i].level);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_one_leaves_the_others_share)};
    return cmocka_run_group_tests_name("query_share", tests, NULL, NULL);
}
