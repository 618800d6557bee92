#include "base/rng.h"
#include "tests/test.h"

/* The reference implementation's first numbers for this seed. */
static void same_seed_same_numbers(void **state)
{
    struct rng rng;
    rng_init(&rng, 1234567);
    assert_true(rng_next(&rng) == UINT64_C(6457827717110365317));
    assert_true(rng_next(&rng) == UINT64_C(3203168211198807973));
    assert_true(rng_next(&rng) == UINT64_C(9817491932198370423));
}

static void random_seeds_differ(void **state)
{
    struct rng a, b;
    rng_init_random(&a);
    rng_init_random(&b);
    assert_true(rng_next(&a) != rng_next(&b));
}

static void below_is_below_and_even(void **state)
{
    struct rng rng;
    unsigned seen[7] = {0};
    rng_init(&rng, 1);
    for (int i = 0; i < 7000; i++) {
        uint64_t number = rng_below(&rng, 7);
        assert_true(number < 7);
        seen[number]++;
    }
    for (int i = 0; i < 7; i++)
        assert_in_range(seen[i], 850, 1150);
    assert_int_equal(rng_below(&rng, 1), 0);
    assert_true(rng_below(&rng, UINT64_MAX) < UINT64_MAX);
}

static void a_unit_is_below_one(void **state)
{
    struct rng rng;
    double sum = 0;
    rng_init(&rng, 2);
    for (int i = 0; i < 1000; i++) {
        double unit = rng_unit(&rng);
        assert_true(unit >= 0 && unit < 1);
        sum += unit;
    }
    assert_true(sum > 450 && sum < 550);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed_same_numbers),
        cmocka_unit_test(random_seeds_differ),
        cmocka_unit_test(below_is_below_and_even),
        cmocka_unit_test(a_unit_is_below_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
