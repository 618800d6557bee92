/* CSV, RFC 4180, with the line ends and the quoting of psql --csv: a field is quoted
 * only if it must be.  Bytes are not changed: a program reads them. */
#include "base/memory.h"
#include "output/format.h"

#include <string.h>

struct writer {
    struct buf *out;
    const char *null;
    size_t n_columns;
};

static void add_field(struct buf *out, const char *text, size_t n)
{
    bool quoted = n == 2 && memcmp(text, "\\.", 2) == 0; /* COPY's end mark */
    for (size_t i = 0; i < n && !quoted; i++)
        quoted = text[i] != '\0' && strchr(",\"\r\n", text[i]);
    if (!quoted) {
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
    *writer = (struct writer){out, look->null ? look->null : "", n};
    for (size_t i = 0; i < n && !look->tuples_only; i++) {
        add_field(out, columns[i].name, strlen(columns[i].name));
        buf_add_char(out, i + 1 < n ? ',' : '\n');
    }
    return writer;
}

static void row(struct writer *writer, const struct cell *cells)
{
    if (!writer)
        return;
    for (size_t i = 0; i < writer->n_columns; i++) {
        if (cells[i].kind == CELL_NULL)
            add_field(writer->out, writer->null, strlen(writer->null));
        else
            add_field(writer->out, cells[i].text, cells[i].len);
        buf_add_char(writer->out, i + 1 < writer->n_columns ? ',' : '\n');
    }
}

static void end(struct writer *writer)
{
    free(writer);
}

const struct format format_csv = {"csv", begin, row, end};
