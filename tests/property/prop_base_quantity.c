/* What is formatted reads back as the same number; what is no quantity is refused and
 * nothing is touched. */
#include "base/quantity.h"

#include "tests/test.h"
#include "walk.h"

enum { ROUNDS = 50000 };

/* Every magnitude is as likely as any other. */
static int64_t random_number(struct rng *rng)
{
    return (int64_t)(rng_next(rng) >> 1 >> rng_below(rng, 63));
}

static void assert_comes_back(int64_t value, void (*format)(int64_t, struct buf *),
                              enum quantity (*parse)(const char *, int64_t *))
{
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    int64_t again = -1;
    format(value, &buf);
    if (parse(buf.bytes, &again) != QUANTITY_OK || again != value)
        fail_msg("%lld became %s became %lld", (long long)value, buf.bytes,
                 (long long)again);
}

static void durations_and_sizes_come_back(void **state)
{
    static const int64_t units[] = {1, 1000, 1000000, 1000000000, 60000000000, 1024};
    struct rng rng = walk_begin("durations and sizes");
    for (int round = 0; round < ROUNDS; round++) {
        int64_t value = random_number(&rng);
        int64_t unit = units[rng_below(&rng, ARRAY_SIZE(units))];
        value -= value % unit;
        /* A length in nanoseconds has at most 18 digits: 31 years. */
        assert_comes_back(value % 1000000000000000000, quantity_format_duration,
                          quantity_duration);
        assert_comes_back(value % 1000000000000000000, quantity_format_size,
                          quantity_size);
    }
}

static void shares_and_percents_come_back(void **state)
{
    struct rng rng = walk_begin("shares");
    AUTO(buf_fini) struct buf buf = BUF_INIT;
    for (int round = 0; round < ROUNDS; round++) {
        char text[32];
        int decimals = 1 + (int)rng_below(&rng, 12);
        unsigned long long fraction = 1;
        for (int i = 0; i < decimals; i++)
            fraction *= 10;
        fraction = rng_below(&rng, fraction);
        snprintf(text, sizeof text, "%u.%0*llu%%", (unsigned)rng_below(&rng, 100),
                 decimals, fraction);

        double share = -1, percent = -1, again = -1;
        assert_int_equal(quantity_share(text, &share), QUANTITY_OK);
        buf_clear(&buf);
        quantity_format_share(share, &buf);
        assert_int_equal(quantity_share(buf.bytes, &again), QUANTITY_OK);
        if (share != again)
            fail_msg("%s became %s", text, buf.bytes);

        assert_int_equal(quantity_percent(text, &percent), QUANTITY_OK);
        buf_clear(&buf);
        quantity_format_percent(percent, &buf);
        assert_int_equal(quantity_percent(buf.bytes, &again), QUANTITY_OK);
        if (percent != again)
            fail_msg("%s became %s", text, buf.bytes);
    }
}

static void junk_touches_nothing(void **state)
{
    static const char alphabet[] = "0019.smhd%kMB e-+x";
    struct rng rng = walk_begin("junk");
    for (int round = 0; round < ROUNDS; round++) {
        char text[8];
        int64_t number = -7;
        double real = -7;
        walk_word(&rng, alphabet, sizeof alphabet - 1, text, sizeof text);
        assert_true(quantity_duration(text, &number) == QUANTITY_OK ? number >= 0
                                                                    : number == -7);
        number = -7;
        assert_true(quantity_size(text, &number) == QUANTITY_OK ? number >= 0
                                                                : number == -7);
        number = -7;
        assert_true(quantity_count(text, 3, 100, &number) == QUANTITY_OK
                        ? number >= 3 && number <= 100
                        : number == -7);
        assert_true(quantity_share(text, &real) == QUANTITY_OK ? real >= 0 && real <= 1
                                                               : real == -7);
        real = -7;
        assert_true(quantity_ratio(text, &real) == QUANTITY_OK ? real >= 0
                                                               : real == -7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_and_sizes_come_back),
        cmocka_unit_test(shares_and_percents_come_back),
        cmocka_unit_test(junk_touches_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
