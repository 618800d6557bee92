/* Rows of typed cells on their way into a buf: each type of writer is a vtable
 * {begin, row, end} in a file of its own. */
#ifndef OUTPUT_WRITER_H
#define OUTPUT_WRITER_H

#include "base/buf.h"
#include "output/cell.h"
#include "output/width.h"

/* How it is to look; each type takes what concerns it. */
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

/* What writers of every type know; a type that needs more embeds it. */
struct writer {
    const struct writer_type *type;
    struct buf *out;
    const struct look *look;
    const struct column *columns;
    size_t n_columns;
};

struct writer_type {
    size_t size; /* of its struct, whose first member is a struct writer */
    /* The struct is zeroed but for its first member.  What fails breaks out. */
    void (*begin)(struct writer *writer);
    void (*row)(struct writer *writer, const struct cell *cells);
    void (*end)(struct writer *writer); /* frees what the struct owns, not itself */
};

/* Tables for people; RFC 4180; tables of GitHub and of wikis. */
extern const struct writer_type writer_table, writer_csv, writer_markdown;

/* look and columns must stay until the end, cells only until writer_row() returns.
 * NULL: no memory, and out is broken; writer_row() and writer_end() then do nothing. */
struct writer *writer_begin(const struct writer_type *type, struct buf *out,
                            const struct look *look, const struct column *columns,
                            size_t n);
void writer_row(struct writer *writer, const struct cell *cells);
void writer_end(struct writer *writer); /* frees the writer */

/* What is shown for NULL, never NULL itself. */
static inline const char *writer_null(const struct writer *writer)
{
    return writer->look->null ? writer->look->null : "";
}

#endif
