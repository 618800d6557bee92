#include "output/writer.h"
#include "tests/test.h"

static const struct column columns[] = {
    {.name = "node"}, {.name = "lag|s", .align = ALIGN_RIGHT}, {.name = "message"}};

static void print(struct buf *out, const struct look *look, struct cell cell)
{
    struct writer *writer =
        writer_begin(&writer_markdown, out, look, columns, ARRAY_SIZE(columns));
    writer_row(writer,
               (const struct cell[]){cell_text("pg-a"), cell_number("0.5"), cell});
    writer_end(writer);
}

static void assert_cell(struct cell cell, const char *expected)
{
    static const struct look look = {.tuples_only = true};
    AUTO(buf_fini) struct buf out = BUF_INIT, line = BUF_INIT;
    print(&out, &look, cell);
    buf_add_format(&line, "| pg-a | 0.5 | %s |\n", expected);
    assert_string_equal(out.bytes, line.bytes);
}

static void numbers_are_aligned_to_the_right(void **state)
{
    static const struct look look = {0};
    AUTO(buf_fini) struct buf out = BUF_INIT;
    print(&out, &look, cell_text("well"));
    assert_string_equal(out.bytes, "| node | lag\\|s | message |\n"
                                   "| :--- | ---: | :--- |\n"
                                   "| pg-a | 0.5 | well |\n");
}

static void a_cell_stays_a_cell(void **state)
{
    assert_cell(cell_text("a|b"), "a\\|b");
    assert_cell(cell_text("a\\|b"), "a\\\\\\|b");
    assert_cell(cell_text("ends with \\"), "ends with \\\\");
    assert_cell(cell_text("one\ntwo\r\nthree\n"), "one<br>two<br>three<br>");
    assert_cell(cell_text("a\rb"), "a\\\\x0db");
}

static void markup_of_a_server_is_text(void **state)
{
    assert_cell(cell_text("![x](http://evil/)"), "!\\[x\\](http://evil/)");
    assert_cell(cell_text("<b>*very*</b> `bad` ~~x~~ &amp; $x$"),
                "\\<b\\>\\*very\\*\\</b\\> \\`bad\\` \\~\\~x\\~\\~ \\&amp; \\$x\\$");
}

static void names_with_underscores_stay_readable(void **state)
{
    assert_cell(cell_text("pg_stat_activity"), "pg_stat_activity");
    assert_cell(cell_text("_this_ and a_"), "\\_this\\_ and a\\_");
}

static void null_and_control_bytes(void **state)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    assert_cell(cell_text(NULL), "");
    assert_cell(cell_text("\x1b[2J"), "\\\\x1b\\[2J");
    print(&out, &(const struct look){.tuples_only = true, .null = "n|a"},
          cell_text(NULL));
    assert_string_equal(out.bytes, "| pg-a | 0.5 | n\\|a |\n");
}

static void without_columns_there_is_no_table(void **state)
{
    static const struct look look = {0};
    AUTO(buf_fini) struct buf out = BUF_INIT;
    struct writer *writer = writer_begin(&writer_markdown, &out, &look, columns, 0);
    writer_row(writer, NULL);
    writer_end(writer);
    assert_string_equal(out.bytes, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_aligned_to_the_right),
        cmocka_unit_test(a_cell_stays_a_cell),
        cmocka_unit_test(markup_of_a_server_is_text),
        cmocka_unit_test(names_with_underscores_stay_readable),
        cmocka_unit_test(null_and_control_bytes),
        cmocka_unit_test(without_columns_there_is_no_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
