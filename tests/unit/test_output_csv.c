#include "base/buf.h"
#include "output/writer.h"
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

static const struct column columns[] = {{.name = "node"}, {.name = "a,b"}};

static void print_under(const struct column *under, struct buf *out,
                        const struct look *look, struct cell cell)
{
    struct writer *writer =
        writer_begin(&writer_csv, out, look, under, ARRAY_SIZE(columns));
    writer_row(writer, (const struct cell[]){cell_text("pg"), cell});
    writer_end(writer);
}

static void print(struct buf *out, const struct look *look, struct cell cell)
{
    print_under(columns, out, look, cell);
}

static void assert_field(struct cell cell, const char *expected)
{
    static const struct look look = {.tuples_only = true};
    AUTO(buf_fini) struct buf out = BUF_INIT, line = BUF_INIT;
    print(&out, &look, cell);
    buf_add_format(&line, "pg,%s\n", expected);
    assert_string_equal(out.bytes, line.bytes);
}

static const struct column verbatim[] = {{.name = "node"},
                                         {.name = "x", .verbatim = true}};

static void assert_verbatim(const char *text, const char *expected)
{
    static const struct look look = {.tuples_only = true};
    AUTO(buf_fini) struct buf out = BUF_INIT, line = BUF_INIT;
    print_under(verbatim, &out, &look, cell_text(text));
    buf_add_format(&line, "pg,%s\n", expected);
    assert_string_equal(out.bytes, line.bytes);
}

static void the_header_is_quoted_as_well(void **state)
{
    static const struct look look = {0};
    AUTO(buf_fini) struct buf out = BUF_INIT;
    print(&out, &look, cell_number("1"));
    assert_string_equal(out.bytes, "node,\"a,b\"\npg,1\n");
}

static void quotes_where_they_are_needed(void **state)
{
    assert_field(cell_text("plain text"), "plain text");
    assert_field(cell_text(""), "");
    assert_field(cell_text("a,b"), "\"a,b\"");
    assert_field(cell_text("say \"hi\""), "\"say \"\"hi\"\"\"");
    assert_field(cell_text("\\."), "\"\\.\"");
    assert_field(cell_text("\\.x"), "\\.x");
    assert_field(cell_text("é ✓ | ;"), "é ✓ | ;");
    assert_field(cell_number("1.000"), "1.000");
}

/* In fields of any length; most are looked through eight bytes at a time. */
static void one_byte_asks_for_quotes(void **state)
{
    static const char special[] = ",\"\r\n";
    for (size_t n = 1; n <= 24; n++)
        for (size_t at = 0; at < n; at++)
            for (const char *c = special; *c; c++) {
                char text[32] = "", expected[40];
                memset(text, 'x', n);
                assert_field(cell_text(text), text);
                text[at] = *c;
                snprintf(expected, sizeof expected, "\"%.*s%s%s\"", (int)at, text,
                         *c == '"' ? "\"\"" : (const char[]){*c, '\0'}, text + at + 1);
                assert_verbatim(text, expected);
            }
}

static void null_is_told_from_empty(void **state)
{
    AUTO(buf_fini) struct buf out = BUF_INIT;
    assert_field(cell_text(NULL), "");
    print(&out, &(const struct look){.tuples_only = true, .null = "n,a"},
          cell_text(NULL));
    assert_string_equal(out.bytes, "pg,\"n,a\"\n");
}

static void control_bytes_become_visible(void **state)
{
    assert_field(cell_text("\x1b[2J, \xff"), "\"\\x1b[2J, \\xff\"");
    assert_field(cell_text("two\nlines"), "two\\nlines");
}

static void verbatim_columns_keep_bytes(void **state)
{
    static const struct look look = {.tuples_only = true};
    AUTO(buf_fini) struct buf out = BUF_INIT;
    struct cell cell = {.kind = CELL_TEXT, .text = "a\0\xff\r\n", .len = 5};
    print_under(verbatim, &out, &look, cell);
    assert_int_equal(out.len, 11);
    assert_memory_equal(out.bytes, "pg,\"a\0\xff\r\n\"\n", 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_header_is_quoted_as_well),
        cmocka_unit_test(quotes_where_they_are_needed),
        cmocka_unit_test(one_byte_asks_for_quotes),
        cmocka_unit_test(null_is_told_from_empty),
        cmocka_unit_test(control_bytes_become_visible),
        cmocka_unit_test(verbatim_columns_keep_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
