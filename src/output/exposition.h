/* The text format that Prometheus reads, version 0.0.4: families of gauges.
 * https://prometheus.io/docs/instrumenting/exposition_formats/ */
#ifndef OUTPUT_EXPOSITION_H
#define OUTPUT_EXPOSITION_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct exposition {
    struct buf *out;
    const char *name, *help; /* of the family */
    bool begun;              /* HELP and TYPE are written */
    unsigned n_labels;       /* of the sample */
};

void exposition_init(struct exposition *exposition, struct buf *out);

/* What follows are samples of this family, each name once in a document; without any,
 * nothing is written of it.  name and help are ours and must stay; help is one line
 * without a backslash. */
void exposition_family(struct exposition *exposition, const char *name,
                       const char *help);

/* A sample: begin, its labels, its value.  Labels hold any bytes: what a terminal obeys
 * or hides becomes visible as text_add_safe() has it, invalid UTF-8 becomes U+FFFD;
 * NULL is empty, which to Prometheus is no label at all. */
void exposition_begin(struct exposition *exposition);
void exposition_label(struct exposition *exposition, const char *name,
                      const char *value);
/* value is finite */
void exposition_number(struct exposition *exposition, double value, int decimals);
void exposition_count(struct exposition *exposition, uint64_t value);

#endif
