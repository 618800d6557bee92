/* CSV, RFC 4180, with the line ends and the quoting of psql --csv: a field is quoted
 * only if it must be. */
#include "base/octet.h"
#include "base/text.h"
#include "output/writer.h"

#include <string.h>

struct csv_writer {
    struct writer writer;
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

static void add_field(struct buf *out, const char *text, size_t n)
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

static void csv_begin(struct writer *writer)
{
    size_t n = writer->n_columns;
    ((struct csv_writer *)writer)->shown = BUF_INIT;
    for (size_t i = 0; i < n && !writer->look->tuples_only; i++) {
        const char *name = writer->columns[i].name;
        add_field(writer->out, name, strlen(name));
        buf_add_char(writer->out, i + 1 < n ? ',' : '\n');
    }
}

static void add_shown(struct csv_writer *csv, const struct cell *cell)
{
    buf_clear(&csv->shown);
    text_add_safe(&csv->shown, cell->text, cell->len);
    add_field(csv->writer.out, csv->shown.bytes, csv->shown.len);
    csv->writer.out->broken |= csv->shown.broken;
}

/* Called for every row of an answer, so nothing is looked up twice. */
static void csv_row(struct writer *writer, const struct cell *cells)
{
    size_t n = writer->n_columns;
    const struct column *columns = writer->columns;
    struct buf *out = writer->out;
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_add_char(out, ',');
        if (cells[i].kind == CELL_NULL)
            add_field(out, writer_null(writer), strlen(writer_null(writer)));
        else if (columns[i].verbatim)
            add_field(out, cells[i].text, cells[i].len);
        else
            add_shown((struct csv_writer *)writer, &cells[i]);
    }
    if (n > 0)
        buf_add_char(out, '\n');
}

static void csv_end(struct writer *writer)
{
    buf_fini(&((struct csv_writer *)writer)->shown);
}

const struct writer_type writer_csv = {sizeof(struct csv_writer), csv_begin, csv_row,
                                       csv_end};
