/* Ranges by the table of the monitoring plugins' guidelines, and their units. */
#include "health/range.h"

#include "base/clock.h"
#include "tests/test.h"

#include <math.h>

#define S ((double)NSEC_PER_SEC)

static struct pgcensus_range parse(const char *text, enum pgcensus_metric metric)
{
    struct pgcensus_range range = {.set = false};
    struct range_fault fault = {RANGE_FINE, ""};
    print_message("# \"%s\"\n", text);
    if (!range_parse(text, metric, &range, &fault))
        fail_msg("\"%s\": %d at \"%s\"", text, fault.wrong, fault.end);
    assert_true(range.set);
    return range;
}

/* "Generate an alert if x is …", each with values that do and values that do not. */
static void the_examples_of_the_guidelines(void **state)
{
    static const struct {
        const char *text;
        double alerts[3], fine[3];
    } examples[] = {
        {"10s", {-1, 10.1, 11}, {0, 5, 10}},
        {"10s:", {-1, 0, 9.9}, {10, 11, 1e6}},
        {"~:10s", {10.1, 11, 1e6}, {-1e6, 0, 10}},
        {"10s:20s", {9.9, 20.1, 0}, {10, 15, 20}},
        {"@10s:20s", {10, 15, 20}, {9.9, 20.1, 0}},
    };
    for (size_t i = 0; i < ARRAY_SIZE(examples); i++) {
        struct pgcensus_range range = parse(examples[i].text, PGCENSUS_METRIC_LATENCY);
        for (size_t n = 0; n < 3; n++) {
            assert_true(pgcensus_range_alerts(&range, examples[i].alerts[n] * S));
            assert_false(pgcensus_range_alerts(&range, examples[i].fine[n] * S));
        }
    }
}

static void ends_have_the_unit_of_the_metric(void **state)
{
    static const struct {
        enum pgcensus_metric metric;
        const char *text, *again;
        double start, end;
    } stories[] = {
        {PGCENSUS_METRIC_LATENCY, "200ms", "200ms", 0, 0.2 * S},
        {PGCENSUS_METRIC_LATENCY, "1.5s", "1500ms", 0, 1.5 * S},
        {PGCENSUS_METRIC_LATENCY, "0:0", "0", 0, 0},
        {PGCENSUS_METRIC_LATENCY, "0s:0", "0", 0, 0},
        {PGCENSUS_METRIC_LATENCY, "0:", "0:", 0, INFINITY},
        {PGCENSUS_METRIC_LATENCY, "~:", "~:", -INFINITY, INFINITY},
        {PGCENSUS_METRIC_LATENCY, "@5s", "@0:5s", 0, 5 * S},
        {PGCENSUS_METRIC_LATENCY, "@0:5s", "@0:5s", 0, 5 * S},
        {PGCENSUS_METRIC_LATENCY, "@~:0", "@~:0", -INFINITY, 0},
        {PGCENSUS_METRIC_LAG_BYTES, "16MB", "16MB", 0, 16 << 20},
        {PGCENSUS_METRIC_LAG_BYTES, "1.5kB:2kB", "1536B:2kB", 1536, 2048},
        {PGCENSUS_METRIC_SLOT_RETAINED, "17B", "17B", 0, 17},
        {PGCENSUS_METRIC_CONNECTIONS, "80%", "80%", 0, 80},
        {PGCENSUS_METRIC_CONNECTIONS, "99.9%:", "99.9%:", 99.9, INFINITY},
        {PGCENSUS_METRIC_UPTIME, "10m:", "10m:", 600 * S, INFINITY},
        {PGCENSUS_METRIC_CERT_EXPIRY, "30d:", "30d:", 30 * 86400 * S, INFINITY},
        {PGCENSUS_METRIC_CERT_EXPIRY, "-5s:1h", "-5s:1h", -5 * S, 3600 * S},
        {PGCENSUS_METRIC_CERT_EXPIRY, "~:-5s", "~:-5s", -INFINITY, -5 * S},
        {PGCENSUS_METRIC_CERT_EXPIRY, "-0:1h", "1h", 0, 3600 * S},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++) {
        struct pgcensus_range range = parse(stories[i].text, stories[i].metric);
        AUTO(buf_fini) struct buf again = BUF_INIT;
        assert_true(range.start == stories[i].start && range.end == stories[i].end);
        assert_int_equal(range.inside, *stories[i].text == '@');
        range_format(&range, pgcensus_metric_unit(stories[i].metric), &again);
        assert_string_equal(again.bytes, stories[i].again);
    }
}

static void what_is_no_range(void **state)
{
    static const struct {
        enum pgcensus_metric metric;
        const char *text;
        enum range_wrong wrong;
        const char *end;
    } stories[] = {
        {PGCENSUS_METRIC_LATENCY, "", RANGE_NO_RANGE, ""},
        {PGCENSUS_METRIC_LATENCY, "@", RANGE_NO_RANGE, ""},
        {PGCENSUS_METRIC_LATENCY, "~", RANGE_NO_RANGE, "~"},
        {PGCENSUS_METRIC_LATENCY, ":", RANGE_NO_RANGE, ""},
        {PGCENSUS_METRIC_LATENCY, ":5s", RANGE_NO_RANGE, ""},
        {PGCENSUS_METRIC_LATENCY, "1s:~", RANGE_NO_RANGE, "~"},
        {PGCENSUS_METRIC_LATENCY, "1s:2s:3s", RANGE_BAD_UNIT, "2s:3s"},
        {PGCENSUS_METRIC_LATENCY, "@@5s", RANGE_NO_RANGE, "@5s"},
        {PGCENSUS_METRIC_LATENCY, " 5s", RANGE_NO_RANGE, " 5s"},
        {PGCENSUS_METRIC_LATENCY, "+5s", RANGE_NO_RANGE, "+5s"},
        {PGCENSUS_METRIC_LATENCY, "--5s", RANGE_NO_RANGE, "--5s"},
        {PGCENSUS_METRIC_LATENCY, "inf", RANGE_NO_RANGE, "inf"},
        {PGCENSUS_METRIC_LATENCY, "10", RANGE_NO_UNIT, "10"},
        {PGCENSUS_METRIC_LATENCY, "10:5s", RANGE_NO_UNIT, "10"},
        {PGCENSUS_METRIC_LATENCY, "1s:10", RANGE_NO_UNIT, "10"},
        {PGCENSUS_METRIC_LATENCY, "16MB", RANGE_BAD_UNIT, "16MB"},
        {PGCENSUS_METRIC_LAG_BYTES, "5s", RANGE_BAD_UNIT, "5s"},
        {PGCENSUS_METRIC_CONNECTIONS, "0.8", RANGE_NO_UNIT, "0.8"},
        {PGCENSUS_METRIC_CONNECTIONS, "5s", RANGE_BAD_UNIT, "5s"},
        {PGCENSUS_METRIC_CONNECTIONS, "101%", RANGE_TOO_LARGE, "101%"},
        {PGCENSUS_METRIC_UPTIME, "20000d", RANGE_TOO_LARGE, "20000d"},
        {PGCENSUS_METRIC_LAG_BYTES, "1000000TB", RANGE_TOO_LARGE, "1000000TB"},
        {PGCENSUS_METRIC_LATENCY, "-5s:5s", RANGE_NEGATIVE, "-5s"},
        {PGCENSUS_METRIC_LAG_BYTES, "~:-1kB", RANGE_NEGATIVE, "-1kB"},
        {PGCENSUS_METRIC_CONNECTIONS, "-1%:", RANGE_NEGATIVE, "-1%"},
        {PGCENSUS_METRIC_LATENCY, "5s:1s", RANGE_BACKWARDS, ""},
        {PGCENSUS_METRIC_LATENCY, "@5s:1s", RANGE_BACKWARDS, ""},
        {PGCENSUS_METRIC_CERT_EXPIRY, "-5s", RANGE_BACKWARDS, ""},
        {PGCENSUS_METRIC_LATENCY, "00000000000000000000000000000000000s:5s",
         RANGE_NO_RANGE, ""},
    };
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++) {
        struct pgcensus_range untouched = {.start = 42};
        struct range_fault fault = {RANGE_FINE, "?"};
        print_message("# \"%s\"\n", stories[i].text);
        assert_false(
            range_parse(stories[i].text, stories[i].metric, &untouched, &fault));
        assert_int_equal(fault.wrong, stories[i].wrong);
        assert_string_equal(fault.end, stories[i].end);
        assert_true(untouched.start == 42 && !untouched.set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_guidelines),
        cmocka_unit_test(ends_have_the_unit_of_the_metric),
        cmocka_unit_test(what_is_no_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
