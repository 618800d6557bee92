#include "report/query_page.h"

#include "base/memory.h"

bool page_table_begin(struct page_table *table, const struct query_view *view,
                      const struct pgcensus_column *columns, size_t n, struct buf *out)
{
    *table = (struct page_table){.look = view->look, .n = n};
    table->look.bordered = true;
    table->columns = memory_array(n, sizeof *table->columns);
    table->cells = memory_array(n, sizeof *table->cells);
    if (!table->columns || !table->cells) {
        out->broken = true;
        return false;
    }
    for (size_t i = 0; i < n; i++)
        table->columns[i] = (struct column){.name = columns[i].name,
                                            .align = query_align(columns[i].type)};
    table->writer = writer_begin(&writer_table, out, &table->look, table->columns, n);
    return table->writer;
}

void page_table_row(struct page_table *table, const struct pgcensus_cell *cells,
                    const bool *changed)
{
    if (!table->writer)
        return;
    for (size_t i = 0; i < table->n; i++) {
        table->cells[i] = query_cell(&cells[i]);
        if (changed && changed[i])
            table->cells[i].tone = TONE_INFO;
    }
    writer_row(table->writer, table->cells);
}

void page_table_end(struct page_table *table)
{
    writer_end(table->writer);
    free(table->columns);
    free(table->cells);
    *table = (struct page_table){0};
}

void page_add_count(struct buf *out, size_t n, const char *one, const char *many)
{
    buf_add_format(out, "%zu %s", n, n == 1 ? one : many);
}
