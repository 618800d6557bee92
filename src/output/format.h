/* The registry of formats: a row for each (format.c).
 *
 * A format has a kind, and whatever is printed says which kinds it can be, in a table
 * with a writer for each.  So a format of a kind that exists is one row here, and for
 * FORMAT_ROWS the type of writer that it names. */
#ifndef OUTPUT_FORMAT_H
#define OUTPUT_FORMAT_H

#include "output/writer.h"

enum format_kind {
    FORMAT_PAGE,     /* rows for people, and what there is to be said around them */
    FORMAT_ROWS,     /* rows and nothing else, each as soon as it is known */
    FORMAT_DOCUMENT, /* one for the whole run */
    FORMAT_LINES,    /* a document per line, each as soon as it is known */
    FORMAT_PLUGIN,   /* the output of a monitoring plugin */
    FORMAT_METRICS,  /* samples for a monitor to collect */
};

enum { FORMAT_KINDS = FORMAT_METRICS + 1 };

struct format {
    const char *name; /* as --format knows it */
    const char *says; /* what help adds to the name; NULL: nothing */
    enum format_kind kind;
    const struct writer_type *rows; /* of a page and of rows; NULL for others */
};

/* The one that is written if none was asked for. */
extern const struct format *const format_default;

/* NULL: none is called like that. */
const struct format *format_find(const char *name);

/* The nth of the registry, NULL behind the last. */
const struct format *format_at(size_t n);

#endif
