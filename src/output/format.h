/* Formats: each is a vtable {begin, row, end} that streams into a buf; adding one is
 * one file and one line in the registry (format.c). */
#ifndef OUTPUT_FORMAT_H
#define OUTPUT_FORMAT_H

#include "base/buf.h"
#include "output/cell.h"
#include "output/width.h"

/* How it is to look; each format takes what concerns it. */
struct look {
    unsigned width; /* columns of the terminal; 0: unlimited, never cut or wrap */
    bool unicode;   /* ✓ ! ✗ or + ! x */
    bool colour;
    bool many_colours; /* 256 of them: the set by Okabe and Ito, made for everybody */
    bool bordered;     /* rows of a query: as psql draws them, with lines and all */
    bool expanded;     /* a block per row, as psql's \x */
    bool unaligned;    /* -A: fields separated by | */
    bool tuples_only;  /* -t: no header, no footer */
    const char *null;  /* what NULL looks like, "" by default */
};

struct writer; /* one table on its way out; each format has its own */

struct format {
    const char *name; /* "table", "csv" … */
    /* look and columns must stay until the end, cells only until row() returns.
     * NULL: no memory, out is broken; row() and end() then do nothing. */
    struct writer *(*begin)(struct buf *out, const struct look *look,
                            const struct column *columns, size_t n);
    void (*row)(struct writer *writer, const struct cell *cells);
    void (*end)(struct writer *writer); /* frees the writer */
};

const struct format *format_find(const char *name); /* NULL if there is none */

extern const struct format format_table, format_csv;

/* Cells from strings that stay until the row is written; NULL → CELL_NULL. */
struct cell cell_text(const char *text);
struct cell cell_number(const char *digits);

/* The escape sequence that starts a tone, "" for the plain one, and what ends it. */
const char *tone_begin(enum tone tone, bool many_colours);
const char *tone_end(enum tone tone);

#endif
