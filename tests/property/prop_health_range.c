/* What is formatted reads back as the same range; junk touches nothing; and a range
 * alerts for exactly those values for which its opposite does not. */
#include "health/range.h"
#include "tests/property/walk.h"
#include "tests/test.h"

#include <string.h>

enum { ROUNDS = 50000 };

static enum pgcensus_metric random_metric(struct rng *rng)
{
    return (enum pgcensus_metric)rng_below(rng, PGCENSUS_METRICS);
}

/* A number that the unit allows, with or without a fraction. */
static void add_random_end(struct rng *rng, enum pgcensus_metric metric,
                           struct buf *text)
{
    static const char *const units[][6] = {
        [PGCENSUS_UNIT_TIME] = {"us", "ms", "s", "m", "h", "d"},
        [PGCENSUS_UNIT_BYTES] = {"kB", "MB", "GB", "TB", "kB", "MB"},
        [PGCENSUS_UNIT_PERCENT] = {"%", "%", "%", "%", "%", "%"},
    };
    enum pgcensus_unit unit = pgcensus_metric_unit(metric);
    if (metric == PGCENSUS_METRIC_CERT_EXPIRY && rng_below(rng, 3) == 0)
        buf_add_char(text, '-');
    uint64_t below = unit == PGCENSUS_UNIT_PERCENT ? 100 : 10000;
    buf_add_format(text, "%u", (unsigned)rng_below(rng, below));
    if (rng_below(rng, 2))
        buf_add_format(text, ".%03u", (unsigned)rng_below(rng, 1000));
    buf_add_str(text, units[unit][rng_below(rng, 6)]);
}

static void add_random_range(struct rng *rng, enum pgcensus_metric metric,
                             struct buf *text)
{
    if (rng_below(rng, 3) == 0)
        buf_add_char(text, '@');
    switch (rng_below(rng, 4)) {
    case 0:
        add_random_end(rng, metric, text);
        return;
    case 1:
        add_random_end(rng, metric, text);
        buf_add_char(text, ':');
        return;
    case 2:
        buf_add_str(text, "~:");
        add_random_end(rng, metric, text);
        return;
    default:
        add_random_end(rng, metric, text);
        buf_add_char(text, ':');
        add_random_end(rng, metric, text);
    }
}

static bool same(const struct pgcensus_range *a, const struct pgcensus_range *b)
{
    return a->set == b->set && a->inside == b->inside && a->start == b->start &&
           a->end == b->end;
}

static void ranges_come_back(void **state)
{
    struct rng rng = walk_begin("ranges");
    AUTO(buf_fini) struct buf text = BUF_INIT;
    AUTO(buf_fini) struct buf again = BUF_INIT;
    unsigned n_good = 0;
    for (int round = 0; round < ROUNDS; round++) {
        enum pgcensus_metric metric = random_metric(&rng);
        struct pgcensus_range first = {.set = false}, second = {.set = false};
        struct range_fault fault;
        buf_clear(&text);
        add_random_range(&rng, metric, &text);
        if (!range_parse(text.bytes, metric, &first, &fault)) {
            if (fault.wrong != RANGE_BACKWARDS)
                fail_msg("%s: %d at %s", text.bytes, fault.wrong, fault.end);
            continue;
        }
        n_good++;
        buf_clear(&again);
        range_format(&first, pgcensus_metric_unit(metric), &again);
        if (!range_parse(again.bytes, metric, &second, &fault) ||
            !same(&first, &second))
            fail_msg("%s became %s", text.bytes, again.bytes);
    }
    assert_true(n_good > ROUNDS / 2);
}

static void junk_touches_nothing(void **state)
{
    static const char alphabet[] = "@~::0019.smhd%kMB -+x";
    struct rng rng = walk_begin("junk");
    for (int round = 0; round < ROUNDS; round++) {
        char text[12];
        struct pgcensus_range range = {.start = 42};
        struct range_fault fault = {RANGE_FINE, ""};
        walk_word(&rng, alphabet, sizeof alphabet - 1, text, sizeof text);
        if (range_parse(text, random_metric(&rng), &range, &fault)) {
            assert_true(range.set && range.start <= range.end);
            continue;
        }
        assert_true(!range.set && range.start == 42);
        assert_int_not_equal(fault.wrong, RANGE_FINE);
        assert_non_null(strstr(text, fault.end));
    }
}

static void a_range_and_its_opposite_never_agree(void **state)
{
    struct rng rng = walk_begin("opposites");
    for (int round = 0; round < ROUNDS; round++) {
        double low = rng_unit(&rng) * 100 - 50, size = rng_unit(&rng) * 100;
        struct pgcensus_range range = {.set = true, .start = low, .end = low + size};
        struct pgcensus_range opposite = range;
        double value = rng_unit(&rng) * 300 - 150;
        opposite.inside = true;
        assert_true(pgcensus_range_alerts(&range, value) !=
                    pgcensus_range_alerts(&opposite, value));
        assert_int_equal(pgcensus_range_alerts(&range, value),
                         value < low || value > low + size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_come_back),
        cmocka_unit_test(junk_touches_nothing),
        cmocka_unit_test(a_range_and_its_opposite_never_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
