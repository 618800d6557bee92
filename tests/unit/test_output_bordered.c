/* What is expected here was printed by psql 15 with \pset border 1. */
#include "base/memory.h"
#include "built_with.h"
#include "output/format.h"
#include "tests/test.h"

#include <string.h>

static const struct column columns[] = {
    {.name = "a"},
    {.name = "number", .align = ALIGN_RIGHT},
    {.name = "n\nmmm"},
};

struct line {
    const char *texts[3];
};

static const struct line lines[] = {
    {{"x", "1", "one\ntwo and more"}},
    {{"", NULL, "last\n"}},
    {{"\nlonger", "-99999", NULL}},
};

static void print(struct buf *out, struct look look, const struct column *header,
                  size_t n_columns, const struct line *rows, size_t n)
{
    look.bordered = true;
    struct writer *writer = writer_begin(&writer_table, out, &look, header, n_columns);
    for (size_t i = 0; i < n; i++) {
        struct cell cells[3];
        for (size_t j = 0; j < n_columns; j++)
            cells[j] = cell_text(rows[i].texts[j]);
        writer_row(writer, cells);
    }
    writer_end(writer);
}

static void assert_prints(struct look look, const struct line *rows, size_t n,
                          const char *expected)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    print(&out, look, columns, ARRAY_SIZE(columns), rows, n);
    assert_string_equal(out.bytes, expected);
}

static void cells_are_aligned_in_borders(void **state)
{
    assert_prints((struct look){0}, lines, 3,
                  "   a    | number |      n      +\n"
                  "        |        |     mmm      \n"
                  "--------+--------+--------------\n"
                  " x      |      1 | one         +\n"
                  "        |        | two and more\n"
                  "        |        | last        +\n"
                  "        |        | \n"
                  "       +| -99999 | \n"
                  " longer |        | \n");
    assert_prints((struct look){.null = "NULL", .tuples_only = true}, lines + 1, 1,
                  "   |   NULL | last+\n"
                  "   |        | \n");
    assert_prints((struct look){0}, NULL, 0,
                  " a | number |  n +\n"
                  "   |        | mmm \n"
                  "---+--------+-----\n");
}

static void a_record_for_each_row(void **state)
{
    assert_prints((struct look){.expanded = true}, lines, 3,
                  "-[ RECORD 1 ]--------\n"
                  "a      | x\n"
                  "number | 1\n"
                  "n     +| one         +\n"
                  "mmm    | two and more\n"
                  "-[ RECORD 2 ]--------\n"
                  "a      | \n"
                  "number | \n"
                  "n     +| last        +\n"
                  "mmm    | \n"
                  "-[ RECORD 3 ]--------\n"
                  "a      |             +\n"
                  "       | longer\n"
                  "number | -99999\n"
                  "n     +| \n"
                  "mmm    |\n");
    assert_prints((struct look){.expanded = true, .tuples_only = true}, lines, 2,
                  "a      | x\n"
                  "number | 1\n"
                  "n     +| one         +\n"
                  "mmm    | two and more\n"
                  "-------+-------------\n"
                  "a      | \n"
                  "number | \n"
                  "n     +| last        +\n"
                  "mmm    | \n");
    assert_prints((struct look){.expanded = true}, NULL, 0, "");
}

/* The one thing that psql does not do before version 16. */
static void rule_of_a_record_fits_the_terminal(void **state)
{
    assert_prints((struct look){.expanded = true, .width = 18}, lines, 1,
                  "-[ RECORD 1 ]-----\n"
                  "a      | x\n"
                  "number | 1\n"
                  "n     +| one         +\n"
                  "mmm    | two and more\n");
}

static void unaligned_breaks_no_lines(void **state)
{
    assert_prints((struct look){.unaligned = true}, lines, 1,
                  "a|number|n\\nmmm\n"
                  "x|1|one\\ntwo and more\n");
}

static void a_table_without_columns(void **state)
{
    static const struct look look = {0};
    AUTO(buf_fini) struct buf out = BUF_INIT;
    print(&out, look, NULL, 0, lines, 2);
    assert_string_equal(out.bytes, "--\n");
    buf_clear(&out);
    print(&out, (struct look){.tuples_only = true}, NULL, 0, lines, 2);
    assert_string_equal(out.bytes, "");
    print(&out, (struct look){.expanded = true}, NULL, 0, lines, 2);
    assert_string_equal(out.bytes, "");
}

static void wide_and_combining_characters(void **state)
{
    static const struct line wide = {{"日本", "1", "e\u0301"}};
    if (!HAVE_UTF8PROC)
        return;
    assert_prints((struct look){.tuples_only = true}, &wide, 1,
                  " 日本 |      1 | e\u0301\n");
}

static void nothing_acts_on_the_terminal(void **state)
{
    static const struct line hostile = {{"\x1b[2J", "\r1", "\u202ex\t\xff\n\x07"}};
    assert_prints((struct look){.tuples_only = true}, &hostile, 1,
                  " \\x1b[2J |  \\x0d1 | \\u{202e}x\\t\\xff+\n"
                  "         |        | \\x07\n");
}

static void three_hundred_columns(void **state)
{
    enum { MANY = 300 };
    struct column many[MANY];
    struct cell cells[MANY];
    struct look look = {.bordered = true, .width = 40};
    AUTO(buf_fini) struct buf out = BUF_INIT;

    for (size_t i = 0; i < MANY; i++) {
        many[i] = (struct column){.name = "n", .align = ALIGN_RIGHT};
        cells[i] = cell_number("12");
    }
    struct writer *writer = writer_begin(&writer_table, &out, &look, many, MANY);
    writer_row(writer, cells);
    writer_end(writer);
    const char *rule = out.bytes + MANY * 5, *row = rule + MANY * 5;
    assert_int_equal(strcspn(out.bytes, "\n"), MANY * 5 - 1);
    assert_int_equal(strcspn(rule, "\n"), MANY * 5 - 1);
    assert_int_equal(strlen(row), MANY * 5 - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_aligned_in_borders),
        cmocka_unit_test(a_record_for_each_row),
        cmocka_unit_test(rule_of_a_record_fits_the_terminal),
        cmocka_unit_test(unaligned_breaks_no_lines),
        cmocka_unit_test(a_table_without_columns),
        cmocka_unit_test(wide_and_combining_characters),
        cmocka_unit_test(nothing_acts_on_the_terminal),
        cmocka_unit_test(three_hundred_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
