#include "built_with.h"
#include "output/format.h"
#include "tests/test.h"

static const struct column columns[] = {
    {.name = "NODE"},
    {.name = "LATENCY", .align = ALIGN_RIGHT},
    {.name = "DETAIL", .flexible = true},
};

struct line {
    const char *node, *latency, *detail;
};

static const struct line lines[] = {
    {"pg-a", "1.8 ms", ""},
    {"pg-fra2", NULL, "connection refused (10.2.0.12:5432)"},
};

static void print(struct buf *out, const struct look *look, const struct line *rows,
                  size_t n)
{
    struct writer *writer =
        writer_begin(&writer_table, out, look, columns, ARRAY_SIZE(columns));
    for (size_t i = 0; i < n; i++) {
        const struct cell cells[] = {cell_text(rows[i].node),
                                     cell_text(rows[i].latency),
                                     cell_text(rows[i].detail)};
        writer_row(writer, cells);
    }
    writer_end(writer);
}

static void assert_prints(struct look look, const struct line *rows, size_t n,
                          const char *expected)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    print(&out, &look, rows, n);
    assert_string_equal(out.bytes, expected);
}

static void columns_are_aligned(void **state)
{
    assert_prints((struct look){.null = "-"}, lines, 2,
                  "NODE     LATENCY  DETAIL\n"
                  "pg-a      1.8 ms\n"
                  "pg-fra2        -  connection refused (10.2.0.12:5432)\n");
    assert_prints((struct look){.tuples_only = true}, lines, 2,
                  "pg-a     1.8 ms\n"
                  "pg-fra2          connection refused (10.2.0.12:5432)\n");
}

static void a_table_without_rows(void **state)
{
    assert_prints((struct look){0}, NULL, 0, "NODE  LATENCY  DETAIL\n");
    assert_prints((struct look){.tuples_only = true}, NULL, 0, "");
    assert_prints((struct look){.expanded = true}, NULL, 0, "");
    assert_prints((struct look){.unaligned = true}, NULL, 0, "NODE|LATENCY|DETAIL\n");
}

static void flexible_column_wraps(void **state)
{
    assert_prints((struct look){.width = 40, .null = "-"}, lines, 2,
                  "NODE     LATENCY  DETAIL\n"
                  "pg-a      1.8 ms\n"
                  "pg-fra2        -  connection refused\n"
                  "                  (10.2.0.12:5432)\n");
}

/* The branch of a tree stays with what hangs on it. */
static void what_hangs_is_not_torn_off(void **state)
{
    static const struct column tree[] = {{.name = "NODE", .flexible = true},
                                         {.name = "LAG", .align = ALIGN_RIGHT}};
    static const char name[] = "│  └─ pg-at-the-end";
    const struct look look = {.width = 20};
    AUTO(buf_fini) struct buf out = BUF_INIT;
    struct writer *writer =
        writer_begin(&writer_table, &out, &look, tree, ARRAY_SIZE(tree));
    struct cell cells[] = {cell_text(name), cell_text("1.5 s")};
    cells[0].hang = sizeof "│  └─ " - 1;
    writer_row(writer, cells);
    writer_end(writer);
    assert_string_equal(out.bytes, "NODE             LAG\n"
                                   "│  └─ pg-at-   1.5 s\n"
                                   "      the-end\n");
}

static void too_narrow_for_anything(void **state)
{
    assert_prints((struct look){.width = 10, .null = "-"}, lines, 2,
                  "NODE     LATENCY  DETAIL\n"
                  "pg-a      1.8 ms\n"
                  "pg-fra2        -  connecti\n"
                  "                  on\n"
                  "                  refused\n"
                  "                  (10.2.0.\n"
                  "                  12:5432)\n");
}

static void a_record_for_each_row(void **state)
{
    assert_prints((struct look){.expanded = true}, lines, 2,
                  "-[ RECORD 1 ]--------------------------------\n"
                  "NODE    | pg-a\n"
                  "LATENCY | 1.8 ms\n"
                  "DETAIL  |\n"
                  "-[ RECORD 2 ]--------------------------------\n"
                  "NODE    | pg-fra2\n"
                  "LATENCY |\n"
                  "DETAIL  | connection refused (10.2.0.12:5432)\n");
    assert_prints((struct look){.expanded = true, .tuples_only = true, .width = 30},
                  lines, 2,
                  "NODE    | pg-a\n"
                  "LATENCY | 1.8 ms\n"
                  "DETAIL  |\n"
                  "\n"
                  "NODE    | pg-fra2\n"
                  "LATENCY |\n"
                  "DETAIL  | connection refused\n"
                  "        | (10.2.0.12:5432)\n");
}

static void unaligned_is_for_programs(void **state)
{
    assert_prints((struct look){.unaligned = true, .width = 10, .null = "N"}, lines, 2,
                  "NODE|LATENCY|DETAIL\n"
                  "pg-a|1.8 ms|\n"
                  "pg-fra2|N|connection refused (10.2.0.12:5432)\n");
    assert_prints((struct look){.unaligned = true, .tuples_only = true}, lines, 1,
                  "pg-a|1.8 ms|\n");
    assert_prints((struct look){.unaligned = true, .expanded = true}, lines, 2,
                  "NODE|pg-a\n"
                  "LATENCY|1.8 ms\n"
                  "DETAIL|\n"
                  "\n"
                  "NODE|pg-fra2\n"
                  "LATENCY|\n"
                  "DETAIL|connection refused (10.2.0.12:5432)\n");
}

static void hostile_cells_are_shown(void **state)
{
    static const struct line hostile[] = {
        {"a\nb", "\x1b[2J", "\u202etxt.exe"},
        {"\xff", "1", "   "},
    };
    assert_prints((struct look){0}, hostile, 2,
                  "NODE  LATENCY  DETAIL\n"
                  "a\\nb  \\x1b[2J  \\u{202e}txt.exe\n"
                  "\\xff        1\n");
}

static void wide_characters_align(void **state)
{
    static const struct line wide[] = {{"表表", "1", "x"}, {"e\u0301", "2", "y"}};
    if (!HAVE_UTF8PROC)
        return;
    assert_prints((struct look){0}, wide, 2,
                  "NODE  LATENCY  DETAIL\n"
                  "表表        1  x\n"
                  "e\u0301           2  y\n");
}

static void colour_repeats_the_word_only(void **state)
{
    static const struct look look = {.colour = true};
    AUTO(buf_fini) struct buf out = BUF_INIT;
    struct writer *writer =
        writer_begin(&writer_table, &out, &look, columns, ARRAY_SIZE(columns));
    struct cell down = cell_text("down"), warn = cell_text("warn"),
                ok = cell_text("ok");
    down.tone = TONE_DOWN;
    warn.tone = TONE_WARN;
    writer_row(writer, (const struct cell[]){down, warn, ok});
    writer_end(writer);
    assert_string_equal(out.bytes,
                        "NODE  LATENCY  DETAIL\n"
                        "\x1b[1;7;31mdown\x1b[0m     \x1b[33mwarn\x1b[0m  ok\n");
}

static void formats_by_name(void **state)
{
    assert_ptr_equal(format_find("table"), format_default);
    assert_string_equal(format_find("csv")->name, "csv");
    assert_null(format_find("TABLE"));
    assert_null(format_find(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_aligned),
        cmocka_unit_test(a_table_without_rows),
        cmocka_unit_test(flexible_column_wraps),
        cmocka_unit_test(what_hangs_is_not_torn_off),
        cmocka_unit_test(too_narrow_for_anything),
        cmocka_unit_test(a_record_for_each_row),
        cmocka_unit_test(unaligned_is_for_programs),
        cmocka_unit_test(hostile_cells_are_shown),
        cmocka_unit_test(wide_characters_align),
        cmocka_unit_test(colour_repeats_the_word_only),
        cmocka_unit_test(formats_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
