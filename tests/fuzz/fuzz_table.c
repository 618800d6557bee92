#include "fuzz.h"
#include "output/format.h"

/* The first bytes say how it is to look, the lines behind them are the cells of three
 * columns; \v breaks lines inside of cells. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const struct column columns[] = {
        {.name = "NODE", .flexible = true},
        {.name = "LATENCY", .align = ALIGN_RIGHT},
        {.name = "DETAIL", .flexible = true},
    };
    if (n < 2)
        return 0;
    const struct look look = {
        .width = bytes[0],
        .expanded = bytes[1] & 1,
        .unaligned = bytes[1] & 2,
        .tuples_only = bytes[1] & 4,
        .bordered = bytes[1] & 16,
    };
    const struct writer_type *type = bytes[1] & 8    ? &writer_csv
                                     : bytes[1] & 32 ? &writer_markdown
                                                     : &writer_table;
    AUTO(free) char *text = fuzz_string(bytes + 2, n - 2);
    AUTO(buf_fini) struct buf out = BUF_INIT;

    struct writer *writer =
        writer_begin(type, &out, &look, columns, ARRAY_SIZE(columns));
    struct cell cells[3] = {{.kind = CELL_NULL}};
    size_t filled = 0;
    for (char *cell = strtok(text, "\n"); cell; cell = strtok(NULL, "\n")) {
        for (char *at = cell; (at = strchr(at, '\v'));)
            *at = '\n';
        cells[filled++] = cell_text(cell);
        if (filled == ARRAY_SIZE(cells))
            writer_row(writer, cells);
        filled %= ARRAY_SIZE(cells);
    }
    writer_end(writer);
    require(!out.broken);
    require(out.len == 0 || out.bytes[out.len - 1] == '\n');
    require_harmless(out.bytes, out.len);
    return 0;
}
