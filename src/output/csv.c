/* CSV, RFC 4180, with the line ends and the quoting of psql --csv: a field is quoted
 * only if it must be. */
#include "output/csv.h"
#include "base/memory.h"
#include "base/octet.h"
#include "base/text.h"

#include <string.h>

struct writer {
    struct buf *out;
    const char *null;
    const struct column *columns;
    size_t n_columns;
    struct buf shown; /* a cell made safe */
};

/* Asked for every byte of every row. */
static bool needs_quotes(const char *text, size_t n)
{
    static const bool special[256] = {
        [','] = true, ['"'] = true, ['\r'] = true, ['\n'] = true};
    size_t at = 0;
    for (; n - at >= OCTET; at += OCTET) {
        uint64_t octet = octet_load(text + at);
        if (octet_has(octet, ',') | octet_has(octet, '"') | octet_has(octet, '\r') |
            octet_has(octet, '\n'))
            return true;
    }
    while (at < n && !special[(unsigned char)text[at]])
        at++;
    return at < n || (n == 2 && memcmp(text, "\\.", 2) == 0); /* COPY's end mark */
}

void csv_add_field(struct buf *out, const char *text, size_t n)
{
    if (!needs_quotes(text, n)) {
        buf_add(out, text, n);
        return;
    }
    buf_add_char(out, '"');
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '"')
            buf_add_char(out, '"');
        buf_add_char(out, text[i]);
    }
    buf_add_char(out, '"');
}

static struct writer *begin(struct buf *out, const struct look *look,
                            const struct column *columns, size_t n)
{
    struct writer *writer = memory_new(struct writer);
    if (!writer) {
        out->broken = true;
        return NULL;
    }
    *writer = (struct writer){out, look->null ? look->null : "", columns, n, BUF_INIT};
    for (size_t i = 0; i < n && !look->tuples_only; i++) {
        csv_add_field(out, columns[i].name, strlen(columns[i].name));
        buf_add_char(out, i + 1 < n ? ',' : '\n');
    }
    return writer;
}

static void add_cell(struct writer *writer, const struct column *column,
                     const struct cell *cell)
{
    if (cell->kind == CELL_NULL) {
        csv_add_field(writer->out, writer->null, strlen(writer->null));
    } else if (column->verbatim) {
        csv_add_field(writer->out, cell->text, cell->len);
    } else {
        buf_clear(&writer->shown);
        text_add_safe(&writer->shown, cell->text, cell->len);
        csv_add_field(writer->out, writer->shown.bytes, writer->shown.len);
        writer->out->broken |= writer->shown.broken;
    }
}

static void row(struct writer *writer, const struct cell *cells)
{
    if (!writer)
        return;
    for (size_t i = 0; i < writer->n_columns; i++) {
        add_cell(writer, &writer->columns[i], &cells[i]);
        buf_add_char(writer->out, i + 1 < writer->n_columns ? ',' : '\n');
    }
}

static void end(struct writer *writer)
{
    if (writer)
        buf_fini(&writer->shown);
    free(writer);
}

const struct format format_csv = {"csv", begin, row, end};
