/* A line of what somebody wrote, and a caret below one of its characters. */
#ifndef REPORT_EXCERPT_H
#define REPORT_EXCERPT_H

#include "base/buf.h"

struct excerpt {
    const char *line; /* any bytes */
    size_t n;
    size_t column; /* of the caret, in characters from 1; 0: none */
};

/* label stands in front of the line, and as many blanks in front of the caret.  The
 * line is made safe; of a very long one the surroundings of the caret are shown. */
void excerpt_add(const struct excerpt *excerpt, const char *label, struct buf *out);

/* Bytes of the first so many characters of text, n at most. */
size_t excerpt_skip(const char *text, size_t n, size_t characters);

#endif
