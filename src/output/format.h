/* Formats: each is a vtable {begin, row, end} that streams into a buf; adding one is
 * one file and one line in the registry (format.c). */
#ifndef OUTPUT_FORMAT_H
#define OUTPUT_FORMAT_H

#include "base/buf.h"
#include "output/cell.h"

/* How it is to look; each format takes what concerns it. */
struct look {
    unsigned width;    /* columns of the terminal; 0: unlimited, never cut or wrap */
    bool unicode;      /* ✓ ! ✗ or + ! x */
    bool colour;
    bool expanded;     /* a block per row, as psql's \x */
    bool unaligned;    /* -A: fields separated by | */
    bool tuples_only;  /* -t: no header, no footer */
    const char *null;  /* what NULL looks like, "" by default */
};

struct writer; /* one table on its way out */

struct format {
    const char *name; /* "table", "csv" … */
    struct writer *(*begin)(struct buf *out, const struct look *look,
                            const struct column *columns, size_t n);
    void (*row)(struct writer *writer, const struct cell *cells);
    void (*end)(struct writer *writer); /* frees the writer */
};

const struct format *format_find(const char *name); /* NULL if there is none */

/* Display columns of UTF-8 text: wide characters 2, combining marks 0. */
size_t text_width(const char *text, size_t n);

#endif
