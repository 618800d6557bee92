/* Decimal arithmetic against that of the machine.
 *
 * PGCENSUS_SEED=… replays one seed. */
#include "base/decimal.h"
#include "tests/test.h"
#include "walk.h"

enum { WALKS = 20000, MOST_SCALE = 9 };

static int64_t random_number(struct rng *rng)
{
    int64_t number = (int64_t)(rng_next(rng) >> rng_below(rng, 63) >> 3);
    return rng_below(rng, 2) ? number : -number;
}

static decimal_word scaled(int64_t number, size_t scale, size_t to)
{
    decimal_word word = number;
    for (; scale < to; scale++)
        word *= 10;
    return word;
}

static void assert_same(const struct decimal *decimal, decimal_word word, size_t scale)
{
    AUTO(decimal_fini) struct decimal expected = DECIMAL_ZERO;
    AUTO(buf_fini) struct buf a = BUF_INIT;
    AUTO(buf_fini) struct buf b = BUF_INIT;
    decimal_set(&expected, word, scale);
    decimal_format(decimal, &a);
    decimal_format(&expected, &b);
    assert_string_equal(a.bytes, b.bytes);
    assert_int_equal(decimal_compare(decimal, &expected), 0);
}

static void sums_walk(void **state)
{
    struct rng rng = walk_begin("sums");
    for (int i = 0; i < WALKS; i++) {
        AUTO(decimal_fini) struct decimal a = DECIMAL_ZERO;
        AUTO(decimal_fini) struct decimal b = DECIMAL_ZERO;
        size_t scale_a = rng_below(&rng, MOST_SCALE),
               scale_b = rng_below(&rng, MOST_SCALE);
        int64_t x = random_number(&rng), y = random_number(&rng);
        decimal_word left = scaled(x, scale_a, MOST_SCALE);
        decimal_word right = scaled(y, scale_b, MOST_SCALE);
        decimal_set(&a, x, scale_a);
        decimal_set(&b, y, scale_b);
        int order = decimal_compare(&a, &b);
        assert_int_equal((order > 0) - (order < 0), (left > right) - (left < right));
        int reverse = decimal_compare(&b, &a);
        assert_int_equal((reverse > 0) - (reverse < 0),
                         (right > left) - (right < left));
        decimal_add(&a, &b);
        assert_same(&a, left + right, MOST_SCALE);
    }
}

static void text_walk(void **state)
{
    struct rng rng = walk_begin("text");
    for (int i = 0; i < WALKS; i++) {
        AUTO(decimal_fini) struct decimal a = DECIMAL_ZERO;
        AUTO(decimal_fini) struct decimal b = DECIMAL_ZERO;
        AUTO(buf_fini) struct buf text = BUF_INIT;
        decimal_set(&a, random_number(&rng), rng_below(&rng, MOST_SCALE));
        decimal_format(&a, &text);
        assert_true(decimal_read(&b, text.bytes, text.len));
        assert_int_equal(decimal_compare(&a, &b), 0);
    }
}

/* What divides without a rest comes back. */
static void quotients_walk(void **state)
{
    struct rng rng = walk_begin("quotients");
    for (int i = 0; i < WALKS; i++) {
        AUTO(decimal_fini) struct decimal a = DECIMAL_ZERO;
        uint64_t by = 1 + rng_below(&rng, 1000000);
        int64_t x = random_number(&rng);
        size_t scale = rng_below(&rng, MOST_SCALE);
        decimal_set(&a, (decimal_word)x * (decimal_word)by, scale);
        decimal_divide(&a, by);
        assert_same(&a, x, scale);
    }
}

/* quotient * by, by doubling. */
static void multiply(const struct decimal *quotient, uint64_t by,
                     struct decimal *product)
{
    AUTO(decimal_fini) struct decimal doubled = DECIMAL_ZERO;
    decimal_add(&doubled, quotient);
    for (; by > 0; by >>= 1) {
        if (by & 1)
            decimal_add(product, &doubled);
        decimal_add(&doubled, &doubled);
    }
}

static size_t digits_that_count(const struct decimal *decimal)
{
    return decimal->digits.len - strspn(decimal->digits.bytes, "0");
}

/* What is lost is at most half of the last digit, by times. */
static void rounding_walk(void **state)
{
    struct rng rng = walk_begin("rounding");
    for (int round = 0; round < WALKS / 4; round++) {
        AUTO(decimal_fini) struct decimal number = DECIMAL_ZERO;
        AUTO(decimal_fini) struct decimal quotient = DECIMAL_ZERO;
        AUTO(decimal_fini) struct decimal lost = DECIMAL_ZERO;
        AUTO(decimal_fini) struct decimal bound = DECIMAL_ZERO;
        uint64_t by = 1 + (rng_next(&rng) >> 1 >> rng_below(&rng, 63));
        decimal_set(&number, random_number(&rng), rng_below(&rng, MOST_SCALE));
        decimal_add(&quotient, &number);
        decimal_divide(&quotient, by);

        multiply(&quotient, by, &lost);
        lost.negative = !lost.negative;
        decimal_add(&lost, &number);
        lost.negative = false;
        decimal_add(&lost, &lost);
        decimal_set(&bound, by, quotient.scale);
        if (decimal_compare(&lost, &bound) > 0)
            fail_msg("more was lost by dividing by %llu than by rounding",
                     (unsigned long long)by);
        decimal_set(&bound, 0, 0);
        bool exact = decimal_compare(&lost, &bound) == 0;
        assert_true(exact || digits_that_count(&quotient) >= 16);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_walk),
        cmocka_unit_test(text_walk),
        cmocka_unit_test(quotients_walk),
        cmocka_unit_test(rounding_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
