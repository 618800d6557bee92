/* CSV of answers that were kept. */
#include "base/memory.h"
#include "output/csv.h"
#include "report/query_rows.h"

#include <string.h>

static void add_row(const struct query_rows *rows, const char *null, struct buf *out)
{
    for (size_t i = 0; i < rows->n_columns; i++) {
        const struct pgcensus_cell *cell = &rows->cells[i];
        if (cell->text)
            csv_add_field(out, cell->text, cell->len);
        else
            csv_add_field(out, null, strlen(null));
        buf_add_char(out, i + 1 < rows->n_columns ? ',' : '\n');
    }
}

void report_query_csv(const struct query_document *document,
                      const struct query_view *view, struct buf *out)
{
    AUTO(query_rows_fini) struct query_rows rows = {0};
    if (!query_rows_init(&rows, document)) {
        out->broken = true;
        return;
    }
    for (size_t i = 0; i < rows.n_columns && !view->look.tuples_only; i++) {
        csv_add_field(out, rows.columns[i].name, strlen(rows.columns[i].name));
        buf_add_char(out, i + 1 < rows.n_columns ? ',' : '\n');
    }
    while (!out->broken && query_rows_next(&rows))
        add_row(&rows, view->look.null ? view->look.null : "", out);
}
