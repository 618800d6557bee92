#include "output/writer.h"

#include "base/memory.h"

struct writer *writer_begin(const struct writer_type *type, struct buf *out,
                            const struct look *look, const struct column *columns,
                            size_t n)
{
    struct writer *writer = memory_array(1, type->size);
    if (!writer) {
        out->broken = true;
        return NULL;
    }
    *writer = (struct writer){type, out, look, columns, n};
    type->begin(writer);
    return writer;
}

void writer_row(struct writer *writer, const struct cell *cells)
{
    if (writer)
        writer->type->row(writer, cells);
}

void writer_end(struct writer *writer)
{
    if (!writer)
        return;
    writer->type->end(writer);
    free(writer);
}
