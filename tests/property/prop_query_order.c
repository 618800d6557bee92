/* Texts are compared as what they mean: a total order, and that of the values.
 *
 * PGCENSUS_SEED=… replays one seed. */
#include "query/order.h"
#include "query/order_time.h"
#include "query/reduce_numbers.h"
#include "tests/test.h"
#include "walk.h"

#include <string.h>

enum { WALKS = 20000, NUMBERS = 300 };

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

/* By their texts, loosely or not. */
static int compare(enum order order, const struct buf *a, const struct buf *b)
{
    AUTO(order_key_fini) struct order_key key_a = ORDER_KEY_INIT;
    AUTO(order_key_fini) struct order_key key_b = ORDER_KEY_INIT;
    struct pgcensus_cell left = {a->bytes, a->len}, right = {b->bytes, b->len};
    if (!order_read(order, &left, &key_a) || !order_read(order, &right, &key_b))
        fail_msg("%s, %s", a->bytes, b->bytes);
    int result = sign(order_compare(order, &left, &key_a, &right, &key_b));
    assert_int_equal(sign(order_compare(order, &right, &key_b, &left, &key_a)),
                     -result);
    assert_int_equal(order_compare(order, &left, &key_a, &left, &key_a), 0);
    return result;
}

/* ---- moments ---- */

static decimal_word random_moment(struct rng *rng)
{
    const decimal_word year = (decimal_word)31557600 * 1000000;
    decimal_word us = (decimal_word)(rng_next(rng) >> rng_below(rng, 30));
    return us % (20000 * year) - (rng_below(rng, 4) ? 0 : 4000 * year);
}

/* The same moment as a clock in another zone shows it. */
static void write_moment(struct rng *rng, decimal_word us, struct buf *text)
{
    AUTO(buf_fini) struct buf utc = BUF_INIT;
    int minutes = (int)rng_below(rng, 24 * 60) - 12 * 60;
    order_add_moment(us + (decimal_word)minutes * 60 * 1000000, &utc);
    char *zone = strstr(utc.bytes, "+00");
    int away = minutes < 0 ? -minutes : minutes;
    buf_add(text, utc.bytes, (size_t)(zone - utc.bytes));
    buf_add_format(text, "%c%02d:%02d%s", minutes < 0 ? '-' : '+', away / 60, away % 60,
                   zone + 3);
}

static void moments_walk(void **state)
{
    struct rng rng = walk_begin("moments");
    for (int i = 0; i < WALKS; i++) {
        AUTO(buf_fini) struct buf a = BUF_INIT;
        AUTO(buf_fini) struct buf b = BUF_INIT;
        decimal_word x = random_moment(&rng);
        decimal_word y = rng_below(&rng, 2) ? x + (int64_t)rng_below(&rng, 3) - 1
                                            : random_moment(&rng);
        write_moment(&rng, x, &a);
        write_moment(&rng, y, &b);
        assert_int_equal(compare(ORDER_INSTANT, &a, &b), (x > y) - (x < y));
    }
}

/* ---- intervals ---- */

static decimal_word random_interval(struct rng *rng, struct buf *text)
{
    const decimal_word second = 1000000, day = 86400 * second;
    int months = (int)rng_below(rng, 100) - 50, days = (int)rng_below(rng, 100) - 50;
    long long us = (long long)rng_below(rng, 200000000000) - 100000000000;
    long long away = us < 0 ? -us : us;
    buf_add_format(text, "%d mons %d days %c%02lld:%02lld:%02lld.%06lld", months, days,
                   us < 0 ? '-' : '+', away / 3600000000, away / 60000000 % 60,
                   away / 1000000 % 60, away % 1000000);
    return months * 30 * day + days * day + us;
}

static void intervals_walk(void **state)
{
    struct rng rng = walk_begin("intervals");
    for (int i = 0; i < WALKS; i++) {
        AUTO(buf_fini) struct buf a = BUF_INIT;
        AUTO(buf_fini) struct buf b = BUF_INIT;
        decimal_word x = random_interval(&rng, &a), y = random_interval(&rng, &b);
        assert_int_equal(compare(ORDER_INTERVAL, &a, &b), (x > y) - (x < y));
    }
}

/* ---- numbers, and the doubles that stand for them ---- */

static void random_number(struct rng *rng, struct buf *text)
{
    static const size_t most[] = {1, 6, 17, 30};
    char digits[32];
    if (rng_below(rng, 2))
        buf_add_char(text, '-');
    buf_add_char(text, (char)('1' + (int)rng_below(rng, 9)));
    walk_word(rng, "0123456789", 10, digits, most[rng_below(rng, ARRAY_SIZE(most))]);
    buf_add_str(text, digits);
    walk_word(rng, "0059", 4, digits, most[rng_below(rng, ARRAY_SIZE(most))]);
    if (*digits)
        buf_add_format(text, ".%s", digits);
}

/* A little more or less than one that is there. */
static void random_neighbour(struct rng *rng, const struct buf *of, struct buf *text)
{
    buf_add(text, of->bytes, of->len);
    text->bytes[text->len - 1] = (char)('0' + (int)rng_below(rng, 10));
}

struct placed {
    struct buf text;
    struct reduce_number number;
};

static int compare_placed(const struct placed *a, const struct placed *b)
{
    double x = a->number.real, y = b->number.real;
    return (x > y) - (x < y);
}

static void judge_placed(const struct reduce_numbers *numbers, const struct placed *a)
{
    AUTO(decimal_fini) struct decimal known = DECIMAL_ZERO;
    AUTO(decimal_fini) struct decimal came = DECIMAL_ZERO;
    const char *text = reduce_numbers_text(numbers, a->number.real);
    char plain[40];
    snprintf(plain, sizeof plain, "%.15g", a->number.real);
    text = text ? text : plain;
    assert_true(decimal_read(&known, text, strlen(text)));
    assert_true(decimal_read(&came, a->text.bytes, a->text.len));
    assert_int_equal(decimal_compare(&known, &came), 0);
}

static void numbers_walk(void **state)
{
    struct rng rng = walk_begin("numbers");
    AUTO(reduce_numbers_free) struct reduce_numbers *numbers = reduce_numbers_new();
    static struct placed all[NUMBERS];
    size_t n = 0, n_crowded = 0;
    for (size_t i = 0; i < NUMBERS; i++) {
        struct placed *placed = &all[n];
        placed->text = BUF_INIT;
        if (n > 0 && rng_below(&rng, 4) == 0)
            random_neighbour(&rng, &all[rng_below(&rng, n)].text, &placed->text);
        else
            random_number(&rng, &placed->text);
        placed->number = reduce_numbers_place(numbers, placed->text.bytes,
                                              placed->text.len, /* integers= */ false);
        if (placed->number.kind == REDUCE_REAL) {
            n++;
        } else {
            assert_int_equal(placed->number.kind, REDUCE_CROWDED);
            buf_fini(&placed->text);
            n_crowded++;
        }
    }
    assert_true(n_crowded < NUMBERS / 10);
    for (size_t i = 0; i < n; i++) {
        judge_placed(numbers, &all[i]);
        for (size_t j = 0; j < i; j++)
            assert_int_equal(compare(ORDER_NUMBER, &all[i].text, &all[j].text),
                             compare_placed(&all[i], &all[j]));
    }
    for (size_t i = 0; i < n; i++)
        buf_fini(&all[i].text);
}

static void numbers_walks(void **state)
{
    for (int i = 0; i < 10; i++)
        numbers_walk(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_walk),
        cmocka_unit_test(intervals_walk),
        cmocka_unit_test(numbers_walks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
