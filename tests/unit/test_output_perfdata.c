#include "output/perfdata.h"
#include "tests/test.h"

#include <math.h>

#define RANGE(...) ((struct pgcensus_range){.set = true, __VA_ARGS__})

static void assert_item(struct perfdata item, const char *expected)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    perfdata_add(&out, &item);
    assert_string_equal(out.bytes, expected);
}

static void assert_label(const char *label, const char *expected)
{
    AUTO(buf_fini) struct buf line = BUF_INIT;
    buf_add_format(&line, " %s=1;;;0", expected);
    assert_item((struct perfdata){.label = label, .value = 1, .scale = 1, .unit = ""},
                line.bytes);
}

static void labels_are_quoted_and_harmless(void **state)
{
    assert_label("ok", "ok");
    assert_label("pg-a latency", "'pg-a latency'");
    assert_label("it's", "'it''s'");
    assert_label("a=b", "'a=b'");
    assert_label("a;b", "'a;b'");
    assert_label("", "''");
    assert_label("a|b\n\x1b", "a/b\\n\\x1b");
}

static void values_have_their_unit(void **state)
{
    const double max = 3;
    assert_item(
        (struct perfdata){
            .label = "l", .value = 5400000, .scale = 1e9, .decimals = 6, .unit = "s"},
        " l=0.0054s;;;0");
    assert_item(
        (struct perfdata){
            .label = "l", .value = 0x1p62, .scale = 1, .unit = "B", .max = &max},
        " l=4611686018427387904B;;;0;3");
    assert_item((struct perfdata){.label = "l",
                                  .value = -3600e9,
                                  .scale = 1e9,
                                  .unit = "s",
                                  .negative = true},
                " l=-3600s;;;");
}

static void assert_range(struct pgcensus_range range, double scale,
                         const char *expected)
{
    AUTO(buf_fini) struct buf line = BUF_INIT;
    const struct pgcensus_limits warn = {.warn = range}, critical = {.critical = range};
    struct perfdata item = {.label = "l", .scale = scale, .unit = "", .limits = &warn};
    buf_add_format(&line, " l=0;%s;;0", expected);
    assert_item(item, line.bytes);
    buf_clear(&line);
    buf_add_format(&line, " l=0;;%s;0", expected);
    item.limits = &critical;
    assert_item(item, line.bytes);
}

/* In the form of the guidelines: 10 is 0:10. */
static void ranges_as_the_guidelines_write_them(void **state)
{
    assert_range((struct pgcensus_range){.end = 10}, 1, "");
    assert_range(RANGE(.end = 10), 1, "10");
    assert_range(RANGE(.end = 200e6), 1e9, "0.2");
    assert_range(RANGE(.start = 10, .end = INFINITY), 1, "10:");
    assert_range(RANGE(.start = 0, .end = INFINITY), 1, "0:");
    assert_range(RANGE(.start = -INFINITY, .end = 10), 1, "~:10");
    assert_range(RANGE(.start = -INFINITY, .end = INFINITY), 1, "~:");
    assert_range(RANGE(.start = -1.5, .end = 20), 1, "-1.5:20");
    assert_range(RANGE(.inside = true, .start = 10, .end = 20), 1, "@10:20");
    assert_range(RANGE(.inside = true, .start = 0, .end = 20), 1, "@20");
}

static void text_does_not_end_early(void **state)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    perfdata_add_text(&out, "a|b | ok=1");
    assert_string_equal(out.bytes, "a/b / ok=1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_are_quoted_and_harmless),
        cmocka_unit_test(values_have_their_unit),
        cmocka_unit_test(ranges_as_the_guidelines_write_them),
        cmocka_unit_test(text_does_not_end_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
