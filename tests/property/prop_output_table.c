/* Whatever is in the cells and however narrow the terminal: a table has no line that
 * is too long (if its fixed columns fit at all), no blanks at the end of a line,
 * nothing that a terminal obeys, and all of the text. */
#include "base/text.h"
#include "output/format.h"
#include "tests/test.h"
#include "walk.h"

#include <string.h>

enum { ROUNDS = 3000, COLUMNS = 4, MOST_ROWS = 6, CELL_SIZE = 40 };

struct table {
    struct look look;
    struct column columns[COLUMNS];
    size_t n_columns, n_rows;
    char cells[MOST_ROWS][COLUMNS][CELL_SIZE];
};

static const char *const pieces[] = {
    "a", "word", " ",       "  ",   "pg-fra2", "10.0.0.1:5432", ",",      "✓",
    "é", "表",   "\x1b[2J", "\xff", "\n",      "\xe2\x80\xae",  "e\u0301"};

static void fill_cell(struct rng *rng, char *cell)
{
    *cell = '\0';
    for (uint64_t n = rng_below(rng, 10); n > 0; n--) {
        const char *piece = pieces[rng_below(rng, ARRAY_SIZE(pieces))];
        if (strlen(cell) + strlen(piece) < CELL_SIZE)
            strcat(cell, piece);
    }
}

static struct table random_table(struct rng *rng)
{
    static const char *const names[] = {"", "NODE", "LATENCY", "A LONG NAME, REALLY"};
    struct table table = {.n_columns = 1 + rng_below(rng, COLUMNS),
                          .n_rows = rng_below(rng, MOST_ROWS + 1)};
    table.look = (struct look){
        .width = (unsigned)rng_below(rng, 100),
        .expanded = rng_below(rng, 4) == 0,
        .unaligned = rng_below(rng, 4) == 0,
        .tuples_only = rng_below(rng, 4) == 0,
        .null = rng_below(rng, 2) ? "-" : "",
    };
    for (size_t i = 0; i < table.n_columns; i++)
        table.columns[i] = (struct column){
            .name = names[rng_below(rng, ARRAY_SIZE(names))],
            .align = rng_below(rng, 2) ? ALIGN_RIGHT : ALIGN_LEFT,
            .flexible = rng_below(rng, 2),
        };
    for (size_t row = 0; row < table.n_rows; row++)
        for (size_t i = 0; i < table.n_columns; i++)
            fill_cell(rng, table.cells[row][i]);
    return table;
}

static void print(const struct table *table, struct buf *out)
{
    struct writer *writer = writer_begin(&writer_table, out, &table->look,
                                         table->columns, table->n_columns);
    for (size_t row = 0; row < table->n_rows; row++) {
        struct cell cells[COLUMNS];
        for (size_t i = 0; i < table->n_columns; i++)
            cells[i] = cell_text(table->cells[row][i]);
        writer_row(writer, cells);
    }
    writer_end(writer);
}

static size_t shown_width(const char *text)
{
    AUTO(buf_fini) struct buf shown = BUF_INIT;
    text_add_safe_str(&shown, text);
    return text_width(shown.bytes, shown.len);
}

/* The width that an aligned table may need: all of the fixed columns, and eight or less
 * of each flexible one. */
static size_t least_width(const struct table *table)
{
    size_t sum = 2 * (table->n_columns - 1);
    for (size_t i = 0; i < table->n_columns; i++) {
        size_t widest = table->look.tuples_only ? 0 : strlen(table->columns[i].name);
        for (size_t row = 0; row < table->n_rows; row++) {
            size_t width = shown_width(table->cells[row][i]);
            widest = width > widest ? width : widest;
        }
        sum += table->columns[i].flexible && widest > 8 ? 8 : widest;
    }
    return sum;
}

static void assert_line(const struct table *table, const char *line, size_t n)
{
    bool aligned = !table->look.unaligned && !table->look.expanded;
    for (size_t at = 0; at < n;) {
        uint32_t code = 0;
        size_t length = text_decode(line + at, n - at, &code);
        assert_int_not_equal(length, 0);
        assert_false(text_deceives(code));
        at += length;
    }
    if (!aligned)
        return;
    assert_true(n == 0 || line[n - 1] != ' ');
    if (table->look.width >= least_width(table))
        assert_true(text_width(line, n) <= table->look.width);
}

static void count_letters(const char *text, size_t n, size_t *counts)
{
    for (size_t i = 0; i < n; i++)
        counts[(unsigned char)text[i]]++;
}

/* Everything but layout characters comes out as often as it went in. */
static void assert_complete(const struct table *table, const struct buf *out)
{
    size_t expected[256] = {0}, printed[256] = {0};
    AUTO(buf_fini) struct buf shown = BUF_INIT;
    for (size_t row = 0; row < table->n_rows; row++)
        for (size_t i = 0; i < table->n_columns; i++)
            text_add_safe_str(&shown, table->cells[row][i]);
    count_letters(shown.bytes, shown.len, expected);
    count_letters(out->bytes, out->len, printed);
    /* Small letters do not occur in names of columns and in rules. */
    for (int c = 'a'; c <= 'z'; c++)
        assert_int_equal(printed[c], expected[c]);
}

static void random_tables_keep_their_columns(void **state)
{
    struct rng rng = walk_begin("tables");
    AUTO(buf_fini) struct buf out = BUF_INIT;
    for (int round = 0; round < ROUNDS; round++) {
        struct table table = random_table(&rng);
        buf_clear(&out);
        print(&table, &out);
        assert_true(out.len == 0 || out.bytes[out.len - 1] == '\n');
        for (const char *line = out.bytes; *line; line += strcspn(line, "\n") + 1)
            assert_line(&table, line, strcspn(line, "\n"));
        assert_complete(&table, &out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_tables_keep_their_columns)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
