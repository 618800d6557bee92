#include "health/metric.h"

#include "base/auto.h"
#include "tests/test.h"

#include <math.h>

static const struct story {
    const char *name;
    enum pgcensus_unit unit;
} stories[PGCENSUS_METRICS] = {
    {"latency", PGCENSUS_UNIT_TIME},      {"lag_bytes", PGCENSUS_UNIT_BYTES},
    {"lag_seconds", PGCENSUS_UNIT_TIME},  {"connections", PGCENSUS_UNIT_PERCENT},
    {"clock_offset", PGCENSUS_UNIT_TIME}, {"slot_retained", PGCENSUS_UNIT_BYTES},
    {"cert_expiry", PGCENSUS_UNIT_TIME},  {"uptime", PGCENSUS_UNIT_TIME},
};

static void every_metric_has_a_name_and_a_unit(void **state)
{
    for (unsigned i = 0; i < PGCENSUS_METRICS; i++) {
        enum pgcensus_metric metric = (enum pgcensus_metric)i, found = PGCENSUS_METRICS;
        assert_string_equal(pgcensus_metric_name(metric), stories[i].name);
        assert_int_equal(pgcensus_metric_unit(metric), stories[i].unit);
        assert_true(pgcensus_metric_find(stories[i].name, &found));
        assert_int_equal(found, metric);
        assert_int_equal(metric_is_signed(metric),
                         metric == PGCENSUS_METRIC_CERT_EXPIRY);
    }
    assert_null(pgcensus_metric_name(PGCENSUS_METRICS));
}

static void nothing_else_is_a_metric(void **state)
{
    enum pgcensus_metric untouched = PGCENSUS_METRIC_UPTIME;
    assert_false(pgcensus_metric_find("", &untouched));
    assert_false(pgcensus_metric_find("lag", &untouched));
    assert_false(pgcensus_metric_find("Latency", &untouched));
    assert_int_equal(untouched, PGCENSUS_METRIC_UPTIME);
}

/* Both ends belong to the range. */
static void alerts_outside_or_inside(void **state)
{
    struct pgcensus_range range = {.set = true, .start = 10, .end = 20};
    const double values[] = {9.9, 10, 15, 20, 20.1, -1, INFINITY};
    const bool outside[] = {true, false, false, false, true, true, true};
    for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
        range.set = true;
        range.inside = false;
        assert_int_equal(pgcensus_range_alerts(&range, values[i]), outside[i]);
        range.inside = true;
        assert_int_equal(pgcensus_range_alerts(&range, values[i]), !outside[i]);
        range.set = false;
        assert_false(pgcensus_range_alerts(&range, values[i]));
    }
}

static void no_limit_never_alerts(void **state)
{
    const struct pgcensus_range all = {
        .set = true, .start = -INFINITY, .end = INFINITY};
    assert_false(pgcensus_range_alerts(&all, 0));
    assert_false(pgcensus_range_alerts(&all, 1e300));
    assert_false(pgcensus_range_alerts(&all, -INFINITY));
}

static void assert_shown(enum pgcensus_metric metric, double value,
                         const char *expected)
{
    char text[32];
    pgcensus_metric_format(metric, value, text, sizeof text);
    assert_string_equal(text, expected);
}

static void values_are_shown_with_three_digits(void **state)
{
    assert_shown(PGCENSUS_METRIC_LATENCY, 12345678, "12.3ms");
    assert_shown(PGCENSUS_METRIC_LATENCY, 1.5e9, "1.5s");
    assert_shown(PGCENSUS_METRIC_LATENCY, 0, "0");
    assert_shown(PGCENSUS_METRIC_LAG_BYTES, 16 << 20, "16MB");
    assert_shown(PGCENSUS_METRIC_LAG_BYTES, 17, "17B");
    assert_shown(PGCENSUS_METRIC_CONNECTIONS, 80, "80%");
    assert_shown(PGCENSUS_METRIC_CONNECTIONS, 87.456, "87.5%");
    assert_shown(PGCENSUS_METRIC_CONNECTIONS, 103, "103%");
    assert_shown(PGCENSUS_METRIC_CERT_EXPIRY, -5e9, "-5s");
    assert_shown(PGCENSUS_METRIC_CERT_EXPIRY, 30 * 86400e9, "30d");
    assert_shown(PGCENSUS_METRIC_UPTIME, INFINITY, "11574d");
}

static void limits_are_shown_as_they_are_written(void **state)
{
    char text[32], little[4];
    struct pgcensus_range range = {.set = true, .end = 16 << 20};
    pgcensus_range_format(PGCENSUS_METRIC_LAG_BYTES, &range, text, sizeof text);
    assert_string_equal(text, "16MB");
    range.end = 16e9;
    pgcensus_range_format(PGCENSUS_METRIC_LATENCY, &range, little, sizeof little);
    assert_string_equal(little, "16s");
    range.set = false;
    pgcensus_range_format(PGCENSUS_METRIC_LATENCY, &range, text, sizeof text);
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_metric_has_a_name_and_a_unit),
        cmocka_unit_test(nothing_else_is_a_metric),
        cmocka_unit_test(alerts_outside_or_inside),
        cmocka_unit_test(no_limit_never_alerts),
        cmocka_unit_test(values_are_shown_with_three_digits),
        cmocka_unit_test(limits_are_shown_as_they_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
